"""Transitions: the only way a state changes, with the revision the caller looked at."""

import pytest

from permits.lifecycle import State
from permits.models import RoadPermit
from tests.permits.api_callers import READ, READ_ALL, assert_problem, caller, codes, pointers, post, url
from tests.permits.factories import filed, fire, fresh, in_state
from workflow.registry import lifecycle_of

pytestmark = pytest.mark.django_db
QUESTION = [{"field": "contact_phone", "text": "Which number?"}]


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ames():
    return caller("Ames")


@pytest.fixture
def permit(ames):
    return filed(actor=ames.actor)


def move(sender, permit, transition, match=None, **body):
    match = f'"{permit.revision}"' if match is None else match
    headers = {"If_Match": match} if match else {}
    return post(sender.client, url(permit, "transitions/"), {"transition": transition, **body}, **headers)


def test_the_moves_say_who_may_make_them_and_what_stands_in_the_way(ames, permit):
    answer = ames.client.get(url(permit, "transitions/"))
    assert answer["ETag"] == f'"{permit.revision}"'
    moves = {option["name"]: option for option in answer.json()["results"]}
    assert set(moves) == {e.name for e in lifecycle_of(RoadPermit) if permit.state in e.sources}
    assert moves["cancel"]["permitted"] is True
    assert moves["cancel"]["reasons"] == []
    assert moves["cancel"]["data"]["properties"] == {"reason": {"type": "string"}}
    assert moves["approve"]["permitted"] is False
    assert {reason["code"] for reason in moves["approve"]["reasons"]} >= {"fee_settled", "documents_in"}
    assert all({"code", "detail", "source"} == reason.keys() for reason in moves["approve"]["reasons"])


def test_a_move_answers_where_the_permit_is_now(ames, permit):
    answer = move(ames, permit, "cancel", note="Postponed.", data={"reason": "The budget was cut."})
    moved = fresh(permit)
    assert answer.status_code == 200
    assert answer.json() == {
        "reference": permit.reference,
        "state": "cancelled",
        "status": "cancelled",
        "revision": moved.revision,
    }
    assert answer["ETag"] == f'"{moved.revision}"'
    last = moved.events.last()
    assert (last.actor, last.actor_kind, last.note) == ("Ames", "integrator", "Postponed.")


def test_without_the_revision_nothing_moves(ames, permit):
    assert_problem(move(ames, permit, "cancel", match=""), 428, "precondition_required")
    assert fresh(permit).state == permit.state


def test_a_revision_of_yesterday_is_refused_with_what_happened_since(ames, permit):
    fire(permit, "request_information", items=QUESTION)
    answer = move(ames, permit, "cancel")
    assert_problem(answer, 412, "stale_revision")
    assert answer.json()["revision"] == fresh(permit).revision
    assert answer["ETag"] == f'"{fresh(permit).revision}"'
    assert "Request information" in answer.json()["detail"]
    assert fresh(permit).state == "info_requested"


def test_the_same_move_twice_happens_once(ames, permit):
    assert move(ames, permit, "cancel").status_code == 200
    assert_problem(move(ames, permit, "cancel"), 412, "stale_revision")


def test_a_star_is_any_revision(ames, permit):
    assert move(ames, permit, "cancel", match="*").status_code == 200


@pytest.mark.parametrize("transition", ["start_work", "provide_information"])
def test_a_move_that_does_not_start_here_names_those_that_do(ames, permit, transition):
    data = {"answers": {}} if transition == "provide_information" else {}
    answer = move(ames, permit, transition, data=data)
    assert_problem(answer, 409, "wrong_state")
    assert "cancel" in answer.json()["allowed"]


@pytest.mark.parametrize("transition", ["fly", "save", "delete", "refresh_from_db", "state"])
def test_only_moves_of_the_lifecycle_are_moves(ames, permit, transition):
    assert_problem(move(ames, permit, transition), 409, "wrong_state")


OFFICIAL = {
    "approve": {},
    "refuse": {"reasons": ["R20"], "explanation": "x" * 30},
    "request_information": {"items": QUESTION},
}


@pytest.mark.parametrize("transition", OFFICIAL)
def test_what_officers_decide_no_key_decides(permit, transition):
    everything = caller("Everything", "permits:read", READ_ALL, "permits:submit")
    assert_problem(move(everything, permit, transition, data=OFFICIAL[transition]), 403, "not_allowed")
    assert fresh(permit).state == "in_review"


def test_a_key_that_reads_all_may_not_withdraw_what_another_filed(permit):
    everything = caller("Everything", READ_ALL, "permits:submit")
    assert_problem(move(everything, permit, "cancel"), 403, "not_allowed")


def test_the_permit_of_another_key_cannot_be_moved(permit):
    assert_problem(move(caller("Boone"), permit, "cancel"), 404, "not_found")


def test_a_key_that_may_only_read_moves_nothing(permit):
    assert_problem(move(caller("Reader", READ), permit, "cancel"), 403, "scope_missing")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"transition": ""}, "/transition"),
        ({"transition": 5}, "/transition"),
        ({"transition": "__init__"}, None),
        ({"note": 5}, "/note"),
        ({"note": "x" * 2001}, "/note"),
        ({"data": []}, "/data"),
        ({"state": "approved"}, "/state"),
        ({"to_state": "approved"}, "/to_state"),
        ({"data": {"state": "approved"}}, "/data/state"),
        ({"data": {"reason": 5}}, "/data/reason"),
        ({"data": {"reason": None}}, "/data/reason"),
    ],
)
def test_a_body_that_is_no_move_is_named_field_by_field(ames, permit, body, pointer):
    answer = move(ames, permit, **{"transition": "cancel", **body})
    assert answer.status_code in (400, 409)
    if pointer:
        assert_problem(answer, 400, "invalid_data")
        assert pointers(answer) == {pointer}
    assert fresh(permit).state == "in_review"


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "/data/answers"),
        ({"answers": 5}, "/data/answers"),
        ({"answers": {"0": 5}}, "/data/answers"),
        ({"answers": {"0": "Ring 0177."}, "changes": 5}, "/data/changes"),
        ({"answers": {"0": "Ring 0177."}, "changes": {"contact_phone": "x"}}, "/data/changes/contact_phone"),
        ({"answers": {"0": "Ring 0177."}, "changes": {"revision": 1}}, "/data/changes/revision"),
    ],
)
def test_answers_to_a_question_are_checked_in_their_place(ames, permit, data, pointer):
    asked = fire(permit, "request_information", items=QUESTION)
    answer = move(ames, asked, "provide_information", data=data)
    assert_problem(answer, 400, "invalid_data")
    assert pointers(answer) == {pointer}


def test_a_question_is_read_and_answered(ames, permit):
    asked = fire(permit, "request_information", items=QUESTION)
    (question,) = ames.client.get(url(permit)).json()["questions"]
    assert question == {"number": 0, "field": "contact_phone", "text": "Which number?", "answer": ""}
    data = {"answers": {"0": "515-555-0199."}, "changes": {"contact_phone": "515-555-0199"}}
    assert move(ames, asked, "provide_information", data=data).json()["state"] == "in_review"
    assert fresh(permit).answer("contact_phone") == "+15155550199"


def test_an_unanswered_question_is_a_422(ames, permit):
    asked = fire(permit, "request_information", items=QUESTION)
    answer = move(ames, asked, "provide_information", data={"answers": {}})
    assert_problem(answer, 422, "refused")
    assert codes(answer) == {"answers_missing"}
    assert pointers(answer) == {"/data/answers"}


def test_a_guard_that_says_no_is_a_422_with_its_sentence(ames):
    permit = in_state("in_force", actor=ames.actor, one_call_ticket="")
    answer = move(ames, permit, "start_work")
    assert_problem(answer, 422, "refused")
    assert codes(answer) == {"one_call_made"}


def test_the_holder_starts_and_ends_the_work(ames):
    permit = in_state("in_force", actor=ames.actor)
    assert move(ames, permit, "start_work").json()["state"] == "active"
    assert move(ames, fresh(permit), "stop_work").json()["state"] == "completed"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("below", ["", "transitions/", "timeline/", "documents/", "pdf/"])
def test_nothing_is_replaced_patched_or_deleted(ames, permit, method, below):
    answer = getattr(ames.client, method)(url(permit, below), headers={"If-Match": "*"})
    assert_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]
    assert fresh(permit).revision == permit.revision


def test_no_state_but_those_of_the_applicants_moves_can_be_reached():
    reached = {t for e in lifecycle_of(RoadPermit) if "the applicant" in e.permission.who for t in e.targets}
    assert State.APPROVED not in reached
    assert State.ISSUED not in reached

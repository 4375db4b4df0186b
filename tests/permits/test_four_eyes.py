"""Four eyes, as a table: who may give the second approval, through every door; what the first one survives; SQL."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from permits import second_approval
from permits.models import RoadPermit
from tests.admin_pages import buttons, decide, record_url
from tests.permits import factories as make
from tests.permits.api_callers import READ, READ_ALL, SUBMIT, caller, url
from tests.permits.move_data import DATA, WORDS
from tests.permits.test_two_approvals import closing, press
from tests.pressing import presses
from workflow import actors, desk, engine
from workflow.actors import SYSTEM, Actor
from workflow.errors import Refused, WorkflowError
from workflow.models import ApiKey, Delegation, Team
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


def half_approved() -> RoadPermit:
    """A full closure that olga approved first, filed by an API key of the tests."""
    return press(closing(), make.officer("olga"))


# -- who may be the second --------------------------------------------------------------------------------------------


def of_role(role: str) -> Actor:
    sync_roles()
    user = make.user(role.replace(" ", "-"), permissions=())
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=role))
    return actors.officer(User.objects.get(pk=user.pk))


def gone() -> Actor:
    user = make.user("gus")
    User.objects.filter(pk=user.pk).update(is_active=False)
    return actors.officer(User.objects.get(pk=user.pk))


def stand_in(name: str, *, for_: str) -> Actor:
    """Somebody who sees and releases an absent colleague's cases, and decides with rights of their own."""
    absent, user, today = make.user(for_), make.user(name), timezone.localdate()
    Delegation.objects.create(absent=absent, substitute=user, made_by=absent, first_day=today, last_day=today)
    return actors.officer(user)


def of_the_key(permit: RoadPermit) -> Actor:
    return make.integrator()


# Who comes second -> what they hear: "" is the approval, a code of a guard, or the name of the error.
SECONDS: dict[str, tuple[Callable[[RoadPermit], Actor], str]] = {
    "a colleague": (lambda permit: make.officer("mona"), ""),
    "a safety reviewer": (lambda permit: of_role("Safety reviewer"), ""),
    "the district manager": (lambda permit: of_role("District manager"), ""),
    "who stands in for the first officer": (lambda permit: stand_in("rita", for_="olga"), ""),
    "the same officer again": (lambda permit: make.officer("olga"), "second_officer"),
    "the same officer as superuser": (lambda permit: make.officer("olga", is_superuser=True), "second_officer"),
    "the applicant as officer": (
        lambda permit: make.officer("dana", email="Dana.Whitfield@example.com"), "not_own_case",
    ),
    "the contractor as officer": (
        lambda permit: make.officer("carl", email=permit.answer("contractor_email").upper()), "not_own_case",
    ),
    "an officer of another team": (
        lambda permit: make.officer("tom", team=Team.objects.create(code="west", name="West")), "NotAllowed",
    ),
    "an officer who left": (lambda permit: gone(), "NotAllowed"),
    **{role: (lambda permit, role=role: of_role(role), "NotAllowed")
       for role in ("Intake officer", "Issuing officer", "Inspector", "Specialist", "Auditor")},
    "the key that filed it": (of_the_key, "NotAllowed"),
    "the applicant's link": (lambda permit: actors.applicant(permit), "NotAllowed"),
    "Milepost itself": (lambda permit: SYSTEM, "NotAllowed"),
}  # fmt: skip


def said(door: Callable[[], Any]) -> str:
    try:
        door()
    except Refused as refused:
        (reason,) = refused.reasons
        return reason.code
    except WorkflowError as error:
        return type(error).__name__
    return ""


@pytest.mark.parametrize("who", SECONDS)
def test_who_gives_the_second_approval_hears_the_same_at_every_door(who: str) -> None:
    """The engine, the officers' door, and for who has an account the button."""
    permit = half_approved()
    make_actor, expected = SECONDS[who]
    actor = make_actor(permit)
    for door in (
        lambda: engine.fire(permit, "approve", actor=actor, data=DATA["approve"]),
        lambda: second_approval.approve(permit, actor, permit.revision, DATA["approve"]),
    ):
        with transaction.atomic():
            assert said(door) == expected
            assert (make.fresh(permit).state == "approved") == (not expected)
            transaction.set_rollback(True)
    if actor.user is not None and actor.user.is_active:
        assert by_button(permit, actor.user) == {"": 302, "NotAllowed": 403}.get(expected, 422)
        assert (make.fresh(permit).state == "approved") == (not expected)


def by_button(permit: RoadPermit, user: User) -> int:
    """The answer to the press; the record offers the button to whoever would be heard, and to nobody else."""
    client = Client()
    client.force_login(user)
    offered = "approve" in buttons(client.get(record_url(permit)))
    answer = decide(client, permit, "approve", **DATA["approve"])
    assert offered == (answer.status_code == 302)
    return int(answer.status_code)


def test_who_stands_in_for_a_colleague_is_one_person_and_not_two() -> None:
    permit, rita = closing(), stand_in("rita", for_="olga")
    permit = press(permit, rita)
    assert said(lambda: press(permit, rita)) == "second_officer"
    assert press(permit, make.officer("olga")).state == "approved"


def test_an_officer_who_left_while_signed_in_is_asked_to_sign_in() -> None:
    permit, user, client = half_approved(), make.user("gus"), Client()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer = decide(client, permit, "approve", **DATA["approve"])
    assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)
    assert make.fresh(permit).state == "in_review"


# -- the API: nobody decides there ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scopes", [(READ, SUBMIT), (READ_ALL, SUBMIT)])
@pytest.mark.parametrize("begun", [False, True], ids=["none approved", "one approved"])
def test_no_key_approves_and_none_is_noted_as_a_first_officer(scopes: tuple[str, ...], begun: bool) -> None:
    permit, ames = closing(), caller("Ames", *scopes)
    RoadPermit.objects.filter(pk=permit.pk).update(filed_with=ApiKey.objects.get(pk=ames.key.pk))
    if begun:
        press(permit, make.officer("olga"))
    before = make.fresh(permit)
    body = {"transition": "approve", "data": DATA["approve"]}
    answer = ames.client.post(url(permit, "transitions/"), body, content_type="application/json",
                              headers={"If-Match": f'"{before.revision}"'})  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    after = make.fresh(permit)
    assert (after.state, after.revision) == ("in_review", before.revision)
    assert after.first_approved_by == before.first_approved_by


def test_an_officers_log_in_opens_no_door_of_the_api() -> None:
    permit, client = half_approved(), Client()
    client.force_login(make.user("mona"))
    body = {"transition": "approve", "data": DATA["approve"]}
    answer = client.post(url(permit, "transitions/"), body, content_type="application/json", headers={"If-Match": "*"})
    assert answer.status_code == 401
    assert make.fresh(permit).state == "in_review"


# -- what the first approval survives ---------------------------------------------------------------------------------


def asked(permit: RoadPermit) -> RoadPermit:
    return make.fire(make.fresh(permit), "request_information", **DATA["request_information"])


def answered(permit: RoadPermit, **more: Any) -> None:
    applicant = actors.applicant(permit)
    make.drain(make.fire(asked(permit), "provide_information", applicant, answers={"0": "East."}, **more))


def leaves(permit: RoadPermit) -> None:
    User.objects.filter(username="olga").update(is_active=False)


def loses_the_role(permit: RoadPermit) -> None:
    User.objects.get(username="olga").user_permissions.clear()
    permit.team.members.remove(User.objects.get(username="olga"))


def another_plan(permit: RoadPermit) -> None:
    """The applicant puts another traffic control plan in the place of the one that was approved."""
    engine.change(permit, "document", actor=actors.applicant(permit), apply=lambda case: {"kind": "traffic_plan"})
    make.drain(permit)


# What happens between the two approvals -> whether the first one still counts.
BETWEEN: dict[str, tuple[Callable[[RoadPermit], Any], bool]] = {
    "nothing": (lambda permit: None, True),
    "a note": (lambda permit: desk.add_note(permit, text=WORDS, actor=make.officer("mona")), True),
    "a colleague claims it": (lambda permit: desk.claim(permit, actor=make.officer("mona")), True),
    "the first officer leaves": (leaves, True),
    "the first officer loses the role": (loses_the_role, True),
    "questions are answered": (answered, False),
    "the application is corrected": (lambda permit: answered(permit, changes={"onsite_name": "Lou Ortega"}), False),
    "a document comes": (another_plan, False),
}


@pytest.mark.parametrize("what", BETWEEN)
def test_what_the_first_approval_survives(what: str) -> None:
    between, stands = BETWEEN[what]
    permit = half_approved()
    between(permit)
    permit = make.advised(make.fresh(permit))
    assert (permit.first_approved_by_id is not None) == (permit.first_approved_at is not None) == stands
    after = press(permit, make.officer("mona"))
    assert after.state == ("approved" if stands else "in_review")
    if not stands:
        assert press(after, make.officer("rita")).state == "approved"


def test_a_document_says_in_the_history_whose_approval_it_took_back() -> None:
    permit = half_approved()
    another_plan(permit)
    line = permit.events.get(kind="approval_taken_back")
    assert line.note == "The first approval, by Olga Reyes, no longer counts: a document came after it."
    assert not line.public


def test_a_page_of_before_is_no_second_approval() -> None:
    """Mona looked while olga's approval stood; then the applicant's document came."""
    permit = half_approved()
    another_plan(permit)
    client = Client()
    client.force_login(make.user("mona"))
    answer = decide(client, permit, "approve", **DATA["approve"])
    assert (answer.status_code, make.fresh(permit).state) == (409, "in_review")
    assert make.fresh(permit).first_approved_by is None


def test_a_permit_that_was_revoked_and_reopened_needs_two_anew() -> None:
    permit = press(half_approved(), make.officer("mona"))
    revoked = make.fire(make.drain(permit), "revoke", make.officer("dora"), **DATA["revoke"])
    reopened = make.advised(make.drain(make.fire(revoked, "reopen", make.officer("nina"), **DATA["reopen"])))
    assert (reopened.state, reopened.first_approved_by, reopened.decision_source) == ("in_review", None, "")
    assert said(lambda: press(reopened, make.officer("dora"))) == "not_the_first_decider"
    assert press(reopened, make.officer("rita")).state == "in_review"
    assert press(reopened, make.officer("mona")).state == "approved"


# -- the database -----------------------------------------------------------------------------------------------------

# Each as somebody with a database client would write it; olga approved first, mona second.
BY_HAND = {
    "nobody was first": "SET first_approved_by_id = NULL",
    "the second was the first, too": "SET first_approved_by_id = decided_by_id",
    "the first was the second, too": "SET decided_by_id = first_approved_by_id",
}


@pytest.mark.parametrize("change", BY_HAND)
@pytest.mark.parametrize("state", ["approved", "in_force"])
def test_sql_by_hand_leaves_no_approval_by_one(change: str, state: str) -> None:
    permit = press(half_approved(), make.officer("mona"))
    permit = permit if state == "approved" else make.drain(permit)
    text = f"UPDATE permits_roadpermit {BY_HAND[change]} WHERE case_ptr_id = %s"
    with pytest.raises(IntegrityError, match="two_officers_approve"), transaction.atomic(), connection.cursor() as sql:
        sql.execute(text, [permit.pk])


def test_an_approval_written_by_hand_over_one_officers_note_is_refused() -> None:
    permit = half_approved()
    olga = User.objects.get(username="olga")
    with pytest.raises(IntegrityError, match="two_officers_approve"), transaction.atomic():
        RoadPermit.objects.filter(pk=permit.pk).update(decided_by=olga, decision_source="officer")


# -- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", ["/admin/permits/roadpermit/", "/admin/workflow/case/"])
def test_no_work_on_many_at_once_approves_alone(queue: str) -> None:
    """Every action that a queue offers, with every page that asks back, pressed twice by the same officer."""
    permit, client = closing(), Client()
    client.force_login(make.user("olga", team=permit.team))
    page = client.get(queue).content.decode()
    chosen = {"_selected_action": [permit.pk], "index": "0"}
    actions = {data["action"][0] for _where, data in presses(page, queue) if "action" in data}
    assert "claim" in actions
    for action in sorted(actions) * 2:
        asked = client.post(queue, {"action": action, **chosen}, follow=True).content.decode()
        for where, data in presses(asked, queue):
            if "logout" not in where and data.get("action", [action]) == [action]:
                client.post(where, {**data, **chosen}, follow=True)
    after = make.fresh(permit)
    assert (after.state, after.decided_by) == ("in_review", None)
    assert after.first_approved_by in (None, User.objects.get(username="olga"))

"""Four eyes: work of high impact is approved by two officers, whichever way somebody knocks."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from permits import guards, second_approval
from permits.models import RoadPermit
from permits.views.story import lines_of
from tests.permits import factories as make
from tests.permits.api_callers import READ_ALL, caller
from tests.permits.move_data import DATA, WORDS
from workflow import actors, engine
from workflow.actors import SYSTEM, Actor
from workflow.errors import NotAllowed, Refused, Stale, WrongState
from workflow.models import Event
from workflow.tracker import timeline

pytestmark = pytest.mark.django_db


def closed(place: int = 0) -> dict[str, Any]:
    """Answers that close one direction: two officers, whatever the index."""
    moved = make.at(place)
    for impact in moved["impacts"]:
        impact["vehicle_impact"] = "all-lanes-closed"
        impact["lanes"] = [{**lane, "status": "closed"} for lane in impact["lanes"]]
    plan = {"ttcp_kind": "custom_plan", "ttcp_number": "", "detour_text": "By Elm Avenue and 16th Street."}
    return {**moved, **plan, "early_start_reason": "The crew and the materials are booked for this week."}


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


def closing(place: int = 0) -> RoadPermit:
    """A full closure with everything a decision needs."""
    permit = make.ready(**closed(place))
    assert (permit.full_closure, permit.second_approver_needed) == (True, True)
    return permit


def press(permit: RoadPermit, actor: Actor, **data: Any) -> RoadPermit:
    """The officers' button."""
    fresh = make.fresh(permit)
    return second_approval.approve(fresh, actor, fresh.revision, {**DATA["approve"], **data})


def codes(refusal: Any) -> list[str]:
    return [reason.code for reason in refusal.value.reasons]


@pytest.mark.parametrize(("index", "needed"), [("3.9", False), ("4.0", True)])
def test_from_an_index_of_four_two_officers_approve(index: str, needed: bool) -> None:
    with mock.patch("permits.applications.index_of") as index_of:
        index_of.return_value = mock.Mock(value=Decimal(index), parts=())
        permit = make.filed(checked=False)
    assert permit.second_approver_needed is needed


def test_a_small_permit_needs_one() -> None:
    permit = make.ready()
    assert not permit.second_approver_needed
    assert press(permit, make.officer("olga")).state == "approved"


def test_the_first_approval_is_noted_and_the_second_moves_the_permit() -> None:
    permit = closing()
    first = press(permit, make.officer("olga"), conditions=["C01", "C07"])
    assert (first.state, first.step_visit) == ("in_review", permit.step_visit)
    assert (first.first_approved_by.username, first.decided_by, first.decided_at) == ("olga", None, None)
    event = Event.objects.get(case=permit, kind="first_approval")
    assert (event.actor_user.username, event.public, event.data) == (
        "olga",
        True,
        {"conditions": ["C01", "C07"], "override_reason": WORDS},
    )
    second = press(permit, make.officer("mona"), conditions=["C01", "C07"])
    assert (second.state, second.decided_by.username) == ("approved", "mona")
    assert make.drain(second).state == "in_force"


# -- whichever way somebody knocks ------------------------------------------------------------------------------------


def by_button(permit: RoadPermit, actor: Actor) -> list[str]:
    client = Client()
    client.force_login(actor.user)
    url = reverse("admin:permits_roadpermit_do", args=[permit.pk, "approve"])
    answer = client.post(url, {"revision": make.fresh(permit).revision, **DATA["approve"]})
    assert (answer.status_code == 302) == (make.fresh(permit).revision > permit.revision)
    if answer.status_code == 302:
        return []
    assert guards.SECOND_OFFICER.sentence in answer.content.decode()
    return [guards.SECOND_OFFICER.code]


def by_engine(permit: RoadPermit, actor: Actor) -> list[str]:
    try:
        engine.fire(permit, "approve", actor=actor, data=DATA["approve"])
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    return []


def by_door(permit: RoadPermit, actor: Actor) -> list[str]:
    try:
        press(permit, actor)
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    return []


# Way in, what the first officer hears, and what the same officer hears the second time. There is no approval of many at
# once, and no officer comes by the API: the engine is what is left to knock at.
DOORS = {
    "the button on the record": (by_button, [], ["second_officer"]),
    "the officers' door in the code": (by_door, [], ["second_officer"]),
    "the engine itself": (by_engine, ["first_approved"], ["first_approved"]),
}


@pytest.mark.parametrize("door", DOORS)
def test_nobody_approves_alone(door: str) -> None:
    knock, heard_first, heard_again = DOORS[door]
    permit, olga = closing(), make.officer("olga")
    assert knock(permit, olga) == heard_first
    assert knock(make.fresh(permit), olga) == heard_again
    assert make.fresh(permit).state == "in_review"


@pytest.mark.parametrize("door", DOORS)
def test_a_colleague_approves_second(door: str) -> None:
    knock, _, _ = DOORS[door]
    permit = closing()
    press(permit, make.officer("olga"))
    assert knock(make.fresh(permit), make.officer("mona")) == []
    assert make.fresh(permit).state == "approved"


def test_an_approval_of_many_at_once_is_never_both_of_two() -> None:
    permit = closing()
    RoadPermit.objects.filter(pk=permit.pk).update(safety=permit.safety | {"verdict": "pass"})
    client = Client()
    client.force_login(make.user("olga", team=permit.team))
    for _time in range(2):
        box = f"{permit.pk}:{make.fresh(permit).revision}"
        answer = client.post(reverse("admin:permits_roadpermit_bulk", args=["approve"]), {"case": box})
        assert answer.status_code == 200
    after = make.fresh(permit)
    assert (after.state, after.first_approved_by.username, after.decided_by) == ("in_review", "olga", None)


def test_a_party_of_the_application_is_no_second_officer() -> None:
    permit = closing()
    press(permit, make.officer("olga"))
    with pytest.raises(Refused) as refusal:
        press(permit, make.officer("dana", email="Dana.Whitfield@example.com"))
    assert codes(refusal) == ["not_own_case"]


def test_a_party_of_the_application_is_no_first_officer() -> None:
    with pytest.raises(Refused) as refusal:
        press(closing(), make.officer("dana", email="Dana.Whitfield@example.com"))
    assert codes(refusal) == ["not_own_case"]


def test_the_first_approval_asks_everything_the_second_does() -> None:
    permit = make.filed(**closed())
    with pytest.raises(Refused) as refusal:
        press(permit, make.officer("olga"))
    assert codes(refusal) == ["reviews_are_in", "fee_settled", "documents_in"]
    with pytest.raises(NotAllowed):
        press(permit, make.officer("sam", permissions=["view", "change", "intake"]))
    with pytest.raises(Refused) as refusal:
        press(closing(5), make.officer("olga"), conditions=["C99"])
    assert codes(refusal) == ["unknown_condition"]


def test_the_first_approval_is_of_what_was_looked_at() -> None:
    permit = closing()
    with pytest.raises(Stale):
        second_approval.approve(permit, make.officer("olga"), permit.revision - 1, DATA["approve"])
    refused = make.fire(permit, "refuse", **DATA["refuse"])
    with pytest.raises(WrongState):
        press(refused, make.officer("mona"))


# -- what takes the first approval back -------------------------------------------------------------------------------


def test_an_answer_takes_the_first_approval_back() -> None:
    permit = closing()
    press(permit, make.officer("olga"))
    asked = make.fire(make.fresh(permit), "request_information", **DATA["request_information"])
    answered = make.fire(asked, "provide_information", actors.applicant(permit), answers={"0": "East."})
    assert (answered.first_approved_by, answered.first_approved_at) == (None, None)
    assert by_engine(answered, make.officer("mona")) == ["first_approved"]


def test_the_first_officer_may_still_refuse_and_after_an_appeal_two_others_approve() -> None:
    permit = closing()
    press(permit, make.officer("olga"))
    refused = make.fire(make.fresh(permit), "refuse", make.officer("olga"), **DATA["refuse"])
    assert (refused.first_approved_by, refused.decided_by.username) == (None, "olga")
    reopened = make.drain(make.fire(refused, "reopen", make.officer("dora"), **DATA["reopen"]))
    reopened = make.advised(reopened)
    with pytest.raises(Refused) as refusal:
        press(reopened, make.officer("olga"))
    assert codes(refusal) == ["not_the_first_decider"]
    press(reopened, make.officer("mona"))
    assert press(reopened, make.officer("rita")).state == "approved"


def test_silence_does_not_stand_in_for_two_officers(settings: Any) -> None:
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    permit = closing()
    with pytest.raises(Refused) as refusal:
        engine.fire(permit, "deem", actor=SYSTEM)
    assert "one_officer_is_enough" in codes(refusal)


# -- where it is seen, and what the database says ---------------------------------------------------------------------


def test_record_api_and_tracking_page_say_that_a_first_officer_approved() -> None:
    permit = press(closing(), make.officer("olga"))
    client = Client()
    client.force_login(make.user("mona", team=permit.team))
    record = client.get(reverse("admin:permits_roadpermit_change", args=[permit.pk])).content.decode()
    assert "First approval:" in record
    assert "A colleague has to approve, too." in record
    form = client.get(reverse("admin:permits_roadpermit_do", args=[permit.pk, "approve"])).content.decode()
    assert "Yours is the second approval" in form
    lines = lines_of(permit, timeline(permit, public_only=True))
    assert lines[0].text == "Approved by a first officer; a second one looks at it"
    told = caller("Auditor", READ_ALL).client.get(f"/api/v1/permits/{permit.reference}/timeline/").json()
    assert "first_approval" in str(told)


@pytest.mark.parametrize("first", [None, "olga"])
def test_the_database_keeps_no_approval_by_one(first: str | None) -> None:
    permit = closing()
    press(permit, make.officer("mona"))
    press(permit, make.officer("olga"))
    alone = make.user(first) if first else None
    with pytest.raises(IntegrityError), transaction.atomic():
        RoadPermit.objects.filter(pk=permit.pk).update(first_approved_by=alone)


def test_the_second_officer_may_add_a_condition_and_take_none_away() -> None:
    permit = closing()
    first, second = make.officer("mona", team=permit.team), make.officer("olga", team=permit.team)
    permit = press(permit, first, conditions=["C01", "C09"])
    with pytest.raises(Refused) as told:
        press(permit, second, conditions=["C01", "C10"])
    assert codes(told) == ["condition_dropped"]
    assert "C09" in told.value.reasons[0].sentence
    permit = press(make.fresh(permit), second, conditions=["C01", "C09", "C10"])
    assert (permit.state, permit.conditions) == ("approved", ["C01", "C09", "C10"])


def test_the_page_of_the_first_approval_says_that_a_colleague_comes_next(client: Client) -> None:
    permit = closing()
    client.force_login(make.user("mona", team=permit.team))
    address = reverse("admin:permits_roadpermit_do", args=[permit.pk, "approve"])
    assert "a colleague approves the permit, too" in client.get(address).content.decode()
    sent = {"revision": permit.revision, "conditions": ["C01"], "override_reason": WORDS}
    page = client.post(address, sent, follow=True).content.decode()
    assert f"Approve: done. {permit.reference}: first approval noted: a colleague approves it, too." in page

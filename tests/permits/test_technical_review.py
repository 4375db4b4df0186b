"""The technical review: who is asked, what a recommendation needs, what begins, delays and ends it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from permits import applications
from permits.lifecycle import State
from permits.models import RoadPermit, TechnicalReview, TechnicalTask
from permits.technical import reviews
from permits.technical.flows import TechnicalReviewFlow
from permits.technical.specialties import DAYS, Recommendation, Specialty, needed_for
from tests.permits import factories as make
from tests.permits.move_data import DATA, WORDS
from workflow import engine
from workflow.actors import SYSTEM
from workflow.clock import WorkingDays, due_at, working_time_between
from workflow.errors import NotAllowed, Refused
from workflow.models import Event, Team, Work
from workflow.tracker import calendar

pytestmark = pytest.mark.django_db

ALL_FOUR = {"structures_affected": True, "environmental_review": "cleared"}


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


def asked(permit: RoadPermit) -> list[str]:
    return [task.specialty for task in make.open_tasks(permit)]


def say(permit: RoadPermit, task: TechnicalTask, **said: Any) -> RoadPermit:
    actor = said.pop("actor", None) or make.specialist(task)
    return reviews.recommend(permit, task=task.pk, actor=actor, **{"recommendation": "approve", **said})


def codes(refusal: Any) -> list[tuple[str, str]]:
    return [(reason.code, reason.field) for reason in refusal.value.reasons]


def review_of(permit: RoadPermit) -> TechnicalReview:
    return permit.technical_reviews.latest("pk")


# -- who is asked -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "specialties"),
    [
        ({"permit_type": "lane_closure", "excavation": False, "excavations": []}, ["traffic"]),
        ({}, ["traffic", "utilities"]),
        ({"permit_type": "driveway", "excavation": False, "excavations": []}, ["traffic"]),
        ({"structures_affected": True}, ["traffic", "structures", "utilities"]),
        ({"environmental_review": "pending"}, ["traffic", "utilities", "environment"]),
        ({"environmental_review": "not_needed"}, ["traffic", "utilities"]),
        (ALL_FOUR, list(Specialty)),
    ],
)
def test_the_application_says_which_specialists_are_asked(answers: dict[str, Any], specialties: list[str]) -> None:
    assert needed_for({**make.application(), **answers}) == specialties


@pytest.mark.parametrize(("depth", "is_asked"), [(Decimal(5), False), (Decimal("5.1"), True)])
def test_a_deep_trench_is_for_the_structures_engineer(depth: Decimal, is_asked: bool) -> None:
    rows = [{"surface": "pavement", "length_ft": 10, "width_ft": 4, "max_depth_ft": depth}]
    found = needed_for({**make.application(), "excavations": rows})
    assert (Specialty.STRUCTURES in found) is is_asked


@pytest.mark.parametrize(("threshold", "begins"), [("3.2", True), ("3.3", False)])
def test_below_the_threshold_the_reviewer_decides_alone(settings: Any, threshold: str, begins: bool) -> None:
    settings.TECHNICAL_REVIEW_FROM_INDEX = Decimal(threshold)  # the example's index is 3.2
    permit = make.paid(make.with_documents(make.filed()))
    assert permit.technical_reviews.exists() is begins
    if not begins:
        assert make.fire(permit, "approve", **DATA["approve"]).state == "approved"


def test_the_review_begins_with_the_move_into_review_and_each_task_has_team_owner_and_deadline() -> None:
    crew = Team.objects.create(code="technical-traffic", name="Traffic crew")
    busy, free = make.user("bea", team=crew), make.user("cal", team=crew)
    first = make.filed(**ALL_FOUR)
    assert asked(first) == list(Specialty)
    second = make.filed(**make.at(5))
    traffic = [next(t for t in make.open_tasks(permit) if t.specialty == "traffic") for permit in (first, second)]
    assert [task.owner for task in traffic] == [busy, free]  # the one with the fewest open tasks
    assert [task.team for task in traffic] == [crew, crew]
    accepted = Event.objects.get(case=first, transition="accept").at
    assert traffic[0].due_at == due_at(accepted, DAYS[first.permit_class], calendar())
    others = [task for task in make.open_tasks(first) if task.specialty != "traffic"]
    assert {task.team.code for task in others} == {s.team_code for s in Specialty} - {"technical-traffic"}
    assert not any(task.owner for task in others)  # a team without members: the district manager finds it there


def test_a_party_of_the_application_is_not_given_its_task() -> None:
    crew = Team.objects.create(code="technical-traffic", name="Traffic crew")
    make.user("dana", team=crew, email="Dana.Whitfield@example.com")
    task = make.open_tasks(make.filed())[0]
    assert task.owner is None
    with pytest.raises(Refused) as refusal:
        say(make.fresh(task.process.permit), task, actor=make.specialist(task, email="Dana.Whitfield@example.com"))
    assert codes(refusal) == [("not_own_case", "")]


def test_two_reviews_of_one_permit_cannot_run() -> None:
    permit = make.filed()
    with pytest.raises(IntegrityError), transaction.atomic():
        TechnicalReview.objects.create(flow_class=TechnicalReviewFlow, permit=permit, revision=1)


# -- what a specialist says -------------------------------------------------------------------------------------------


def test_the_decision_opens_with_the_last_recommendation() -> None:
    permit = make.paid(make.with_documents(make.filed(**ALL_FOUR)))
    for task in make.open_tasks(permit):
        with pytest.raises(Refused) as refusal:
            engine.fire(permit, "approve", actor=make.officer("olga"), data=DATA["approve"])
        assert codes(refusal) == [("reviews_are_in", "")]
        permit = say(permit, task)
    assert review_of(permit).status == "DONE"
    assert make.fire(make.fresh(permit), "approve", **DATA["approve"]).state == "approved"
    said = Event.objects.filter(case=permit, kind="technical_advice").order_by("seq")
    assert [event.data["waiting_for"] for event in said] == [list(Specialty)[n:] for n in range(1, 5)]
    assert not any(event.public for event in said)


def test_a_recommendation_keeps_its_reasons_out_of_the_history() -> None:
    permit = make.filed()
    task = make.open_tasks(permit)[0]
    say(permit, task, recommendation="approve_with_conditions", comment=WORDS, conditions=["C06"])
    task.refresh_from_db()
    assert (task.comment, task.conditions, task.status) == (WORDS, ["C06"], "DONE")
    assert task.owner.username == "traffic-expert"
    event = Event.objects.get(case=permit, kind="technical_advice")
    assert WORDS not in str(event.data) + event.note


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"recommendation": "perhaps"}, ("recommendation_missing", "recommendation")),
        ({"recommendation": "refuse"}, ("text_too_short", "comment")),
        ({"recommendation": "refuse", "comment": "   too bad   "}, ("text_too_short", "comment")),
        ({"recommendation": "approve_with_conditions", "comment": "short"}, ("text_too_short", "comment")),
        ({"comment": "x" * 4001}, ("text_too_long", "comment")),
        ({"conditions": ["C06"]}, ("conditions_without_need", "conditions")),
        (
            {"recommendation": "approve_with_conditions", "comment": WORDS, "conditions": ["C99"]},
            ("unknown_condition", "conditions"),
        ),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(said: dict[str, Any], code: tuple[str, str]) -> None:
    permit = make.filed()
    task = make.open_tasks(permit)[0]
    with pytest.raises(Refused) as refusal:
        say(permit, task, **said)
    assert codes(refusal) == [code]
    task.refresh_from_db()
    assert (task.status, task.recommendation) == ("NEW", "")


def test_only_a_specialist_of_the_team_may_speak() -> None:
    permit = make.filed()
    traffic, utilities = make.open_tasks(permit)
    member_without_role = make.officer("may", permissions=["view"], team=traffic.team)
    for actor in (make.specialist(utilities), member_without_role, make.officer("olga"), SYSTEM):
        with pytest.raises(NotAllowed):
            say(permit, traffic, actor=actor)
    say(permit, traffic)


def test_a_task_is_answered_once_and_only_on_its_own_permit() -> None:
    permit, other = make.filed(), make.filed(**make.at(5))
    traffic = make.open_tasks(permit)[0]
    with pytest.raises(Refused) as refusal:
        say(other, traffic)
    assert codes(refusal) == [("review_not_open", "")]
    say(permit, traffic)
    with pytest.raises(Refused) as refusal:
        say(permit, traffic, recommendation="refuse", comment=WORDS)
    assert codes(refusal) == [("review_not_open", "")]
    traffic.refresh_from_db()
    assert traffic.recommendation == Recommendation.APPROVE


# -- what ends it -----------------------------------------------------------------------------------------------------

ENDS: dict[str, Callable[[RoadPermit], RoadPermit]] = {
    "refused": lambda permit: make.fire(permit, "refuse", **DATA["refuse"]),
    "cancelled": lambda permit: make.fire(permit, "cancel", make.actors.applicant(permit)),
    "lapsed": lambda permit: lapse(make.fire(permit, "request_information", **DATA["request_information"])),
}


def lapse(permit: RoadPermit) -> RoadPermit:
    RoadPermit.objects.filter(pk=permit.pk).update(info_due_at=timezone.now() - timedelta(minutes=1))
    return make.fire(permit, "lapse", SYSTEM)


@pytest.mark.parametrize("way", ENDS)
def test_a_permit_that_leaves_review_takes_its_review_along(way: str) -> None:
    permit = make.filed(**ALL_FOUR)
    say(permit, make.open_tasks(permit)[0])  # the join has begun to wait
    late = make.open_tasks(permit)[0]
    ended = ENDS[way](make.fresh(permit))
    assert ended.state not in (State.IN_REVIEW, State.INFO_REQUESTED)
    assert review_of(ended).status == "CANCELED"
    assert not make.open_tasks(ended)
    assert not deadlines(ended).filter(outcome=Work.Outcome.OPEN).exists()
    with pytest.raises(Refused):
        say(ended, late)


def test_silence_ends_the_review_too(settings: Any) -> None:
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    permit = make.filed(pedestrian_access="not_affected")
    RoadPermit.objects.filter(pk=permit.pk).update(due_at=timezone.now() - timedelta(hours=1))
    permit = make.fire(permit, "deem", SYSTEM)
    assert (permit.state, review_of(permit).status) == ("approved", "CANCELED")


def test_a_move_that_is_refused_leaves_the_review_as_it_is() -> None:
    permit = make.filed()
    with pytest.raises(Refused):
        make.fire(permit, "refuse", reasons=["R20"], explanation="short")
    assert review_of(permit).status == "NEW"
    assert len(make.open_tasks(permit)) == 2


def test_an_answer_that_changes_the_application_begins_a_new_review() -> None:
    permit = make.filed()
    say(permit, make.open_tasks(permit)[0])
    old = make.open_tasks(permit)[0]
    asked_for = make.fire(make.fresh(permit), "request_information", **DATA["request_information"])
    changes = {"structures_affected": True}
    answered = make.fire(
        asked_for, "provide_information", make.actors.applicant(permit), answers={"0": "East."}, changes=changes
    )
    assert asked(answered) == ["traffic", "structures", "utilities"]
    assert (review_of(answered).revision, permit.technical_reviews.filter(status="CANCELED").count()) == (2, 1)
    with pytest.raises(Refused):
        say(answered, old)


def test_an_answer_without_changes_keeps_what_was_said_and_gives_the_time_back() -> None:
    permit = make.filed()
    say(permit, make.open_tasks(permit)[0])
    before = make.open_tasks(permit)[0]
    asked_for = make.fire(make.fresh(permit), "request_information", **DATA["request_information"])
    paused, again = asked_for.paused_at, timezone.now() + timedelta(days=14)
    with time_machine.travel(again, tick=False):
        answered = make.fire(asked_for, "provide_information", make.actors.applicant(permit), answers={"0": "East."})
    (after,) = make.open_tasks(answered)
    assert after.pk == before.pk
    left = working_time_between(paused, before.due_at, calendar())
    assert abs(working_time_between(again, after.due_at, calendar()) - left) < timedelta(minutes=1)
    assert [work.outcome for work in deadlines(answered).filter(argument__task=after.pk)] == ["cancelled", "open"]


def test_a_permit_whose_review_began_before_there_were_technical_reviews_is_not_blocked() -> None:
    with mock.patch("permits.technical.reviews.is_needed", return_value=False):
        permit = make.ready()
    asked_for = make.fire(permit, "request_information", **DATA["request_information"])
    answered = make.fire(asked_for, "provide_information", make.actors.applicant(permit), answers={"0": "East."})
    assert not answered.technical_reviews.exists()
    assert make.fire(answered, "approve", **DATA["approve"]).state == "approved"


def test_an_appeal_is_reviewed_anew() -> None:
    refused = make.fire(make.ready(), "refuse", **DATA["refuse"])
    reopened = make.fire(refused, "reopen", make.officer("mona"), **DATA["reopen"])
    assert asked(reopened) == ["traffic", "utilities"]


# -- deadlines --------------------------------------------------------------------------------------------------------


def deadlines(permit: RoadPermit) -> Any:
    return Work.objects.filter(case_id=permit.pk, service="technicalDeadline").order_by("pk")


def let_pass(permit: RoadPermit) -> RoadPermit:
    """The deadlines are over, and a worker comes by."""
    deadlines(permit).filter(outcome=Work.Outcome.OPEN).update(run_at=timezone.now() - timedelta(minutes=1))
    return make.drain(permit)


def test_a_deadline_that_passes_marks_the_task_raises_the_priority_and_tells_the_district() -> None:
    permit = make.filed()
    traffic, utilities = make.open_tasks(permit)
    say(permit, utilities)
    permit = let_pass(make.fresh(permit))
    traffic.refresh_from_db()
    assert traffic.late_at is not None
    assert permit.priority == 5
    (event,) = Event.objects.filter(case=permit, kind="specialist_late")
    assert event.note == "For the district manager: the traffic review is late. Ask Technical review: Traffic."
    assert not event.public
    say(permit, traffic)  # late is not too late
    assert review_of(permit).status == "DONE"


def test_no_deadline_runs_while_we_wait_for_the_applicant() -> None:
    permit = make.fire(make.filed(), "request_information", **DATA["request_information"])
    let_pass(permit)
    assert not Event.objects.filter(case=permit, kind="specialist_late").exists()
    assert not TechnicalTask.objects.filter(late_at__isnull=False).exists()


def test_a_task_in_time_leaves_no_work_behind() -> None:
    permit = make.ready()
    assert {work.outcome for work in deadlines(permit)} == {"cancelled"}


def test_every_class_of_permit_has_its_days_within_the_decision_term() -> None:
    for permit_class, days in DAYS.items():
        permit = RoadPermit(permit_class=permit_class)
        assert isinstance(days, WorkingDays)
        assert 0 < days.n < applications.decision_due(permit).n

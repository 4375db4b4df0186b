"""Deadlines of incidents: around the clock for what is dangerous, working days for the rest; a pause stops them."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from incidents.catalogue import catalogue
from incidents.models import Incident
from tests import walking
from tests.incidents import factories as make
from workflow import engine
from workflow.actors import SYSTEM
from workflow.clock import Hours, WorkingDays, add_working_days, calendar_for, due_at
from workflow.models import Work
from workflow.tracker import calendar

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
OFFICE = calendar_for("IA", "America/Chicago")
DEBRIS: dict[str, Any] = {"category": "debris", "answers": {"danger": "none", "lane": "right"}}


def local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=CHICAGO)


def closing(*day: int) -> datetime:
    return datetime.combine(date(*day), OFFICE.closes, CHICAGO)


SUNDAY_NIGHT = local(2026, 3, 15, 23, 30)
MONDAY_MORNING = local(2026, 3, 16, 9)


def filed_at(moment: datetime, **changes: Any) -> Incident:
    """Filed and handed over at this very moment."""
    with time_machine.travel(moment, tick=False), walking.by_hand():
        case = engine.start_workflow("incident", make.report(**changes), actor=make.REPORTER).case
        return fire_at(moment, case, "hand_over")


def fire_at(moment: datetime, case: Any, move: str, actor: Any = None, **data: Any) -> Incident:
    with time_machine.travel(moment, tick=False), walking.by_hand():
        engine.fire(case, move, actor=actor or make.officer(team=case.team), data=data)
    return make.fresh(case)


def test_debris_on_a_sunday_night_is_due_two_hours_later() -> None:
    case = filed_at(SUNDAY_NIGHT, **DEBRIS)
    assert case.safety
    assert case.due_at == case.expected_at == SUNDAY_NIGHT + timedelta(hours=2)


def test_two_hours_are_two_hours_when_the_clocks_change() -> None:
    """On March 8, 2026 at 2:00 it is 3:00."""
    case = filed_at(local(2026, 3, 8, 1, 30), **DEBRIS)
    assert timezone.localtime(case.due_at, CHICAGO) == local(2026, 3, 8, 4, 30)


@pytest.mark.parametrize(
    ("category", "filed", "due"),
    [
        ("pothole", MONDAY_MORNING, closing(2026, 3, 19)),  # three working days
        ("pothole", local(2026, 3, 13, 16), closing(2026, 3, 18)),  # over a weekend
        ("pothole", SUNDAY_NIGHT, closing(2026, 3, 19)),  # Sunday counts as Monday
        ("pothole", local(2026, 11, 25, 10), closing(2026, 12, 2)),  # Thanksgiving and the day after are no days
        ("light_out", MONDAY_MORNING, closing(2026, 3, 30)),  # ten working days
        ("guardrail", local(2026, 12, 18, 10), closing(2027, 1, 5)),  # Christmas and New Year
    ],
)
def test_what_is_not_dangerous_is_due_in_working_days(category: str, filed: datetime, due: datetime) -> None:
    case = filed_at(filed, category=category)
    assert not case.safety
    assert timezone.localtime(case.due_at, CHICAGO) == due
    assert case.expected_at == case.due_at


def test_the_catalogue_says_two_hours_for_danger_three_days_for_potholes_ten_for_most() -> None:
    known = catalogue()
    assert {one.first_action for one in known.categories if one.safety} == {Hours(2)}
    assert known.by_code["pothole"].first_action == WorkingDays(3)
    days = [one.first_action.n for one in known.categories if not one.safety and not one.stop]
    assert max(set(days), key=days.count) == 10


# -- the pause --------------------------------------------------------------------------------------------------------


def asked_and_answered(category: dict[str, Any], asked: datetime, answered: datetime) -> tuple[datetime, Incident]:
    """The deadline before the question, and the case after the answer."""
    case = filed_at(MONDAY_MORNING, **category)
    before = case.due_at
    case = fire_at(asked, case, "ask", question="Which lane is it, please?")
    assert (case.state, case.paused_at) == ("needs_info", asked)
    case = fire_at(answered, case, "answer", make.reporter(case), text="The right one.")
    assert (case.state, case.paused_at) == ("triaged", None)
    return before, case


@pytest.mark.parametrize("pause", [timedelta(minutes=7), timedelta(hours=30), timedelta(days=6, seconds=1)])
def test_a_clock_of_hours_moves_by_exactly_the_pause(pause: timedelta) -> None:
    asked = MONDAY_MORNING + timedelta(minutes=20)
    before, case = asked_and_answered(DEBRIS, asked, asked + pause)
    assert case.due_at - before == pause


def test_a_clock_of_days_moves_by_exactly_the_working_time_of_the_pause() -> None:
    pothole = {"category": "pothole"}
    before, case = asked_and_answered(pothole, local(2026, 3, 16, 10), local(2026, 3, 16, 12))
    assert timezone.localtime(before, CHICAGO) == closing(2026, 3, 19)
    assert timezone.localtime(case.due_at, CHICAGO) == local(2026, 3, 20, 10)  # two hours into the next office day
    _, case = asked_and_answered(pothole, local(2026, 3, 16, 12), local(2026, 3, 18, 12))
    assert timezone.localtime(case.due_at, CHICAGO) == closing(2026, 3, 23)  # two days, over the weekend


def test_an_answer_at_the_weekend_costs_nobody_time() -> None:
    before, case = asked_and_answered({"category": "light_out"}, local(2026, 3, 20, 17), local(2026, 3, 22, 20))
    assert case.due_at == before


def test_two_questions_move_the_deadline_by_both_pauses() -> None:
    asked = MONDAY_MORNING + timedelta(minutes=10)
    before, case = asked_and_answered(DEBRIS, asked, asked + timedelta(hours=1))
    again = asked + timedelta(hours=1, minutes=5)
    case = fire_at(again, case, "ask", question="And how large is it?")
    case = fire_at(again + timedelta(hours=2), case, "answer", make.reporter(case), text="As a tire.")
    assert case.due_at - before == timedelta(hours=3)


def test_a_question_in_a_planned_repair_gives_the_deadline_of_the_repair_back() -> None:
    case = filed_at(MONDAY_MORNING)
    planned = {"planned_for": "2026-03-20", "crew": "Ames garage"}
    case = fire_at(MONDAY_MORNING, case, "schedule", **planned)
    before = case.due_at
    assert before == due_at(MONDAY_MORNING, WorkingDays(catalogue().by_code["pothole"].repair_days), calendar())
    case = fire_at(local(2026, 3, 17, 8), case, "ask", question="Which lane is it, please?")
    case = fire_at(local(2026, 3, 18, 8), case, "answer", make.reporter(case), text="The right one.")
    assert case.state == "scheduled"
    days = add_working_days(timezone.localtime(before, CHICAGO).date(), 1, calendar())
    assert timezone.localtime(case.due_at, CHICAGO).date() == days


def test_a_question_waits_five_working_days_and_goes_back_to_the_desk_by_itself() -> None:
    case = filed_at(MONDAY_MORNING)
    before = case.due_at
    case = fire_at(MONDAY_MORNING, case, "ask", question="Which lane is it, please?")
    end = closing(2026, 3, 23)
    timer = Work.objects.get(case_id=case.pk, kind=Work.Kind.TIMER, outcome=Work.Outcome.OPEN)
    assert case.info_due_at == timer.run_at == end
    case = fire_at(end, case, "give_up_waiting", SYSTEM)
    assert (case.state, case.unanswered, case.info_due_at) == ("triaged", True, None)
    assert case.due_at > before


# -- new deadlines ----------------------------------------------------------------------------------------------------


def test_a_report_that_comes_back_is_due_anew_and_first() -> None:
    case = filed_at(MONDAY_MORNING, **DEBRIS)
    ended = {"reason_code": "no_danger", "sentence": "It lies beside the road."}
    case = fire_at(MONDAY_MORNING, case, "close", **ended)
    assert case.due_at is None
    again = local(2026, 3, 28, 22)
    case = fire_at(again, case, "reopen", make.reporter(case), text="It is back in the lane.")
    assert case.due_at == case.expected_at == again + timedelta(hours=2)
    assert case.priority == 10


def test_an_incident_may_be_reopened_for_thirty_days() -> None:
    case = filed_at(MONDAY_MORNING)
    case = fire_at(MONDAY_MORNING, case, "reject", reason_code="not_ours", sentence="This is a county road.")
    assert case.reopen_until == MONDAY_MORNING + timedelta(days=30)

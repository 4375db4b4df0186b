"""How fast we decide and how early one must apply, by the class of the permit. Business days unless it says days."""

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from permits.rules.impact import MAJOR_FROM, MINOR_BELOW, ImpactIndex
from permits.rules.traffic import has_full_closure, needs_sealed_plan, takes_a_lane
from permits.rules.words import Answers, Labelled
from workflow.clock import Calendar, add_working_days


class PermitClass(Labelled):
    """What the deadlines of an application depend on."""

    # Work to stop a danger; it may have begun before the application.
    EMERGENCY = "emergency", "Emergency"
    # Index below 2 and no lane taken.
    MINOR = "minor", "Minor"
    # Everything between.
    STANDARD = "standard", "Standard"
    # Index of 4 or more, a full closure, or a traffic control plan of an engineer.
    MAJOR = "major", "Major"


@dataclass(frozen=True, kw_only=True)
class Term:
    """The promises for one class, in business days."""

    decision_days: int
    minimum_notice_days: int


TERMS = MappingProxyType(
    {
        PermitClass.EMERGENCY: Term(decision_days=2, minimum_notice_days=0),
        PermitClass.MINOR: Term(decision_days=5, minimum_notice_days=3),
        PermitClass.STANDARD: Term(decision_days=20, minimum_notice_days=10),
        PermitClass.MAJOR: Term(decision_days=42, minimum_notice_days=40),
    }
)
COMPLETENESS_DAYS = 2
FIRST_QUESTIONS_DAYS = 10
INFORMATION_ANSWER_DAYS = 10
INFORMATION_REMINDER_DAYS = 3
START_NOTICE_DAYS = 2
EXTENSION_DECISION_DAYS = 2
OTHER_AMENDMENT_DECISION_DAYS = 5
# Calendar days, not business days: a right to appeal must not depend on a holiday table.
APPEAL_FILING = timedelta(days=60)
APPEAL_DECISION = timedelta(days=60)


def classify(answers: Answers, index: ImpactIndex) -> PermitClass:
    """The class of an application. The first row of the table that fits wins, from emergency to standard."""
    if answers.get("is_emergency"):
        return PermitClass.EMERGENCY
    engineered = answers.get("ttcp_kind") == "custom_plan" or needs_sealed_plan(answers)
    if index.value >= MAJOR_FROM or has_full_closure(answers) or engineered:
        return PermitClass.MAJOR
    if index.value < MINOR_BELOW and not takes_a_lane(answers):
        return PermitClass.MINOR
    return PermitClass.STANDARD


def needs_second_approver(answers: Answers, index: ImpactIndex) -> bool:
    """Whether two people must agree to an approval."""
    return index.value >= MAJOR_FROM or has_full_closure(answers)


def earliest_start(submitted_on: date, permit_class: PermitClass, calendar: Calendar) -> date:
    """The first day on which work may start without a reason for an early start.

    ``submitted_on`` is the day the submission counts from: after the cut-off that is already the next working day.
    """
    return add_working_days(submitted_on, TERMS[permit_class].minimum_notice_days, calendar)


def appeal_until(decided_on: date) -> date:
    """The last day on which a refusal or revocation of ``decided_on`` may be appealed."""
    return decided_on + APPEAL_FILING

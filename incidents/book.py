"""The rules of incident reports that officers may change. Their deadlines by category stand in the categories."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from workflow.clock import WorkingDays
from workflow.contrib.rulebook.book import value
from workflow.contrib.rulebook.groups import DEADLINES, LIMITS
from workflow.contrib.rulebook.kinds import Days, Number
from workflow.contrib.rulebook.rules import Rule

ANSWER_DAYS = 5  # working days a reporter has to answer
REMIND_DAYS_BEFORE = 2  # five working days to answer: three after the question
MOST_RECEIPTS_AN_HOUR = 10  # to one address
ANSWER, REMINDER = "incidents.deadlines.answer", "incidents.deadlines.reminder"
RECEIPTS = "incidents.limits.receipts_an_hour"


def answer_due() -> WorkingDays:
    """How long a reporter has to answer a question."""
    return WorkingDays(value(ANSWER))


def remind_days_before() -> int:
    """Working days before the answer is due."""
    return int(value(REMINDER))


def most_receipts_an_hour() -> int:
    return int(value(RECEIPTS))


def _reminder_in_time(reminder: Any, others: Callable[[str], Any]) -> str:
    late = reminder >= others(ANSWER)
    return "Remind later: so many days before the answer is due, the question is not asked yet." if late else ""


RULES = (
    Rule(
        key=ANSWER,
        group=DEADLINES,
        label="For the reporter to answer a question",
        kind=Days(least=1, most=90),
        default=ANSWER_DAYS,
        section="Incidents",
        help_text="First action and repair are set in each category.",
        source="docs/incidents.md",
    ),
    Rule(
        key=REMINDER,
        group=DEADLINES,
        label="Reminder before the answer is due",
        kind=Days(most=90),
        default=REMIND_DAYS_BEFORE,
        section="Incidents",
        check=_reminder_in_time,
    ),
    Rule(
        key=RECEIPTS,
        group=LIMITS,
        label="Receipts to one e-mail address in an hour",
        kind=Number(least=Decimal(1), most=Decimal(1000)),
        default=Decimal(MOST_RECEIPTS_AN_HOUR),
        section="Incidents",
        help_text="Whoever would fill a mailbox by way of us gets the reports filed, and the mailbox its peace.",
    ),
)

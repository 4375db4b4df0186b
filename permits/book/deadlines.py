"""Deadlines, what silence means, and limits of road permits, in officers' hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings

from permits.application.choices import PermitType
from permits.rules import deadlines
from permits.rules.deadlines import TERMS, PermitClass, Term
from workflow.clock import WorkingDays
from workflow.contrib.rulebook.book import value
from workflow.contrib.rulebook.groups import DEADLINES, LIMITS, SILENCE
from workflow.contrib.rulebook.kinds import Choice, Days, Number
from workflow.contrib.rulebook.rules import Rule

PREFIX = "permits.deadlines."
SOURCE = "docs/rules.md#deadlines"
AFTER_PAUSE_DAYS = 3
ESCALATE, DEEM = "escalate", "deem"
POLICIES = ((ESCALATE, "The managers are told, and it stays with us"), (DEEM, "It counts as approved"))


def term(permit_class: str) -> Term:
    """The promises for a class as they are now. Raises ValueError when there is no such class."""
    word = PermitClass(permit_class)
    return Term(decision_days=value(f"{PREFIX}decision.{word}"), minimum_notice_days=value(f"{PREFIX}notice.{word}"))


def terms() -> dict[PermitClass, Term]:
    return {word: term(word) for word in PermitClass}


def days(name: str) -> WorkingDays:
    """One of the working-day deadlines of ``WORKING_DAYS``."""
    return WorkingDays(value(PREFIX + name))


def completeness_due(permit: Any) -> WorkingDays:
    """How long we may look whether an application is complete."""
    return days("completeness")


def after_pause(permit: Any) -> WorkingDays:
    """What is left for us, at least, when an answer came in."""
    return days("after_pause")


def policy_of(category: str) -> str:
    """What happens when the decision's deadline passes: ESCALATE or DEEM. Unknown types escalate."""
    known = category in PermitType.values
    return str(value(f"permits.silence.{category}")) if known else ESCALATE


def is_deemed(category: str) -> bool:
    """Whether silence approves this type of permit."""
    return policy_of(category) == DEEM


def technical_from() -> Decimal:
    """From this impact index on, specialists look at an application."""
    found: Decimal = value("permits.limits.technical_review_from")
    return found


def _original_policy(category: str) -> Callable[[], str]:
    return lambda: DEEM if category in settings.DEEMED_PERMIT_TYPES else ESCALATE


# name, label, original, at least
WORKING_DAYS = (
    ("completeness", "To see whether an application is complete", deadlines.COMPLETENESS_DAYS, 1),
    ("information_answer", "For the applicant to answer a question", deadlines.INFORMATION_ANSWER_DAYS, 1),
    ("information_reminder", "Reminder before the answer is due", deadlines.INFORMATION_REMINDER_DAYS, 0),
    ("after_pause", "Left for us, at least, after an answer", AFTER_PAUSE_DAYS, 0),
)


def _reminder_in_time(reminder: Any, others: Callable[[str], Any]) -> str:
    late = reminder >= others(f"{PREFIX}information_answer")
    return "Remind later: so many days before the answer is due, the question is not asked yet." if late else ""


def _rules() -> Iterator[Rule]:
    def rule(name: str, label: str, default: int, section: str, kind: Days, **more: Any) -> Rule:
        return Rule(
            key=PREFIX + name, group=DEADLINES, label=label, kind=kind, default=default, section=section,
            source=SOURCE, **more,
        )  # fmt: skip

    for word, promised in TERMS.items():
        label = f"{word.label} permit"
        yield rule(f"decision.{word}", label, promised.decision_days, "Permits: until we decide", Days(least=1))
    for word, promised in TERMS.items():
        label = f"{word.label} permit"
        notice = "Permits: filed so long before work starts"
        yield rule(f"notice.{word}", label, promised.minimum_notice_days, notice, Days())
    for name, label, default, least in WORKING_DAYS:
        check = {"check": _reminder_in_time} if name == "information_reminder" else {}
        yield rule(name, label, default, "Permits: on the way", Days(least=least, most=90), **check)


RULES = (
    *_rules(),
    *(
        Rule(
            key=f"permits.silence.{word}",
            group=SILENCE,
            label=label,
            kind=Choice(choices=POLICIES),
            default=_original_policy(word),
            section="Permits",
            help_text="Work that two must approve, or that is called unsafe, is never approved by silence.",
            source="docs/rules.md#deadlines",
        )
        for word, label in PermitType.choices
    ),
    Rule(
        key="permits.limits.technical_review_from",
        group=LIMITS,
        label="Specialists review from this impact index on",
        kind=Number(most=Decimal(10), places=1),
        default=lambda: settings.TECHNICAL_REVIEW_FROM_INDEX,
        section="Permits",
        help_text="Holds for reviews that begin from now on.",
        source="docs/rules.md#technical-review",
    ),
)

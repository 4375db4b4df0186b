"""Where a case stands, as values that the shared templates show. The words are each kind's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from workflow.models import Event
from workflow.tracker import label_of


@dataclass(frozen=True, kw_only=True)
class Now:
    """What is happening, who must act, by when (empty: no day is set), and the tone of the badge."""

    sentence: str
    who: str
    by: str
    tone: str
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """One of the steps. ``status``: done, now, todo, refused, stopped."""

    title: str
    text: str
    status: str

    @property
    def words(self) -> str:
        return {"done": "Done", "now": "Now", "todo": "To come", "refused": "Refused", "stopped": "Stopped"}[
            self.status
        ]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the public history."""

    at: datetime
    text: str
    who: str
    note: str


def lines_of(
    case: Any, history: Sequence[Event], *, words: Mapping[str, str], who: Mapping[str, str], office: str
) -> list[Line]:
    """The public history in words, newest first. ``words``: transition or kind -> text; ``who``: kind of actor -> name,
    and ``office`` for everybody else."""
    return [
        Line(
            at=event.at,
            text=words.get(event.transition or event.kind) or label_of(case, event),
            who=who.get(event.actor_kind, office),
            note=event.note,
        )
        for event in reversed(history)
    ]


def day(moment: datetime | None) -> str:
    """“Monday, November 23, 2026” in local time; empty for None."""
    return date_format(timezone.localtime(moment), "l, F j, Y") if moment else ""

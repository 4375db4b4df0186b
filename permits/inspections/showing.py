"""Inspections in words, for the record and the lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from permits.inspections import checklist
from permits.inspections.models import Inspection
from workflow.desk import name_of
from workflow.models import Document


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One inspection on the record. ``lines``: (text, answer, remark) of its checklist."""

    row: Inspection
    word: str
    tone: str
    who: str
    lines: list[tuple[str, str, str]]
    photos: list[Document]


def inspections_of(permit: Any) -> list[Shown]:
    """Newest first: what is planned, then what was done. Two queries."""
    rows = permit.inspections.exclude(state=Inspection.State.CANCELLED).select_related("inspector", "done_by")
    rows = list(rows.prefetch_related("photos"))
    rows.sort(key=lambda row: (not row.is_planned, -(row.done_at.timestamp() if row.done_at else 0), row.planned_for))
    return [
        Shown(
            row=row,
            word=word_of(row),
            tone=tone_of(row),
            who=name_of(row.done_by or row.inspector),
            lines=checklist.in_words(row.checklist),
            photos=list(row.photos.all()),
        )
        for row in rows
    ]


def word_of(row: Inspection) -> str:
    """Where it stands, in a word or two. No query."""
    if row.result:
        return row.get_result_display()
    if row.state == Inspection.State.CANCELLED:
        return "Cancelled"
    if row.is_overdue:
        return "Overdue"
    return "Today" if row.planned_for == timezone.localdate() else "Planned"


def tone_of(row: Inspection) -> str:
    if row.result:
        return "good" if row.result == Inspection.Result.PASS else "stopped"
    if row.state == Inspection.State.CANCELLED:
        return "over"
    return "stopped" if row.is_overdue else "waiting"

"""The seal of the history: whether any line was changed, removed, swapped or cut off since it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from workflow.models import Case, Event


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The first line of a case's history that is not as it was written."""

    reference: str
    seq: int
    why: str

    def __str__(self) -> str:
        return f"{self.reference} line {self.seq}: {self.why}"


def verify(*, reference: str = "") -> Iterator[int | Broken]:
    """Check every line, of one case or of all. Yields for each case the number of its good lines, or what is broken."""
    events = Event.objects.select_related("case").order_by("case_id", "seq")
    cases = Case.objects.filter(revision__gt=0)
    if reference:
        events, cases = events.filter(case__reference=reference), cases.filter(reference=reference)
    for case, lines in groupby(events.iterator(chunk_size=2000), key=lambda event: event.case):
        yield _verify(case, lines)
    for case in cases.filter(events=None):
        yield Broken(reference=case.reference, seq=1, why="the whole history is gone")


def _verify(case: Case, lines: Iterator[Event]) -> int | Broken:
    previous, seq = "", 0
    for event in lines:
        seq += 1
        why = ""
        if event.seq != seq:
            why = f"it is missing; line {event.seq} follows"
        elif event.previous != previous:
            why = "it does not follow the line before it"
        elif event.compute_digest() != event.digest:
            why = f"it was changed after it was written (now: {event})"
        if why:
            return Broken(reference=case.reference, seq=seq, why=why)
        previous = event.digest
    if seq != case.revision or previous != case.head:
        return Broken(reference=case.reference, seq=seq + 1, why="the end of the history is cut off or not its own")
    return seq

"""What goes wrong, in the words of Open311: a status, and one entry a problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from incidents.open311.render import Document, Many

MOST_FAULTS = 100


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One problem. ``sentence`` is read by people; ``reason`` is stable, for programs; ``field`` as it was sent."""

    status: int
    reason: str
    sentence: str
    field: str = ""


@dataclass(eq=False)
class Refusal(Exception):
    """A request that is not granted; the status is that of its first fault."""

    faults: tuple[Fault, ...]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return self.faults[0].status

    @property
    def document(self) -> Document:
        return Document("errors", Many("error", [_entry(fault) for fault in self.faults[:MOST_FAULTS]]))


def refusal(status: int, reason: str, sentence: str, *, field: str = "", headers: Mapping[str, str] | None = None
            ) -> Refusal:  # fmt: skip
    """A refusal for one reason."""
    fault = Fault(status=status, reason=reason, sentence=sentence, field=field)
    return Refusal((fault,), headers or {})


def bad(reason: str, sentence: str, field: str = "") -> Fault:
    """A fault of the request itself: 400."""
    return Fault(status=400, reason=reason, sentence=sentence, field=field)


def unless_fine(faults: Iterable[Fault]) -> None:
    """Raises Refusal with all of them; what is unknown (404) before what is wrong (400)."""
    if found := sorted(faults, key=lambda fault: -fault.status):
        raise Refusal(tuple(found))


def _entry(fault: Fault) -> Mapping[str, str | int]:
    return {"code": fault.status, "description": fault.sentence, "reason": fault.reason, "field": fault.field}

"""Earlier permits at the place of a permit, and how they went: what a reviewer wants to know before deciding.

Bounded: candidates come from the index of bounding boxes, the newest first, and shapely measures at most MOST_MEASURED.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from permits.lifecycle import State
from permits.models import RoadPermit
from permits.rules.codes import RefusalCode
from permits.rules.geometry import distance_m, from_geojson
from workflow.geometry import bounds, widened
from workflow.models import Event

WITHIN_M = 50.0
LONGEST_DEGREES = 0.3  # of latitude, 33 km: longer works are not looked for
MOST_MEASURED = 100
MOST_SHOWN = 10
NOT_YET = (State.DRAFT, State.SUBMITTED, State.INFO_REQUESTED, State.IN_REVIEW)  # those may be conflicts, not past
# Only what is shown; the answers alone are larger than all of it.
SHOWN = (
    "reference", "title", "state", "holder", "area", "start_at", "end_at", "closed_at", "reasons", "overrun",
    "workflow", "workflow_version",
)  # fmt: skip
WENT_WRONG = {"suspend": "suspended", "fail_inspection": "defects at the inspection"}  # moves worth telling


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A permit that was or is at the same place. ``troubles``: in words, with their number where more than one."""

    permit: Any
    distance_m: float
    reasons: tuple[RefusalCode, ...]
    troubles: tuple[str, ...]


def at_the_place(permit: RoadPermit) -> list[Earlier]:
    """At most ten within 50 m, the newest first. Two queries."""
    if not permit.area:
        return []
    here = from_geojson(permit.area)
    near = []
    for other in _candidates(permit, here):
        metres = distance_m(here, from_geojson(other.area))
        if metres <= WITHIN_M:
            near.append((other, metres))
        if len(near) == MOST_SHOWN:
            break
    troubles = _troubles([other.pk for other, _metres in near])
    return [
        Earlier(
            permit=other,
            distance_m=metres,
            reasons=tuple(RefusalCode(code) for code in other.reasons if code in set(RefusalCode)),
            troubles=tuple(_words(troubles.get(other.pk, {}), overrun=other.overrun)),
        )
        for other, metres in near
    ]


def _candidates(permit: RoadPermit, here: Any) -> Iterable[Any]:
    south, west, north, east = widened(bounds(here), WITHIN_M)
    # From how far south a work may reach here: bounded on both sides, the index reads a strip and not half the state.
    rows: Any = RoadPermit.objects.filter(min_latitude__range=(south - LONGEST_DEGREES, north))
    rows = rows.filter(max_latitude__gte=south, min_longitude__lte=east, max_longitude__gte=west)
    rows = rows.exclude(pk=permit.pk).exclude(state__in=NOT_YET).filter(area__isnull=False)
    # "+ 0": else a database may walk through all permits by their key until it has found enough at this place.
    found: Iterable[Any] = rows.only(*SHOWN).order_by((F("pk") + 0).desc())[:MOST_MEASURED]
    return found


def _troubles(keys: list[int]) -> dict[int, dict[str, int]]:
    """Permit -> move -> how often."""
    found: dict[int, dict[str, int]] = {}
    if keys:
        moves = Event.objects.filter(case_id__in=keys, transition__in=WENT_WRONG)
        for key, move in moves.values_list("case_id", "transition"):
            counted = found.setdefault(key, {})
            counted[move] = counted.get(move, 0) + 1
    return found


def _words(counted: Mapping[str, int], *, overrun: bool) -> Iterable[str]:
    for move, words in WENT_WRONG.items():
        if number := counted.get(move, 0):
            yield words if number == 1 else f"{words} {number} times"
    if overrun:
        yield "work went on beyond the last day"

"""Which other works are in the way: near in place and at the same time. Pure; finding the candidates is a query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from permits.rules.geometry import distance_m as metres_between

DEFAULT_DISTANCE_M = 50.0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Another permit or application: where (shape in degrees), when (aware, end not included), in a travel lane?"""

    reference: str
    road: str
    shape: BaseGeometry
    start: datetime
    end: datetime
    title: str
    affects_travel_lanes: bool = False


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Another work in the way; ``blocking`` ones must be settled or overridden before an approval."""

    reference: str
    distance_m: float
    overlap_start: datetime
    overlap_end: datetime
    blocking: bool
    why: str


def conflicts(
    of: Candidate, among: Iterable[Candidate], distance_m: float = DEFAULT_DISTANCE_M
) -> tuple[Conflict, ...]:
    """The works among ``among`` that overlap ``of`` in time and lie within ``distance_m``: blocking ones, then nearest.

    The work itself (same reference) is passed over. A work that ends when the other begins does not overlap.
    """
    found = [conflict for other in among if (conflict := _conflict(of, other, distance_m))]
    return tuple(sorted(found, key=lambda one: (not one.blocking, one.distance_m, one.reference)))


def _conflict(of: Candidate, other: Candidate, within_m: float) -> Conflict | None:
    start, end = max(of.start, other.start), min(of.end, other.end)
    if other.reference == of.reference or start >= end:
        return None
    metres = metres_between(of.shape, other.shape)
    if metres > within_m:
        return None
    blocking = of.affects_travel_lanes and other.affects_travel_lanes
    return Conflict(
        reference=other.reference,
        distance_m=round(metres, 1),
        overlap_start=start,
        overlap_end=end,
        blocking=blocking,
        why=_why(of, other, metres, blocking=blocking),
    )


def _why(of: Candidate, other: Candidate, metres: float, *, blocking: bool) -> str:
    road = f"on the same road ({other.road})" if other.road == of.road else f"on {other.road}"
    place = "at the same place" if metres == 0 else f"{metres:.0f} m away"
    lanes = "Both works affect travel lanes." if blocking else "At most one of the works affects travel lanes."
    return f"“{other.title}” is planned {place} {road} at the same time. {lanes}"

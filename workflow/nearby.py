"""Cases of different kinds that meet on the road: a report within the area of permitted work. A kind registers what it
shows of itself to the others; none of them knows another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from workflow.geometry import Bounds, bounds, distance_m, widened

WITHIN_M = 50.0
MOST = 50

type Geometry = Mapping[str, Any]  # GeoJSON, WGS84

_shape: Callable[[Geometry], BaseGeometry] = shape  # shapely ships no types


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What somebody else may know of a case: no word about its persons, for a history keeps it for ever.

    ``link`` is public. ``same_as``: references of cases that are about the same thing.
    """

    reference: str
    title: str
    link: str
    same_as: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A live case of another kind near a case, for officers: ``link`` leads to its record.

    ``tell`` tells its people of what was seen near it; answers whether they had not been told before.
    """

    reference: str
    title: str
    state: str
    place: str
    link: str
    geometry: Geometry
    distance_m: float = 0.0
    tell: Callable[[Sighting], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What one kind of case shows the others.

    ``geometry``: where a case is, None when unknown. ``live_in``: its live cases that touch a box. ``sighting``: what
    the neighbours of a new case are told; a kind without one tells nobody.
    """

    geometry: Callable[[Any], Geometry | None]
    live_in: Callable[[Bounds], Iterable[Neighbour]]
    sighting: Callable[[Any], Sighting] | None = None


_kinds: dict[str, Kind] = {}


def register(scope: str, kind: Kind) -> None:
    """``scope`` is that of the case's model, such as "permits"."""
    _kinds[scope] = kind


def around(case: Any, *, within_m: float = WITHIN_M) -> list[Neighbour]:
    """Live cases of every other kind at most so many metres from ``case``, the nearest first. One query a kind."""
    own = _kinds.get(case.scope)
    place = own.geometry(case) if own else None
    if not place:
        return []
    here = _shape(place)
    box = widened(bounds(here), within_m)
    found = [
        replace(other, distance_m=metres)
        for scope, kind in _kinds.items()
        if scope != case.scope
        for other in kind.live_in(box)
        if (metres := distance_m(here, _shape(other.geometry))) <= within_m
    ]
    return sorted(found, key=lambda one: (one.distance_m, one.reference))[:MOST]


def met(case: Any, *, within_m: float = WITHIN_M) -> list[Neighbour]:
    """Tell the neighbours of a new case of it, each once; answers those that were told now. Within the transaction
    that files the case."""
    own = _kinds.get(case.scope)
    if own is None or own.sighting is None:
        return []
    near = [other for other in around(case, within_m=within_m) if other.tell is not None]
    near.sort(key=lambda other: other.reference)  # telling locks each: in one order, so that no two wait crosswise
    seen = own.sighting(case) if near else None
    return [other for other in near if seen is not None and other.tell is not None and other.tell(seen)]

"""Which events of a feed share one application.

One application covers what one applicant would put on one form: one stretch of one road, each direction once, at the
same times. So these may share one: nights or days that come back (same direction, impact and lanes); a moving
operation and the stretch it is planned on; the two directions of a road when the feed relates them. Parts in sequence
stay apart, since a form has one row of lanes a direction and they differ in just these.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shapely.geometry import LineString

from permits.rules.geometry import from_geojson, to_geojson, within_m
from permits.wzdx.feed import DETOUR, WORK_ZONE, Event

type Window = tuple[datetime, datetime]

ONE_DIRECTION = ("first-occurrence", "next-occurrence", "planned-moving-operation", "active-moving-operation")
ONE_WORK = "related-work-zone"
OF_A_DETOUR = "related-detour"
IN_SEQUENCE = ("first-in-sequence", "next-in-sequence")
REACH_M = 50.0  # as far apart as the directions of one application may be drawn
MOST_EVENTS = 366  # occurrences that one application can list
LONGEST = timedelta(days=365)
MOST_POINTS = 500
FINEST_DEGREES = 0.000_001  # a tenth of a metre


@dataclass(frozen=True, kw_only=True)
class Strand:
    """Events of one direction that are one work. The first one leads: it gives the line and the lanes."""

    events: tuple[Event, ...]

    @property
    def lead(self) -> Event:
        return self.events[0]

    @property
    def windows(self) -> list[Window]:
        """When there is work, each time once, in order."""
        return sorted({(event.start_at, event.end_at) for event in self.events})


@dataclass(kw_only=True)
class Group:
    """The events that stand in one application."""

    strands: list[Strand]
    detours: list[Event] = field(default_factory=list)

    @property
    def works(self) -> list[Event]:
        return [event for strand in self.strands for event in strand.events]

    @property
    def lead(self) -> Event:
        return self.strands[0].lead

    def takes(self, strand: Strand) -> bool:
        """Whether the strand may join: another direction of the same road, beside it, at the same times."""
        return (
            strand.lead.direction not in {one.lead.direction for one in self.strands}
            and set(strand.lead.roads) == set(self.lead.roads)
            and strand.windows == self.strands[0].windows
            and len(self.works) + len(strand.events) <= MOST_EVENTS
            and within_m(from_geojson(drawn(strand.lead)), from_geojson(drawn(self.lead)), REACH_M)
        )


def groups_of(events: Iterable[Event]) -> list[Group]:
    """The work zones in groups, in the order of the feed, without their detours."""
    works = [event for event in events if event.kind == WORK_ZONE]
    related = families(works, (*ONE_DIRECTION, ONE_WORK))
    groups: dict[str, list[Group]] = {}
    for strand in _strands(works):
        family = groups.setdefault(related[strand.lead.id], [])
        host = next((group for group in family if group.takes(strand)), None)
        if host:
            host.strands.append(strand)
        else:
            family.append(Group(strands=[strand]))
    return [group for family in groups.values() for group in family]


def works_of_detours(events: Sequence[Event]) -> dict[str, list[str]]:
    """For each detour the identifiers of the works it belongs to, as either side says it; parts of one detour in
    sequence belong to the same works."""
    detours = [event for event in events if event.kind == DETOUR]
    family_of = families(detours, IN_SEQUENCE)
    works: dict[str, list[str]] = {family_of[detour.id]: [] for detour in detours}
    for detour in detours:
        works[family_of[detour.id]] += detour.related(ONE_WORK)
    for work in events:
        for identifier in work.related(OF_A_DETOUR) if work.kind == WORK_ZONE else ():
            if identifier in family_of:
                works.setdefault(family_of[identifier], []).append(work.id)
    return {detour.id: works[family_of[detour.id]] for detour in detours}


def drawn(event: Event) -> dict[str, Any]:
    """The event's line as the form takes it: GeoJSON, at most 500 points. The feature's own geometry is kept beside."""
    line = LineString(event.line)
    tolerance = FINEST_DEGREES
    while len(line.coords) > MOST_POINTS:
        line = line.simplify(tolerance, preserve_topology=False)
        tolerance *= 2
    return to_geojson(line)


def _strands(works: Sequence[Event]) -> Iterator[Strand]:
    family_of = families(works, ONE_DIRECTION)
    alike: dict[tuple[str, ...], list[Event]] = {}
    for event in works:
        alike.setdefault((family_of[event.id], *_signature(event)), []).append(event)
    for events in alike.values():
        yield from _cut(sorted(events, key=_order))


def _signature(event: Event) -> tuple[str, ...]:
    """What the events of one direction must have in common to be told once."""
    lanes = json.dumps(event.properties.get("lanes"), sort_keys=True)
    return (event.direction, str(event.properties["vehicle_impact"]), lanes, *event.roads)


def _order(event: Event) -> tuple[datetime, bool]:
    # Of a moving operation the planned stretch leads: the crew's place of this minute lies somewhere in it.
    return event.start_at, event.properties.get("work_zone_type") == "moving"


def _cut(events: Sequence[Event]) -> Iterator[Strand]:
    """As few strands as the longest permit allows."""
    begun: list[Event] = []
    for event in events:
        if begun and (event.end_at - begun[0].start_at > LONGEST or len(begun) == MOST_EVENTS):
            yield Strand(events=tuple(begun))
            begun = []
        begun.append(event)
    if begun:
        yield Strand(events=tuple(begun))


def families(events: Sequence[Event], kinds: Sequence[str] = ()) -> dict[str, str]:
    """For each event the name of its family: all that hang together by relations of these kinds (of any kind without
    ``kinds``), also by way of an event that is not in the list."""
    parent: dict[str, str] = {}

    def head(identifier: str) -> str:
        while (above := parent.setdefault(identifier, identifier)) != identifier:
            identifier = above
        return identifier

    for event in events:
        for other in event.related(*kinds):
            parent[head(other)] = head(event.id)
    return {event.id: head(event.id) for event in events}

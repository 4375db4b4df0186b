"""A work-zone feed as values: events on one road in one direction, and who answers for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from permits.application.moments import state_zone

type Json = Mapping[str, Any]
type Position = tuple[float, float]

WORK_ZONE, DETOUR = "work-zone", "detour"


class Fault(Exception):
    """A feature cannot be filed; the sentence says why."""


def objects_in(value: Any) -> list[Json]:
    """The objects in what should be a list of objects."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who answers for data: an agency and, where the feed names one, a person."""

    organisation: str
    contact_name: str = ""
    contact_email: str = ""


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A feature that is not filed. ``reason`` completes the sentence “skipped, because …”."""

    feature_id: str
    about: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One feature: a work zone or a detour, on one road in one direction. ``properties`` and ``geometry`` are the
    feed's own, whole; ``line`` has longitude and latitude in degrees, in the direction of travel."""

    id: str
    kind: str
    roads: tuple[str, ...]
    direction: str
    start_at: datetime
    end_at: datetime
    line: tuple[Position, ...]
    properties: Json
    geometry: Json

    @property
    def core(self) -> Json:
        core: Json = self.properties["core_details"]
        return core

    @property
    def about(self) -> str:
        """For people: ``I-80 / I-35, northbound``."""
        return f"{' / '.join(self.roads)}, {self.direction}"

    def related(self, *kinds: str) -> list[str]:
        """Identifiers of the events this one relates to in these ways; in any way without ``kinds``."""
        listed = self.core.get("related_road_events")
        return [
            str(row["id"]) for row in objects_in(listed) if row.get("id") and (not kinds or row.get("type") in kinds)
        ]

    def moved(self, days: int) -> "Event":
        """The same event so many days later, at the same local time of day. Only what is planned moves: when it was
        recorded or observed (``creation_date``, the confirmation of workers) stays a fact. Raises Fault."""
        try:
            start, end = _moved(self.start_at, days), _moved(self.end_at, days)
        except OverflowError:
            raise Fault("its dates cannot be moved that far") from None
        dates = {"start_date": _as_text(start), "end_date": _as_text(end)}
        return replace(self, start_at=start, end_at=end, properties={**self.properties, **dates})


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One file. ``publisher`` names the feed: with a feature's id it identifies the feature wherever it comes from."""

    file: str
    version: str
    publisher: str
    contact: Source
    sources: Mapping[str, Source]
    events: tuple[Event, ...]
    skipped: tuple[Skipped, ...]

    @cached_property
    def first_day(self) -> date | None:
        """The local day on which the first event begins."""
        starts = [event.start_at for event in self.events]
        return min(starts).astimezone(state_zone()).date() if starts else None

    def starting(self, day: date) -> "Feed":
        """The feed with all its events moved by one number of days, so that the first begins on ``day``."""
        if self.first_day is None:
            return self
        days, moved, skipped = (day - self.first_day).days, [], list(self.skipped)
        for event in self.events:
            try:
                moved.append(event.moved(days))
            except Fault as fault:
                skipped.append(Skipped(feature_id=event.id, about=event.about, reason=str(fault)))
        return replace(self, events=tuple(moved), skipped=tuple(skipped))

    def source_of(self, event: Event) -> Source:
        """Who answers for the event: its data source where the feed describes it, else the publisher."""
        return self.sources.get(str(event.core.get("data_source_id")), self.contact)


def _moved(moment: datetime, days: int) -> datetime:
    local = moment.astimezone(state_zone())
    later = local.replace(tzinfo=None) + timedelta(days=days)
    return later.replace(tzinfo=state_zone(), fold=local.fold).astimezone(UTC)


def _as_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

"""Which public reports: one value for the list, the map, the feeds, the export, and whoever watches a road.

The same filter says it three ways: ``narrow`` as a query, ``fits`` for one report at hand, ``query`` as the end of an
address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from math import cos, radians
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import ExpressionWrapper, F, FloatField, Q, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone

from incidents import places
from incidents.duplicates import METRES_PER_DEGREE, metres_between
from incidents.models import Incident, Watch
from workflow.contrib.places.counties import Bounds

ALL = "all"
INDEXED_BELOW = 1.0  # square degrees
REFERENCE = re.compile(r"\s*(IR-\d{2}-[0-9A-Z]{6})\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Circle:
    """Around a place in degrees; ``radius_m`` in metres."""

    latitude: float
    longitude: float
    radius_m: float

    @property
    def bounds(self) -> Bounds:
        high = self.radius_m / METRES_PER_DEGREE
        wide = high / max(cos(radians(self.latitude)), 0.01)
        return self.longitude - wide, self.latitude - high, self.longitude + wide, self.latitude + high

    def holds(self, latitude: float, longitude: float) -> bool:
        return metres_between(self.latitude, self.longitude, latitude, longitude) <= self.radius_m


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is empty or None narrows nothing. ``categories``: codes of categories and groups, any of them.

    ``status``: open, closed, or all. ``place``: words of a road, county, address or reference. ``since``: reported on
    that day (our time zone) or later. Miles as on the markers.
    """

    categories: tuple[str, ...] = ()
    county: str = ""
    status: str = ALL
    route: str = ""
    mile_from: float | None = None
    mile_to: float | None = None
    place: str = ""
    since: date | None = None
    bounds: Bounds | None = None
    circle: Circle | None = None

    @classmethod
    def of_watch(cls, watch: Watch) -> Self:
        """What a watch looks at."""
        categories = tuple(watch.categories)
        match watch.kind:
            case Watch.Kind.COUNTY:
                return cls(categories=categories, county=watch.county)
            case Watch.Kind.ROUTE:
                return cls(
                    categories=categories, route=watch.route,
                    mile_from=watch.milepost_from, mile_to=watch.milepost_to,
                )  # fmt: skip
            case _:
                return cls(categories=categories, circle=_circle_of(watch))

    # -- as a query ---------------------------------------------------------------------------------------------------

    def narrow(self, rows: Any = None) -> Any:
        """Public reports it is about, no joined ones (their survivor stands for them); in no order."""
        rows = Incident.objects.all() if rows is None else rows
        found = rows.public().filter(duplicate_of=None)
        for condition in self._conditions():
            found = found.filter(condition)
        return found

    def _conditions(self) -> Iterator[Q]:
        if self.categories:
            yield Q(category__in=self.categories) | Q(category_group__in=self.categories)
        if self.county:
            yield Q(county=self.county)
        if self.status != ALL:
            yield Q(status=self.status)
        if self.since:
            yield Q(created_at__gte=self._since)
        yield from self._on_road()
        yield from self._in_words()
        if self.circle:
            yield _inside(self.circle.bounds)  # by the index
            yield Q(_within(self.circle))
        if self.bounds:
            yield _inside(self.bounds)

    def _on_road(self) -> Iterator[Q]:
        if self.route:
            yield Q(route=self.route)
        if self.mile_from is not None:
            yield Q(milepost__gte=self.mile_from)
        if self.mile_to is not None:
            yield Q(milepost__lte=self.mile_to)

    def _in_words(self) -> Iterator[Q]:
        if not self.place:
            return
        if reference := REFERENCE.fullmatch(self.place):
            yield Q(reference=reference[1].upper())
        elif route := places.normal_route(self.place):
            yield Q(route=route)
        elif county := places.county_slug(self.place):
            yield Q(county=county)
        else:
            for word in self.place.split()[:5]:
                yield Q(address__icontains=word) | Q(title__icontains=word)

    @property
    def _since(self) -> datetime:
        assert self.since is not None, "asked for only with a day"
        return timezone.make_aware(datetime.combine(self.since, time.min))

    # -- for one report at hand ---------------------------------------------------------------------------------------

    def fits(self, incident: Any) -> bool:
        """Whether a report is one of them, as it stands in memory. No query; ``place`` is not asked."""
        return (
            self._is_shown(incident)
            and (not self.categories or bool({incident.category, incident.category_group} & set(self.categories)))
            and self.county in ("", incident.county)
            and self.status in (ALL, incident.status)
            and (self.since is None or incident.created_at >= self._since)
            and self._fits_road(incident)
            and self._fits_place(incident)
        )

    def _is_shown(self, incident: Any) -> bool:
        return not incident.hidden_because and incident.state != incident.State.NEW and incident.duplicate_of_id is None

    def _fits_road(self, incident: Any) -> bool:
        if self.route not in ("", incident.route):
            return False
        if self.mile_from is None and self.mile_to is None:
            return True
        mile = incident.milepost
        return mile is not None and (self.mile_from or 0) <= mile <= (
            self.mile_to if self.mile_to is not None else mile
        )

    def _fits_place(self, incident: Any) -> bool:
        if self.bounds is None and self.circle is None:
            return True
        latitude, longitude = incident.latitude, incident.longitude
        if latitude is None or longitude is None or (self.circle and not self.circle.holds(latitude, longitude)):
            return False
        west, south, east, north = self.bounds or (longitude, latitude, longitude, latitude)
        return bool(west <= longitude <= east and south <= latitude <= north)

    # -- as an address ------------------------------------------------------------------------------------------------

    def query(self, **more: Any) -> str:
        """``category=pothole&county=story&status=open``: read back by incidents.public.forms."""
        pairs: list[tuple[str, Any]] = [("category", code) for code in self.categories]
        circle = self.circle
        values = {
            "county": self.county,
            "status": self.status,
            "route": self.route,
            "mile_from": self.mile_from,
            "mile_to": self.mile_to,
            "place": self.place,
            "since": self.since.isoformat() if self.since else "",
            "bbox": ",".join(f"{edge:.5f}" for edge in self.bounds) if self.bounds else "",
            "near": f"{circle.latitude:.6f},{circle.longitude:.6f}" if circle else "",
            "radius": f"{circle.radius_m:g}" if circle else "",
            **more,
        }
        return urlencode([*pairs, *((name, value) for name, value in values.items() if value not in ("", None))])


def _circle_of(watch: Watch) -> Circle | None:
    if watch.latitude is None or watch.longitude is None:
        return None
    return Circle(latitude=watch.latitude, longitude=watch.longitude, radius_m=watch.radius_m or 0)


def _within(circle: Circle) -> LessThanOrEqual:
    """As ``Circle.holds``, on the plane at the circle's middle."""
    north = (F("latitude") - circle.latitude) * METRES_PER_DEGREE
    east = (F("longitude") - circle.longitude) * (METRES_PER_DEGREE * cos(radians(circle.latitude)))
    return LessThanOrEqual(north * north + east * east, Value(float(circle.radius_m) ** 2))


def _inside(box: Bounds) -> Q:
    west, south, east, north = box
    if (east - west) * (north - south) < INDEXED_BELOW:
        return Q(latitude__gte=south, latitude__lte=north, longitude__gte=west, longitude__lte=east)
    # For a large part of the state, reading all reports in their order takes a quarter of the time that jumping along
    # the index takes: an expression keeps the planner from it.
    latitude, longitude = (ExpressionWrapper(F(name) + 0.0, FloatField()) for name in ("latitude", "longitude"))
    return (
        Q(GreaterThanOrEqual(latitude, south))
        & Q(LessThanOrEqual(latitude, north))
        & Q(GreaterThanOrEqual(longitude, west))
        & Q(LessThanOrEqual(longitude, east))
    )

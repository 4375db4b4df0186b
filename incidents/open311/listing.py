"""Which requests a query asks for."""

from __future__ import annotations

from datetime import datetime
from math import cos, radians
from typing import Any

from django.db.models import F

from incidents import catalogue
from incidents.duplicates import METRES_PER_DEGREE
from incidents.models import Incident
from incidents.open311.parameters import Parameters
from incidents.open311.services import unknown_service
from workflow.api.filters import Unreadable, bounding_box

MOST_ROWS = 1000
MOST_PAGES = 10_000
FARTHEST_M, USUAL_M = 50_000, 1000


def shown() -> Any:
    """The incidents everybody may read, the newest first; the index case_by_age serves both."""
    return Incident.objects.public().filter(workflow="incident").order_by("-created_at", "-pk")


def found(query: Parameters, *, now: datetime) -> Any:
    """The rows a query asks for. Raises Refusal with every fault. One query for the services, if any are named."""
    if references := query.several("service_request_id"):
        query.finish()  # whatever else is said does not count
        return shown().filter(reference__in=[one.upper() for one in references])[:MOST_ROWS]
    rows = _within(shown(), query, now)
    rows = _of_services(rows, query)
    statuses = query.choice("status", Incident.Status.values)
    if len(statuses) == 1:
        rows = rows.filter(status=statuses[0])
    rows = _around(_in_box(rows, query), query)
    page = query.whole("page", most=MOST_PAGES, otherwise=1)
    size = query.whole("page_size", most=MOST_ROWS, otherwise=MOST_ROWS)
    query.finish()
    return rows[(page - 1) * size : page * size]


def one(reference: str) -> Any:
    """The incident of this id, if everybody may read it, as a query set."""
    return shown().filter(reference=reference.upper())


def _within(rows: Any, query: Parameters, now: datetime) -> Any:
    """By the day it was reported; asked for changes only, by the day it was changed, however old it is."""
    by_change = query.text("updated_after") or query.text("updated_before")
    if by_change:
        rows = _between(rows, "updated_at", *query.window("updated_after", "updated_before", now=now))
    if not by_change or query.text("start_date") or query.text("end_date"):
        rows = _between(rows, "created_at", *query.window("start_date", "end_date", now=now))
    return rows


def _between(rows: Any, column: str, start: datetime, end: datetime | None) -> Any:
    rows = rows.filter(**{f"{column}__gte": start})
    return rows if end is None else rows.filter(**{f"{column}__lt": end})


def _of_services(rows: Any, query: Parameters) -> Any:
    codes = query.several("service_code")
    if not codes:
        return rows
    known = catalogue.catalogue().by_code
    query.faults += [unknown_service(code) for code in codes if code not in known]
    return rows.filter(category__in=codes)


def _in_box(rows: Any, query: Parameters) -> Any:
    text = query.text("bbox")
    if not text:
        return rows
    try:
        west, south, east, north = bounding_box(text)
    except Unreadable as error:
        query.fault("bad_bbox", str(error), "bbox")
        return rows
    return rows.filter(latitude__range=(south, north), longitude__range=(west, east))


def _around(rows: Any, query: Parameters) -> Any:
    """Within ``radius`` metres of a point: a box first, which an index serves, then the distance on a plane."""
    latitude = query.number("lat", least=-90, most=90)
    longitude = query.number("long", least=-180, most=180)
    radius = query.number("radius", least=1, most=FARTHEST_M) or USUAL_M
    if latitude is None or longitude is None:
        if not query.faults and any(query.text(name) for name in ("lat", "long", "radius")):
            query.fault("point_incomplete", "Send lat and long, and radius in metres if you like.", "lat")
        return rows
    narrow = max(cos(radians(latitude)), 0.01)
    high = radius / METRES_PER_DEGREE
    wide = high / narrow
    north = (F("latitude") - latitude) * METRES_PER_DEGREE
    east = (F("longitude") - longitude) * (METRES_PER_DEGREE * narrow)
    boxed = rows.filter(
        latitude__range=(latitude - high, latitude + high), longitude__range=(longitude - wide, longitude + wide)
    )
    return boxed.alias(far=north * north + east * east).filter(far__lte=radius * radius)

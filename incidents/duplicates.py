"""Is it one of these? Open reports of the same kind of problem, near and in the same direction of travel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt
from typing import Any

from django.db.models import Q

from incidents.catalogue import category as category_of
from incidents.models import Incident, Photo, Subscriber
from incidents.models.catalogue import Category
from workflow import engine
from workflow.actors import Actor
from workflow.errors import Reason, Refused

METRES_PER_DEGREE = 111_320  # of latitude; of longitude times cos(latitude)
METRES_PER_MILE = 1609.344
MOST_LOOKED_AT = 200


@dataclass(frozen=True, kw_only=True)
class Near:
    """An open report nearby; ``distance_m`` in metres along the ground (or along the route)."""

    incident: Any
    distance_m: int


def near(
    *,
    category: str | Category,
    latitude: float | None = None,
    longitude: float | None = None,
    route: str = "",
    milepost: float | None = None,
    direction: str = "",
    limit: int = 5,
    exclude: int | None = None,
) -> Sequence[Near]:
    """Open public reports of the category's group within its radius, the nearest first; not those of another direction
    of travel. At most three queries. Raises UnknownCategory."""
    kind = category if isinstance(category, Category) else category_of(category)
    radius = kind.duplicate_radius_m
    rows: Any = Incident.objects.public().unsettled().filter(category_group=kind.group).exclude(pk=exclude)
    # One query a way to be near: joined by OR, neither index would be used.
    places = []
    if latitude is not None and longitude is not None:
        places.append(_box(latitude, longitude, radius))
    if route and milepost is not None:
        miles = radius / METRES_PER_MILE
        places.append(Q(route=route, milepost__gte=milepost - miles, milepost__lte=milepost + miles))
    found = {one.pk: one for place in places for one in rows.filter(place).order_by("-pk")[:MOST_LOOKED_AT]}
    measured = []
    for incident in found.values():
        metres = distance_m(incident, latitude, longitude, route, milepost)
        if metres is not None and metres <= radius and same_way(incident.direction, direction):
            measured.append(Near(incident=incident, distance_m=round(metres)))
    return sorted(measured, key=lambda one: one.distance_m)[:limit]


def near_to(incident: Any, *, limit: int = 5, kind: Category | None = None) -> Sequence[Near]:
    """The same for a report that is filed; ``kind``: its category, where the caller has it."""
    return near(
        category=kind or incident.category,
        latitude=incident.latitude,
        longitude=incident.longitude,
        route=incident.route,
        milepost=incident.milepost,
        direction=incident.direction,
        limit=limit,
        exclude=incident.pk,
    )


def same_way(one: str, other: str) -> bool:
    """Whether two directions can be the same carriageway; unknown and both fit everything."""
    return one == other or not one or not other or "both" in (one, other)


def distance_m(
    incident: Any, latitude: float | None, longitude: float | None, route: str, milepost: float | None
) -> float | None:
    """Metres between a report and a place: by their points, else along the route they share; None: unknown."""
    if latitude is not None and longitude is not None and incident.latitude is not None:
        return metres_between(incident.latitude, incident.longitude, latitude, longitude)
    if milepost is not None and incident.milepost is not None and route == incident.route:
        return abs(float(incident.milepost) - milepost) * METRES_PER_MILE
    return None


def metres_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """On a plane, which over some kilometres is exact to a metre."""
    north = (latitude - other_latitude) * METRES_PER_DEGREE
    east = (longitude - other_longitude) * METRES_PER_DEGREE * cos(radians((latitude + other_latitude) / 2))
    return sqrt(north * north + east * east)


def _box(latitude: float, longitude: float, radius_m: float) -> Q:
    high = radius_m / METRES_PER_DEGREE
    wide = high / max(cos(radians(latitude)), 0.01)
    return Q(
        latitude__gte=latitude - high,
        latitude__lte=latitude + high,
        longitude__gte=longitude - wide,
        longitude__lte=longitude + wide,
    )


def me_too(incident: Any, *, actor: Actor, email: str = "", photos: Sequence[str] = ()) -> Any:
    """One more who saw it: a vote, a subscriber when an address is given, their photos; no incident. The same address
    counts once. Raises Refused when the report has ended."""

    def add(fresh: Any) -> dict[str, Any] | None:
        if fresh.status != fresh.Status.OPEN:
            sentence = f"{fresh.reference} has ended: report it anew if it is there again."
            raise Refused([Reason(code="report_ended", sentence=sentence)])
        Photo.objects.filter(token__in=photos, incident=None).update(incident=fresh, report=None)
        known = email and fresh.subscribers.filter(email__iexact=email, unsubscribed_at=None).exists()
        if not known:
            fresh.votes += 1
            if email:
                Subscriber.objects.create(incident=fresh, email=email)
        return {"votes": fresh.votes}

    return engine.change(incident, "me_too", actor=actor, apply=add)

"""Earlier reports at the place of a report that have ended, and how: is it the third repair of the same hole?

Bounded: the index of places gives the candidates, the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.db.models import F, Q

from incidents.duplicates import METRES_PER_DEGREE, METRES_PER_MILE, distance_m
from incidents.lifecycle import ENDED
from incidents.models import Incident
from incidents.reasons import Reason

WITHIN_M = 50.0
MOST_MEASURED, MOST_SHOWN = 100, 10


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A report of any kind that ended near here; ``how`` in the words of its reason, else of its state."""

    incident: Any
    distance_m: int
    how: str


def at_the_place(incident: Incident) -> Sequence[Earlier]:
    """At most ten within 50 m, the newest first. One query; none where the place is not known."""
    where = _box(incident)
    if where is None:
        return []
    rows: Any = Incident.objects.filter(where, state__in=ENDED).exclude(pk=incident.pk)
    # "+ 0": else a database may walk through all reports by their key until it has found enough at this place.
    found = rows.order_by((F("pk") + 0).desc())[:MOST_MEASURED]
    near = []
    for one in found:
        metres = distance_m(one, incident.latitude, incident.longitude, incident.route, incident.milepost)
        if metres is not None and metres <= WITHIN_M:
            near.append(Earlier(incident=one, distance_m=round(metres), how=_how(one)))
    return near[:MOST_SHOWN]


def _box(incident: Incident) -> Q | None:
    if incident.latitude is not None and incident.longitude is not None:
        high = WITHIN_M / METRES_PER_DEGREE
        wide = high / max(cos(radians(incident.latitude)), 0.01)
        return Q(
            latitude__range=(incident.latitude - high, incident.latitude + high),
            longitude__range=(incident.longitude - wide, incident.longitude + wide),
        )
    if incident.route and incident.milepost is not None:
        miles = WITHIN_M / METRES_PER_MILE
        low, high = float(incident.milepost) - miles, float(incident.milepost) + miles
        return Q(route=incident.route, milepost__range=(low, high))
    return None


def _how(incident: Incident) -> str:
    known = incident.reason_code in Reason.values
    return str(Reason(incident.reason_code).label if known else incident.state_label)

"""What incidents show other kinds of cases: where they are, which are open, and what may be said of a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from incidents import places
from incidents.models import Incident
from workflow.geometry import Bounds
from workflow.nearby import Geometry, Kind, Neighbour, Sighting

MOST_LOOKED_AT = 200


def geometry(incident: Any) -> Geometry | None:
    if incident.latitude is None or incident.longitude is None:
        return None
    return {"type": "Point", "coordinates": [incident.longitude, incident.latitude]}


def live_in(box: Bounds) -> Iterator[Neighbour]:
    """Reports that are not settled, the newest first. One query."""
    south, west, north, east = box
    rows: Any = Incident.objects.unsettled().exclude(state=Incident.initial_state)
    rows = rows.filter(latitude__range=(south, north), longitude__range=(west, east))
    for incident in rows.order_by("-pk")[:MOST_LOOKED_AT]:
        yield Neighbour(
            reference=incident.reference,
            title=incident.title,
            state=incident.state_label,
            place=places.where(incident),
            link=incident.get_absolute_url(),
            geometry=geometry(incident) or {},
        )


def sighting(incident: Any) -> Sighting:
    """The title comes from category and road, so that no word of the reporter is in it."""
    joined = list(incident.duplicates.values_list("reference", flat=True))
    survivor = incident.duplicate_of.reference if incident.duplicate_of_id else incident.reference
    return Sighting(
        reference=incident.reference,
        title=incident.title,
        link=f"{settings.SITE_URL}/incidents/{incident.reference}/",
        same_as=frozenset([*joined, survivor, *incident.seen_nearby]),
    )


KIND = Kind(geometry=geometry, live_in=live_in, sighting=sighting)

"""What permits show other kinds of cases: where they are, which works are permitted now, and how their people are told
of something seen there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.utils import timezone

from permits.applications import answers_of
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.sheet import where
from workflow import engine
from workflow.actors import SYSTEM
from workflow.geometry import Bounds
from workflow.models import Event
from workflow.nearby import Geometry, Kind, Neighbour, Sighting
from workflow.writing import writing

# Work that a permit covers, within its dates; suspended work left its barriers on the road.
PERMITTED = (State.IN_FORCE, State.ACTIVE, State.SUSPENDED)
REPORT_NEARBY = "report_nearby"
MOST_LOOKED_AT = 200


def geometry(permit: Any) -> Geometry | None:
    area: Geometry | None = permit.area or None
    return area


def live_in(box: Bounds) -> Iterator[Neighbour]:
    """Works that are permitted at this moment. One query."""
    south, west, north, east = box
    now = timezone.now()
    permitted: Any = RoadPermit.objects.filter(state__in=PERMITTED, start_at__lte=now, end_at__gt=now)
    rows = permitted.filter(
        min_latitude__lte=north, max_latitude__gte=south, min_longitude__lte=east, max_longitude__gte=west
    )
    for permit in rows.order_by("pk")[:MOST_LOOKED_AT]:
        yield Neighbour(
            reference=permit.reference,
            title=permit.title,
            state=permit.state_label,
            place=where(answers_of(permit)),
            link=permit.get_absolute_url(),
            geometry=permit.area,
            tell=partial(tell, permit.pk),
        )


def tell(permit_pk: int, seen: Sighting) -> bool:
    """Write the sighting into the permit's history, which plans the messages (permits.messages); False when it, or one
    about the same thing, stands there already."""
    with writing():
        permit = engine.lock(permit_pk)
        told = Event.objects.filter(case_id=permit_pk, kind=REPORT_NEARBY).values_list("data", flat=True)
        if {line.get("reference") for line in told} & {seen.reference, *seen.same_as}:
            return False
        line = {"reference": seen.reference, "title": seen.title, "link": seen.link}
        engine.change(permit, REPORT_NEARBY, actor=SYSTEM, public=True, apply=lambda fresh: line)
    return True


KIND = Kind(geometry=geometry, live_in=live_in)

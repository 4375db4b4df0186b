"""Works on the roads as GeoJSON for any map: where, what, when, how far. WGS 84, [longitude, latitude]."""

from __future__ import annotations

from typing import Any

from permits.application.choices import PermitType
from permits.models import RoadPermit
from permits.sheet import county_name
from permits.wzdx.publishing import RUNNING, moment_of, public_description
from workflow.contrib.places.counties import Bounds

MOST = 2000  # features of one answer; a map asks for what it shows
FIELDS = (
    "reference", "state", "category", "application", "area", "route", "county", "start_at", "end_at",
    "actual_start_at", "updated_at",
)  # fmt: skip


def works(bounds: Bounds | None = None) -> dict[str, Any]:
    """Permits in force as a FeatureCollection, those that begin first before others; ``truncated`` says that there are
    more than ``MOST``. One query."""
    permits: Any = RoadPermit.objects.filter(state__in=RUNNING, area__isnull=False).only(*FIELDS)
    if bounds is not None:
        west, south, east, north = bounds
        permits = permits.filter(
            max_longitude__gte=west, min_longitude__lte=east, max_latitude__gte=south, min_latitude__lte=north
        )
    found = list(permits.order_by("start_at", "pk")[: MOST + 1])
    return {
        "type": "FeatureCollection",
        "truncated": len(found) > MOST,
        "features": [_feature(permit) for permit in found[:MOST]],
    }


def _feature(permit: RoadPermit) -> dict[str, Any]:
    assert permit.start_at is not None, "a permit in force has dates"
    assert permit.end_at is not None, "a permit in force has dates"
    return {
        "type": "Feature",
        "id": permit.reference,
        "geometry": permit.area,
        "properties": {
            "reference": permit.reference,
            "kind": permit.category,
            "kind_label": PermitType(permit.category).label,
            "description": public_description(permit, permit.application),
            "status": permit.state,
            "status_label": permit.state_label,
            "route": permit.route,
            "county": county_name(permit.county),
            "starts_at": moment_of(permit.start_at),
            "ends_at": moment_of(permit.end_at),
            "is_start_verified": permit.actual_start_at is not None,
            "updated_at": moment_of(permit.updated_at),
        },
    }

"""The map's data: reports as points and clusters, and the outlines of our counties. GeoJSON, WGS 84, [longitude,
latitude]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import ceil, cos, floor, log2, radians
from typing import Any

from django.conf import settings
from django.db.models import Count, F, IntegerField, Max, Min
from django.db.models.functions import Cast
from django.urls import reverse
from shapely import coverage_simplify, set_precision
from shapely.geometry import mapping

from incidents import photos
from incidents.lifecycle import public_label
from incidents.models import Incident, Photo
from incidents.public.filters import Filter
from workflow.contrib.places import counties
from workflow.contrib.places.counties import Bounds

MOST = 2000  # features of one answer
CELL_PX = 64  # a cluster covers about this much of the screen
TILE_PX = 256
NO_CLUSTERS_FROM = 16  # zoom: two lanes of a road are apart there
DEEPEST_ZOOM = 20
_OUTLINE_DEGREES = 0.01
_SHOWN = ("pk", "reference", "title", "state", "status", "category", "votes", "created_at", "latitude", "longitude")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells in degrees, counted from the edge of the world so that they stay where they are when the map moves."""

    south: float
    west: float
    high: float
    wide: float

    @classmethod
    def over(cls, bounds: Bounds, zoom: int) -> Grid:
        """Cells of ``CELL_PX`` at ``zoom``; larger ones where those were more than an answer may hold."""
        west, south, east, north = bounds
        wide = 360 / 2**zoom * CELL_PX / TILE_PX
        shrink = max(cos(radians((south + north) / 2)), 0.05)
        while (ceil((east - west) / wide) + 1) * (ceil((north - south) / (wide * shrink)) + 1) > MOST:
            wide *= 1.2
        high = wide * shrink
        return cls(south=floor(south / high) * high, west=floor(west / wide) * wide, high=high, wide=wide)


def zoom_of(bounds: Bounds) -> int:
    """The zoom at which ``bounds`` are about four tiles wide, as on a screen."""
    west, _, east, _ = bounds
    return max(0, min(DEEPEST_ZOOM, round(log2(360 * 4 / max(east - west, 1e-4)))))


def features(wanted: Filter, zoom: int | None = None) -> dict[str, Any]:
    """A FeatureCollection of at most ``MOST`` reports or clusters. At most three queries."""
    bounds = wanted.bounds or counties.bounds()
    placed = replace(wanted, bounds=bounds)
    zoom = zoom_of(bounds) if zoom is None else zoom
    rows = placed.narrow()
    if zoom >= NO_CLUSTERS_FROM:
        alone = list(rows.order_by("-pk").values(*_SHOWN)[: MOST + 1])
        if len(alone) <= MOST:
            return _collection(_points(alone))
    cells = list(_cells(rows, Grid.over(bounds, zoom)))
    single = [cell["first"] for cell in cells if cell["count"] == 1]
    alone = list(Incident.objects.filter(pk__in=single).order_by("-pk").values(*_SHOWN)) if single else []
    clusters = [_cluster(cell, placed) for cell in cells if cell["count"] > 1]
    return _collection([*clusters, *_points(alone)])


def _cells(rows: Any, grid: Grid) -> Any:
    """Counted in the database. SQLite cuts a number off and PostgreSQL rounds it: half a cell apart, both a grid."""
    row = Cast((F("latitude") - grid.south) / grid.high, IntegerField())
    column = Cast((F("longitude") - grid.west) / grid.wide, IntegerField())
    cells = rows.annotate(row=row, column=column).values("row", "column").order_by()
    return cells.annotate(
        count=Count("pk"), first=Min("pk"),
        south=Min("latitude"), north=Max("latitude"), west=Min("longitude"), east=Max("longitude"),
    )  # fmt: skip


def _collection(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": found}


def _feature(longitude: float, latitude: float, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]}
    return {"type": "Feature", **more, "geometry": point, "properties": properties}


def _cluster(cell: dict[str, Any], wanted: Filter) -> dict[str, Any]:
    edge = 0.00001  # the box as it is written has five decimals
    bounds = (cell["west"] - edge, cell["south"] - edge, cell["east"] + edge, cell["north"] + edge)
    properties = {
        "reference": "", "title": f"{cell['count']:,} reports", "state": "", "count": cell["count"], "photo": "",
        "url": f"{reverse('incidents_public:list')}?{replace(wanted, bounds=bounds).query()}",
        "bbox": [round(edge, 5) for edge in bounds],
    }  # fmt: skip
    return _feature((cell["west"] + cell["east"]) / 2, (cell["south"] + cell["north"]) / 2, properties)


def _points(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    pictures = pictures_of(row["pk"] for row in rows)
    return [_point(row, pictures.get(row["pk"], "")) for row in rows]


def _point(row: dict[str, Any], picture: str) -> dict[str, Any]:
    properties = {
        "reference": row["reference"],
        "title": row["title"],
        "state": public_label(row["state"]),
        "status": row["status"],
        "category": row["category"],
        "votes": row["votes"],
        "reported": row["created_at"].isoformat(timespec="seconds"),
        "url": reverse("incidents_public:incident", args=[row["reference"]]),
        "count": 1,
        "photo": picture,
    }
    return _feature(row["longitude"], row["latitude"], properties, id=row["reference"])


def pictures_of(incidents: Iterable[int]) -> dict[int, str]:
    """The path of the first public photo of each, small. One query; none without incidents."""
    pks = list(incidents)
    shown = Photo.objects.filter(incident__in=pks, is_public=True).order_by("-pk") if pks else ()
    return {int(photo.incident_id or 0): photos.url_of(photo, small=True) for photo in shown}


def outlines() -> dict[str, Any]:
    """A FeatureCollection of the counties of our state, simplified to about a kilometre; neighbours stay neighbours."""
    return _outlines(settings.STATE_FIPS)


@cache
def _outlines(fips: str) -> dict[str, Any]:
    found = counties.load_state(fips).counties
    shapes = set_precision(coverage_simplify([county.shape for county in found], _OUTLINE_DEGREES), 0.0001)
    return _collection(
        [
            {
                "type": "Feature", "id": county.fips, "geometry": mapping(shape),
                "properties": {"name": county.name, "slug": county.slug},
            }
            for county, shape in zip(found, shapes, strict=True)
        ]
    )  # fmt: skip

"""The queue on a map: the same filters, the same reports, as points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from shapely.geometry import box

from incidents import places
from workflow.admin.pages import frame
from workflow.admin.record import tone_of
from workflow.contrib.places.counties import state
from workflow.contrib.places.sketch import Projection, outline_svg_path

if TYPE_CHECKING:
    from incidents.admin.queue import IncidentAdmin

MOST_POINTS = 2000
MOST_LISTED = 50  # below the map, in words
SIZE_PX = (960, 600)
COLUMNS = (
    "pk", "reference", "title", "state", "due_at", "paused_at", "safety", "latitude", "longitude", "county",
    "status",
)  # fmt: skip


def map_page(request: HttpRequest, kind: IncidentAdmin) -> HttpResponse:
    """``…/map/?county=story&clock=over``: drawn by the server; a script may put a map with streets in its place."""
    rows = _rows(request, kind)
    if rows is None:
        return HttpResponseRedirect(kind.address("map"))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = {
        **frame(request, kind),
        "title": "Map of the queue",
        "count": len(rows),
        "is_cut": len(rows) == MOST_POINTS,
        "counties": counties_svg_paths(),
        "points": drawn(rows),
        "size": SIZE_PX,
        "listed": [row | {"url": kind.address("change", row["pk"])} for row in rows[:MOST_LISTED]],
        "by_county": _by_county(rows),
        "geojson_url": kind.address("points") + query,
        "list_url": kind.address("changelist") + query,
    }
    return TemplateResponse(request, "admin/incidents/incident/map.html", context)


def points(request: HttpRequest, kind: IncidentAdmin) -> HttpResponse:
    """The same as GeoJSON: at most ``MOST_POINTS`` points, the nearest deadline first."""
    rows = _rows(request, kind)
    if rows is None:
        return JsonResponse({"error": "This filter is not known."}, status=400)
    features = [
        {
            "type": "Feature",
            "id": row["reference"],
            "geometry": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]},
            "properties": {
                "reference": row["reference"],
                "title": row["title"],
                "state": kind.state_name(row["state"]),
                "status": row["status"],
                "tone": tone_of(row["state"], kind.tones),
                "due": row["due_at"].isoformat() if row["due_at"] else None,
                "is_overdue": row["is_overdue"],
                "is_emergency": row["safety"],
                "url": kind.address("change", row["pk"]),
            },
        }
        for row in rows
    ]
    answer = JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _rows(request: HttpRequest, kind: IncidentAdmin) -> list[dict[str, Any]] | None:
    """The queue as its filters say, only what has a point; None for a filter nobody knows."""
    if not kind.has_view_permission(request):
        raise PermissionDenied
    try:
        found: Any = kind.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return None
    now = timezone.now()
    # The list's own choice of columns would ask again for every row.
    rows = found.filter(latitude__isnull=False).select_related(None).only("pk").values(*COLUMNS)[:MOST_POINTS]
    return [
        row | {"is_overdue": bool(row["due_at"] and row["due_at"] < now and row["paused_at"] is None)} for row in rows
    ]


def _by_county(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """(slug, name, number), most first."""
    counted: dict[str, int] = {}
    for row in rows:
        if row["county"]:
            counted[row["county"]] = counted.get(row["county"], 0) + 1
    most_first = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [(slug, places.county_name(slug), number) for slug, number in most_first]


# -- drawn by the server ----------------------------------------------------------------------------------------------


@cache
def _projection() -> Projection:
    return Projection.fit(state().outline.bounds, *SIZE_PX)


@cache
def counties_svg_paths() -> Sequence[tuple[str, str]]:
    """(name, path) of every county in pixels of ``SIZE_PX``."""
    view = box(*_projection().view)
    return [(one.name, outline_svg_path(one.shape.intersection(view), _projection())) for one in state().counties]


def drawn(rows: Iterable[dict[str, Any]]) -> list[tuple[float, float, bool]]:
    """(x, y, stands out) of every point; what stands out is drawn last, on top."""
    placed = [
        (*_projection().point(row["longitude"], row["latitude"]), row["safety"] or row["is_overdue"]) for row in rows
    ]
    return sorted(placed, key=lambda point: point[2])

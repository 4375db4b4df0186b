"""``/feeds/wzdx/v4.2/workzones.geojson`` and ``/feeds/works.geojson``."""

from __future__ import annotations

import json
from functools import lru_cache
from math import isfinite

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from permits.public.works import works
from permits.wzdx import publishing
from workflow.contrib import open_data
from workflow.contrib.places.counties import Bounds

GEOJSON = "application/geo+json"
FRESH_S = 60
BAD_BBOX = "bbox is west,south,east,north in degrees, for example -93.8,41.5,-93.5,41.7."


@require_safe
def workzones(request: HttpRequest) -> HttpResponse:
    """The WZDx feed. Who has this edition already costs one query."""
    permits = publishing.published()
    found = publishing.Edition.of(permits)
    # The source's id and address come from the settings: another agency's feed is another edition.
    name = f"{publishing.source_id()[:8]}-{found.count}-{found.changed_at.timestamp():.6f}"
    return open_data.edition(request, name, lambda: _feed(name, found), GEOJSON, FRESH_S)


@lru_cache(maxsize=1)
def _feed(name: str, found: publishing.Edition) -> str:
    """The text of an edition; kept, because readers ask all the time."""
    return json.dumps(publishing.feed(publishing.published(), found), separators=(",", ":"))


@require_safe
def works_geojson(request: HttpRequest) -> HttpResponse:
    """Works on the roads now and to come, everywhere or in ``?bbox=west,south,east,north``."""
    asked = request.GET.get("bbox", "")
    bounds = _bounds(asked)
    if asked and bounds is None:
        return _refused("bbox", BAD_BBOX)
    if unknown := sorted(set(request.GET) - {"bbox"}):
        return _refused(unknown[0], "This address takes bbox only.")
    return open_data.data(request, json.dumps(works(bounds), separators=(",", ":")), GEOJSON, FRESH_S)


def _bounds(text: str) -> Bounds | None:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    sound = all(map(isfinite, (west, south, east, north)))
    inside = sound and -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if inside else None


def _refused(parameter: str, sentence: str) -> HttpResponse:
    body = {
        "type": f"{settings.SITE_URL}/api/problems/invalid_parameter/",
        "title": "A query parameter has a value that is not offered.",
        "status": 400,
        "code": "invalid_parameter",
        "detail": sentence,
        "errors": [{"parameter": parameter, "code": "invalid_parameter", "detail": sentence}],
    }
    return open_data.opened(JsonResponse(body, status=400, content_type="application/problem+json"))

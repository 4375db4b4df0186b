"""The public pages of incidents, and the same reports as GeoJSON, Atom and CSV. No person, no unmoderated photo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from incidents import photos, places
from incidents.answers import in_words
from incidents.catalogue import Catalogue, catalogue
from incidents.masking import masked
from incidents.models import Incident
from incidents.public import feeds, geo, story
from incidents.public.filters import Filter
from incidents.public.forms import FilterForm
from workflow.contrib import open_data
from workflow.contrib.citizens.references import as_stored
from workflow.contrib.places import counties
from workflow.tracker import timeline

PAGE_SIZE = 25
FRESH_S = 60  # how long a cache may keep data; pages are always asked for anew
OUTLINES_S = 24 * 3600
PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Card:
    """One report of the list."""

    incident: Incident
    url: str
    where: str
    tone: str
    photo: str


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """``/incidents/``: the filter, the map, the reports; open ones unless asked otherwise."""
    known = catalogue()
    form = FilterForm(request.GET, offered=known, status=Incident.Status.OPEN)
    wanted = form.filter
    rows, following = page_of(wanted, request.GET.get("after", "")) if form.is_valid() else ([], "")
    context = {
        "form": form,
        "cards": cards_of(rows),
        "query": wanted.query(),
        "next_query": wanted.query(after=following) if following else "",
        "is_first": not request.GET.get("after"),
        "is_narrowed": wanted != Filter(status=Incident.Status.OPEN),
        "title": title_of(wanted, known),
        "bounds": ",".join(f"{edge:.4f}" for edge in wanted.bounds or counties.bounds()),
    }
    status = 200 if form.is_valid() else 422
    return _page(render(request, "incidents/public/list.html", context, status=status))


def page_of(wanted: Filter, after: str = "") -> tuple[list[Incident], str]:
    """Some reports, newest first, and the reference after which the next ones come (empty: these were the last).

    One query; nothing is counted.
    """
    rows = wanted.narrow().order_by("-pk")
    if after:
        rows = rows.filter(pk__lt=Incident.objects.filter(reference=as_stored(after)).values("pk")[:1])
    found = list(rows[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].reference if len(found) > PAGE_SIZE else ""


def cards_of(rows: Sequence[Incident]) -> list[Card]:
    """What the list shows. One query, for the photos."""
    pictures = geo.pictures_of([incident.pk for incident in rows])
    return [
        Card(
            incident=incident,
            url=reverse("incidents_public:incident", args=[incident.reference]),
            where=_beside_title(incident),
            tone=story.tone_of(incident),
            photo=pictures.get(incident.pk, ""),
        )
        for incident in rows
    ]


def _beside_title(incident: Incident) -> str:
    """Of the place, what the title does not say."""
    parts = (masked(incident.address), places.county_name(incident.county))
    return ", ".join(part for part in parts if part and part not in incident.title)


def title_of(wanted: Filter, known: Catalogue) -> str:
    """“Pothole in Story County”: what a feed reader calls it."""
    what = ", ".join(known.name(code) for code in wanted.categories) or "Reports"
    road = f" on {wanted.route}" if wanted.route else ""
    county = f" in {places.county_name(wanted.county)}" if wanted.county else ""
    return f"{what}{road}{county}"


@require_safe
def incident(request: HttpRequest, reference: str) -> HttpResponseBase:
    """``/incidents/<reference>/``. A joined one leads to the report it was joined with."""
    stored = as_stored(reference)
    found = Incident.objects.public().select_related("team", "duplicate_of").filter(reference=stored).first()
    if not isinstance(found, Incident):
        raise Http404("There is no such report.")
    if found.duplicate_of is not None or reference != found.reference:
        target = found.duplicate_of or found
        return redirect(reverse("incidents_public:incident", args=[target.reference]))
    known = catalogue()
    shown = photos.public_photos(found)
    context = {
        "incident": found,
        "category": known.name(found.category),
        "where": masked(places.where(found)),
        "description": masked(found.description),
        "answers": [
            (question, masked(text)) for question, text in in_words(known.questions_of(found.category), found.answers)
        ],
        "sentence": story.sentence_of(found),
        "tone": story.tone_of(found),
        "history": story.history_of(timeline(found, public_only=True)),
        "before": [_picture(photo) for photo in shown if photo.kind == "report"],
        "after": [_picture(photo) for photo in shown if photo.kind == "repair"],
    }
    return _page(render(request, "incidents/public/incident.html", context))


def _picture(photo: Any) -> dict[str, Any]:
    return {"url": photos.url_of(photo), "small": photos.url_of(photo, small=True), "photo": photo}


# -- data -------------------------------------------------------------------------------------------------------------


@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """``/incidents.geojson?bbox=west,south,east,north&zoom=9`` and the filter; points and clusters."""
    form = FilterForm(request.GET)
    zoom = request.GET.get("zoom", "")
    if zoom and not (zoom.isascii() and zoom.isdigit() and len(zoom) < 3 and int(zoom) <= geo.DEEPEST_ZOOM):
        form.add_error(None, f"Send zoom as a whole number from 0 to {geo.DEEPEST_ZOOM}.")
    if not form.is_valid():
        return problem(form)
    found = geo.features(form.filter, int(zoom) if zoom else None)
    return open_data.data(request, json.dumps(found, separators=(",", ":")), "application/geo+json", FRESH_S)


@require_safe
def outlines(request: HttpRequest) -> HttpResponse:
    """``/map/counties.json``: the outlines of our counties, for maps without tiles."""
    content = json.dumps(geo.outlines(), separators=(",", ":"))
    return open_data.data(request, content, "application/geo+json", OUTLINES_S)


@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """``/incidents.atom`` and the filter: the newest reports."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        return problem(form)
    wanted = form.filter
    query = wanted.query()
    content = feeds.atom(
        wanted,
        title=f"{title_of(wanted, catalogue())}, {settings.AGENCY_NAME}",
        page=f"{settings.SITE_URL}{reverse('incidents_public:list')}?{query}",
        address=f"{settings.SITE_URL}{reverse('incidents_public:atom')}?{query}",
    )
    return open_data.data(request, content, "application/atom+xml; charset=utf-8", FRESH_S)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """``/incidents.csv`` and the filter: every report it means, streamed."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        return problem(form)
    lines = feeds.csv_lines(form.filter, catalogue())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="incidents.csv"'
    response.headers["Cache-Control"] = f"public, max-age={FRESH_S}"
    return open_data.opened(response)


def problem(form: FilterForm) -> HttpResponse:
    """What the address says wrong, a line a parameter (RFC 9457)."""
    errors = [
        {
            "parameter": "" if name == "__all__" else name,
            "code": one["code"] or "invalid_value",
            "detail": one["message"],
        }
        for name, found in form.errors.get_json_data().items()
        for one in found
    ]
    body = {
        "type": f"{settings.SITE_URL}/api/problems/invalid_parameter/",
        "title": "A query parameter has a value that is not offered.",
        "status": 400,
        "code": "invalid_parameter",
        "detail": "Correct or remove the query parameters named in errors.",
        "errors": errors,
    }
    return open_data.opened(JsonResponse(body, status=400, content_type=PROBLEM))


def _page(response: HttpResponse) -> HttpResponse:
    """Asked for anew each time: whoever votes or files sees it at once."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response

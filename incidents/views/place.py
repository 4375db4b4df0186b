"""The second page, “Where is it?”: a pin, the device, the photo, an address, or route and mile marker."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from incidents import duplicates
from incidents.catalogue import Catalogue, catalogue
from incidents.models import Report
from incidents.report import draft
from incidents.report.draft import DETAILS, PLACE, WHAT
from incidents.report.forms import PlaceForm
from incidents.report.steps import examine, faults_of, page_url, place_words, progress
from incidents.reporting import Checked, check_place
from incidents.views import doors
from incidents.views.report import READ_OR_SEND, earlier
from workflow.contrib.places.counties import bounds


@doors.by_token
@require_http_methods(READ_OR_SEND)
def place(request: HttpRequest, report: Report) -> HttpResponse:
    """One way of saying it is enough; then open reports nearby are offered, if there are any."""
    known = catalogue()
    if request.method != "POST":
        if first := earlier(report, PLACE, known):
            return redirect(first)
        form = PlaceForm(draft.posted(report, PLACE)) if PLACE in report.typed else PlaceForm()
        if "check" in request.GET:
            form.refuse(faults_of(examine(report, known), PLACE))
        return _page(request, report, form, known)
    report = draft.keep(report, PLACE, PlaceForm.base_fields, request.POST)
    form = PlaceForm(request.POST)
    checked = examine(report, known)
    form.refuse(faults_of(checked, PLACE))
    if form.errors:
        return _page(request, report, form, known)
    return redirect(page_url(report, "similar" if near(report, known, checked) else DETAILS))


def near(report: Report, known: Catalogue, checked: Checked) -> list[duplicates.Near]:
    """Open reports of the same problem near the place of the draft. At most two queries."""
    values = checked.values
    category = known.by_code.get(values["category"])
    if category is None:
        return []
    names = ("latitude", "longitude", "route", "milepost", "direction")
    return list(duplicates.near(category=category, **{name: values[name] for name in names}))


def _page(request: HttpRequest, report: Report, form: PlaceForm, known: Catalogue) -> HttpResponse:
    west, south, east, north = bounds()
    context: dict[str, Any] = progress(PLACE) | {
        "form": form,
        "report": report,
        "back": page_url(report, WHAT),
        "category": known.name(draft.category_of(report)),
        "photo_place": _photo_place(report),
        "bounds": f"{west:.4f},{south:.4f},{east:.4f},{north:.4f}",
        "show_point": bool(form.errors.keys() & {"latitude", "longitude"}) or bool(form["latitude"].value()),
    }
    return render(request, "incidents/report/place.html", context)


def _photo_place(report: Report) -> dict[str, Any]:
    """Where the photo says it was taken, in words; empty where it says nothing or lies outside the state."""
    if not report.photo_place:
        return {}
    values, faults = check_place(report.photo_place)
    return {} if faults else {**report.photo_place, "words": place_words(values)}

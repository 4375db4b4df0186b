"""The first page, “What is wrong?”, with the photos; and the ways on and back of the whole form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from incidents import photos
from incidents.catalogue import Catalogue, catalogue
from incidents.models import Report
from incidents.report import draft
from incidents.report.draft import DETAILS, PLACE, WHAT
from incidents.report.forms import WhatForm, what_form
from incidents.report.steps import (
    STOPS,
    examine,
    faults_of,
    first_open,
    page_url,
    progress,
    start_url,
    stop_of,
)
from incidents.reporting import MOST_PHOTOS
from incidents.views import doors
from workflow.contrib.pictures import MOST_BYTES, TYPES
from workflow.contrib.storage import RefusedUpload

READ_OR_SEND = ["GET", "HEAD", "POST"]
LONGEST_SEARCH = 80
CALL_911 = "call 911 now"
_ELSEWHERE = {WHAT: "This one is not ours", DETAILS: "Somebody else can help here"}


@require_http_methods(READ_OR_SEND)
def start(request: HttpRequest) -> HttpResponseBase:
    """The report is made when the page is sent for the first time, right or wrong: nothing typed is lost."""
    if request.method == "POST":
        if not doors.may(request, "report-begun", doors.MOST_BEGUN):
            return doors.too_many(request, doors.HOUR)
        return _sent(request, Report.objects.create(), catalogue())
    known = catalogue()
    return _page(request, None, what_form(known, search=_search(request)), known)


@doors.by_token
@require_safe
def resume(request: HttpRequest, report: Report) -> HttpResponse:
    """Where the report stopped."""
    known = catalogue()
    return redirect(page_url(report, first_open(report, examine(report, known))))


@doors.by_token
@require_http_methods(READ_OR_SEND)
def what(request: HttpRequest, report: Report) -> HttpResponse:
    """The first page of a report that was begun."""
    known = catalogue()
    if request.method == "POST":
        return _sent(request, report, known)
    chosen = draft.category_of(report)
    form = what_form(known, search=_search(request), chosen=chosen)
    if "check" in request.GET:
        form = what_form(known, draft.posted(report, WHAT), chosen=chosen)
        form.refuse(faults_of(examine(report, known), WHAT))
    return _page(request, report, form, known)


def _sent(request: HttpRequest, report: Report, known: Catalogue) -> HttpResponse:
    """Keep what was typed and every photo that is fine; then go on, or say what is wrong."""
    report = draft.keep(report, WHAT, ["category"], request.POST)
    form = what_form(known, request.POST, request.FILES, chosen=draft.category_of(report))
    _keep_photos(report, form)
    if "remove" in request.POST:
        _remove(report, request.POST["remove"])
        return redirect(page_url(report, WHAT))
    checked = examine(report, known)
    form.refuse(fault for fault in faults_of(checked, WHAT) if fault.code not in STOPS)
    if form.errors:
        return _page(request, report, form, known)
    sentence, page = stop_of(checked)
    return redirect(page_url(report, "stop") if sentence and page == WHAT else page_url(report, PLACE))


def _remove(report: Report, token: str) -> None:
    unwanted = report.photos.filter(token=token).first() if doors.is_token(token) else None
    if unwanted is not None:
        photos.remove(unwanted)
        draft.forget_photo_place(report)


def _keep_photos(report: Report, form: WhatForm) -> None:
    form.full_clean()
    left = MOST_PHOTOS - report.photos.count()
    for number, upload in enumerate(form.cleaned_data.get("photos", [])):
        if number >= left:
            form.add_error("photos", f"{MOST_PHOTOS} photos are enough: the first ones are kept.")
            return
        try:
            kept = photos.keep(upload, report=report)
        except RefusedUpload as refused:
            form.add_error("photos", f"{(upload.name or 'The file')[:80]}: {refused.sentence}")
        else:
            draft.keep_photo_place(report, kept.place)


def _search(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:LONGEST_SEARCH].strip()


def _page(request: HttpRequest, report: Report | None, form: WhatForm, known: Catalogue) -> HttpResponse:
    search = _search(request)
    context: dict[str, Any] = progress(WHAT) | {
        "form": form,
        "report": report,
        "action": page_url(report, WHAT) if report else start_url(),
        "search": search,
        "nothing_found": bool(search) and not known.search(search),
        "types": TYPES,
        "most_mb": MOST_BYTES // 1024**2,
        **(photo_context(report) if report else {}),
    }
    return render(request, "incidents/report/what.html", context)


def photo_context(report: Report) -> dict[str, Any]:
    return {"photos": [(one, photos.url_for(report, one, small=True)) for one in report.photos.all()]}


@doors.by_token
@require_safe
def stop(request: HttpRequest, report: Report) -> HttpResponse:
    """The sentence of the category or the answer that ends the form: whose it is, or whom to call."""
    sentence, page = stop_of(examine(report, catalogue()))
    if not sentence:
        return redirect(page_url(report, first_open(report, examine(report, catalogue()))))
    is_danger = CALL_911 in sentence.lower()
    title = "Please act now" if is_danger else _ELSEWHERE[page]
    context = {"sentence": sentence, "title": title, "is_danger": is_danger, "back": page_url(report, page)}
    return render(request, "incidents/report/stop.html", context)


def earlier(report: Report, page: str, known: Catalogue) -> str:
    """The path of an earlier page that has to be filled in first; empty when ``page`` may be shown."""
    checked = examine(report, known)
    if stop_of(checked)[1] not in ("", page):
        return page_url(report, "stop")
    found = first_open(report, checked, before=page)
    return "" if found == page else page_url(report, found, checked=found in report.typed)

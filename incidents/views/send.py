"""The last page: who reports, everything once more, and the button that sends it. Then the receipt."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from incidents import photos
from incidents.catalogue import Catalogue, catalogue
from incidents.models import Report
from incidents.report import draft
from incidents.report.draft import CHECK, DETAILS
from incidents.report.forms import CheckForm
from incidents.report.steps import examine, faults_of, page_url, progress, rows_of
from incidents.views import doors
from incidents.views.report import READ_OR_SEND, earlier, photo_context
from workflow.errors import WorkflowError
from workflow.models import Contact
from workflow.tracker import tracking_url


@doors.by_token
@require_http_methods(READ_OR_SEND)
def check(request: HttpRequest, report: Report) -> HttpResponseBase:
    """POST sends it. A second click, also from the Back button, finds what the first one sent."""
    known = catalogue()
    form = CheckForm(draft.posted(report, CHECK))
    if request.method == "POST":
        report = draft.keep(report, CHECK, CheckForm.base_fields, request.POST)
        form = CheckForm(request.POST)
    if first := earlier(report, CHECK, known):
        return redirect(first)
    if request.method == "POST":
        form.refuse(faults_of(examine(report, known), CHECK))
        if not form.errors:
            return _file(request, report, form, known)
    return _page(request, report, form, known)


def _file(request: HttpRequest, report: Report, form: CheckForm, known: Catalogue) -> HttpResponseBase:
    if not doors.may(request, "report-filed", doors.MOST_FILED):
        return doors.too_many(request, doors.HOUR)
    try:
        draft.file(report, known)
    except WorkflowError as refused:
        for sentence in [reason.sentence for reason in refused.reasons] or [refused.sentence]:
            form.add_error(None, sentence)
        return _page(request, report, form, known)
    return redirect(reverse("incidents:report_done", args=[report.token]))


def _page(request: HttpRequest, report: Report, form: CheckForm, known: Catalogue) -> HttpResponse:
    rows = rows_of(report, known, examine(report, known))
    context = progress(CHECK) | {
        "form": form,
        "sections": [{"title": title, "url": page_url(report, page), "rows": found} for title, page, found in rows],
        "back": page_url(report, DETAILS),
        **photo_context(report),
    }
    return render(request, "incidents/report/check.html", context)


@doors.finished
@require_safe
def done(request: HttpRequest, report: Report) -> HttpResponse:
    """The receipt: reference, link, what happens next and by when. Can be opened again, and printed."""
    incident = report.incident
    if incident is None:
        return redirect(reverse("incidents:report_thanks", args=[report.token]))
    contact = Contact.objects.filter(case=incident, role="reporter").first()
    context = {
        "incident": incident,
        "category": catalogue().name(incident.category),
        "tracking_url": tracking_url(incident),
        "email": contact.email if contact else "",
        "photo_count": len(photos.photos_of_reporter(incident)),
    }
    return render(request, "incidents/report/done.html", context)

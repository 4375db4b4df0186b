"""The third page: the questions of the category, and the report in the reporter's own words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from incidents.catalogue import Catalogue, catalogue
from incidents.models import Report
from incidents.report import draft
from incidents.report.draft import CHECK, DETAILS, PLACE
from incidents.report.forms import DetailsForm
from incidents.report.steps import STOPS, examine, faults_of, page_url, progress, stop_of
from incidents.views import doors
from incidents.views.report import READ_OR_SEND, earlier


@doors.by_token
@require_http_methods(READ_OR_SEND)
def details(request: HttpRequest, report: Report) -> HttpResponse:
    """Kept as typed first; an answer that ends the form leads to its sentence."""
    known = catalogue()
    if first := earlier(report, DETAILS, known):
        return redirect(first)
    questions = known.questions_of(draft.category_of(report))
    if request.method == "POST":
        form = DetailsForm(request.POST, questions=questions)
        report = draft.keep(report, DETAILS, form.fields, request.POST)
        return _after(request, report, form, known)
    form = DetailsForm(draft.posted(report, DETAILS) if DETAILS in report.typed else None, questions=questions)
    if "check" in request.GET:
        _refuse(form, report, known)
    return _page(request, report, form, known)


def _after(request: HttpRequest, report: Report, form: DetailsForm, known: Catalogue) -> HttpResponse:
    checked = examine(report, known)
    if stop_of(checked)[0]:
        return redirect(page_url(report, "stop"))
    _refuse(form, report, known)
    if form.errors:
        return _page(request, report, form, known)
    return redirect(page_url(report, CHECK))


def _refuse(form: DetailsForm, report: Report, known: Catalogue) -> None:
    form.refuse(fault for fault in faults_of(examine(report, known), DETAILS) if fault.code not in STOPS)


def _page(request: HttpRequest, report: Report, form: DetailsForm, known: Catalogue) -> HttpResponse:
    context = progress(DETAILS) | {
        "form": form,
        "category": known.name(draft.category_of(report)),
        "back": page_url(report, PLACE),
    }
    return render(request, "incidents/report/details.html", context)

"""The start page, and one page for each group of questions."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from permits.application.base import Section
from permits.application.choices import PermitType
from permits.application.people import ApplicantSection, TypeSection
from permits.application.sections import section_of
from permits.application.validate import Verdict
from permits.book.deadlines import terms
from permits.book.fees import schedule
from permits.models import RoadPermit
from permits.views import doors, draft, links
from permits.views.documents import documents_page
from permits.views.review import review_page
from permits.views.steps import (
    DOCUMENTS,
    REVIEW,
    Step,
    first_open,
    page_url,
    place_of,
    progress,
    resume_url,
    steps_of,
    track_url,
)
from workflow.errors import WrongState

READ_OR_SEND = ["GET", "HEAD", "POST"]
GO = "go:"  # a button that saves and goes to a page: a link would lose what was typed and not saved


@doors.private
@require_http_methods(READ_OR_SEND)
def start(request: HttpRequest) -> HttpResponse:
    """What you need, what it costs, how long it takes; and this browser's drafts."""
    if request.method == "POST":
        doors.forget(request)
        messages.success(request, "This browser has forgotten your drafts. Their links still work.")
        return redirect("permits:apply")
    context = {
        "kinds": PermitType.choices,
        "terms": [(kind, kind.label, term) for kind, term in terms().items()],
        "schedule": schedule(),
        "drafts": [(permit, resume_url(permit)) for permit in doors.remembered(request)],
        "megabytes": settings.UPLOAD_MAX_BYTES // 1024**2,
    }
    return render(request, "permits/apply/start.html", context)


@doors.private
@require_http_methods(READ_OR_SEND)
def new(request: HttpRequest) -> HttpResponse:
    """The first page. The draft is made when it is sent for the first time, right or wrong."""
    if request.method == "POST":
        permit = draft.begin()
        doors.remember(request, permit)
        return _sent(request, permit, TypeSection)
    form = TypeSection()
    steps = [Step(slug="type", title=TypeSection.title, status="todo")]
    context = progress(steps, "type") | {"form": form, "is_new": True}
    return render(request, "permits/apply/section.html", context)


@doors.by_link
def resume(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """Where the draft stopped; a filed application's tracking page."""
    if permit.state != RoadPermit.State.DRAFT:
        return redirect(track_url(permit))
    doors.remember(request, permit)
    return redirect(page_url(permit, first_open(steps_of(permit, draft.examine(permit)))))


@doors.by_link
@require_http_methods(READ_OR_SEND)
def page(request: HttpRequest, permit: RoadPermit, slug: str) -> HttpResponse:
    """One page of the draft. After submission the browser's Back button ends at the confirmation."""
    if permit.state != RoadPermit.State.DRAFT:
        return redirect(track_url(permit, "done"))
    if slug == DOCUMENTS:
        return documents_page(request, permit)
    if slug == REVIEW:
        return review_page(request, permit)
    if slug == "saved":
        return render(request, "permits/apply/saved.html", _around(permit) | {"email": permit.answer("contact_email")})
    try:
        section = section_of(slug)
    except LookupError:
        raise Http404 from None
    return _sent(request, permit, section) if request.method == "POST" else _shown(request, permit, section)


def _shown(request: HttpRequest, permit: RoadPermit, section: type[Section]) -> HttpResponse:
    verdict = draft.examine(permit)
    steps = steps_of(permit, verdict)
    if place_of(steps, section.slug) is None:
        return redirect(page_url(permit, first_open(steps)))
    form = draft.form_of(permit, section, verdict.answers, checked="check" in request.GET)
    return _render(request, permit, form, steps)


def _sent(request: HttpRequest, permit: RoadPermit, section: type[Section]) -> HttpResponse:
    """Keep the page first, whatever is on it; then go where the button says, or stay with what is wrong."""
    try:
        permit = draft.keep(permit, section, request.POST)
    except WrongState as refused:
        messages.error(request, refused.sentence)
        return redirect(track_url(permit, "done"))
    verdict = draft.examine(permit)
    _mail_link(permit, section, verdict)
    steps = steps_of(permit, verdict)
    then = request.POST.get("then", "next")
    form = draft.form_of(permit, section, verdict.answers, checked=True)
    if then == "next" and form.errors:
        return _render(request, permit, form, steps)
    return redirect(where_to(permit, steps, section.slug, then, from_review="check" in request.GET))


def where_to(permit: RoadPermit, steps: list[Step], slug: str, then: str, *, from_review: bool) -> str:
    """The path a button of page ``slug`` leads to."""
    place = place_of(steps, slug) or 0
    if then == "later":
        return page_url(permit, "saved")
    if then == "back":
        return page_url(permit, steps[place - 1].slug) if place else start_url()
    if then.startswith(GO) and place_of(steps, then.removeprefix(GO)) is not None:
        return page_url(permit, then.removeprefix(GO))
    return page_url(permit, REVIEW if from_review else steps[place + 1].slug)


def start_url() -> str:
    return reverse("permits:apply")


def _mail_link(permit: RoadPermit, section: type[Section], verdict: Verdict) -> None:
    """Once for each address somebody gives as their own."""
    email = verdict.answers.get("contact_email")
    if section is ApplicantSection and email and not links.was_sent_to(permit, email):
        links.send_link(permit, email)


def _render(request: HttpRequest, permit: RoadPermit, form: Section, steps: list[Step]) -> HttpResponse:
    context = _around(permit) | progress(steps, form.slug) | {"form": form}
    return render(request, "permits/apply/section.html", context)


def _around(permit: RoadPermit) -> dict[str, Any]:
    return {"permit": permit, "resume_url": resume_url(permit)}

"""The last page before submission, and the first after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from permits import applications, guards
from permits.application.review import SectionReview, review_rows
from permits.application.sections import section_asking, section_of
from permits.application.validate import FieldError, Verdict
from permits.book.deadlines import term
from permits.book.fees import schedule
from permits.models import RoadPermit
from permits.rules.conflicts import DEFAULT_DISTANCE_M, Conflict, conflicts
from permits.rules.deadlines import PermitClass
from permits.rules.documents import Before, DocumentKind
from permits.rules.fees import Invoice, fee
from permits.views import doors, draft
from permits.views.documents import files_of
from permits.views.steps import DOCUMENTS, REVIEW, page_url, progress, resume_url, steps_of, track_url
from workflow import engine
from workflow.clock import WorkingDays, due_at
from workflow.contrib.citizens.problems import Problem, Problems
from workflow.contrib.uswds.boundfield import UswdsBoundField
from workflow.errors import Reason, WorkflowError
from workflow.tracker import calendar, tracking_url

# Said field by field, or document by document, above.
SAID_ELSEWHERE = frozenset({"application_complete", "documents_with_form", "declared"})


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What follows from the answers as they are: cost, class, dates, other works."""

    invoice: Invoice
    permit_class: PermitClass
    decision_days: int
    decided_by: Any
    earliest_start: Any
    conflicts: Sequence[Conflict]


def review_page(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """Everything on one page; POST submits. A second click finds the application filed and shows the same receipt."""
    refused: list[Problem] = []
    if request.method == "POST" and not (refused := _other_fee(request, permit)):
        try:
            draft.submit(permit, actor=doors.actor_of(permit), address=request.META.get("REMOTE_ADDR") or None)
        except WorkflowError as error:
            refused = [_reason_link(permit, reason) for reason in error.reasons]
        else:
            return redirect(track_url(permit, "done"))
    verdict = draft.examine(permit)
    links = list(_faults(permit, verdict)) or refused
    steps = steps_of(permit, verdict)
    context = progress(steps, REVIEW) | {
        "permit": permit,
        "form": Problems(lines=links),
        "sections": [_with_faults(permit, section, verdict) for section in review_rows(verdict.answers)],
        "files": files_of(permit),
        "documents_url": page_url(permit, DOCUMENTS, checked=True),
        "outlook": outlook_of(permit, verdict),
        "resume_url": resume_url(permit),
        "back_url": page_url(permit, steps[-2].slug),
    }
    return render(request, "permits/apply/review.html", context)


def _other_fee(request: HttpRequest, permit: RoadPermit) -> list[Problem]:
    """The problem when the page showed another total than is due now: nobody files at a price they have not seen."""
    shown = request.POST.get("total_shown", "")
    if not shown or permit.state != RoadPermit.State.DRAFT:
        return []
    total = outlook_of(permit, draft.examine(permit)).invoice.total
    if shown == str(total):
        return []
    text = (
        f"The fee is now {applications.money(total)}: our fees changed, or you changed an answer, after this page was "
        "shown. Nothing is sent yet. Look at the new fee, then submit again."
    )
    return [Problem(href="#about-fee", text=text)]


def outlook_of(permit: RoadPermit, verdict: Verdict) -> Outlook:
    """Worked out on the permit in memory and never stored: a page that is only looked at changes nothing."""
    applications.fill(permit, verdict.answers)
    permit_class = PermitClass[permit.permit_class.upper()]
    days = term(permit_class).decision_days
    return Outlook(
        invoice=fee(verdict.answers, schedule()),
        permit_class=permit_class,
        decision_days=days,
        decided_by=due_at(timezone.now(), WorkingDays(days), calendar()),
        earliest_start=applications.first_start(permit_class),
        conflicts=_other_works(permit),
    )


def _other_works(permit: RoadPermit) -> Sequence[Conflict]:
    if not (permit.area and permit.start_at and permit.end_at):
        return ()
    near = [applications.candidate_of(other) for other in applications.nearby(permit)]
    return conflicts(applications.candidate_of(permit), near, distance_m=DEFAULT_DISTANCE_M)


def _faults(permit: RoadPermit, verdict: Verdict) -> Iterator[Problem]:
    for error in verdict.errors:
        yield _fault_link(permit, error)
    kinds = [] if verdict.answers.get("applicant_kind") == "agency" else _missing(permit)
    for kind in kinds:
        yield Problem(
            href=f"{page_url(permit, DOCUMENTS, checked=True)}#id_{kind}",
            text=f"Documents: add “{DocumentKind[kind.upper()].label}”.",
        )
    if not verdict.errors:
        applications.fill(permit, verdict.answers)
        submit = next(one for one in engine.options(permit, doors.actor_of(permit)) if one.name == "submit")
        yield from (_reason_link(permit, one) for one in submit.reasons if one.code not in SAID_ELSEWHERE)


def _missing(permit: RoadPermit) -> list[str]:
    return guards.missing_documents(permit, before=frozenset({Before.SUBMISSION}))


def _fault_link(permit: RoadPermit, error: FieldError) -> Problem:
    name = error.field.split(".")[0]
    if not error.section:
        return Problem(href="", text=error.sentence)
    section = section_of(error.section)
    field = section.base_fields.get(name)
    text = f"{section.title}: {error.sentence}" if field is None else f"{field.label} — {error.sentence}"
    return Problem(href=f"{page_url(permit, section.slug, checked=True)}#{_input_id(section, name)}", text=text)


def _input_id(section: Any, name: str) -> str:
    form = section()
    bound = form[name] if name in form.fields else None
    return bound.first_input_id if isinstance(bound, UswdsBoundField) else "main-content"


def _reason_link(permit: RoadPermit, reason: Reason) -> Problem:
    pages = {"documents_with_form": DOCUMENTS, "notice_met": "time", "declared": "declaration"}
    section = section_asking(reason.field.split(".")[0]) if reason.field else None
    slug = section.slug if section else pages.get(reason.code, "")
    return Problem(href=page_url(permit, slug, checked=True) if slug else "", text=reason.sentence)


def _with_faults(permit: RoadPermit, section: SectionReview, verdict: Verdict) -> dict[str, Any]:
    faults = [error.sentence for error in verdict.errors if error.section == section.slug]
    url = page_url(permit, section.slug, checked=True)
    return {"slug": section.slug, "title": section.title, "rows": section.rows, "faults": faults, "url": url}


@doors.by_link
def done(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """The receipt: reference, link, what happens next and by when. Can be opened again, and printed."""
    if permit.state == RoadPermit.State.DRAFT:
        messages.info(request, "This application has not been submitted yet.")
        return redirect(page_url(permit, REVIEW))
    context = {
        "permit": permit,
        "tracking_url": tracking_url(permit),
        "decision_days": term(permit.permit_class).decision_days if permit.permit_class else None,
        "fee_is_open": permit.fee_total > 0 and permit.fee_settled_at is None,
    }
    return render(request, "permits/apply/done.html", context)

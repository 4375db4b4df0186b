"""What must be true of every stored road permit: ``check_invariants`` asks it beside the checks of the workflow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from permits import applications, files
from permits.inspections.models import Inspection
from permits.lifecycle import State as S
from permits.models import PermitRevision, RoadPermit, TechnicalReview, TechnicalTask
from permits.technical.models import OPEN, RUNNING
from workflow.invariants import Finding
from workflow.models import Contact, Event

DECISIONS = ("approve", "refuse", "deem")
GRANTED = (S.APPROVED, S.ISSUED, S.IN_FORCE, S.ACTIVE, S.SUSPENDED, S.COMPLETED, S.CLOSED, S.EXPIRED)
WITH_DOCUMENT = (S.ISSUED, S.IN_FORCE, S.ACTIVE, S.SUSPENDED, S.COMPLETED, S.CLOSED)
BEFORE_DECISION = (S.DRAFT, S.SUBMITTED, S.INFO_REQUESTED, S.IN_REVIEW)
AT_ONCE = 1000  # rows held in memory


def _permits() -> Any:
    return RoadPermit.objects.order_by("pk")


def one_decision_a_review() -> Iterator[Finding]:
    """A review ends with one decision; an appeal that is granted opens the next review."""
    moves = Event.objects.filter(case=OuterRef("pk"), kind="transition").order_by().values("case")

    def times(*transitions: str) -> Any:
        counted = moves.filter(transition__in=transitions).annotate(times=Count("pk")).values("times")
        return Coalesce(Subquery(counted), 0)

    permits = _permits().annotate(decisions=times(*DECISIONS), reviews=times("reopen") + 1)
    decided = Q(state__in=(*GRANTED, S.REFUSED, S.REVOKED)) & ~Q(decisions=F("reviews"))
    early = Q(state__in=BEFORE_DECISION) & ~Q(decisions=F("reviews") - 1)
    for permit in permits.filter(decided | early).only("reference", "state").iterator():
        said = f"{permit.decisions} decisions in {permit.reviews} reviews, and it is {permit.state}"
        yield Finding(code="decision_count", reference=permit.reference, sentence=said)


def decided_by_somebody_else() -> Iterator[Finding]:
    """By an officer, or by silence; never by a party of the application."""
    decisions = Event.objects.filter(case__in=_permits().values("pk"), kind="transition")
    decisions = decisions.filter(transition__in=(*DECISIONS, "revoke", "reopen"))
    nobody = decisions.exclude(actor_kind="officer", actor_user__isnull=False)
    nobody = nobody.exclude(transition="deem", actor_kind="system")
    for reference, move, kind in nobody.values_list("case__reference", "transition", "actor_kind"):
        yield Finding(code="decided_by_whom", reference=reference, sentence=f"{move} was made by {kind}")
    parties = Contact.objects.filter(role__in=["applicant", "contractor"]).exclude(email="")
    own = parties.filter(
        case__events__in=decisions.filter(actor_user__isnull=False),
        email__iexact=F("case__events__actor_user__email"),
    )
    for reference, role in own.values_list("case__reference", "role").distinct():
        said = f"it was decided by somebody with the address of the {role}"
        yield Finding(code="decided_own", reference=reference, sentence=said)


def decider_is_the_one_of_the_history() -> Iterator[Finding]:
    last = Event.objects.filter(case=OuterRef("pk"), transition__in=(*DECISIONS, "revoke")).order_by("-seq")
    permits = _permits().annotate(moved_by=Subquery(last.values("actor_user")[:1]))
    differs = Q(decided_by__isnull=False, moved_by__isnull=False) & ~Q(decided_by=F("moved_by"))
    differs |= Q(decided_by=None, moved_by__isnull=False)
    differs |= Q(decided_by__isnull=False, moved_by=None)
    for reference in permits.filter(differs).values_list("reference", flat=True):
        said = "the record names another decider than its history"
        yield Finding(code="decider_differs", reference=reference, sentence=said)


def two_officers_where_needed() -> Iterator[Finding]:
    """Work of high impact: what an officer approved, another approved first, and the history says so."""
    first = Event.objects.filter(case=OuterRef("pk"), kind="first_approval").order_by("-seq")
    permits = _permits().filter(second_approver_needed=True, decision_source="officer", state__in=GRANTED)
    permits = permits.annotate(first_by=Subquery(first.values("actor_user")[:1]))
    alone = Q(first_approved_by=None) | Q(first_approved_by=F("decided_by")) | Q(first_by=None)
    alone |= ~Q(first_by=F("first_approved_by"))
    for reference in permits.filter(alone).values_list("reference", flat=True):
        said = "two officers have to approve it, and the record does not name two"
        yield Finding(code="second_officer", reference=reference, sentence=said)


def reviews_run_only_under_review() -> Iterator[Finding]:
    """A technical review ends with its permit's review, and a granted permit waits for no specialist."""
    running = TechnicalReview.objects.filter(status=RUNNING).exclude(permit__state__in=(S.IN_REVIEW, S.INFO_REQUESTED))
    for reference in running.values_list("permit__reference", flat=True):
        said = "its technical review runs on, though it is not in review"
        yield Finding(code="review_left_open", reference=reference, sentence=said)
    ended = TechnicalTask.objects.filter(status__in=OPEN).exclude(process__status=RUNNING)
    silent = TechnicalTask.objects.filter(status="DONE", recommendation="").exclude(specialty="")
    for reference in (ended | silent).values_list("process__permit__reference", flat=True).distinct():
        said = "a specialist's task is not as its review says"
        yield Finding(code="review_task", reference=reference, sentence=said)


def permits_have_their_document() -> Iterator[Finding]:
    """The row, of the permit itself, and the file as it was made."""
    permits = _permits().filter(state__in=WITH_DOCUMENT).select_related("permit_document")
    fields = ("reference", "permit_document__case", "permit_document__kind", "permit_document__storage_name")
    for permit in permits.only(*fields, "permit_document__sha256", "permit_document__size").iterator(AT_ONCE):
        if fault := _document_fault(permit):
            yield Finding(code="document", reference=permit.reference, sentence=fault)


def _document_fault(permit: Any) -> str:
    document = permit.permit_document
    if document is None:
        return "it was issued, but has no document"
    if document.case_id != permit.pk or document.kind != "permit":
        return "its document is another's, or no permit"
    try:
        with files.path_of(document.storage_name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"the file of its document cannot be read ({type(error).__name__})"
    return "" if digest == document.sha256 else "the file of its document is not the one that was made"


def revisions_are_unbroken() -> Iterator[Finding]:
    """Numbered from 1 without a gap up to the newest, which is what the permit says now."""
    counted = _permits().annotate(
        rows=Count("revisions"), first=Min("revisions__number"), last=Max("revisions__number")
    )
    whole = Q(rows=F("application_revision"), last=F("application_revision"), first=1)
    whole |= Q(rows=0, application_revision=0)
    for permit in counted.exclude(whole).only("reference", "application_revision").iterator():
        said = f"it is at revision {permit.application_revision} and has {permit.rows} frozen ones"
        yield Finding(code="revision_gap", reference=permit.reference, sentence=said)
    newest = PermitRevision.objects.filter(permit=OuterRef("pk"), number=OuterRef("application_revision"))
    filed = _permits().annotate(frozen=Subquery(newest.values("digest")[:1])).exclude(frozen=None)
    for permit in filed.only("reference", "application").iterator(AT_ONCE):
        if applications.digest_of(permit.application) != permit.frozen:
            said = "what it says now is not its newest frozen revision"
            yield Finding(code="revision_newest", reference=permit.reference, sentence=said)


def revisions_are_as_frozen() -> Iterator[Finding]:
    revisions = PermitRevision.objects.select_related("permit").order_by("pk")
    for revision in revisions.only("number", "application", "digest", "permit__reference").iterator(AT_ONCE):
        if applications.digest_of(revision.application) != revision.digest:
            said = f"revision {revision.number} is not as it was frozen"
            yield Finding(code="revision_changed", reference=revision.permit.reference, sentence=said)


def fee_is_the_invoice() -> Iterator[Finding]:
    """The fee is the invoice's total, that is the sum of its lines, and no refund is more than was paid."""
    fields = ("reference", "invoice", "fee_total", "fee_settled_at", "refund_total", "application_revision")
    for permit in _permits().exclude(application_revision=0).only(*fields).iterator(AT_ONCE):
        if not _invoice_fits(permit.invoice, permit.fee_total):
            said = f"the fee is {permit.fee_total}; the invoice says something else"
            yield Finding(code="fee_differs", reference=permit.reference, sentence=said)
        paid = permit.fee_total if permit.fee_settled_at else Decimal(0)
        if not 0 <= permit.refund_total <= paid:
            said = f"{permit.refund_total} are to be paid back of {paid}"
            yield Finding(code="refund_too_high", reference=permit.reference, sentence=said)


def _invoice_fits(invoice: Any, fee_total: Decimal) -> bool:
    try:
        lines = [Decimal(line["amount"]) for line in invoice["lines"]]
        return sum(lines, Decimal(0)) == Decimal(invoice["total"]) == fee_total
    except (KeyError, TypeError, InvalidOperation):
        return False


def closed_permits_passed_their_inspection() -> Iterator[Finding]:
    """From when work is planned to be inspected on; permits closed before have no inspection at all."""
    ends = Inspection.objects.filter(permit=OuterRef("pk"))
    passed = ends.filter(state=Inspection.State.DONE, result=Inspection.Result.PASS, kind__in=Inspection.ENDS_WORK)
    closed = _permits().filter(Exists(ends), state=S.CLOSED)
    for reference in closed.exclude(Exists(passed)).values_list("reference", flat=True):
        said = "it is closed, and no final inspection of it was passed"
        yield Finding(code="closed_without_pass", reference=reference, sentence=said)
    waiting = ends.filter(state=Inspection.State.PLANNED)
    for reference in _permits().exclude(closed_at=None).filter(Exists(waiting)).values_list("reference", flat=True):
        said = "it is over, and an inspection of it is still planned"
        yield Finding(code="inspection_of_closed", reference=reference, sentence=said)


def failed_inspections_show_the_defect() -> Iterator[Finding]:
    failed = Inspection.objects.filter(result=Inspection.Result.FAIL, photos=None)
    for reference in failed.values_list("permit__reference", flat=True):
        said = "an inspection failed without a photo of the defect"
        yield Finding(code="fail_without_photo", reference=reference, sentence=said)


CHECKS = (
    closed_permits_passed_their_inspection,
    failed_inspections_show_the_defect,
    one_decision_a_review,
    decided_by_somebody_else,
    decider_is_the_one_of_the_history,
    two_officers_where_needed,
    reviews_run_only_under_review,
    permits_have_their_document,
    revisions_are_unbroken,
    revisions_are_as_frozen,
    fee_is_the_invoice,
)

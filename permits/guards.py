"""The questions a road permit's moves ask. Each has one sentence for the user and a source in docs/rules.md#guards."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from permits import applications
from permits.book.deadlines import is_deemed
from permits.inspections import recording
from permits.rules.deadlines import APPEAL_DECISION, APPEAL_FILING
from permits.rules.documents import Before, required_documents, satisfied_by
from permits.rules.insurance import cover_problems, insurance_needed
from permits.rules.safety_contract import Verdict
from permits.technical.against import against
from permits.technical.models import RUNNING
from workflow.definition import Guard

SOURCE = "docs/rules.md#guards"


def _guard(code: str, sentence: str, holds: Any) -> Guard:
    return Guard(code, sentence, f"{SOURCE}:{code}", holds)


def missing_documents(permit: Any, *, before: frozenset[Before], there: set[str] | None = None) -> list[str]:
    """Kinds of required documents that are not there. Agencies keep their own plans and are not asked for them.

    ``there``: the kinds of its documents that stand, where the caller knows them."""
    if permit.answer("applicant_kind") == "agency":
        return []
    if there is None:
        there = set(permit.documents.filter(replaced_at=None).values_list("kind", flat=True))
    needed = required_documents(applications.answers_of(permit))
    return [
        str(doc.kind) for doc in needed if doc.before in before and not there & {str(k) for k in satisfied_by(doc.kind)}
    ]


def _documents_with_form(permit: Any) -> bool:
    # A form can ask for files before it is sent; a feed or an API call cannot carry them, so there they follow
    # before the decision (DOCUMENTS_IN).
    return permit.source != "form" or not missing_documents(permit, before=frozenset({Before.SUBMISSION}))


def _documents_in(permit: Any) -> bool:
    if permit.documents_waived_because:
        return True
    return not missing_documents(permit, before=frozenset({Before.SUBMISSION}))


def _insurance_covers(permit: Any) -> bool:
    answers = applications.answers_of(permit)
    if not insurance_needed(answers) or permit.documents_waived_because:
        return True
    if not permit.end_at:
        return False
    problems = cover_problems(answers, valid_to=timezone.localtime(permit.end_at).date())
    return not any(problem.code.startswith("insurance") for problem in problems)


def parties_of(permit: Any) -> frozenset[str]:
    """The e-mail addresses of applicant and contractor, lower case: they decide nothing here."""
    return frozenset(str(permit.answer(name) or "").lower() for name in ("contact_email", "contractor_email")) - {""}


def _not_own(permit: Any) -> bool:
    return permit.attempt is None or not parties_of(permit) & permit.attempt.actor.addresses


def _checklist_green(permit: Any) -> bool:
    by_officer = permit.attempt is not None and permit.attempt.actor.kind == "officer"
    return by_officer or bool(permit.checklist.get("green"))


def _started_within_a_day(moment: Any) -> bool:
    return moment is not None and timezone.now() - moment <= timedelta(hours=24)


def _within_validity(permit: Any) -> bool:
    # The first day is a day here, not in UTC: there an evening is the next day already.
    if not permit.start_at or not permit.end_at:
        return False
    return bool(permit.starts_on <= timezone.localdate() and timezone.now() < permit.end_at)


def _past_end(permit: Any) -> bool:
    return bool(permit.end_at and permit.end_at <= timezone.now())


def _safety_assessed(permit: Any) -> bool:
    return bool(permit.safety.get("verdict")) and permit.safety.get("revision") == permit.application_revision


def _not_the_first_decider(permit: Any) -> bool:
    # Before the first decision there is nobody; after an appeal the first decider is still noted.
    actor = permit.attempt.actor if permit.attempt else None
    return actor is None or actor.user is None or permit.decided_by_id != actor.user.pk


def _second_officer(permit: Any) -> bool:
    user = permit.attempt.actor.user if permit.attempt else None
    return not permit.second_approver_needed or user is None or permit.first_approved_by_id != user.pk


def _photo_of_defect(permit: Any) -> bool:
    named = permit.attempt.data.get("photos", ()) if permit.attempt is not None else ()
    return bool(recording.photo_ids(permit, named))


APPLICATION_COMPLETE = _guard(
    "application_complete",
    "Some answers are missing or wrong: go through the review page and correct what is marked.",
    lambda permit: not applications.verdict_of(permit).errors,
)
DOCUMENTS_WITH_FORM = _guard(
    "documents_with_form",
    "Required documents are missing: add them on the page “Documents”.",
    _documents_with_form,
)
DECLARED = _guard(
    "declared",
    "The declaration is not signed: tick it and give your name and title.",
    lambda permit: bool(permit.answer("declaration")),
)
NOTICE_MET = _guard(
    "notice_met",
    "Work would start before the minimum notice is over: choose a later start, or say why it must be early.",
    lambda permit: applications.notice_met(permit),
)
CHECKLIST_GREEN = _guard(
    "checklist_green",
    "The automatic check left questions open: a permit officer has to accept the application by hand.",
    _checklist_green,
)
ANSWER_OVERDUE = _guard(
    "answer_overdue",
    "The time to answer is not over yet.",
    lambda permit: bool(permit.info_due_at and permit.info_due_at <= timezone.now()),
)
NOT_OWN = _guard(
    "not_own_case",
    "Nobody decides on an application of their own: hand it to a colleague.",
    _not_own,
)
SAFETY_ASSESSED = _guard(
    "safety_assessed",
    "The safety check of the current revision is not there yet: wait for it, or retry it if the case is parked.",
    _safety_assessed,
)
REVIEWS_ARE_IN = _guard(
    "reviews_are_in",
    "Not every specialist has given a recommendation yet: wait for it, or ask the team under “Technical review”.",
    lambda permit: not permit.technical_reviews.filter(status=RUNNING).exists(),
)
FIRST_APPROVED = _guard(
    "first_approved",
    "Two officers approve work of this impact, and the first approval is missing: approve it on the record first.",
    lambda permit: not permit.second_approver_needed or permit.first_approved_by_id is not None,
)
SECOND_OFFICER = _guard(
    "second_officer",
    "You approved this first, and two officers approve work of this impact: ask a colleague to approve it, too.",
    _second_officer,
)
FEE_SETTLED = _guard(
    "fee_settled",
    "The fee is open: record the payment, or check that it is deferred or exempt.",
    lambda permit: permit.fee_total == 0 or permit.fee_settled_at is not None,
)
DOCUMENTS_IN = _guard(
    "documents_in",
    "Required documents are missing: ask the applicant for them, or waive them with a reason.",
    _documents_in,
)
INSURANCE_COVERS = _guard(
    "insurance_covers",
    "The insurance on file is too low or ends too early: ask for a new certificate, or waive it with a reason.",
    _insurance_covers,
)
CONFLICTS_SETTLED = _guard(
    "conflicts_settled",
    "Other work is planned at the same place and time: settle each blocking conflict with a reason first.",
    lambda permit: not permit.conflicts.filter(blocking=True, settled_because="").exists(),
)
DEEMED_BY_POLICY = _guard(
    "deemed_by_policy",
    "This type of permit is not approved by silence.",
    lambda permit: is_deemed(permit.category) and bool(permit.due_at and permit.due_at <= timezone.now()),
)
NOTHING_BLOCKING = _guard(
    "nothing_blocking",
    "The safety check found something blocking, or a specialist recommends a refusal: a reviewer has to decide.",
    lambda permit: permit.safety.get("verdict") != Verdict.FAIL and not against(permit),
)
ONE_OFFICER_IS_ENOUGH = _guard(
    "one_officer_is_enough",
    "Silence does not stand in for the two officers that work of this impact needs.",
    lambda permit: not permit.second_approver_needed,
)
DOCUMENT_MADE = _guard(
    "document_made",
    "The permit document is not made yet.",
    lambda permit: permit.permit_document_id is not None,
)
WITHIN_VALIDITY = _guard(
    "within_validity",
    "Work may start only between the permit's first and last day.",
    _within_validity,
)
ONE_CALL_MADE = _guard(
    "one_call_made",
    "Call 811 before you dig, and give the ticket number (reply to us, or add the ticket as a document).",
    lambda permit: (
        not permit.answer("excavation")
        or bool(permit.answer("one_call_ticket"))
        or permit.documents.filter(kind="one_call_ticket", replaced_at=None).exists()
    ),
)
WORK_BEGAN = _guard(
    "work_began",
    "The work has not begun, so it cannot be finished: resume, withdraw or revoke the permit.",
    lambda permit: permit.actual_start_at is not None,
)
STARTED_WITHIN_A_DAY = _guard(
    "started_within_a_day",
    "A start can be taken back within 24 hours only.",
    lambda permit: _started_within_a_day(permit.actual_start_at),
)
STOPPED_WITHIN_A_DAY = _guard(
    "stopped_within_a_day",
    "A stop can be taken back within 24 hours only.",
    lambda permit: _started_within_a_day(permit.actual_end_at),
)
NOT_INSPECTED_YET = _guard(
    "not_inspected_yet",
    "The finished work was inspected already: its defects are mended under the reinspection, not by taking it back.",
    lambda permit: not recording.inspected_since(permit, permit.actual_end_at),
)
PHOTO_OF_DEFECT = _guard(
    "photo_of_defect",
    "A failed inspection needs a photo of the defect: add one, then fail it.",
    _photo_of_defect,
)
REINSPECTION_PAID = _guard(
    "reinspection_paid",
    "The fee of the reinspection is open: the permit office records the payment first.",
    lambda permit: not recording.owes(permit),
)
PAST_ITS_END = _guard("past_its_end", "The permit's last day is not over yet.", _past_end)
WITHIN_APPEAL = _guard(
    "within_appeal",
    f"The {APPEAL_FILING.days} days to appeal and the {APPEAL_DECISION.days} days to decide on it are over.",
    lambda permit: bool(permit.appeal_until and timezone.localdate() <= permit.appeal_until + APPEAL_DECISION),
)
NOT_THE_FIRST_DECIDER = _guard(
    "not_the_first_decider",
    "An appeal is decided by somebody else than the officer who decided first.",
    _not_the_first_decider,
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Guard))

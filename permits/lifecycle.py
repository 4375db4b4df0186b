"""Every move a road permit can make, on one screen. Nothing else changes its state."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import models
from django_fsm import RETURN_VALUE, transition

from permits import guards, moves
from workflow.actors import BY_SYSTEM, Permission, by_applicant, by_officer
from workflow.definition import Guard

INTAKE = by_officer("permits.intake_roadpermit", "a permit officer of the team")
REVIEWER = by_officer("permits.review_roadpermit", "a safety reviewer of the team")
ISSUER = by_officer("permits.issue_roadpermit", "an issuing officer of the team")
INSPECTOR = by_officer("permits.inspect_roadpermit", "an inspector of the team")
MANAGER = by_officer("permits.manage_roadpermit", "the district manager")
APPLICANT = by_applicant("permits:submit")
CREW = Permission(
    "the crew with the link on the permit", lambda permit, actor: actor.kind == "crew" and actor.case_id == permit.pk
)


class State(models.TextChoices):
    """Where a permit stands in law."""

    DRAFT = "draft", "Draft"  # being filled in; not filed yet
    SUBMITTED = "submitted", "Submitted"  # filed; completeness is checked
    INFO_REQUESTED = "info_requested", "Information requested"  # we wait for the applicant; the clock stands still
    IN_REVIEW = "in_review", "In review"  # safety review; a person decides
    APPROVED = "approved", "Approved"  # decided; the permit document is made
    ISSUED = "issued", "Issued"  # the document exists; the applicant is told
    IN_FORCE = "in_force", "In force"  # work may start within its dates
    ACTIVE = "active", "Work under way"
    SUSPENDED = "suspended", "Suspended"  # stop-work notice
    COMPLETED = "completed", "Work completed"  # awaits the final inspection
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"  # withdrawn, or lapsed without an answer
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    CLOSED = "closed", "Closed"  # inspected and accepted


S = State
POSITION = ("latitude", "longitude")
FINAL = frozenset({S.REFUSED, S.CANCELLED, S.EXPIRED, S.REVOKED, S.CLOSED})


def on[M: Callable[..., Any]](
    sources: Sequence[str], target: Any, who: Permission, *only_if: Guard, label: str, unrecorded: Sequence[str] = ()
) -> Callable[[M], M]:
    """``who`` moves a permit from ``sources`` to ``target``, only if every guard holds. ``unrecorded``: data that the
    history does not keep: where somebody's device was."""
    permission: Any = who  # django-fsm names the type of a Django user; ours is any actor
    move: Callable[[M], M] = transition(
        field="state", source=list(sources), target=target, permission=permission, conditions=list(only_if),
        custom={"label": label, "unrecorded": tuple(unrecorded)},
    )  # fmt: skip
    return move


class PermitLifecycle(models.Model):
    """The moves; each docstring is what officers, integrators and docs/workflows read."""

    class Meta:
        abstract = True

    # -- from the form to the desk ------------------------------------------------------------------------------------
    @on([S.DRAFT], S.SUBMITTED, APPLICANT | BY_SYSTEM, guards.APPLICATION_COMPLETE, guards.DOCUMENTS_WITH_FORM,
        guards.DECLARED, guards.NOTICE_MET, label="Submit application")  # fmt: skip
    def submit(self) -> None:
        """File the application: freeze its first revision, its fee and its impact index; start the clock."""
        moves.submit(self)

    @on([S.SUBMITTED], S.IN_REVIEW, INTAKE | BY_SYSTEM, guards.NOT_OWN, guards.CHECKLIST_GREEN,
        label="Accept for review")  # fmt: skip
    def accept(self) -> None:
        """Accept the application as complete and put it on a reviewer's desk."""

    @on([S.SUBMITTED, S.IN_REVIEW], S.INFO_REQUESTED, INTAKE | REVIEWER, guards.NOT_OWN, label="Request information")
    def request_information(self, *, items: Sequence[Mapping[str, str]]) -> None:
        """Ask the applicant; ``items``: 1 to 20 of ``{"field", "text"}``. The clock stands still until the answer."""
        moves.request_information(self, items)

    @on([S.INFO_REQUESTED], RETURN_VALUE(S.SUBMITTED, S.IN_REVIEW), APPLICANT, label="Provide information")
    def provide_information(self, *, answers: Mapping[str, str], changes: Mapping[str, Any] | None = None) -> str:
        """Answer every item (``answers``: its number to text); ``changes`` correct the application (name to value)."""
        return moves.provide_information(self, answers, changes or {})

    @on([S.INFO_REQUESTED], S.CANCELLED, BY_SYSTEM, guards.ANSWER_OVERDUE, label="Lapse without an answer")
    def lapse(self) -> None:
        """Close the application because the questions were not answered in time."""

    # -- the decision -------------------------------------------------------------------------------------------------
    @on([S.IN_REVIEW], S.APPROVED, REVIEWER, guards.NOT_OWN, guards.NOT_THE_FIRST_DECIDER, guards.SAFETY_ASSESSED,
        guards.REVIEWS_ARE_IN, guards.FEE_SETTLED, guards.DOCUMENTS_IN, guards.INSURANCE_COVERS,
        guards.CONFLICTS_SETTLED, guards.FIRST_APPROVED, guards.SECOND_OFFICER, label="Approve")  # fmt: skip
    def approve(self, *, conditions: Sequence[str] = (), message: str = "", override_reason: str = "") -> None:
        """Grant the permit under ``conditions`` (codes of docs/rules.md#conditions). Where the safety check found
        something blocking or a specialist recommends a refusal, ``override_reason`` (20 characters) says why the
        permit may be granted all the same. Work of high impact is approved by two officers; the first approval leaves
        the state."""
        moves.approve(self, conditions, message, override_reason)

    @on([S.IN_REVIEW], S.REFUSED, REVIEWER, guards.NOT_OWN, guards.NOT_THE_FIRST_DECIDER, label="Refuse")
    def refuse(self, *, reasons: Sequence[str], explanation: str) -> None:
        """Refuse with 1 to 5 ``reasons`` (codes of docs/rules.md#refusals) and an ``explanation`` (20 characters)."""
        moves.refuse(self, reasons, explanation)

    @on([S.IN_REVIEW], S.APPROVED, BY_SYSTEM, guards.DEEMED_BY_POLICY, guards.SAFETY_ASSESSED, guards.NOTHING_BLOCKING,
        guards.ONE_OFFICER_IS_ENOUGH, label="Deemed approved")  # fmt: skip
    def deem(self) -> None:
        """Approve under standard conditions because the deadline passed and the type's policy says so. Silence never
        outweighs what the safety check found."""
        moves.deem(self)

    # -- the permit ---------------------------------------------------------------------------------------------------
    @on([S.APPROVED], S.ISSUED, ISSUER | BY_SYSTEM, guards.NOT_OWN, guards.FEE_SETTLED, guards.DOCUMENT_MADE,
        label="Issue permit")  # fmt: skip
    def issue(self) -> None:
        """Issue the permit document made from the frozen revision."""
        moves.issue(self)

    @on([S.ISSUED], S.IN_FORCE, BY_SYSTEM, guards.DOCUMENT_MADE, label="Take effect")
    def take_effect(self) -> None:
        """Put the permit in force: the applicant has been told."""

    # -- the work -----------------------------------------------------------------------------------------------------
    @on([S.IN_FORCE], S.ACTIVE, APPLICANT | CREW | INSPECTOR, guards.WITHIN_VALIDITY, guards.ONE_CALL_MADE,
        label="Start work", unrecorded=POSITION)  # fmt: skip
    def start_work(self, *, latitude: float | None = None, longitude: float | None = None) -> None:
        """Note that work has begun on the road; a position in degrees shows that it is there."""
        moves.start_work(self, latitude, longitude)

    @on([S.ACTIVE], S.IN_FORCE, APPLICANT | CREW | INSPECTOR, guards.STARTED_WITHIN_A_DAY, label="Take back the start")
    def revert_start(self, *, reason: str) -> None:
        """Take a mistaken start back within 24 hours."""
        moves.revert_start(self, reason)

    @on([S.ACTIVE, S.SUSPENDED], S.COMPLETED, APPLICANT | CREW | INSPECTOR, guards.WORK_BEGAN, label="Stop work",
        unrecorded=POSITION)  # fmt: skip
    def stop_work(self, *, latitude: float | None = None, longitude: float | None = None) -> None:
        """Note that the work is finished and the road is open; a final inspection follows."""
        moves.stop_work(self, latitude, longitude)

    @on([S.COMPLETED], S.ACTIVE, APPLICANT | CREW | INSPECTOR, guards.STOPPED_WITHIN_A_DAY, guards.NOT_INSPECTED_YET,
        label="Take back the stop")  # fmt: skip
    def revert_stop(self, *, reason: str) -> None:
        """Take a mistaken stop back within 24 hours."""
        moves.revert_stop(self, reason)

    @on([S.COMPLETED], S.CLOSED, INSPECTOR, guards.NOT_OWN, guards.REINSPECTION_PAID, label="Pass final inspection",
        unrecorded=POSITION)  # fmt: skip
    def pass_inspection(
        self, *, remarks: str = "", checklist: Sequence[Mapping[str, str]] = (), photos: Sequence[int] = (),
        latitude: float | None = None, longitude: float | None = None,
    ) -> None:  # fmt: skip
        """Accept the restored road and close the permit. ``checklist``: rows of item, answer and remark, none of them
        answered with no; ``photos``: numbers of photos on file."""
        moves.pass_inspection(
            self, remarks=remarks, checklist=checklist, photos=photos, latitude=latitude, longitude=longitude
        )

    @on([S.COMPLETED], S.COMPLETED, INSPECTOR, guards.PHOTO_OF_DEFECT, label="Fail final inspection",
        unrecorded=POSITION)  # fmt: skip
    def fail_inspection(
        self, *, defects: str, remarks: str = "", checklist: Sequence[Mapping[str, str]] = (),
        photos: Sequence[int] = (), again_on: str = "", latitude: float | None = None, longitude: float | None = None,
    ) -> None:  # fmt: skip
        """Name the ``defects`` (20 characters) to be mended before another inspection, on the day ``again_on``; a photo
        of them is on file. The other inspection costs a fee."""
        moves.fail_inspection(
            self, defects=defects, remarks=remarks, checklist=checklist, photos=photos, again_on=again_on,
            latitude=latitude, longitude=longitude,
        )  # fmt: skip

    @on([S.ACTIVE], S.ACTIVE, BY_SYSTEM, guards.PAST_ITS_END, label="Overrun")
    def mark_overrun(self) -> None:
        """Note that work goes on beyond the permit's end."""
        moves.mark_overrun(self)

    # -- when things go wrong -----------------------------------------------------------------------------------------
    @on([S.IN_FORCE, S.ACTIVE], S.SUSPENDED, INSPECTOR | MANAGER, label="Suspend")
    def suspend(self, *, reason: str, code: str = "S90") -> None:
        """Stop the work until the cause is cleared; the QR page turns amber. ``code``: of docs/rules.md#inspections."""
        moves.suspend(self, reason, code)

    @on([S.SUSPENDED], RETURN_VALUE(S.IN_FORCE, S.ACTIVE), INSPECTOR | MANAGER, label="Resume")
    def resume(self, *, reason: str) -> str:
        """Let the permit go on from where it was suspended."""
        return moves.resume(self, reason)

    @on([S.ISSUED, S.IN_FORCE, S.ACTIVE, S.SUSPENDED], S.REVOKED, MANAGER, guards.NOT_OWN, label="Revoke")
    def revoke(self, *, reasons: Sequence[str], explanation: str) -> None:
        """Take the permit back with ``reasons`` and an ``explanation``."""
        moves.refuse(self, reasons, explanation)

    @on([S.DRAFT, S.SUBMITTED, S.INFO_REQUESTED, S.IN_REVIEW, S.APPROVED, S.ISSUED, S.IN_FORCE], S.CANCELLED, APPLICANT,
        label="Withdraw")  # fmt: skip
    def cancel(self, *, reason: str = "") -> None:
        """Withdraw the application or the permit before work begins."""
        moves.cancel(self)

    @on([S.APPROVED, S.ISSUED, S.IN_FORCE], S.EXPIRED, BY_SYSTEM, guards.PAST_ITS_END, label="Expire")
    def expire(self) -> None:
        """End a permit whose dates passed before work began."""

    @on([S.REFUSED, S.REVOKED], S.IN_REVIEW, MANAGER, guards.NOT_OWN, guards.WITHIN_APPEAL,
        guards.NOT_THE_FIRST_DECIDER, label="Reopen on appeal")  # fmt: skip
    def reopen(self, *, grounds: str) -> None:
        """Overturn a refusal or revocation on appeal: another reviewer decides anew."""
        moves.need_text(grounds, field="grounds", at_least=20)
        moves.reopen(self)

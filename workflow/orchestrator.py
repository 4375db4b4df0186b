"""The service orchestrator: claims work in the database, calls the service outside any transaction, writes the result back.

A claim counts the attempt before the call, so that a call that kills its worker runs out of attempts too. A result is
accepted only from the claim that still holds the work (the epoch is the fence); a late one is logged and dropped. What
keeps failing is parked: visible in the queue with its reason, until an officer sends it on.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from workflow import doorbell, engine
from workflow.actors import SYSTEM, Actor
from workflow.definition import Call, Service
from workflow.errors import NotAllowed, ServiceFailure, TemporaryFailure, WorkflowError
from workflow.models import Case, Work, lease_end
from workflow.registry import registry
from workflow.tracker import record
from workflow.writing import writing

log = logging.getLogger(__name__)

TIMER_LEASE = timedelta(seconds=30)
TIMER_ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to do one piece of work until its lease ends. ``epoch`` proves it."""

    work_id: int
    epoch: int
    attempt: int
    case_id: int
    reference: str
    kind: str
    step: str
    visit: int
    service: str
    argument: Mapping[str, Any]
    key: Any

    @property
    def is_timer(self) -> bool:
        return self.kind == Work.Kind.TIMER


def claim_of(work: Work, reference: str) -> Claim:
    return Claim(
        work_id=work.pk,
        epoch=work.epoch,
        attempt=work.attempts,
        case_id=work.case_id,
        reference=reference,
        kind=work.kind,
        step=work.step,
        visit=work.visit,
        service=work.service,
        argument=work.argument,
        key=work.key,
    )


def claim_next(skip: Collection[str] = ()) -> Claim | None:
    """Claim the work that has been due longest, of a service not in ``skip``; None when there is none."""
    ready = Work.objects.ready().exclude(service__in=skip).order_by("run_at", "pk")
    if not ready.exists():  # an idle sweep takes no write lock
        return None
    with writing():
        if connection.features.has_select_for_update_skip_locked:
            ready = ready.select_for_update(skip_locked=True, of=("self",))
        work = ready.first()
        return _take(work) if work is not None else None


def claim(work_id: int, skip: Collection[str] = ()) -> Claim | None:
    """Claim this work if it is due and free."""
    with writing():
        work = Work.objects.ready().exclude(service__in=skip).filter(pk=work_id).select_for_update().first()
        return _take(work) if work is not None else None


def _take(work: Work) -> Claim | None:
    attempts, lease = TIMER_ATTEMPTS, TIMER_LEASE
    if work.kind != Work.Kind.TIMER:
        service = registry.service(work.service)
        attempts, lease = service.retry.attempts, service.lease
    if work.attempts >= attempts:
        case = engine.lock(work.case_id)
        _park(case, work.pk, work.error or "Every attempt ended without an answer: the worker did not come back.")
        return None
    Work.objects.filter(pk=work.pk).update(
        epoch=F("epoch") + 1, attempts=F("attempts") + 1, lease_until=lease_end(lease)
    )
    work.epoch, work.attempts = work.epoch + 1, work.attempts + 1
    return claim_of(work, Case.objects.values_list("reference", flat=True).get(pk=work.case_id))


def run(claim: Claim) -> None:
    """Do the claimed work, and go on with the steps it leads to while they can go on at once."""
    current: Claim | None = claim
    while current is not None:
        current = _run_one(current)


def run_inline(work_id: int, epoch: int) -> None:
    """Do one local step that ``engine.move`` claimed for this thread; the next step is left to the workers."""
    work = Work.objects.select_related("case").get(pk=work_id)
    if work.epoch == epoch and work.outcome == Work.Outcome.OPEN:
        _run_one(claim_of(work, work.case.reference), go_on=False)


def _run_one(claim: Claim, *, go_on: bool = True) -> Claim | None:
    try:
        result = {} if claim.is_timer else perform(claim)
    except ServiceFailure as failure:
        fail(claim, failure)
        return None
    except Exception as error:
        log.exception("%s failed on %s", claim.service, claim.reference)
        fail(claim, TemporaryFailure(f"{claim.service} stopped with {type(error).__name__}: {error}"[:500]))
        return None
    return complete(claim, result, go_on=go_on)


def perform(claim: Claim) -> Mapping[str, Any]:
    """Call the service; the call is outside any transaction."""
    service = registry.service(claim.service)
    return service.call(
        Call(
            case_id=claim.case_id,
            reference=claim.reference,
            step=claim.step,
            visit=claim.visit,
            key=claim.key,
            attempt=claim.attempt,
            deadline=service.deadline,
            argument=claim.argument,
        )
    )


def complete(claim: Claim, result: Mapping[str, Any], *, go_on: bool = True) -> Claim | None:
    """Accept the result once and move on; answers the next work when it was claimed in the same transaction."""
    with writing():
        case = engine.lock(claim.case_id)
        done = {"outcome": Work.Outcome.DONE, "result": dict(result), "error": "", "finished_at": timezone.now()}
        if not _held(claim).update(**done):
            log.warning("%s of %s: a late result was dropped (epoch %s)", claim.step, claim.reference, claim.epoch)
            return None
        try:
            with transaction.atomic():
                work = settle(case, claim, result, go_on=go_on)
        except WorkflowError as refusal:
            # What the service did is done; the case cannot go on yet. An officer reads why and sends it on.
            case = engine.lock(claim.case_id)
            _stop(case, claim, refusal)
            return None
        return claim_of(work, claim.reference) if work is not None else None


def settle(case: Any, claim: Claim, result: Mapping[str, Any], *, go_on: bool) -> Work | None:
    """Write what an accepted result means for the case."""

    def hold(service: Service) -> bool:
        return go_on

    if claim.is_timer:
        return engine.move(case, claim.service, actor=SYSTEM, hold=hold)
    service = registry.service(claim.service)
    advance = service.accept(case, result)
    if claim.kind == Work.Kind.TASK:
        return None
    step = registry.get(case.workflow, case.workflow_version).by_name[claim.step]
    if advance and step.then is not None:
        return engine.move(case, step.then, actor=SYSTEM, hold=hold)
    record(
        case, kind="finding", actor=SYSTEM, data={"step": claim.step, "service": claim.service, "result": dict(result)}
    )
    case.save()
    return None


def fail(claim: Claim, failure: ServiceFailure) -> None:
    """Put the work back with back-off and jitter, or park the case when trying again makes no sense."""
    policy = registry.service(claim.service).retry
    with writing():
        case = engine.lock(claim.case_id)
        if failure.temporary and claim.attempt < policy.attempts:
            wait = max(policy.wait(claim.attempt), failure.retry_after or timedelta())
            _held(claim).update(run_at=lease_end(wait), lease_until=None, error=failure.reason)
        elif _held(claim).exists():
            _park(case, claim.work_id, failure.reason)


def retry(case: Case, *, actor: Actor, revision: int | None = None) -> Any:
    """An officer's button: run the parked work of a case again, with its attempts counted from nothing."""
    if actor.kind != "officer" or not actor.has("workflow.retry_work"):
        raise NotAllowed("Only an officer who may retry work may send a parked request on.")

    def again(fresh: Any) -> Mapping[str, Any]:
        parked = Work.objects.filter(case_id=fresh.pk, outcome=Work.Outcome.PARKED)
        steps = list(parked.values_list("step", flat=True))
        parked.update(outcome=Work.Outcome.OPEN, attempts=0, lease_until=None, run_at=Now(), finished_at=None)
        fresh.parked_at, fresh.parked_reason = None, ""
        return {"steps": steps}

    with writing():
        fresh = engine.change(case, "retried", actor=actor, apply=again, revision=revision)
        doorbell.ring_on_commit()
    return fresh


def _held(claim: Claim) -> Any:
    return Work.objects.filter(pk=claim.work_id, epoch=claim.epoch, outcome=Work.Outcome.OPEN)


def _park(case: Any, work_id: int, reason: str) -> None:
    work = Work.objects.get(pk=work_id)
    Work.objects.filter(pk=work_id).update(
        outcome=Work.Outcome.PARKED, error=reason, lease_until=None, finished_at=Now()
    )
    case.parked_at, case.parked_reason = timezone.now(), reason
    record(case, kind="parked", actor=SYSTEM, note=reason, data={"step": work.step, "service": work.service})
    case.save()


def _stop(case: Any, claim: Claim, refusal: WorkflowError) -> None:
    if claim.is_timer:
        Work.objects.filter(pk=claim.work_id).update(outcome=Work.Outcome.CANCELLED, error=refusal.sentence)
        return
    _park(case, claim.work_id, refusal.sentence)

"""Claims: who may do which piece of work now. The database says so, and nobody else.

A claim counts the attempt before the call, so that a call that kills its worker runs out of attempts too. What has no
attempts left is parked: visible in the queue with its reason, until an officer sends it on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from workflow import rows
from workflow.actors import SYSTEM
from workflow.definition import Retry
from workflow.errors import UnknownWorkflow
from workflow.models import Case, Work
from workflow.registry import registry
from workflow.tracker import record
from workflow.writing import writing

TIMER_LEASE = timedelta(seconds=30)
TIMER_RETRY = Retry(attempts=10)
OF_CASE = {name: F(f"case__{name}") for name in ("reference", "workflow", "workflow_version")}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to do one piece of work until its lease ends. ``epoch`` proves it."""

    work_id: int
    epoch: int
    attempt: int
    case_id: int
    reference: str
    workflow: str
    version: int
    kind: str
    step: str
    visit: int
    service: str
    argument: Mapping[str, Any]
    key: Any

    @property
    def is_timer(self) -> bool:
        return self.kind == Work.Kind.TIMER


def claim_of(work: Work, case: Any) -> Claim:
    """``case``: whatever has the reference, workflow and version of the work's case."""
    return Claim(
        work_id=work.pk,
        epoch=work.epoch,
        attempt=work.attempts,
        case_id=work.case_id,
        reference=case.reference,
        workflow=case.workflow,
        version=case.workflow_version,
        kind=work.kind,
        step=work.step,
        visit=work.visit,
        service=work.service,
        argument=work.argument,
        key=work.key,
    )


def claim_next(skip: Collection[str] = ()) -> Claim | None:
    """Claim the work that has been due longest, of a service not in ``skip``; None when there is none.

    Work that has no attempts left, or whose service this version does not know, is parked on the way: one bad row may
    not stand before all others."""
    while True:
        ready = Work.objects.ready().exclude(service__in=skip).order_by("run_at", "pk")
        if not ready.exists():  # an idle sweep takes no write lock
            return None
        with writing():
            if connection.features.has_select_for_update_skip_locked:
                ready = ready.select_for_update(skip_locked=True, of=("self",))
            work = ready.annotate(**OF_CASE).first()
            claim = _take(work) if work is not None else None
        if work is None or claim is not None:
            return claim
        _give_up(work)


def claim(work_id: int, skip: Collection[str] = ()) -> Claim | None:
    """Claim this work if it is due and free."""
    with writing():
        mine = Work.objects.ready().exclude(service__in=skip).filter(pk=work_id)
        work = mine.select_for_update(of=("self",)).annotate(**OF_CASE).first()
        claim = _take(work) if work is not None else None
    if work is not None and claim is None:
        _give_up(work)
    return claim


def terms(kind: str, service: str) -> tuple[Retry, timedelta]:
    """How often and for how long at a time. Raises UnknownWorkflow."""
    if kind == Work.Kind.TIMER:
        return TIMER_RETRY, TIMER_LEASE
    found = registry.service(service)
    return found.retry, found.lease


def _take(work: Any) -> Claim | None:
    try:
        retry, lease = terms(work.kind, work.service)
    except UnknownWorkflow:
        return None
    if work.attempts >= retry.attempts:
        return None
    rows.change(
        "UPDATE workflow_work SET epoch = epoch + 1, attempts = attempts + 1, "
        f"lease_until = {rows.database_time(plus=True)} WHERE id = %s",
        [rows.offset(lease), work.pk],
    )
    work.epoch, work.attempts = work.epoch + 1, work.attempts + 1
    return claim_of(work, work)


def _give_up(seen: Work) -> None:
    reason = seen.error or "Every attempt ended without an answer: the worker did not come back."
    try:
        terms(seen.kind, seen.service)
    except UnknownWorkflow as unknown:
        reason = f"{unknown.sentence} Bring it back, or move the case on by hand."
    park(Work.objects.ready().filter(pk=seen.pk, epoch=seen.epoch), seen.case_id, reason)


def held(claim: Claim) -> Any:
    """The work while this claim is the one that holds it; empty when it was taken over, done or cancelled."""
    return Work.objects.filter(pk=claim.work_id, epoch=claim.epoch, outcome=Work.Outcome.OPEN)


def accept(claim: Claim, result: Mapping[str, Any]) -> bool:
    """Write the result, if this claim still holds the work: the fence through which only one result comes."""
    kept = Work._meta.get_field("result").get_db_prep_save(dict(result), connection)
    return bool(
        rows.change(
            f"UPDATE workflow_work SET outcome = 'done', result = %s, error = '', finished_at = {rows.database_time()} "
            "WHERE id = %s AND epoch = %s AND outcome = 'open'",
            [kept, claim.work_id, claim.epoch],
        )
    )


def park(held: Any, case_id: int, reason: str, **values: Any) -> None:
    """Give up on the work that is ``held`` (if it still is) and put its case, with the reason, before an officer."""
    with writing():
        # The case first, as everywhere, so that nobody waits in a ring. As a plain Case: its own kind may be unknown.
        case = Case.objects.select_for_update().get(pk=case_id)
        work = held.first()
        if work is None:
            return
        Work.objects.filter(pk=work.pk).update(
            outcome=Work.Outcome.PARKED, error=reason, lease_until=None, finished_at=Now(), **values
        )
        case.parked_at, case.parked_reason = timezone.now(), reason
        record(case, kind="parked", actor=SYSTEM, note=reason, data={"step": work.step, "service": work.service})
        case.save(update_fields=["parked_at", "parked_reason", "revision", "head", "updated_at"])

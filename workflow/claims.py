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
OF_CASE = "SELECT reference, workflow, workflow_version FROM workflow_case WHERE id = %s"


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


def claim_of(work: Work, *, reference: str, workflow: str, version: int) -> Claim:
    return Claim(
        work_id=work.pk,
        epoch=work.epoch,
        attempt=work.attempts,
        case_id=work.case_id,
        reference=reference,
        workflow=workflow,
        version=version,
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
        if _first_ready(skip) is None:  # an idle sweep keeps nobody from writing
            return None
        with writing():
            found = _first_ready(skip, lock=connection.features.has_select_for_update_skip_locked)
            if found is None:
                return None
            work = rows.locked(Work, found)
            claim = _take(work)
        if claim is not None:
            return claim
        _give_up(work)


def _first_ready(skip: Collection[str], *, lock: bool = False) -> int | None:
    """``Work.objects.ready()`` in order, as text: this is asked at every sweep and for every step."""
    now = rows.database_time()
    text = (
        f"SELECT id FROM workflow_work WHERE outcome = 'open' AND run_at <= {now} "  # noqa: S608
        f"AND (lease_until IS NULL OR lease_until < {now}) "
        f"{'AND service NOT IN (' + ', '.join(['%s'] * len(skip)) + ') ' if skip else ''}"
        f"ORDER BY run_at, id LIMIT 1{' FOR UPDATE SKIP LOCKED' if lock else ''}"
    )
    found = rows.fetch(text, skip)
    return int(found[0]) if found else None


def claim(work_id: int, skip: Collection[str] = ()) -> Claim | None:
    """Claim this work if it is due and free."""
    with writing():
        mine = Work.objects.ready().exclude(service__in=skip).filter(pk=work_id)
        work = mine.select_for_update().first()
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


def _take(work: Work) -> Claim | None:
    try:
        retry, lease = terms(work.kind, work.service)
    except UnknownWorkflow:
        return None
    if work.attempts >= retry.attempts:
        return None
    rows.change(
        "UPDATE workflow_work SET epoch = epoch + 1, attempts = attempts + 1, "  # noqa: S608 - the database's clock
        f"lease_until = {rows.database_time(plus=True)} WHERE id = %s",
        [rows.offset(lease), work.pk],
    )
    work.epoch, work.attempts = work.epoch + 1, work.attempts + 1
    reference, workflow, version = rows.fetch(OF_CASE, [work.case_id])
    return claim_of(work, reference=reference, workflow=workflow, version=version)


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
            "UPDATE workflow_work SET outcome = 'done', result = %s, error = '', "  # noqa: S608
            f"finished_at = {rows.database_time()} WHERE id = %s AND epoch = %s AND outcome = 'open'",
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

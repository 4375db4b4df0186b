"""The service orchestrator: calls the service of claimed work outside any transaction and writes the result back.

A result is accepted only from the claim that still holds the work (the epoch is the fence); a late one is logged and
dropped. What keeps failing is parked: visible in the queue with its reason, until an officer sends it on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now

from workflow import doorbell, engine
from workflow.actors import SYSTEM, Actor
from workflow.claims import Claim, accept, claim, claim_next, claim_of, held, park, terms
from workflow.definition import Call, Service
from workflow.errors import NotAllowed, ServiceFailure, TemporaryFailure, UnusableAnswer, WorkflowError, WrongState
from workflow.models import Case, Work, lease_end
from workflow.registry import registry
from workflow.tracker import record
from workflow.writing import writing

__all__ = ["Claim", "claim", "claim_next", "complete", "fail", "retry", "run", "run_inline", "run_one"]

log = logging.getLogger(__name__)

LONGEST_WISH = timedelta(hours=1)  # a service's Retry-After counts up to here: it may not put a case to sleep for years

type Gate = Callable[[Service], bool]  # may this thread go straight on with a step of that service?


def always(service: Service) -> bool:
    return True


def never(service: Service) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of a claim: the next one to go on with, and whether the service is well (None: not called)."""

    next: Claim | None = None
    healthy: bool | None = None


def run(claim: Claim, *, gate: Gate = always) -> None:
    """Do the claimed work, and go on with the steps it leads to while ``gate`` lets them."""
    current: Claim | None = claim
    while current is not None:
        current = run_one(current, gate=gate).next


def run_inline(work_id: int, epoch: int) -> None:
    """Do one local step that ``engine.move`` claimed for this thread; the next step is left to the workers."""
    work = Work.objects.select_related("case").get(pk=work_id)
    if work.epoch == epoch and work.outcome == Work.Outcome.OPEN:
        run_one(_claim_for(work, work.case), gate=never)


def _claim_for(work: Work, case: Case) -> Claim:
    return claim_of(work, reference=case.reference, workflow=case.workflow, version=case.workflow_version)


def run_one(claim: Claim, *, gate: Gate = always) -> Ran:
    """Do this one piece of work, whatever comes of it. Raises only when the database does not answer."""
    try:
        result = {} if claim.is_timer else perform(claim)
        return Ran(next=complete(claim, result, gate=gate), healthy=True)
    except ServiceFailure as failure:
        fail(claim, failure)
        return Ran(healthy=not failure.temporary)  # a service that says no is well
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("%s failed on %s", claim.service, claim.reference)
        fail(claim, TemporaryFailure(f"{claim.service} stopped with {type(error).__name__}: {error}"))
        return Ran(healthy=False)


def perform(claim: Claim) -> Mapping[str, Any]:
    """Call the service; the call is outside any transaction. Raises ServiceFailure."""
    service = registry.service(claim.service)
    result = service.call(
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
    return _usable(service, result)


def _usable(service: Service, result: object) -> Mapping[str, Any]:
    """The result as what a row can hold; anything else must not be read as success."""
    try:
        text = json.dumps(result, allow_nan=False, ensure_ascii=False, cls=DjangoJSONEncoder)
        text.encode()  # half a surrogate pair is no text
    except (TypeError, ValueError) as error:
        raise UnusableAnswer(f"{service.name} answered what cannot be kept: {error}") from error
    if not isinstance(result, Mapping) or "\\u0000" in text:
        raise UnusableAnswer(f"{service.name} answered {text[:80]}: not a set of named values.")
    return result


def complete(claim: Claim, result: Mapping[str, Any], *, gate: Gate = always) -> Claim | None:
    """Accept the result once and move on; answers the next work when it was claimed in the same transaction."""
    try:
        with writing():
            case = engine.lock_as(claim.case_id, claim.workflow, claim.version)
            if not accept(claim, result):
                log.warning("%s of %s: a late result was dropped (epoch %s)", claim.step, claim.reference, claim.epoch)
                return None
            work = settle(case, claim, result, gate=gate)
    except WorkflowError as refusal:
        _stop(claim, result, refusal)
        return None
    return _claim_for(work, case) if work is not None else None


def settle(case: Any, claim: Claim, result: Mapping[str, Any], *, gate: Gate) -> Work | None:
    """Write what an accepted result means for the case."""
    if claim.is_timer:
        return engine.move(case, claim.service, actor=SYSTEM, hold=gate)
    service = registry.service(claim.service)
    before = engine.snapshot(case)
    advance = service.accept(case, result)
    if claim.kind == Work.Kind.TASK:
        return None
    step = registry.get(case.workflow, case.workflow_version).by_name[claim.step]
    if advance and step.then is not None:
        return engine.move(case, step.then, actor=SYSTEM, hold=gate, before=before, finished=True)
    record(
        case, kind="finding", actor=SYSTEM, data={"step": claim.step, "service": claim.service, "result": dict(result)}
    )
    case.save()
    return None


def fail(claim: Claim, failure: ServiceFailure) -> None:
    """Put the work back with back-off and jitter, or park the case when trying again makes no sense."""
    policy, _ = terms(claim.kind, claim.service)
    reason = readable(failure.reason)
    if failure.temporary and claim.attempt < policy.attempts:
        wish = min(failure.retry_after or timedelta(), LONGEST_WISH)
        with writing():
            wait = lease_end(max(policy.wait(claim.attempt), wish))
            held(claim).update(run_at=wait, lease_until=None, error=reason)
        return
    park(held(claim), claim.case_id, reason)


def readable(reason: str) -> str:
    """A reason as a row can hold it: a service's own words may hold anything."""
    return reason.encode("utf-8", "replace").decode().replace("\x00", " ")[:1000]


def retry(case: Case, *, actor: Actor, revision: int | None = None) -> Any:
    """An officer's button: run the parked work of a case again, with its attempts counted from nothing.

    Raises NotAllowed for who may not retry work of the case's team, WrongState when nothing is parked, Stale."""

    def again(fresh: Any) -> Mapping[str, Any]:
        if not may_retry(fresh, actor):
            raise NotAllowed("Only an officer of the team who may retry work may send a parked request on.")
        parked = Work.objects.filter(case_id=fresh.pk, outcome=Work.Outcome.PARKED)
        steps = list(parked.values_list("step", flat=True))
        if not steps:
            raise WrongState("Nothing is parked on this request: it is on its way again.", allowed=[])
        parked.update(outcome=Work.Outcome.OPEN, attempts=0, lease_until=None, run_at=Now(), finished_at=None)
        fresh.parked_at, fresh.parked_reason = None, ""
        return {"steps": steps}

    with writing():
        fresh = engine.change(case, "retried", actor=actor, apply=again, revision=revision)
        doorbell.ring_on_commit()
    return fresh


def may_retry(case: Case, actor: Actor) -> bool:
    ours = actor.everywhere or case.team_id in actor.teams
    return actor.kind == "officer" and ours and actor.has("workflow.retry_work")


def _stop(claim: Claim, result: Mapping[str, Any], refusal: WorkflowError) -> None:
    """What the service did is done; the case cannot go on yet. An officer reads why and sends it on. A timer whose
    moment has no meaning any more is dropped."""
    if claim.is_timer:
        log.warning("%s of %s did not fire: %s", claim.step, claim.reference, refusal.sentence)
        held(claim).update(outcome=Work.Outcome.CANCELLED, error=refusal.sentence, finished_at=Now())
    else:
        park(held(claim), claim.case_id, readable(refusal.sentence), result=dict(result))

"""What follows from a move, written in its transaction: the next work, the timers, the team, the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from workflow import doorbell, router, rows
from workflow.clock import Hours, due_at, resume
from workflow.definition import Service, Step, Workflow
from workflow.models import Work
from workflow.models.work import work_key
from workflow.tracker import calendar


def team(case: Any) -> None:
    """Route a case that has no team yet."""
    if case.team_id is None:
        routing = router.route(case)
        case.team, case.routed_because = routing.team, routing.why[:200]


def renew(case: Any, workflow: Workflow) -> None:
    """Team and deadline of a case whose category or place was corrected. Who worked on it stays, if of the new team."""
    before = case.team_id
    case.team = None
    team(case)
    if case.team_id != before:
        case.assignee = None
    step = workflow.by_state.get(case.state)
    due = step.due_for(case) if step is not None and not step.pauses else None
    if due is not None:
        before = case.due_at
        case.due_at = due_at(case.entered_at, due, calendar())
        _begin_deadline(case, before)


def parked(case: Any) -> None:
    """The step that was parked is left behind; a message of it that is stuck still waits for an officer."""
    if case.parked_at is not None:
        stuck = Work.objects.filter(case_id=case.pk, outcome=Work.Outcome.PARKED).exclude(kind=Work.Kind.STEP).first()
        case.parked_at = case.parked_at if stuck else None
        case.parked_reason = stuck.error if stuck else ""


def clock(case: Any, workflow: Workflow, from_state: str, now: datetime) -> None:
    """Start, pause, resume or stop the clock of a case that came from ``from_state``."""
    before = case.due_at
    _clock(case, workflow, from_state, now)
    _begin_deadline(case, before)


def _begin_deadline(case: Any, before: datetime | None) -> None:
    """With another deadline, reminding and escalating begin anew."""
    if case.due_at != before:
        case.reminded_at = case.escalated_at = None


def _clock(case: Any, workflow: Workflow, from_state: str, now: datetime) -> None:
    step = workflow.by_state.get(case.state)
    if step is not None and step.pauses:
        case.paused_at = case.paused_at or now
        return
    if case.paused_at is not None and step is not None and case.due_at is not None:
        around = isinstance(step.due_for(case), Hours)
        case.due_at = resume(
            case.due_at, case.paused_at, now, calendar(), workflow.after_pause_for(case), around_the_clock=around
        )
        case.paused_at = None
        return
    case.paused_at = None
    if case.state == from_state:
        return
    due = step.due_for(case) if step is not None else None
    case.due_at = due_at(now, due, calendar()) if due is not None else None


def work(
    case: Any, workflow: Workflow, from_state: str, hold: Callable[[Service], bool], *, finished: bool = False
) -> Work | None:
    """Write the work of the step just entered, drop what the case left behind, set the timers of its state.

    Answers the step's work when it was claimed for the caller."""
    stale = Q(kind=Work.Kind.STEP, outcome__in=[Work.Outcome.OPEN, Work.Outcome.PARKED], visit__lt=case.step_visit)
    if from_state in workflow.by_state and not finished:
        Work.objects.filter(stale, case_id=case.pk).update(outcome=Work.Outcome.CANCELLED, finished_at=timezone.now())
    if any({from_state, str(case.state)} & timer.states for timer in workflow.timers):
        _timers(case, workflow)
    step = workflow.by_state.get(case.state)
    if step is None or step.service is None:
        return None
    return _step_work(case, step, step.service, hold)


def _step_work(case: Any, step: Step, service: Service, hold: Callable[[Service], bool]) -> Work | None:
    held = hold(service)  # asked once: a yes counts against the service's cap
    claimed = service.inline or held
    row = Work(
        case_id=case.pk,
        step=step.name,
        visit=case.step_visit,
        service=service.name,
        key=work_key(case.reference, step.name, case.step_visit),
        epoch=1 if claimed else 0,
        attempts=1 if claimed else 0,
    )
    rows.insert(row, moments={"lease_until": service.lease} if claimed else None)
    if held:
        return row
    if claimed:
        doorbell.inline_on_commit(row.pk, row.epoch)
    return None


def again(case: Any, workflow: Workflow) -> None:
    """Run the service of the current step once more: what it looks at has changed. A call under way is dropped."""
    case.step_visit += 1
    work(case, workflow, case.state, hold=lambda service: False)
    parked(case)
    case.save(update_fields=["step_visit", "parked_at", "parked_reason"])
    doorbell.ring_on_commit()


def task(case: Any, *, name: str, service: str, argument: dict[str, Any], at: datetime | None = None) -> Work:
    """Something that follows from a change and is delivered later: a message. Unique by case and name."""
    row, _ = Work.objects.get_or_create(
        case_id=case.pk,
        step=f"task:{name}",
        visit=1,
        defaults={
            "kind": Work.Kind.TASK,
            "service": service,
            "argument": argument,
            "key": work_key(case.reference, f"task:{name}", 1),
            **({"run_at": at} if at is not None else {}),
        },
    )
    doorbell.ring_on_commit()
    return row


def _timers(case: Any, workflow: Workflow) -> None:
    running = {w.step: w for w in Work.objects.filter(case_id=case.pk, kind=Work.Kind.TIMER, outcome=Work.Outcome.OPEN)}
    for timer in workflow.timers:
        at = timer.at(case) if case.state in timer.states else None
        step = f"timer:{timer.name}"
        known = running.get(step)
        if known is not None and known.run_at == at:
            continue
        if known is not None:
            Work.objects.filter(pk=known.pk).update(outcome=Work.Outcome.CANCELLED, finished_at=timezone.now())
        if at is not None:
            Work.objects.create(
                case_id=case.pk,
                kind=Work.Kind.TIMER,
                step=step,
                visit=case.step_visit,
                service=timer.fires,
                run_at=at,
                key=work_key(case.reference, step, case.step_visit),
            )

"""What happens when a deadline passes: the move that the kind of case has for it, or the case goes before the manager.

A sweep finds the cases; nothing is written on a move for the day it may be late. Each case is looked at again under
its lock, so that two workers who find the same one do it once, and a worker that dies has done it whole or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from workflow import engine
from workflow.actors import SYSTEM
from workflow.clock import WorkingDays, due_at
from workflow.errors import Reason, Refused, WorkflowError
from workflow.models import Case
from workflow.registry import registry
from workflow.tracker import calendar

log = logging.getLogger(__name__)

ESCALATED = "escalated"  # kind of event
PRIORITY = 10
MANAGER_HAS = WorkingDays(2)  # until then the manager sees to it; the citizen is told that day
AT_ONCE = 100  # cases of one query
MOST = 1000  # cases of one sweep; the next one goes on


def sweep(now: datetime | None = None) -> int:
    """Look at every case whose deadline passed since the last sweep, at most ``MOST``; answers for how many something
    was done. One case that cannot be looked at is logged and keeps no other waiting."""
    return sum(_looked_at(pk) for pk in _late(now or timezone.now()))


def _late(now: datetime) -> Iterator[int]:
    """Oldest deadline first, found anew a hundred at a time, each case once."""
    seen, after = 0, Q()
    while seen < MOST:
        found = Case.objects.overdue(now).filter(after, escalated_at=None).order_by("due_at", "pk")
        rows = list(found.values_list("due_at", "pk")[:AT_ONCE])
        if not rows:
            return
        for _due, pk in rows:
            yield pk
            seen += 1
        due, pk = rows[-1]
        after = Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk)


def _looked_at(pk: int) -> bool:
    try:
        return look_at(pk)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("The deadline of case %s passed, and nothing could be done about it", pk)
        return False


def look_at(pk: int) -> bool:
    """Do what is to be done about this case's deadline, if it has passed; whether something was."""
    plain = Case.objects.get(pk=pk)
    workflow = registry.get(plain.workflow, plain.workflow_version)
    case = workflow.model._default_manager.get(pk=pk)
    because: Sequence[Reason] = ()
    if (move := workflow.when_late(case)) is not None:
        try:
            engine.fire(case, move, actor=SYSTEM)
        except WorkflowError as refusal:
            because = refusal.reasons  # not in silence: the manager reads what stood in the way
        else:
            return True
    return escalate(case, because=because)


def escalate(case: Any, *, because: Sequence[Reason] = ()) -> bool:
    """Put a late case before the manager, once a deadline; False when it is not late (any more), or is there."""

    def put(fresh: Any) -> Mapping[str, Any]:
        now = timezone.now()
        if not is_late(fresh, now):
            raise Refused([Reason(code="not_late", sentence=f"{fresh.reference} is not late.")])
        fresh.escalated_at = now
        fresh.priority = max(fresh.priority, PRIORITY)
        said = {"deadline": _day(fresh.due_at), "next_by": _day(due_at(now, MANAGER_HAS, calendar()))}
        return {**said, "because": [reason.sentence for reason in because]} if because else said

    try:
        engine.change(case, ESCALATED, actor=SYSTEM, apply=put, public=True)
    except Refused:
        return False
    return True


def is_late(case: Any, now: datetime) -> bool:
    """Open, filed, its clock running, its deadline over, and nobody was told of that deadline yet."""
    runs = case.closed_at is None and case.paused_at is None and case.team_id is not None
    return bool(runs and case.due_at is not None and case.due_at < now and case.escalated_at is None)


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()

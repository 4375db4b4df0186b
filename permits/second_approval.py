"""Four eyes: work of high impact is approved by two officers (docs/rules.md#two-officers).

The lifecycle knows one move, ``approve``; its guards say no until a colleague has approved first.
The officers' button knocks here: the first press is noted, the second moves the permit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from permits import guards, moves
from permits.lifecycle import REVIEWER, State
from permits.models import RoadPermit
from workflow import engine
from workflow.actors import SYSTEM, Actor
from workflow.definition import Attempt
from workflow.desk import name_of, refused
from workflow.errors import NotAllowed, Refused, WrongState
from workflow.models import Event
from workflow.options import failing_guards
from workflow.tracker import record

FIRST_APPROVAL = "first_approval"


def awaits_first(permit: Any) -> bool:
    """Whether the next approval would be the first of two. No query."""
    return bool(permit.second_approver_needed and permit.first_approved_by_id is None)


def approve(permit: RoadPermit, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
    """The approval an officer can give now: the only one, the first of two, or the second.

    Raises NotAllowed, WrongState, Refused, Stale: nothing changed."""
    if not awaits_first(permit):
        return engine.fire(permit, "approve", actor=actor, revision=revision, data=values)
    return _approve_first(permit, actor=actor, revision=revision, values=values)


def _approve_first(permit: RoadPermit, *, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
    def note(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor)
        override = str(values.get("override_reason", "")).strip()
        codes = moves.checked_conditions(fresh, values.get("conditions", ()), override)
        fresh.first_approved_by, fresh.first_approved_at = actor.user, timezone.now()
        fresh.conditions, fresh.explanation = codes, str(values.get("message", "")).strip()
        return {"conditions": codes} | ({"override_reason": override} if moves.objections(fresh) else {})

    return engine.change(permit, FIRST_APPROVAL, actor=actor, apply=note, revision=revision, public=True)


def take_back(permit: Any, event: Event) -> None:
    """A document that comes after the first approval: what was approved is not all that is there now. (An answer of
    the applicant takes it back in its own move.)"""
    if event.kind != "document" or permit.state != State.IN_REVIEW or permit.first_approved_by_id is None:
        return
    note = f"The first approval, by {name_of(permit.first_approved_by)}, no longer counts: a document came after it."
    permit.first_approved_by = permit.first_approved_at = None
    record(permit, kind="approval_taken_back", actor=SYSTEM, note=note)
    permit.save()


def _need(permit: Any, actor: Actor) -> None:
    """Everything the move asks, but for the colleague. Raises NotAllowed, WrongState, Refused."""
    if not REVIEWER(permit, actor):
        raise NotAllowed(f"Only {REVIEWER.who} may do this (approve).")
    if permit.state != State.IN_REVIEW:
        words = permit.state.replace("_", " ")
        raise WrongState(f"This is not possible while the request is {words}.", allowed=engine.options_from(permit))
    if not awaits_first(permit):
        raise refused("first_approval_there", "A colleague approved first meanwhile: look at the record again.")
    permit.attempt = Attempt(actor=actor, now=timezone.now())
    failing = failing_guards(permit, type(permit).approve._django_fsm.get_transition(permit.state))
    if reasons := [reason for reason in failing if reason.code != guards.FIRST_APPROVED.code]:
        raise Refused(reasons)

"""Everything an officer can press on a permit's record: decisions (moves of the lifecycle) and work at the desk.

An act knows its form, whether it is open to this officer now, and the one engine door it goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from permits import decisions, desk
from permits.decisions import FOLLOWS, FORMS, ConfirmForm, DecisionForm
from workflow import desk as office
from workflow import engine, orchestrator
from workflow.actors import Actor
from workflow.errors import Reason
from workflow.registry import lifecycle_of

type Press = Callable[[Any, Actor, int, Mapping[str, Any]], Any]

# Which buttons stand out, and which warn.
MAIN = frozenset({"accept", "approve", "issue", "start_work", "stop_work", "pass_inspection", "resume", "retry"})
GRAVE = frozenset({"refuse", "revoke", "suspend", "fail_inspection"})


@dataclass(frozen=True, kw_only=True)
class Act:
    """One button. ``permitted``: this officer may; ``reasons``: what stands in the way now."""

    name: str
    label: str
    description: str
    form: type[DecisionForm]
    press: Press
    permitted: bool
    reasons: tuple[Reason, ...] = ()
    at_once: bool = False  # pressed on the record itself, without a page of its own

    @property
    def open(self) -> bool:
        return self.permitted and not self.reasons

    @property
    def tone(self) -> str:
        return "grave" if self.name in GRAVE else ("main" if self.name in MAIN else "plain")

    @property
    def button(self) -> str:
        return self.form.submit or self.label


def decisions_for(permit: Any, actor: Actor) -> list[Act]:
    """The moves from here that this officer may make, with what stands in their way."""
    return [
        _decision(option.name, option.label, permitted=True, reasons=option.reasons)
        for option in engine.options(permit, actor)
        if option.permitted and option.name in FORMS
    ]


def decision(permit: Any, actor: Actor, name: str) -> Act | None:
    """One move by its name, wherever the permit stands; None for a move that no officer makes."""
    if name not in FORMS:
        return None
    for option in engine.options(permit, actor):
        if option.name == name:
            return _decision(name, option.label, permitted=option.permitted, reasons=option.reasons)
    edge = next(edge for edge in lifecycle_of(type(permit)) if edge.name == name)
    sentence = f"“{edge.label}” is not possible while the permit is {permit.state_label.lower()}."
    blocked = (Reason(code="wrong_state", sentence=sentence),)
    return _decision(name, edge.label, permitted=bool(edge.permission(permit, actor)), reasons=blocked)


def _decision(name: str, label: str, *, permitted: bool, reasons: tuple[Reason, ...]) -> Act:
    def press(permit: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
        return engine.fire(permit, name, actor=actor, revision=revision, data=values)

    return Act(
        name=name,
        label=label,
        description=FOLLOWS[name],
        form=FORMS[name],
        press=press,
        permitted=permitted,
        reasons=reasons,
    )


def _by(door: Callable[..., Any]) -> Press:
    return lambda permit, actor, revision, values: door(permit, actor=actor, revision=revision, **values)


def desk_for(permit: Any, actor: Actor) -> list[Act]:
    """Work at the desk that makes sense on this record now and is open to this officer."""
    return [act for act in _desk(permit, actor) if act.permitted]


def desk_act(permit: Any, actor: Actor, name: str) -> Act | None:
    """One piece of desk work by its name, permitted or not."""
    return next((act for act in _desk(permit, actor) if act.name == name), None)


def _desk(permit: Any, actor: Actor) -> list[Act]:
    ours, is_open = office.may_work(permit, actor), not permit.is_closed
    is_mine = permit.assignee_id is not None and permit.assignee_id == getattr(actor.user, "pk", None)
    fee_open = permit.fee_total > 0 and permit.fee_settled_at is None
    makes_sense = {  # what would be refused anyway is not offered; the engine's doors ask again
        "claim": ours and is_open and permit.assignee_id is None,
        "release": ours and is_mine,
        "assign": ours and is_open and permit.team_id is not None,
        "retry": permit.parked_at is not None and orchestrator.may_retry(permit, actor),
        "payment": fee_open and is_open and desk.may(permit, actor, desk.PAYMENT),
        "settle_conflict": is_open and desk.may(permit, actor, desk.CONFLICT),
        "waive_documents": is_open and desk.may(permit, actor, desk.DOCUMENTS),
        "note": ours,
    }
    return [
        Act(
            name=name,
            label=label,
            description=text,
            form=form,
            press=_by(door),
            permitted=makes_sense[name],
            at_once=form is ConfirmForm,
        )
        for name, label, text, form, door in DESK
    ]


DESK: tuple[tuple[str, str, str, type[DecisionForm], Callable[..., Any]], ...] = (
    ("claim", "Claim", "You work on this request; colleagues see your name.", ConfirmForm, office.claim),
    ("release", "Release", "Give the request back to the team.", ConfirmForm, office.release),
    (
        "retry",
        "Retry parked work",
        "The service runs again, with its attempts counted anew.",
        ConfirmForm,
        orchestrator.retry,
    ),
    ("assign", "Hand over", "A colleague of the team works on this request.", decisions.AssignForm, office.assign),
    ("payment", "Record payment", "The whole fee was paid.", decisions.PaymentForm, desk.record_payment),
    ("settle_conflict", "Settle conflict", "Both works can go ahead.", decisions.SettleForm, desk.settle_conflict),
    (
        "waive_documents",
        "Waive documents",
        "Decide without what is missing.",
        decisions.WaiveForm,
        desk.waive_documents,
    ),
    ("note", "Add note", "Only officers see it.", decisions.NoteForm, office.add_note),
)

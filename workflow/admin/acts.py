"""Everything an officer can press on a record: decisions (moves of the lifecycle) and work at the desk.

A kind of case names its decisions and its desk work in one ``Counter``. An act knows its form, whether it is open to
this officer now, and the one engine door it goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow import desk as office
from workflow import engine, orchestrator
from workflow.actors import Actor
from workflow.admin.decisions import AssignForm, ConfirmForm, DecisionForm, NoteForm, SharedForm
from workflow.errors import Reason
from workflow.registry import lifecycle_of

type Press = Callable[[Any, Actor, int, Mapping[str, Any]], Any]
type Sensible = Callable[[Any, Actor], bool]

MAIN, GRAVE, PLAIN = "main", "grave", "plain"  # which buttons stand out, and which warn


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """An act that can be done to many chosen cases, each through the same door as its button on the record.

    ``permissions``: it is offered to who has one of them. ``values``: what the door takes for one case, beside what
    ``form`` asks once for all. ``alone``: why a case is decided on its own record only. ``tells``: what will happen to
    this case, beside ``follows``; ``came``: what came of it, else the new state is named. Each may ask the database.
    """

    label: str
    follows: str
    permissions: tuple[str, ...]
    form: type[SharedForm] | None = None
    values: Callable[[Any], Mapping[str, Any]] = lambda case: {}
    alone: Callable[[Any], Sequence[Reason]] = lambda case: ()
    tells: Callable[[Any], str] = lambda case: ""
    came: Callable[[Any], str] = lambda case: ""


@dataclass(frozen=True)
class Decision:
    """What the officers' side adds to a move: what follows from it (read before pressing), and what is filled in.

    ``settles``: codes of guards that its form can still satisfy, so that they do not keep it shut. ``instead``: what
    follows on this very case, where that is something else; ``came``: what came of it, else the new state is named.
    """

    follows: str
    form: type[DecisionForm] = ConfirmForm
    tone: str = PLAIN
    press: Press | None = None  # another door than ``engine.fire``
    settles: frozenset[str] = frozenset()
    label: str = ""  # where the move's own label is the citizen's
    instead: Callable[[Any], str] = lambda case: ""
    came: Callable[[Any], str] = lambda case: ""
    bulk: Bulk | None = None


@dataclass(frozen=True, kw_only=True)
class DeskWork:
    """Work that is no move. ``door(case, *, actor, revision, **values)``; ``sensible``: what would be refused anyway is
    not offered, and the door asks again. Not ``listed``: its button stands beside the thing it is about."""

    name: str
    label: str
    description: str
    door: Callable[..., Any]
    sensible: Sensible
    form: type[DecisionForm] = ConfirmForm
    tone: str = PLAIN
    listed: bool = True
    bulk: Bulk | None = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """One button. ``permitted``: this officer may; ``reasons``: what stands in the way now."""

    name: str
    label: str
    description: str
    form: type[DecisionForm]
    press: Press
    permitted: bool
    tone: str
    reasons: tuple[Reason, ...] = ()
    came: Callable[[Any], str] = lambda case: ""
    at_once: bool = False  # pressed on the record itself, without a page of its own
    listed: bool = True

    @property
    def open(self) -> bool:
        return self.permitted and not self.reasons

    @property
    def button(self) -> str:
        return self.form.submit or self.label


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What officers can press on one kind of case; ``noun`` names a case of it in sentences."""

    noun: str
    decisions: Mapping[str, Decision]
    desk: Sequence[DeskWork]

    def decisions_for(self, case: Any, actor: Actor) -> list[Act]:
        """The moves from here that this officer may make, in the order of the table, with what stands in their way."""
        options = {option.name: option for option in engine.options(case, actor) if option.permitted}
        return [
            self._decision(case, name, options[name].label, permitted=True, reasons=options[name].reasons)
            for name in self.decisions
            if name in options
        ]

    def decision(self, case: Any, actor: Actor, name: str) -> Act | None:
        """One move by its name, wherever the case stands; None for a move that no officer makes."""
        if name not in self.decisions:
            return None
        for option in engine.options(case, actor, names={name}):
            return self._decision(case, name, option.label, permitted=option.permitted, reasons=option.reasons)
        edge = next(edge for edge in lifecycle_of(type(case)) if edge.name == name)
        sentence = f"“{edge.label}” is not possible while the {self.noun} stands at “{case.state_label}”."
        blocked = (Reason(code="wrong_state", sentence=sentence),)
        return self._decision(case, name, edge.label, permitted=bool(edge.permission(case, actor)), reasons=blocked)

    def desk_for(self, case: Any, actor: Actor) -> list[Act]:
        """Work at the desk that makes sense on this record now and is open to this officer."""
        return [act for act in (_at_desk(work, case, actor) for work in self.desk) if act.permitted]

    def desk_act(self, case: Any, actor: Actor, name: str) -> Act | None:
        """One piece of desk work by its name, permitted or not."""
        return next((_at_desk(work, case, actor) for work in self.desk if work.name == name), None)

    def act(self, case: Any, actor: Actor, name: str) -> Act | None:
        """A decision or desk work."""
        return self.decision(case, actor, name) or self.desk_act(case, actor, name)

    def bulks(self) -> dict[str, Bulk]:
        """What can be done to many cases at once, by the name of the act."""
        told: dict[str, Bulk | None] = {name: one.bulk for name, one in self.decisions.items()}
        told |= {work.name: work.bulk for work in self.desk}
        return {name: bulk for name, bulk in told.items() if bulk is not None}

    def _decision(self, case: Any, name: str, label: str, *, permitted: bool, reasons: tuple[Reason, ...]) -> Act:
        told = self.decisions[name]
        return Act(
            name=name,
            label=told.label or label,
            description=told.instead(case) or told.follows,
            came=told.came,
            form=told.form,
            press=told.press or _fires(name),
            permitted=permitted,
            tone=told.tone,
            reasons=tuple(reason for reason in reasons if reason.code not in told.settles),
        )


def _fires(name: str) -> Press:
    def press(case: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
        return engine.fire(case, name, actor=actor, revision=revision, data=values)

    return press


def _at_desk(work: DeskWork, case: Any, actor: Actor) -> Act:
    def press(case: Any, actor: Actor, revision: int, values: Mapping[str, Any]) -> Any:
        return work.door(case, actor=actor, revision=revision, **values)

    return Act(
        name=work.name,
        label=work.label,
        description=work.description,
        form=work.form,
        press=press,
        permitted=work.sensible(case, actor),
        tone=work.tone,
        at_once=work.form is ConfirmForm,
        listed=work.listed,
    )


# -- what is done at the desk with any kind of case -------------------------------------------------------------------


def works_here(case: Any, actor: Actor) -> bool:
    """The officer is of its team, with the right for its kind, and it is open."""
    return office.may_work(case, actor) and not case.is_closed


def _is_mine(case: Any, actor: Actor) -> bool:
    return case.assignee_id is not None and office.may_work(case, actor) and office.is_with(case, actor)


CLAIM = DeskWork(
    name="claim",
    label="Claim",
    description="You work on it; colleagues see your name.",
    door=office.claim,
    sensible=lambda case, actor: works_here(case, actor) and office.is_free(case),
)
RELEASE = DeskWork(
    name="release",
    label="Release",
    description="Give it back to the team.",
    door=office.release,
    sensible=_is_mine,
)
RETRY = DeskWork(
    name="retry",
    label="Retry parked work",
    description="The service runs again, with its attempts counted anew.",
    door=orchestrator.retry,
    sensible=lambda case, actor: case.parked_at is not None and orchestrator.may_retry(case, actor),
    tone=MAIN,
)
ASSIGN = DeskWork(
    name="assign",
    label="Hand over",
    description="A colleague of the team works on it.",
    door=office.assign,
    sensible=lambda case, actor: case.team_id is not None and works_here(case, actor),
    form=AssignForm,
)
NOTE = DeskWork(
    name="note",
    label="Internal note",
    description="Only officers see it.",
    door=office.add_note,
    sensible=office.may_work,
    form=NoteForm,
)

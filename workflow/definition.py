"""A workflow as frozen values: named, versioned, ordered steps. No database here.

Read a definition aloud: who, from where, to where, only if. ``check`` finds what does not fit before anything runs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps

from workflow.actors import SYSTEM, Actor, Permission
from workflow.clock import Due

if TYPE_CHECKING:
    from workflow.models import Case, Event

type Result = Mapping[str, Any]


@dataclass(frozen=True)
class Guard:
    """One question with a sentence for the user when the answer is no, and its source in docs/rules.md.

    django-fsm calls it with the case; ``case.attempt`` says who tries and with what data.
    """

    code: str
    sentence: str
    source: str
    holds: Callable[[Any], bool]

    def __call__(self, case: Any) -> bool:
        return self.holds(case)

    @property
    def __name__(self) -> str:
        return self.code


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Who tries a transition, with what: what guards may look at besides the case."""

    actor: Actor
    data: Mapping[str, Any] = field(default_factory=dict)
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Back-off with full jitter: a wait is uniform between 0 and ``base * 2**(attempt-1)``, at most ``cap``."""

    attempts: int = 5
    base: timedelta = timedelta(seconds=1)
    cap: timedelta = timedelta(minutes=5)

    def wait(self, attempt: int, *, rng: random.Random | None = None) -> timedelta:
        ceiling = min(self.cap, self.base * 2 ** min(attempt - 1, 30))
        return timedelta(seconds=ceiling.total_seconds() * (rng or random).random())


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a service is told: which case, which visit of which step, under which Idempotency-Key, by when."""

    case_id: int
    reference: str
    step: str
    visit: int
    key: UUID
    attempt: int
    deadline: timedelta
    argument: Mapping[str, Any]


def _accept_all(case: Any, result: Result) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Service:
    """Machine work. ``call`` runs outside any transaction and may run more than once under the same key; ``accept``
    writes the result in the transaction that completes the work, and says whether the case may go on."""

    name: str
    call: Callable[[Call], Result]
    accept: Callable[[Any, Result], bool] = _accept_all
    deadline: timedelta = timedelta(seconds=10)  # in all; shorter than the lease
    retry: Retry = Retry()
    concurrency: int = 4  # calls at once in one worker process, so that a slow service cannot take all threads
    inline: bool = False  # local and quick: runs in the request that made the work, right after its commit
    doing: str = ""  # for the story and the timeline: "asks the safety service"

    @property
    def lease(self) -> timedelta:
        return self.deadline + timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is being done or awaited while a case is in ``state``: a service (machines), decisions (people), or both."""

    name: str
    state: str
    title: str  # for people: "Safety review"
    service: Service | None = None
    then: str | None = None  # the transition fired when the service's result is accepted
    decisions: tuple[str, ...] = ()
    due: Due | Callable[[Any], Due | None] | None = None
    awaits: str = "Milepost"  # who must act next, in words
    pauses: bool = False  # the clock of the case stands still while it is here

    def due_for(self, case: Case) -> Due | None:
        return self.due(case) if callable(self.due) else self.due


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A transition that fires by itself: ``at(case)`` says when (None: never) while the case is in one of ``states``."""

    name: str
    states: frozenset[str]
    at: Callable[[Any], datetime | None]
    fires: str


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One move of the lifecycle, read from the FSM."""

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    permission: Any
    guards: tuple[Guard, ...]
    label: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A new case before it is stored: the unsaved row and what else is written with it in the same transaction."""

    case: Any
    also: Callable[[Any], None] = lambda case: None


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """The definition of one kind of case."""

    name: str
    version: int
    case: str  # app_label.Model
    title: str
    prefix: str  # of the public reference: RP
    initial: str
    begin: str  # the transition start_workflow fires
    steps: tuple[Step, ...]
    open: Callable[[Mapping[str, Any], Actor], Opening]
    waits: tuple[Step, ...] = ()  # states beside the ordered steps in which we wait for somebody outside
    timers: tuple[Timer, ...] = ()
    final: frozenset[str] = frozenset()
    on_event: tuple[Callable[[Case, Event], None], ...] = ()  # what follows from a change, written with it

    @property
    def model(self) -> Any:
        """The class of its cases."""
        return apps.get_model(self.case)

    @cached_property
    def by_name(self) -> Mapping[str, Step]:
        return {step.name: step for step in all_steps(self)}

    @cached_property
    def by_state(self) -> Mapping[str, Step]:
        return {step.state: step for step in all_steps(self)}


def check(workflow: Workflow, edges: Iterable[Edge], states: Iterable[str]) -> list[str]:
    """Every fault of a definition as a sentence; an empty list means it can run."""
    edges, known = list(edges), set(states)
    return [
        *_check_steps(workflow, known),
        *_check_edges(workflow, edges, known),
        *_check_references(workflow, edges),
        *_check_machine(workflow, edges),
    ]


def all_steps(workflow: Workflow) -> tuple[Step, ...]:
    """The ordered steps, then the waits."""
    return (*workflow.steps, *workflow.waits)


def _check_steps(workflow: Workflow, known: set[str]) -> list[str]:
    faults = [
        f"Step {step.name} names the unknown state '{step.state}'."
        for step in all_steps(workflow)
        if step.state not in known
    ]
    steps = all_steps(workflow)
    for what, values in (("name", [step.name for step in steps]), ("state", [step.state for step in steps])):
        faults += [
            f"Two steps have the {what} '{value}'." for value in sorted({v for v in values if values.count(v) > 1})
        ]
    faults += [
        f"Step {step.name} has neither a service nor a decision: nothing would ever move the case on."
        for step in all_steps(workflow)
        if step.service is None and not step.decisions
    ]
    if not workflow.steps:
        faults.append("The workflow has no steps.")
    for state in sorted({workflow.initial, *workflow.final} - known):
        faults.append(f"The workflow names the unknown state '{state}'.")
    return faults


def _check_edges(workflow: Workflow, edges: list[Edge], known: set[str]) -> list[str]:
    faults = []
    for edge in edges:
        if not isinstance(edge.permission, Permission):
            faults.append(f"Transition {edge.name} names no permission: nobody or everybody could fire it.")
        for state in sorted({*edge.sources, *edge.targets} - known):
            faults.append(f"Transition {edge.name} names the unknown state '{state}'.")
        faults += [
            f"Transition {edge.name} has a condition that is no Guard." for g in edge.guards if not isinstance(g, Guard)
        ]
    reached, frontier = {workflow.initial}, [workflow.initial]
    while frontier:
        state = frontier.pop()
        new = {target for edge in edges if state in edge.sources for target in edge.targets} - reached
        reached |= new
        frontier += sorted(new)
    faults += [
        f"Step {step.name} is unreachable: no path leads to '{step.state}'."
        for step in all_steps(workflow)
        if step.state not in reached
    ]
    leaving = {source for edge in edges for source in edge.sources}
    faults += [
        f"State '{state}' is neither final nor left by any transition."
        for state in sorted(reached - leaving - workflow.final)
    ]
    return faults


def _check_references(workflow: Workflow, edges: list[Edge]) -> list[str]:
    faults = []
    by_name = {edge.name: edge for edge in edges}
    for step in all_steps(workflow):
        for name in (*((step.then,) if step.then else ()), *step.decisions):
            if name not in by_name:
                faults.append(f"Step {step.name} names the unknown transition {name!r}.")
            elif step.state not in by_name[name].sources:
                faults.append(f"Step {step.name} names {name!r}, which does not start in '{step.state}'.")
        if step.then and step.service is None:
            faults.append(f"Step {step.name} says then {step.then!r} but has no service.")
    for timer in workflow.timers:
        if timer.fires not in by_name:
            faults.append(f"Timer {timer.name} fires the unknown transition {timer.fires!r}.")
        elif missing := sorted(timer.states - set(by_name[timer.fires].sources)):
            faults.append(f"Timer {timer.name} would fire {timer.fires!r} in {', '.join(missing)}, where it does not start.")
    if workflow.begin not in by_name or workflow.initial not in by_name[workflow.begin].sources:
        faults.append(f"The workflow begins with {workflow.begin!r}, which does not start in '{workflow.initial}'.")
    return faults


def _check_machine(workflow: Workflow, edges: list[Edge]) -> list[str]:
    """What Milepost fires by itself must be open to it, and a service must lead somewhere."""
    shut = {edge.name for edge in edges if isinstance(edge.permission, Permission) and not _open_to_system(edge)}
    steps = all_steps(workflow)
    faults = [
        f"Step {step.name} says then {step.then!r}, which Milepost itself may not fire."
        for step in steps
        if step.then in shut
    ]
    faults += [
        f"Timer {timer.name} fires {timer.fires!r}, which Milepost itself may not fire."
        for timer in workflow.timers
        if timer.fires in shut
    ]
    timed = {state for timer in workflow.timers for state in timer.states}
    return faults + [
        f"Step {step.name} has a service that leads nowhere: neither then, nor a decision, nor a timer."
        for step in steps
        if step.service and not (step.then or step.decisions or step.state in timed or step.state in workflow.final)
    ]


def _open_to_system(edge: Edge) -> bool:
    try:
        return bool(edge.permission(None, SYSTEM))
    except (AttributeError, TypeError):
        return True  # it depends on the case; then the engine says so when the time comes

"""A workflow as frozen values: named, versioned, ordered steps. No database here.

Read a definition aloud: who, from where, to where, only if. workflow.soundness finds what does not fit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps

from workflow.actors import Actor
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
    """A transition that fires by itself while a case is in one of ``states``; ``at(case)`` says when (None: never)."""

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
    after_pause: Due | Callable[[Any], Due] | None = None  # at least so much time is ours when a pause ends
    # The move that a passed deadline makes; None, or refused by its guards: the case goes before the manager.
    when_late: Callable[[Any], str | None] = lambda case: None
    on_event: tuple[Callable[[Case, Event], None], ...] = ()  # what follows from a change, written with it

    @property
    def model(self) -> Any:
        """The class of its cases."""
        return apps.get_model(self.case)

    def after_pause_for(self, case: Any) -> Due | None:
        """How much time is ours, at least, when the pause of this case ends."""
        return self.after_pause(case) if callable(self.after_pause) else self.after_pause

    @cached_property
    def by_name(self) -> Mapping[str, Step]:
        return {step.name: step for step in all_steps(self)}

    @cached_property
    def by_state(self) -> Mapping[str, Step]:
        return {step.state: step for step in all_steps(self)}


def all_steps(workflow: Workflow) -> tuple[Step, ...]:
    """The ordered steps, then the waits."""
    return (*workflow.steps, *workflow.waits)


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """A drawing of a flow inside a workflow, registered beside those of the workflows (``registry.register_diagram``).

    ``name`` is the word in its address, ``part_of`` the workflow it happens in. ``svg`` and ``bpmn`` draw it anew at
    each call, the same every time; without arguments and without the database."""

    name: str
    title: str
    part_of: str
    svg: Callable[[], str]
    bpmn: Callable[[], str]

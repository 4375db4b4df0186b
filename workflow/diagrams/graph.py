"""What a drawing of a workflow shows: places (its states) and flows (its moves, one for each pair of states)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflow.definition import Edge, Step, Timer, Workflow
from workflow.registry import lifecycle_of


@dataclass(frozen=True, kw_only=True)
class Place:
    """One state of a case. ``who`` must act there and what the machine does, in words; empty when nobody must."""

    state: str
    title: str
    who: str
    machine: str
    step: Step | None
    is_initial: bool
    is_final: bool
    on_the_way: bool  # one of the ordered states; else it stands beside them: a wait or an end


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A move from one state to another. ``timer``: what fires it by itself from there, if anything does."""

    move: Edge
    source: str
    target: str
    timer: Timer | None

    @property
    def key(self) -> str:
        """Stable and unique within the workflow."""
        return f"{self.move.name}-{self.source}-{self.target}"


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Places in the order of the drawing: those on the way from first to last, then those beside it."""

    workflow: Workflow
    places: Sequence[Place]
    flows: Sequence[Flow]

    @property
    def way(self) -> Sequence[Place]:
        return [place for place in self.places if place.on_the_way]

    @property
    def beside(self) -> Sequence[Place]:
        return [place for place in self.places if not place.on_the_way]


def graph_of(workflow: Workflow, *, names: Mapping[str, str] | None = None, citizen: str = "You") -> Graph:
    """``names``: states in other words than the citizen's; ``citizen``: who acts where the citizen reads “You”."""
    flows = _flows(workflow)
    way = _way(workflow, flows)
    states = [str(state) for state in workflow.model.State.values]
    order = [*way, *(state for state in states if state not in way)]
    places = [_place(workflow, state, names or {}, citizen, on_the_way=state in way) for state in order]
    return Graph(workflow=workflow, places=places, flows=flows)


def _place(workflow: Workflow, state: str, names: Mapping[str, str], citizen: str, *, on_the_way: bool) -> Place:
    step = workflow.by_state.get(state)
    label = str(workflow.model.State(state).label)
    service = step.service if step else None
    # Where nobody decides, the machine alone goes on.
    awaits = step.awaits if step and step.decisions else ""
    return Place(
        state=state,
        title=names.get(state) or (step.title if step else label),
        who=citizen if awaits == "You" else awaits,
        machine=f"Milepost {service.doing or f'calls {service.name}'}" if service else "",
        step=step,
        is_initial=state == workflow.initial,
        is_final=state in workflow.final,
        on_the_way=on_the_way,
    )


def _flows(workflow: Workflow) -> list[Flow]:
    timers = {(state, timer.fires): timer for timer in workflow.timers for state in timer.states}
    return [
        Flow(move=move, source=source, target=target, timer=timers.get((source, move.name)))
        for move in lifecycle_of(workflow.model)
        for source in move.sources
        for target in move.targets
    ]


def _way(workflow: Workflow, flows: Sequence[Flow]) -> list[str]:
    """The first state, the ordered steps, then whatever is neither a wait, an end nor a detour, as it was declared."""
    way = [str(workflow.initial), *(str(step.state) for step in workflow.steps)]
    pairs = {(flow.source, flow.target) for flow in flows}
    beside = workflow.final | {step.state for step in workflow.waits}
    declared = [str(state) for state in workflow.model.State.values if state not in beside]
    for state in reversed(declared):
        if state not in way and _is_detour(state, declared, pairs):
            declared.remove(state)
    return list(dict.fromkeys([*way, *declared]))


def _is_detour(state: str, states: Sequence[str], pairs: set[tuple[str, str]]) -> bool:
    """Whether one comes back from it to where one was, and gets on from there without it."""
    here = states.index(state)
    return any(
        {(before, state), (state, before), (state, after), (before, after)} <= pairs
        for before in states[:here]
        for after in states[here + 1 :]
    )

"""Whether a workflow can run: every fault of a definition as a sentence, before anything runs. No database here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from workflow.actors import SYSTEM, Permission
from workflow.definition import Edge, Guard, Step, Timer, Workflow, all_steps


def check(workflow: Workflow, edges: Iterable[Edge], states: Iterable[str]) -> list[str]:
    """Every fault of a definition; an empty list means it can run."""
    by_name, known = {edge.name: edge for edge in edges}, {str(state) for state in states}
    return [
        *_check_names(workflow, known),
        *_check_edges(by_name.values(), known),
        *_check_paths(workflow, by_name.values()),
        *(fault for step in all_steps(workflow) for fault in _check_step(workflow, step, by_name)),
        *(fault for timer in workflow.timers for fault in _check_timer(timer, by_name)),
    ]


def _check_names(workflow: Workflow, known: set[str]) -> Iterator[str]:
    steps = all_steps(workflow)
    if not workflow.steps:
        yield "The workflow has no steps."
    for what, values in (("name", [step.name for step in steps]), ("state", [str(step.state) for step in steps])):
        yield from (f"Two steps have the {what} '{value}'." for value, times in Counter(values).items() if times > 1)
    for step in steps:
        if step.state not in known:
            yield f"Step {step.name} names the unknown state '{step.state}'."
    for state in sorted({workflow.initial, *workflow.final} - known):
        yield f"The workflow names the unknown state '{state}'."


def _check_edges(edges: Iterable[Edge], known: set[str]) -> Iterator[str]:
    for edge in edges:
        if not isinstance(edge.permission, Permission):
            yield f"Transition {edge.name} names no permission: nobody or everybody could fire it."
        for state in sorted({*edge.sources, *edge.targets} - known):
            yield f"Transition {edge.name} names the unknown state '{state}'."
        if not all(isinstance(guard, Guard) for guard in edge.guards):
            yield f"Transition {edge.name} has a condition that is no Guard."


def _check_paths(workflow: Workflow, edges: Iterable[Edge]) -> Iterator[str]:
    begin = next((edge for edge in edges if edge.name == workflow.begin), None)
    if begin is None or workflow.initial not in begin.sources:
        yield f"The workflow begins with {workflow.begin!r}, which does not start in '{workflow.initial}'."
    reached, frontier = {str(workflow.initial)}, [str(workflow.initial)]
    while frontier:
        state = frontier.pop()
        new = {target for edge in edges if state in edge.sources for target in edge.targets} - reached
        reached |= new
        frontier += sorted(new)
    for step in all_steps(workflow):
        if step.state not in reached:
            yield f"Step {step.name} is unreachable: no path leads to '{step.state}'."
    leaving = {source for edge in edges for source in edge.sources}
    for state in sorted(reached - leaving - workflow.final):
        yield f"State '{state}' is neither final nor left by any transition."


def _check_step(workflow: Workflow, step: Step, edges: Mapping[str, Edge]) -> Iterator[str]:
    for name in filter(None, (step.then, *step.decisions)):
        if name not in edges:
            yield f"Step {step.name} names the unknown transition {name!r}."
        elif step.state not in edges[name].sources:
            yield f"Step {step.name} names {name!r}, which does not start in '{step.state}'."
    if step.then and step.then in edges and not _open_to_system(edges[step.then]):
        yield f"Step {step.name} says then {step.then!r}, which Milepost itself may not fire."
    yield from _check_machine(workflow, step)


def _check_machine(workflow: Workflow, step: Step) -> Iterator[str]:
    if step.service is None:
        if step.then:
            yield f"Step {step.name} says then {step.then!r} but has no service."
        if not step.decisions:
            yield f"Step {step.name} has neither a service nor a decision: nothing would ever move the case on."
        return
    timed = {state for timer in workflow.timers for state in timer.states}
    if not (step.then or step.decisions or step.state in timed or step.state in workflow.final):
        yield f"Step {step.name} has a service that leads nowhere: neither then, nor a decision, nor a timer."


def _check_timer(timer: Timer, edges: Mapping[str, Edge]) -> Iterator[str]:
    if timer.fires not in edges:
        yield f"Timer {timer.name} fires the unknown transition {timer.fires!r}."
        return
    if missing := sorted(timer.states - set(edges[timer.fires].sources)):
        yield f"Timer {timer.name} would fire {timer.fires!r} in {', '.join(missing)}, where it does not start."
    if not _open_to_system(edges[timer.fires]):
        yield f"Timer {timer.name} fires {timer.fires!r}, which Milepost itself may not fire."


def _open_to_system(edge: Edge) -> bool:
    try:
        return not isinstance(edge.permission, Permission) or edge.permission(None, SYSTEM)  # type: ignore[arg-type]
    except (AttributeError, TypeError):
        return True  # it depends on the case; then the engine says so when the time comes

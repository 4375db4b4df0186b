"""A workflow in English, as a drawing in text, and as Mermaid: read from the definition and the lifecycle, never typed.

Every move says who, from where, to where, only if; every step says what is done there and by when.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow.clock import Due, Hours
from workflow.definition import Edge, Step, Workflow, all_steps
from workflow.registry import lifecycle_of


def in_english(workflow: Workflow) -> str:
    """The whole definition as text of at most 100 columns."""
    lines = [
        f"{workflow.title}: workflow {workflow.name}, version {workflow.version}",
        f"Begins in {words(workflow.initial)} with {workflow.begin!r}; ends in {_list(sorted(workflow.final))}.",
        "",
        *_drawing(workflow),
        "",
        "STEPS",
        *(line for step in all_steps(workflow) for line in _step(workflow, step)),
        "",
        "MOVES",
        *(line for edge in lifecycle_of(workflow.model) for line in _move(edge)),
        "",
        "TIMERS",
        *(_timers(workflow) or ["  none"]),
    ]
    return "\n".join(line.rstrip() for line in lines)


def in_mermaid(workflow: Workflow) -> str:
    """A state diagram for whoever renders Mermaid. Loops and all moves included."""
    names = {step.state: step for step in all_steps(workflow)}
    lines = ["stateDiagram-v2", f"    [*] --> {workflow.initial}"]
    for state in _states(workflow):
        title = names[state].title if state in names else words(state).capitalize()
        lines.append(f"    {state}: {title}")
    for edge in lifecycle_of(workflow.model):
        lines += [f"    {source} --> {target}: {edge.label}" for source in edge.sources for target in edge.targets]
    lines += [f"    {state} --> [*]" for state in sorted(workflow.final)]
    return "\n".join(lines)


def words(state: str) -> str:
    return str(state).replace("_", " ")


def _states(workflow: Workflow) -> list[str]:
    return [str(state) for state in workflow.model.State.values]


def _drawing(workflow: Workflow) -> Iterator[str]:
    """The ordered steps as boxes with the move that leads on; waits beside them."""
    width = max(len(step.title) + len(step.name) for step in all_steps(workflow)) + 5
    edges = lifecycle_of(workflow.model)
    for number, step in enumerate(workflow.steps):
        if number:
            before = workflow.steps[number - 1].state
            leads = [e.label for e in edges if before in e.sources and step.state in e.targets]
            yield f"  {'|':^{width + 2}}  {_list(leads, 'or') if leads else 'by way of another state'}"
            yield f"  {'v':^{width + 2}}"
        yield f"  +{'-' * width}+"
        mark = "".join((" *machine" if step.service else "", " *person" if step.decisions else ""))
        yield f"  |{f' {step.title} ({step.name})':<{width}}| {mark}"
        yield f"  +{'-' * width}+"
    for wait in workflow.waits:
        yield f"  ( {wait.title}: {wait.name}; we wait for {wait.awaits} )"


def _step(workflow: Workflow, step: Step) -> Iterator[str]:
    yield f"  {step.name}: {step.title!r}, while the state is {words(step.state)}."
    if step.service is not None:
        how = "in the request itself" if step.service.inline else "by a worker"
        doing = f" ({step.service.doing})" if step.service.doing else ""
        retry = f"up to {step.service.retry.attempts} attempts of {step.service.deadline.total_seconds():g} s"
        yield f"    Milepost calls {step.service.name}{doing} {how}, {retry}."
    if step.then:
        yield f"    When its result is accepted, {step.then!r} follows by itself."
    if step.decisions:
        yield f"    {step.awaits} may decide: {_list(step.decisions, 'or')}."
    yield from (f"    {said}" for said in (_due(step), "The clock stands still." if step.pauses else "") if said)


def _due(step: Step) -> str:
    if step.due is None:
        return ""
    if callable(step.due):
        return "Due: it depends on the case."
    return f"Due within {in_words(step.due)}."


def in_words(due: Due) -> str:
    noun = "hour" if isinstance(due, Hours) else "working day"
    return f"{due.n} {noun}" if due.n == 1 else f"{due.n} {noun}s"


def _move(edge: Edge) -> Iterator[str]:
    yield f"  {edge.name}: {edge.description or edge.label}"
    yield f"    Who: {edge.permission.who}."
    sources, targets = ([words(state) for state in states] for states in (edge.sources, edge.targets))
    yield f"    From {_list(sources, 'or')} to {_list(targets, 'or')}."
    for guard in edge.guards:
        yield f"    Only if {guard.code}; else: {guard.sentence} [{guard.source}]"


def _timers(workflow: Workflow) -> list[str]:
    return [
        f"  {timer.name}: {timer.fires!r} fires by itself while the state is "
        f"{_list([words(state) for state in sorted(timer.states)], 'or')}, when its moment comes."
        for timer in workflow.timers
    ]


def _list(parts: list[str] | tuple[str, ...], last: str = "and") -> str:
    parts = [words(part) if last == "and" else part for part in parts]
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

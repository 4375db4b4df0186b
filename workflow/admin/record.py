"""What a record shows of any case: its history in words, its steps, the colour of its badge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from workflow.diagrams.svg import svg
from workflow.models import Event
from workflow.registry import registry
from workflow.tracker import label_of

# Colours of a badge; words say the same.
MOVING, WAITING, GOOD, STOPPED, OVER = "moving", "waiting", "good", "stopped", "over"
TECHNICAL = frozenset({"step", "service", "steps"})  # facts that say nothing to officers


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the timeline in words."""

    at: datetime
    seq: int
    what: str
    who: str
    moved_to: str
    note: str
    facts: list[tuple[str, str]]
    public: bool


def plain_fact(value: Any) -> str:
    """A value of an event in words: short ones only, the record shows the rest in full."""
    match value:
        case dict():
            return ", ".join(map(str, value))
        case list():
            texts = (str(one.get("text", "")) if isinstance(one, dict) else str(one) for one in value)
            return "; ".join(text for text in texts if text)
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
    return str(value)


def history(
    case: Any,
    events: Sequence[Event],
    *,
    fact: Callable[[Any], str] = plain_fact,
    technical: frozenset[str] = TECHNICAL,
    state_name: Callable[[str], str] = str,
) -> list[Line]:
    """The history, newest first. ``fact`` puts one value into words, ``state_name`` a state; facts named in
    ``technical`` are left out."""
    return [_line(case, event, fact, technical, state_name) for event in reversed(events)]


def _line(
    case: Any, event: Event, fact: Callable[[Any], str], technical: frozenset[str], state_name: Callable[[str], str]
) -> Line:
    moved = event.to_state if event.to_state != event.from_state else ""
    told = {name: fact(value) for name, value in event.data.items() if name not in technical}
    return Line(
        at=event.at,
        seq=event.seq,
        what=label_of(case, event),
        who=event.actor,
        moved_to=state_name(moved),
        note=event.note,
        facts=[(name.replace("_", " ").capitalize(), text) for name, text in told.items() if text],
        public=event.public,
    )


def steps(case: Any, events: Sequence[Event]) -> list[tuple[str, str]]:
    """The steps of the workflow: (title, done | current | paused | ahead)."""
    workflow = registry.get(case.workflow, case.workflow_version)
    visited = _visited(events)
    pausing = getattr(case, "return_state", "") if case.paused_at is not None else ""
    marked = []
    for step in workflow.steps:
        if step.state == case.state:
            mark = "current"
        elif step.state == pausing:
            mark = "paused"
        else:
            mark = "done" if step.state in visited else "ahead"
        marked.append((step.title, mark))
    return marked


def diagram(case: Any, events: Sequence[Event], *, names: Mapping[str, str], citizen: str) -> SafeString:
    """The workflow drawn, with where the case stands and where it has been. ``names``: states in officers' words;
    ``citizen``: who acts where the citizen reads “You”."""
    workflow = registry.get(case.workflow, case.workflow_version)
    drawn = svg(workflow, current=case.state, visited=_visited(events), names=names, citizen=citizen, inline=True)
    return mark_safe(drawn)  # noqa: S308 -- the drawing escapes what it prints, all of it our own words


def _visited(events: Sequence[Event]) -> set[str]:
    return set(chain.from_iterable((event.from_state, event.to_state) for event in events))


def tone_of(state: str, tones: Mapping[str, Sequence[str]]) -> str:
    """The colour of a state's badge; a state in no list is over."""
    return next((tone for tone, states in tones.items() if state in states), OVER)

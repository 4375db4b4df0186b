"""Each guard both ways on a real case: when it says no, its sentence is what the person reads. For any workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from workflow import engine
from workflow.actors import Actor
from workflow.definition import Guard
from workflow.errors import Reason, Refused
from workflow.registry import lifecycle_of


def as_it_is(case: Any) -> None:
    """Nothing to change."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A move that asks the guard, a case on which it says yes after ``good`` and no after ``bad``. ``data``: what the
    move takes; ``bad_data``: with which it says no."""

    move: str
    begin: Callable[[], Any]
    actor: Callable[[Any], Actor]
    good: Callable[[Any], Any] = as_it_is
    bad: Callable[[Any], Any] = as_it_is
    bad_actor: Callable[[Any], Actor] | None = None
    data: Mapping[str, Any] | None = None
    bad_data: Mapping[str, Any] | None = None


def objections(case: Any, move: str, actor: Actor, data: Mapping[str, Any] | None = None) -> dict[str, Reason]:
    """What the person reads who tries; nothing stays of the try."""
    try:
        with transaction.atomic():
            engine.fire(case, move, actor=actor, data=data)
            transaction.set_rollback(True)
    except Refused as refused:
        return {reason.code: reason for reason in refused.reasons}
    return {}


def check(guard: Guard, question: Question) -> None:
    case = question.begin()
    question.good(case)
    assert guard.code not in objections(case, question.move, question.actor(case), question.data)
    question.bad(case)
    who, data = question.bad_actor or question.actor, question.bad_data or question.data
    said = objections(case, question.move, who(case), data)
    assert said[guard.code] == Reason(code=guard.code, sentence=guard.sentence, source=guard.source)


def asked_by(model: Any) -> dict[str, list[str]]:
    """Guard to the moves that ask it, as the code says."""
    asked: dict[str, list[str]] = {}
    for edge in lifecycle_of(model):
        for guard in edge.guards:
            asked.setdefault(guard.code, []).append(edge.name)
    return asked

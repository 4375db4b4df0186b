"""What may be done with a case from where it stands, and why not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from workflow.actors import Actor
from workflow.definition import Attempt
from workflow.errors import Reason
from workflow.registry import lifecycle_of


def failing_guards(case: Any, transition: Any) -> list[Reason]:
    """Every guard that says no, at once."""
    return [
        Reason(code=guard.code, sentence=guard.sentence, source=guard.source)
        for guard in transition.conditions
        if not guard(case)
    ]


def options_from(case: Any) -> list[str]:
    return [edge.name for edge in lifecycle_of(type(case)) if case.state in edge.sources]


@dataclass(frozen=True, kw_only=True)
class Option:
    """A transition from here: may this actor press it now, and if not, why."""

    name: str
    label: str
    description: str
    permitted: bool
    reasons: tuple[Reason, ...]

    @property
    def open(self) -> bool:
        return self.permitted and not self.reasons


def options(case: Any, actor: Actor, *, names: Collection[str] | None = None) -> list[Option]:
    """What leads on from the case's state, for buttons and ``transitions/``. ``case``: as its own kind. ``names``: of
    these moves alone, which spares the questions of the others."""
    case.attempt = Attempt(actor=actor, data={}, now=timezone.now())
    found = []
    for edge in lifecycle_of(type(case)):
        if case.state in edge.sources and (names is None or edge.name in names):
            transition = getattr(type(case), edge.name)._django_fsm.get_transition(case.state)
            found.append(
                Option(
                    name=edge.name,
                    label=edge.label,
                    description=edge.description,
                    permitted=bool(transition.permission(case, actor)),
                    reasons=tuple(failing_guards(case, transition)),
                )
            )
    return found

"""What the chaos driver needs to know of a workflow: how a case begins, how it goes on, when it is finished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A workflow under faults. ``name``: where the driver's own process finds it, as module:attribute."""

    name: str
    steps: tuple[str, ...]  # steps with a service, in the order a case passes them
    moves: tuple[str, ...]  # the transitions a whole run makes, each once
    start: Callable[[], str]  # start one case; answers its reference
    finished: Callable[[str], bool]
    settings: str = "tests.settings"
    prepare: Callable[[], None] = lambda: None  # in each process, before anything runs


def load(name: str) -> Scenario:
    module, _, attribute = name.partition(":")
    return cast(Scenario, getattr(import_module(module), attribute))

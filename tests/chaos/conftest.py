"""Fresh databases and stages for chaos tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.scenario import Scenario
from tests.chaos.stage import Databases, Stage


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Databases]]:
    """One maker of databases for each settings module: a scenario's tables are those of its apps."""
    made: dict[str, Databases] = {}

    def of(settings: str) -> Databases:
        if settings not in made:
            folder = tmp_path_factory.mktemp("chaos")
            made[settings] = Databases(os.environ.get("DATABASE_URL", ""), folder, settings)
        return made[settings]

    yield of
    for one in made.values():
        one.drop()


@pytest.fixture
def stage(databases: Callable[[str], Databases], tmp_path: Path) -> Iterator[Callable[[Scenario], Stage]]:
    made: list[Stage] = []

    def make(scenario: Scenario) -> Stage:
        url = databases(scenario.settings).copy(f"{abs(hash(tmp_path)):x}_{len(made)}")
        made.append(Stage(scenario, url, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.close()

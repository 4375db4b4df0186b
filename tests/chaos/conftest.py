"""Fresh databases and stages for chaos tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.scenario import Scenario
from tests.chaos.stage import Databases, Stage


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(os.environ.get("DATABASE_URL", ""), tmp_path_factory.mktemp("chaos"))
    yield made
    made.drop()


@pytest.fixture
def stage(databases: Databases, tmp_path: Path) -> Iterator[Callable[[Scenario], Stage]]:
    made: list[Stage] = []

    def make(scenario: Scenario) -> Stage:
        url = databases.copy(f"{abs(hash(tmp_path)):x}_{len(made)}")
        made.append(Stage(scenario, url, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.close()

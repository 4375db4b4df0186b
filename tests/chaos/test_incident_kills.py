"""kill -9 at every point of every machine step of an incident: one move, one order of a job, one mail of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from incidents.work_order_contract import number_of
from tests.chaos.driver import POINTS
from tests.chaos.incidents import INCIDENTS
from tests.chaos.scenario import Scenario
from tests.chaos.stage import Stage
from tests.chaos.walked import check_calls, check_history, killed_and_inherited, remains

pytestmark = pytest.mark.chaos
NOTICES = [("resolve", "reporter"), ("submit", "reporter")]


@pytest.mark.parametrize("step", INCIDENTS.steps)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_of_an_incidents_step_loses_and_doubles_nothing(
    stage: Callable[[Scenario], Stage], step: str, point: str
) -> None:
    here, reference = killed_and_inherited(stage, INCIDENTS, step, point)
    check_history(here, reference)
    check_calls(here, step, point)
    check_remains(here, reference)


def check_remains(here: Stage, reference: str) -> None:
    left = remains(here)
    ((case, uid, number, done_at),) = left["jobs"]
    assert (case, number) == (reference, number_of(UUID(uid)))
    assert done_at
    assert sorted((move, role) for move, role, *_ in left["messages"]) == NOTICES
    assert {status for _, _, status, _ in left["messages"]} == {"sent"}
    wanted = sorted(f"{message_id}.eml" for _, _, _, message_id in left["messages"])
    assert sorted(file.name for file in Path(left["outbox"]).glob("*.eml")) == wanted

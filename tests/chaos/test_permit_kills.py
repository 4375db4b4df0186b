"""kill -9 at every point of every machine step of a permit: one move, one result, one document, one mail of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.driver import POINTS
from tests.chaos.permits import PERMITS
from tests.chaos.scenario import Scenario
from tests.chaos.stage import Stage
from tests.chaos.walked import check_calls, check_history, killed_and_inherited, remains

pytestmark = pytest.mark.chaos
NOTICES = {("submit", "applicant"), ("issue", "applicant"), ("issue", "contractor")}


@pytest.mark.parametrize("step", PERMITS.steps)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_of_a_permits_step_loses_and_doubles_nothing(
    stage: Callable[[Scenario], Stage], step: str, point: str
) -> None:
    here, reference = killed_and_inherited(stage, PERMITS, step, point)
    check_history(here, reference)
    check_calls(here, step, point)
    check_remains(here, reference)


def check_remains(here: Stage, reference: str) -> None:
    left = remains(here)
    ((case, path, digest),) = left["documents"]
    assert case == reference
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == digest
    # What a killed process was writing stays behind as a hidden .part: it is neither a document nor a mail.
    assert [path] == [str(file) for file in (here.folder / "var" / "files").rglob("*.pdf")]
    assert left["safety"] == [[1, 1]]
    assert {(move, role) for move, role, *_ in left["messages"]} == NOTICES
    assert len(left["messages"]) == len(NOTICES)
    assert {status for _, _, status, *_ in left["messages"]} == {"sent"}
    wanted = sorted(f"{message_id}.eml" for _, _, _, message_id, _ in left["messages"])
    assert sorted(file.name for file in Path(left["outbox"]).glob("*.eml")) == wanted

"""kill -9 at every point of every machine step of a permit: one move, one result, one document, one mail of each."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.driver import POINTS
from tests.chaos.permits import PERMITS
from tests.chaos.scenario import Scenario
from tests.chaos.stage import ROOT, Stage

pytestmark = pytest.mark.chaos
LEASE = ("--lease", "4")  # long enough to set a PDF beside other tests
NOTICES = {("submit", "applicant"), ("issue", "applicant"), ("issue", "contractor")}


def remains(here: Stage) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.chaos.permits"]
    done = subprocess.run(command, cwd=ROOT, env=here.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("step", PERMITS.steps)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_of_a_permits_step_loses_and_doubles_nothing(
    stage: Callable[[Scenario], Stage], step: str, point: str
) -> None:
    here = stage(PERMITS)
    here.environment["VAR_DIR"] = str(here.folder / "var")
    victim = here.start("--cases", "1", "--kill", f"{point}@{step}", "--marker", str(here.marker), *LEASE)
    here.finish(victim)
    assert victim.returncode == -signal.SIGKILL
    (reference,) = here.report()["cases"]  # the first step dies in the request, before it is acknowledged
    heir = here.start(reference, *LEASE)
    here.finish(heir)
    assert heir.returncode == 0
    check_history(here, reference)
    check_calls(here, step, point)
    check_remains(here, reference)


def check_history(here: Stage, reference: str) -> None:
    report = here.report()
    assert report["findings"] == report["broken"] == report["open"] == []
    assert report["moves"] == [[reference, move] for move in PERMITS.moves]
    work = [(name, visit, outcome) for _, name, visit, outcome in report["work"] if ":" not in name]
    assert sorted(name for name, _, _ in work) == sorted(PERMITS.steps)
    assert {outcome for _, _, outcome in work} == {"done"}


def check_calls(here: Stage, step: str, point: str) -> None:
    """The service was asked again under the same key, unless its answer was kept or it was not yet asked."""
    keys = Counter((call["step"], call["key"]) for call in here.calls() if call["step"] in PERMITS.steps)
    assert sorted(name for name, _ in keys) == sorted(PERMITS.steps)
    times = {name: count for (name, _), count in keys.items()}
    assert times[step] >= (1 if point in ("before_call", "after_commit") else 2)


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

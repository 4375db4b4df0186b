"""One case of the product, its worker killed on the way, another worker after it; what must be true then."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.chaos.scenario import Scenario
from tests.chaos.stage import ROOT, Stage

LEASE = ("--lease", "4")  # long enough to set a PDF beside other tests


def killed_and_inherited(make: Callable[[Scenario], Stage], scenario: Scenario, step: str, point: str) -> Any:
    """Kill the worker at ``point`` of ``step``, let another one finish; the stage and the case's reference."""
    here = make(scenario)
    here.environment["VAR_DIR"] = str(here.folder / "var")
    victim = here.start("--cases", "1", "--kill", f"{point}@{step}", "--marker", str(here.marker), *LEASE)
    here.finish(victim)
    assert victim.returncode == -signal.SIGKILL
    (reference,) = here.report()["cases"]  # the first step dies in the request, before it is acknowledged
    heir = here.start(reference, *LEASE)
    here.finish(heir)
    assert heir.returncode == 0
    return here, reference


def check_history(here: Stage, reference: str) -> None:
    """Every move once, every step's work done once, nothing open, no invariant broken."""
    report, scenario = here.report(), here.scenario
    assert report["findings"] == report["broken"] == report["open"] == []
    assert report["moves"] == [[reference, move] for move in scenario.moves]
    work = [(name, visit, outcome) for _, name, visit, outcome in report["work"] if ":" not in name]
    assert sorted(name for name, _, _ in work) == sorted(scenario.steps)
    assert {outcome for _, _, outcome in work} == {"done"}


def check_calls(here: Stage, step: str, point: str) -> None:
    """The service was asked again under the same key, unless its answer was kept or it was not yet asked."""
    steps = here.scenario.steps
    keys = Counter((call["step"], call["key"]) for call in here.calls() if call["step"] in steps)
    assert sorted(name for name, _ in keys) == sorted(steps)
    times = {name: count for (name, _), count in keys.items()}
    assert times[step] >= (1 if point in ("before_call", "after_commit") else 2)


def remains(here: Stage) -> dict[str, Any]:
    """What the database and the disk hold at the end, as the scenario's module says when it is run."""
    command = [sys.executable, "-m", here.scenario.name.partition(":")[0]]
    done = subprocess.run(command, cwd=ROOT, env=here.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))

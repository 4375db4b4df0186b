"""kill -9 at every point of every step and at random moments, a freeze beyond the lease: nothing lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos.driver import POINTS
from tests.chaos.parcels import PARCELS
from tests.chaos.scenario import Scenario
from tests.chaos.stage import Stage, eventually

pytestmark = pytest.mark.chaos
SCENARIOS = [PARCELS]
KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "20261123"))
NAMED = {"ids": lambda value: value.name.rpartition(":")[2] if isinstance(value, Scenario) else str(value)}


@pytest.mark.parametrize(("scenario", "step"), [(s, step) for s in SCENARIOS for step in s.steps], **NAMED)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_of_a_step_loses_and_doubles_nothing(
    stage: Callable[[Scenario], Stage], scenario: Scenario, step: str, point: str
) -> None:
    here = stage(scenario)
    victim = here.start("--cases", "1", "--kill", f"{point}@{step}", "--marker", str(here.marker))
    (ready, reference), _ = here.finish(victim)
    assert (ready, victim.returncode) == ("ready", -signal.SIGKILL)
    heir = here.start(reference)
    here.finish(heir)
    assert heir.returncode == 0
    here.assert_whole([reference])
    calls = [call for call in here.calls() if call["step"] == step]
    assert len(calls) == (1 if point in ("before_call", "after_commit") else 2)


@pytest.mark.parametrize("scenario", SCENARIOS, **NAMED)
def test_a_worker_frozen_beyond_its_lease_is_fenced_off(stage: Callable[[Scenario], Stage], scenario: Scenario) -> None:
    here = stage(scenario)
    step = scenario.steps[1]
    frozen = here.start("--cases", "1", "--hold", step, "--marker", str(here.marker), "--threads", "1")
    eventually(here.marker.exists)
    frozen.send_signal(signal.SIGSTOP)
    reference = here.calls()[0]["case"]
    heir = here.start(reference)
    here.finish(heir)
    assert heir.returncode == 0
    frozen.send_signal(signal.SIGCONT)
    _, logged = here.finish(frozen)
    assert frozen.returncode == 0
    assert "a late result was dropped" in logged
    here.assert_whole([reference])
    assert len([call for call in here.calls() if call["step"] == step]) == 2


@pytest.mark.parametrize("scenario", SCENARIOS, **NAMED)
def test_kills_at_random_moments_lose_and_double_nothing(
    stage: Callable[[Scenario], Stage], scenario: Scenario
) -> None:
    here, chance = stage(scenario), random.Random(SEED)
    acknowledged: list[str] = []
    for _ in range(KILLS):
        victim = here.start("--cases", "50", "--lease", "0.5", CHAOS_DELAY_S="0.01")
        here.wait_until_ready(victim)
        here.wait_for_calls(len(here.calls()) + chance.randrange(12))  # by progress: machines differ in speed
        time.sleep(chance.uniform(0, 0.05))
        victim.kill()
        said, _ = here.finish(victim)
        acknowledged += [word for word in said if word not in ("ready", "finished")]
    report = here.report()
    heir = here.start(*report["open"], "--lease", "0.5", "--threads", "4")
    here.finish(heir, timeout_s=300)
    assert heir.returncode == 0
    assert acknowledged
    here.assert_whole(acknowledged)

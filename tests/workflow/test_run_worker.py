"""The worker as a command: a process that says when it starts and stops, and stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.stage import ROOT, Databases, eventually


@pytest.fixture
def url(tmp_path: Path) -> str:
    return Databases("", tmp_path, "tests.lean").copy("worker")


@pytest.fixture
def start(url: str, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.lean",
        "PYTHONWARNINGS": "ignore",
    }

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "said").open("wb") as said:
            command = [sys.executable, "-m", "django", *arguments]
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)

    return run


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_worker_process_says_when_it_starts_and_stops_when_told(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, told: signal.Signals
) -> None:
    worker, said = start("run_worker", "--threads", "2"), tmp_path / "said"
    try:
        eventually(lambda: b"Worker started: 2 threads on sqlite; workflows " in said.read_bytes())
        began = time.monotonic()
        worker.send_signal(told)
        assert worker.wait(20) == 0
        assert time.monotonic() - began < 20
    finally:
        worker.kill()
        worker.wait()
    lines = said.read_text().splitlines()
    assert "parcel v1" in lines[0]
    assert lines[1:] == ["Worker stopping: up to 20 s for the steps in hand.", "Worker stopped: every step finished."]

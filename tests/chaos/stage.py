"""A database of its own and the processes on it: what a chaos test stands on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.chaos.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    """One scenario on one fresh database. ``journal``: every call that a service outside has seen."""

    def __init__(self, scenario: Scenario, url: str, folder: Path) -> None:
        self.scenario, self.folder = scenario, folder
        self.journal, self.marker = folder / "journal", folder / "marker"
        self.journal.touch()
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": scenario.settings,
            "PARCEL_JOURNAL": str(self.journal),
            "PYTHONWARNINGS": "ignore",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """A worker process; its first line is `ready`."""
        command = [sys.executable, "-m", "tests.chaos.driver", "work", self.scenario.name, *arguments]
        said = self.folder / f"said-{len(self.processes)}"
        with said.open("w") as out, self._log(said).open("w") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**self.environment, **environment}, stdout=out, stderr=log
            )  # fmt: skip
        self.processes.append(process)
        return process

    def said(self, process: subprocess.Popen[bytes]) -> Path:
        return self.folder / f"said-{self.processes.index(process)}"

    @staticmethod
    def _log(said: Path) -> Path:
        return said.with_suffix(".log")

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        eventually(lambda: "ready" in self.said(process).read_text())

    def finish(self, process: subprocess.Popen[bytes], timeout_s: float = 60) -> tuple[list[str], str]:
        """Wait for its end; answers the lines it said and what it logged."""
        process.wait(timeout_s)
        return self.said(process).read_text().split(), self._log(self.said(process)).read_text()

    def report(self) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.chaos.driver", "report", self.scenario.name]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.journal.read_text(encoding="utf-8").splitlines()]

    def wait_for_calls(self, count: int) -> None:
        eventually(lambda: len(self.journal.read_bytes().splitlines()) >= count)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def assert_whole(self, references: list[str]) -> None:
        """Nothing lost, nothing doubled: every move once, every result once, one key for each step visit."""
        report = self.report()
        assert report["findings"] == report["broken"] == report["open"] == []
        assert set(references) <= set(report["cases"])
        moves = Counter(map(tuple, report["moves"]))
        assert moves == Counter((case, move) for case in report["cases"] for move in self.scenario.moves)
        done = Counter((case, step) for case, step, _, outcome in report["work"] if outcome == "done")
        assert done == Counter((case, step) for case in report["cases"] for step in self.scenario.steps)
        keys: dict[tuple[str, str, int], set[str]] = {}
        for call in self.calls():
            keys.setdefault((call["case"], call["step"], call["visit"]), set()).add(call["key"])
        assert {len(found) for found in keys.values()} == {1}
        assert {(case, step) for case, step, _ in keys} == set(done)


class Databases:
    """Fresh databases as copies of one that was migrated once: SQLite files, or PostgreSQL templates."""

    def __init__(self, url: str, folder: Path, settings: str) -> None:
        self.folder = folder
        self.server = url if url.startswith("postgres") else ""
        self.made: list[str] = []
        self.template = self._new(f"template_{settings.replace('.', '_')}")
        environment = {**os.environ, "DATABASE_URL": self.template, "DJANGO_SETTINGS_MODULE": settings}
        command = [sys.executable, "-W", "ignore", "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)

    def copy(self, name: str) -> str:
        if self.server:
            return self._new(name, template=self.template.rpartition("/")[2])
        url = f"sqlite:///{self.folder / name}.sqlite3"
        shutil.copy(self.template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
        return url

    def _new(self, name: str, template: str = "template1") -> str:
        if not self.server:
            return f"sqlite:///{self.folder / name}.sqlite3"
        database = f"chaos_{os.getpid()}_{name}"
        self._execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        self.made.append(database)
        return f"{self.server.rpartition('/')[0]}/{database}"

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def drop(self) -> None:
        for database in reversed(self.made):
            self._execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def eventually(holds: Callable[[], Any], within_s: float = 30) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)

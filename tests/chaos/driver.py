"""A real process to be killed: `python -m tests.chaos.driver COMMAND SCENARIO …`, on the database of DATABASE_URL.

The faults are put in from here by wrapping the orchestrator's functions; the product has no hooks for them.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import django

from tests.chaos.scenario import Scenario, load

POINTS = ("before_call", "after_call", "before_commit", "after_commit")


def kill_once(marker: str) -> None:
    """End this process as by kill -9, unless somebody did already."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, step: str, marker: str) -> None:
    """Kill this process at ``point`` of ``step``, once."""
    from workflow import orchestrator

    name = {"before_commit": "settle", "after_commit": "complete"}.get(point, "perform")
    real: Callable[..., Any] = getattr(orchestrator, name)

    def faulty(*args: Any, **kwargs: Any) -> Any:
        claim = next(arg for arg in args if isinstance(arg, orchestrator.Claim))
        if point == "before_call" and claim.step == step:
            kill_once(marker)
        answer = real(*args, **kwargs)
        if point != "before_call" and claim.step == step:
            kill_once(marker)
        return answer

    setattr(orchestrator, name, faulty)


def hold(step: str, marker: str) -> None:
    """After the call of ``step`` say so by ``marker`` and wait to be frozen; once."""
    from workflow import orchestrator

    real = orchestrator.perform

    def slow(claim: Any) -> Any:
        answer = real(claim)
        if claim.step == step and not os.path.exists(marker):
            with open(marker, "w", encoding="utf-8"):
                pass
            time.sleep(1)
        return answer

    orchestrator.perform = slow


def shorten(lease_s: float) -> None:
    """Leases of a moment, and attempts enough for every kill."""
    from workflow import claims
    from workflow.definition import Service
    from workflow.registry import registry

    Service.lease = property(lambda self: timedelta(seconds=lease_s))  # type: ignore[assignment, method-assign]
    claims.TIMER_LEASE = timedelta(seconds=lease_s)
    for service in registry._services.values():
        object.__setattr__(service, "retry", replace(service.retry, attempts=10_000))


def work(scenario: Scenario, options: argparse.Namespace) -> None:
    """Start ``--cases`` cases, saying each once it is acknowledged; work until these and those named are finished."""
    from workflow.worker import Worker

    shorten(options.lease)
    if options.kill:
        arm(*options.kill.split("@"), options.marker)
    if options.hold:
        hold(options.hold, options.marker)
    worker = Worker(threads=options.threads, sweep=timedelta(milliseconds=50)).start()
    print("ready", flush=True)
    waiting = set(options.references)
    for _ in range(options.cases):
        reference = scenario.start()
        print(reference, flush=True)
        waiting.add(reference)
    while waiting:
        waiting = {reference for reference in waiting if not scenario.finished(reference)}
        time.sleep(0.02)
    worker.stop()
    print("finished", flush=True)


def report(scenario: Scenario, options: argparse.Namespace) -> None:
    from workflow.audit import Broken, verify
    from workflow.invariants import findings
    from workflow.models import Case, Event, Work

    print(
        json.dumps(
            {
                "cases": list(Case.objects.values_list("reference", flat=True)),
                "moves": list(Event.objects.filter(kind="transition").values_list("case__reference", "transition")),
                "work": list(Work.objects.values_list("case__reference", "step", "visit", "outcome")),
                "open": [r for r in Case.objects.values_list("reference", flat=True) if not scenario.finished(r)],
                "findings": [str(finding) for finding in findings()],
                "broken": [str(result) for result in verify() if isinstance(result, Broken)],
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["work", "report"])
    parser.add_argument("scenario")
    parser.add_argument("references", nargs="*")
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--lease", type=float, default=1.0)
    parser.add_argument("--kill", default="", help="POINT@STEP")
    parser.add_argument("--hold", default="", help="STEP")
    parser.add_argument("--marker", default="")
    options = parser.parse_args()
    django.setup()
    scenario = load(options.scenario)
    scenario.prepare()
    {"work": work, "report": report}[options.command](scenario, options)


if __name__ == "__main__":
    main()

"""A case walked through its steps, told as it happens: who did what, what was called, how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from workflow import orchestrator
from workflow.models import Work
from workflow.tracker import label_of, standing, timeline, tracking_url


class Teller:
    """Prints a story line by line with the time each part took."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self.write = write
        self.step_number = 0

    def step(self, name: str, words: str) -> None:
        self.step_number += 1
        self.write(f"\n  {self.step_number}. {name}")
        self.write(f"     {words}")

    def line(self, words: str, seconds: float | None = None) -> None:
        took = f"   ({seconds * 1000:.0f} ms)" if seconds is not None else ""
        self.write(f"     · {words}{took}")

    def work(self, case: Any, service: str) -> None:
        """Do this case's machine work up to and with ``service``, one claim at a time, as a worker would."""
        while row := _open_work(case):
            claim = orchestrator.claim(row.pk)
            if claim is None:
                return
            began = time.perf_counter()
            result = orchestrator.perform(claim)
            called = time.perf_counter()
            orchestrator.complete(claim, result, gate=orchestrator.never)
            if row.kind == Work.Kind.STEP:
                words = f"{row.service} called under key {str(row.key)[:8]}…, attempt {claim.attempt}"
                self.line(words, called - began)
            if row.service == service:
                return

    def history(self, case: Any, kind: str) -> None:
        """The timeline, and where the case stands. ``kind``: its name in a sentence."""
        self.write(f"\n  The history of this {kind}, as officers read it:")
        for event in timeline(case):
            at = timezone.localtime(event.at)
            self.write(f"     {event.seq:>2}  {at:%H:%M:%S}  {label_of(case, event):<22} {event.actor}")
        self.write(f"\n  {case.reference} is {standing(case).title.lower()}.")
        self.write(f"     track   {tracking_url(case)}")


def _open_work(case: Any) -> Any:
    soon = timezone.now() + timedelta(seconds=5)
    kinds = (Work.Kind.STEP, Work.Kind.TASK)
    rows = Work.objects.filter(case_id=case.pk, outcome=Work.Outcome.OPEN, kind__in=kinds, run_at__lte=soon)
    return rows.order_by("-kind", "pk").first()


def shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)

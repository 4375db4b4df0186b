"""The worker: threads that claim and run work, woken by the doorbell, with a sweep for what nobody rang for."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from workflow import doorbell, orchestrator
from workflow.errors import UnknownWorkflow
from workflow.models import Work
from workflow.registry import registry

log = logging.getLogger(__name__)

BREAK_AFTER = 5  # failures in a row of one service in this process …
BREAK_FOR_S = 10.0  # … leave it alone for so long, then try one


class Fairness:
    """Which services a thread should leave alone now: at their cap of calls, or failing in a row (circuit breaker)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._open_until: defaultdict[str, float] = defaultdict(float)

    def skip(self) -> list[str]:
        now = time.monotonic()
        with self._lock:
            full = {name for name, calls in self._running.items() if calls >= self._cap(name)}
            return sorted(full | {name for name, until in self._open_until.items() if until > now})

    def begin(self, service: str) -> None:
        with self._lock:
            self._running[service] += 1

    def end(self, service: str, *, failed: bool) -> None:
        with self._lock:
            self._running[service] -= 1
            self._failures[service] = self._failures[service] + 1 if failed else 0
            if self._failures[service] >= BREAK_AFTER:
                self._open_until[service] = time.monotonic() + BREAK_FOR_S

    @staticmethod
    def _cap(name: str) -> int:
        try:
            return registry.service(name).concurrency
        except UnknownWorkflow:
            return 4  # a timer: no service outside is called


class Worker:
    """``threads`` threads that do work until ``stop``. Several workers, in any number of processes, may run at once."""

    def __init__(self, *, threads: int = 0, sweep: timedelta | None = None) -> None:
        self._stopping = threading.Event()
        self._fairness = Fairness()
        self._sweep_s = (sweep or settings.SWEEP_INTERVAL).total_seconds()
        count = threads or settings.WORKER_THREADS
        self._threads = [threading.Thread(target=self._loop, name=f"worker-{n + 1}", daemon=True) for n in range(count)]

    def start(self) -> Worker:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self, *, within: timedelta = timedelta(seconds=20)) -> bool:
        """Take no new work and finish what runs; False when some was still running (its lease gives it back)."""
        self._stopping.set()
        doorbell.ring()
        deadline = time.monotonic() + within.total_seconds()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self) -> None:
        seen = 0
        while not self._stopping.is_set():
            close_old_connections()
            try:
                if self.once():
                    continue
            except DatabaseError:
                # The database is away: leases and rows are safe in it; look again after a sweep.
                log.exception("The database did not answer; trying again in %s s", self._sweep_s)
            except Exception:
                log.exception("A worker thread met an error of our own; it goes on")
            seen = doorbell.wait(seen, self._sweep_s)
        connections.close_all()

    def once(self) -> bool:
        """Do one piece of work and what follows from it; False when there was nothing to do."""
        claim = orchestrator.claim_next(skip=self._fairness.skip())
        if claim is None:
            return False
        self._fairness.begin(claim.service)
        try:
            orchestrator.run(claim)
        finally:
            self._fairness.end(claim.service, failed=_is_open(claim))
        return True


def _is_open(claim: orchestrator.Claim) -> bool:
    return Work.objects.filter(pk=claim.work_id, epoch=claim.epoch).exclude(outcome=Work.Outcome.DONE).exists()


def drain(limit: int = 10_000) -> int:
    """Do all work that is due, in this thread; answers how many pieces. For tests, the demo and commands."""
    worker, done = Worker(threads=1), 0
    while done < limit and worker.once():
        done += 1
    return done

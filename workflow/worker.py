"""The worker: threads that claim and run work, woken by the doorbell, with a sweep for what nobody rang for."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connections

from workflow import doorbell, orchestrator
from workflow.definition import Service
from workflow.errors import UnknownWorkflow
from workflow.registry import registry

log = logging.getLogger(__name__)

BREAK_AFTER = 5  # failures in a row of one service in this process …
BREAK_FOR_S = 10.0  # … leave it alone for so long, then try one
LOOK_EVERY = timedelta(minutes=1)  # how often one of the threads makes the registry's sweeps


class Fairness:
    """Which services a thread should leave alone now: at their cap of calls, or failing in a row (circuit breaker)."""

    def __init__(self, threads: int) -> None:
        self._lock = threading.Lock()
        self._most = max(1, threads - 1)  # one thread is always left for the other services
        self._running: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._open_until: dict[str, float] = {}

    def skip(self) -> list[str]:
        with self._lock:
            return sorted(name for name in {*self._running, *self._failures} if not self._is_free(name))

    def begin(self, service: str) -> None:
        with self._lock:
            self._running[service] += 1

    def try_begin(self, service: str) -> bool:
        with self._lock:
            if free := self._is_free(service):
                self._running[service] += 1
            return free

    def end(self, service: str, *, healthy: bool | None) -> None:
        """``healthy``: None when the call said nothing about the service."""
        with self._lock:
            self._running[service] -= 1
            if healthy is None:
                return
            self._failures[service] = 0 if healthy else self._failures[service] + 1
            if self._failures[service] >= BREAK_AFTER:
                self._open_until[service] = time.monotonic() + BREAK_FOR_S

    def _is_free(self, service: str) -> bool:
        cap = min(self._cap(service), self._most)
        if self._failures[service] >= BREAK_AFTER:
            if self._open_until[service] > time.monotonic():
                return False
            cap = 1  # half open: one call finds out for all
        return self._running[service] < cap

    @staticmethod
    def _cap(name: str) -> int:
        try:
            return registry.service(name).concurrency
        except UnknownWorkflow:
            return 4  # a timer: no service outside is called


class Worker:
    """``threads`` threads that do work until ``stop``. Several workers, in any number of processes, may run at once."""

    def __init__(self, *, threads: int = 0, sweep: timedelta | None = None, look: timedelta = LOOK_EVERY) -> None:
        self._stopping = threading.Event()
        self._claiming = threading.Lock()  # a cap holds only when one thread at a time looks and takes
        self._sweep_s = (sweep or settings.SWEEP_INTERVAL).total_seconds()
        self._look_s = look.total_seconds()
        self._looks_at = time.monotonic() + self._look_s  # not at once: whoever restarts in a ring would only look
        count = threads or settings.WORKER_THREADS
        self._fairness = Fairness(count)
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
            try:
                self._look()
                if self.once():
                    continue
            except DatabaseError:
                # The database is away: leases and rows are safe in it; look again after a sweep, by a new connection.
                log.exception("The database did not answer; trying again in %s s", self._sweep_s)
                connections.close_all()
            except Exception:
                log.exception("A worker thread met an error of our own; it goes on")
            seen = doorbell.wait(seen, self._sweep_s)
        connections.close_all()

    def _look(self) -> None:
        """Make the sweeps when it is time: one thread of this process. Workers elsewhere may make the same ones now;
        each sweep is its own guard, and a failing one keeps nobody from working."""
        with self._claiming:
            if (now := time.monotonic()) < self._looks_at:
                return
            self._looks_at = now + self._look_s
        for name, sweep in registry.sweeps.items():
            try:
                sweep()
            except DatabaseError:
                raise
            except Exception:
                log.exception("The sweep “%s” met an error of our own; the next one is in %s s", name, self._look_s)

    def once(self) -> bool:
        """Do one piece of work and what follows from it; False when there was nothing to do."""
        with self._claiming:
            claim = orchestrator.claim_next(skip=self._fairness.skip())
            if claim is None:
                return False
            self._fairness.begin(claim.service)
        while claim is not None:
            claim = self._run(claim)
        return True

    def _run(self, claim: orchestrator.Claim) -> orchestrator.Claim | None:
        """One piece of work, counted; the next one is counted already when it is answered."""
        counted: list[str] = []

        def gate(service: Service) -> bool:
            if self._stopping.is_set() or not self._fairness.try_begin(service.name):
                return False
            counted.append(service.name)
            return True

        ran = orchestrator.Ran()
        try:
            ran = orchestrator.run_one(claim, gate=gate)
        finally:
            self._fairness.end(claim.service, healthy=ran.healthy)
            if ran.next is None:
                for name in counted:
                    self._fairness.end(name, healthy=None)
        return ran.next


def drain(limit: int = 10_000) -> int:
    """Do all work that is due, in this thread; answers how many pieces. For tests, the demo and commands."""
    worker, done = Worker(threads=1), 0
    while done < limit and worker.once():
        done += 1
    return done

"""The threads that tell: beside those of the worker, so that somebody's slow server keeps no case waiting."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connections

from workflow import doorbell
from workflow.contrib.webhooks import telling

log = logging.getLogger(__name__)
THREADS = 4  # so many endpoints at once


class Runner:
    """One thread looks for new events and all tell what is due, until ``stop``. Any number of processes may do so."""

    def __init__(self, *, threads: int = THREADS) -> None:
        self._stopping = threading.Event()
        self._sweep_s = settings.SWEEP_INTERVAL.total_seconds()
        loops = [self._plan, *[self._tell] * threads]
        self._threads = [
            threading.Thread(target=self._loop, args=(one,), name=f"webhooks-{n}", daemon=True)
            for n, one in enumerate(loops)
        ]

    def start(self) -> Runner:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self, *, within: timedelta = timedelta(seconds=20)) -> bool:
        """Begin no new call; False when one was still under way (the endpoint's lease gives it back)."""
        self._stopping.set()
        doorbell.ring()
        deadline = time.monotonic() + within.total_seconds()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @staticmethod
    def _plan() -> bool:
        return telling.plan() > 0

    @staticmethod
    def _tell() -> bool:
        return telling.tell_next()

    def _loop(self, do: object) -> None:
        seen = 0
        while not self._stopping.is_set():
            try:
                if do():  # type: ignore[operator]
                    doorbell.ring()  # what was planned is told at once
                    continue
            except DatabaseError:
                log.exception("The database did not answer; trying again in %s s", self._sweep_s)
                connections.close_all()
            except Exception:
                log.exception("A webhook thread met an error of our own; it goes on")
            seen = doorbell.wait(seen, self._sweep_s)
        connections.close_all()

"""A worker and what runs beside it in the same process: started together, stopped together."""

from __future__ import annotations

import time
from datetime import timedelta

from workflow.registry import registry
from workflow.worker import Worker


class Station:
    """The worker and every companion that an app registered (``registry.register_companion``)."""

    def __init__(self, *, threads: int = 0) -> None:
        self._running = [Worker(threads=threads), *(make() for make in registry.companions)]

    def start(self) -> Station:
        for one in self._running:
            one.start()
        return self

    def stop(self, *, within: timedelta = timedelta(seconds=20)) -> bool:
        """Begin nothing new and finish what runs; False when something was still running."""
        ends = time.monotonic() + within.total_seconds()
        finished = [one.stop(within=timedelta(seconds=max(0.0, ends - time.monotonic()))) for one in self._running]
        return all(finished)  # each is told to stop, whatever the others say

"""Run a worker until SIGTERM or SIGINT; then finish the steps in hand, or give them back."""

import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from workflow.registry import registry
from workflow.station import Station

GRACE = timedelta(seconds=20)


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=0, help="pieces of work at once (setting WORKER_THREADS)")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threads = options["threads"] or settings.WORKER_THREADS
        worker = Station(threads=threads).start()
        names = ", ".join(sorted({f"{workflow.name} v{workflow.version}" for workflow in registry}))
        self._say(f"Worker started: {threads} threads on {connection.vendor}; workflows {names}.")
        stop.wait()
        self._say(f"Worker stopping: up to {GRACE.seconds} s for the steps in hand.")
        done = worker.stop(within=GRACE)
        self._say("Worker stopped: every step finished." if done else "Worker stopped: a step's lease gives it back.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

"""`manage.py load_demo`: a believable office to try Milepost on, of every app that has a demo."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils.module_loading import module_has_submodule

from workflow import worker

SHOWN_EVERY = 20
HURRY = {
    "sqlite": ("PRAGMA synchronous = OFF", "PRAGMA synchronous = FULL"),
    "postgresql": ("SET synchronous_commit TO off", "RESET synchronous_commit"),
}


def loaders() -> Iterator[Callable[[Callable[[str], Any]], str]]:
    """``APP.demo.loading.load`` of each app that has one: tells its progress, answers a sentence."""
    for app in apps.get_app_configs():
        if app.module is not None and module_has_submodule(app.module, "demo"):
            yield import_module(f"{app.name}.demo.loading").load


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Commits do not wait for the disk: after a power cut a demo is simply loaded again."""
    before, after = HURRY[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(before)
    yield
    with connection.cursor() as cursor:
        cursor.execute(after)


class Command(BaseCommand):
    help = "Make officers of several teams and cases at every stage. Does nothing where cases are already there."

    def handle(self, *args: Any, **options: Any) -> None:
        with in_a_hurry(), redirect_stdout(io.StringIO()):  # what goes out by text message is printed
            for load in loaders():
                began = time.perf_counter()
                self.count = 0
                said = load(self.show)
                self.stdout.write(f"{self.over}  {said} ({time.perf_counter() - began:.0f} s)")
            worker.drain()  # timers of the past fire now: what has run out expires

    @property
    def over(self) -> str:
        """On a terminal a line is written over the one before."""
        return "\r" if self.stdout.isatty() else ""

    def show(self, what: str) -> None:
        """One more case is there; ``what``: their name."""
        self.count += 1
        if self.over or self.count % SHOWN_EVERY == 0:
            self.stdout.write(f"{self.over}  {self.count} {what} …", ending="" if self.over else "\n")
            self.stdout.flush()

"""`manage.py load_demo`: a believable office to try Milepost on, of every app that has a demo."""

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule

from workflow import worker

SHOWN_EVERY = 20


def loaders() -> Iterator[Callable[[Callable[[str], Any]], str]]:
    """``APP.demo.loading.load`` of each app that has one: tells its progress, answers a sentence."""
    for app in apps.get_app_configs():
        if app.module is not None and module_has_submodule(app.module, "demo"):
            yield import_module(f"{app.name}.demo.loading").load


class Command(BaseCommand):
    help = "Make officers of several teams and cases at every stage. Does nothing where cases are already there."

    def handle(self, *args: Any, **options: Any) -> None:
        self.count = 0
        for load in loaders():
            began = time.perf_counter()
            self.count = 0
            said = load(self.show)
            self.stdout.write(f"\r  {said} ({time.perf_counter() - began:.0f} s)")
        worker.drain()  # timers of the past fire now: what has run out expires

    def show(self, what: str) -> None:
        """One more case is there; ``what``: their name."""
        self.count += 1
        if self.stdout.isatty() or self.count % SHOWN_EVERY == 0:
            self.stdout.write(f"\r  {self.count} {what} …", ending="" if self.stdout.isatty() else "\n")
            self.stdout.flush()

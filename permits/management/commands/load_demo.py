"""`manage.py load_demo`: a believable office to try Milepost on."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from permits.demo.drafts import drafts
from permits.demo.history import past
from permits.demo.people import PASSWORD, office
from permits.models import RoadPermit
from workflow import worker


class Command(BaseCommand):
    help = "Make officers of four teams and sixty permits at every stage. Does nothing where permits are already there."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        officers = office()
        if RoadPermit.objects.exists():
            self.stdout.write("Permits are there already: nothing was added. Use a fresh database for a fresh demo.")
            return
        count = 0

        def show(permit: Any) -> None:
            nonlocal count
            count += 1
            if self.stdout.isatty() or count % 20 == 0:
                self.stdout.write(f"\r  {count} permits …", ending="" if self.stdout.isatty() else "\n")
                self.stdout.flush()

        past(officers, on_each=show)
        drafts(on_each=show)
        worker.drain()  # timers of the past fire now: what has run out expires
        seconds = time.perf_counter() - began
        made = f"{RoadPermit.objects.count()} permits and {len(officers)} officers made in {seconds:.0f} s"
        self.stdout.write(f"\r{made}. Password: {PASSWORD}")

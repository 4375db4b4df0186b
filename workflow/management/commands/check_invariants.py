"""Prove by the database that no case contradicts its history and nothing is stuck unseen. Exit 1 on any finding."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.invariants import findings
from workflow.models import Case, Event


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        began, found = time.monotonic(), 0
        for finding in findings():
            found += 1
            self.stdout.write(str(finding))
        checked = (
            f"{Case.objects.count():,} cases, {Event.objects.count():,} events in {time.monotonic() - began:.1f} s"
        )
        if found:
            raise CommandError(f"{found} findings in {checked}.")
        self.stdout.write(f"No findings in {checked}.")

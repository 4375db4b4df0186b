"""Take out the persons whose time is over, as docs/operations.md says. The history stays. Run it daily."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from workflow.forgetting import forget


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be forgotten.")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run, count = options["dry_run"], 0
        for line in forget(dry_run=dry_run):
            count += 1
            self.stdout.write(f"{'Would forget' if dry_run else 'Forgot'} {line}.")
        if not count:
            self.stdout.write("Nothing to forget.")

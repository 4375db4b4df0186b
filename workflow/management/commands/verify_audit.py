"""Recompute the seal of every line of history. Names the first bad line of each case that has one, and exits 1."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.audit import Broken, verify


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", default="", metavar="REFERENCE", help="only the history of this case")

    def handle(self, *args: Any, **options: Any) -> None:
        cases = lines = broken = 0
        for result in verify(reference=options["case"].upper()):
            cases += 1
            if isinstance(result, Broken):
                broken += 1
                self.stdout.write(str(result))
            else:
                lines += result
        if options["case"] and not cases:
            raise CommandError(f"There is no case {options['case']}.")
        if broken:
            raise CommandError(f"{broken} of {cases:,} histories are not as they were written.")
        self.stdout.write(f"{lines:,} lines of {cases:,} cases are as they were written.")

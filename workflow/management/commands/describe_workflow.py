"""Print a workflow as English and a drawing, or as a Mermaid diagram."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.describing import in_english, in_mermaid
from workflow.errors import UnknownWorkflow
from workflow.registry import registry


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="for example roadPermit")
        parser.add_argument(
            "--version-number", "-n", type=int, default=None, metavar="N", help="the newest if not given"
        )
        parser.add_argument("--format", choices=["text", "mermaid"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workflow = registry.get(options["name"], options["version_number"])
        except UnknownWorkflow as unknown:
            names = ", ".join(sorted({known.name for known in registry}))
            raise CommandError(f"{unknown.sentence} There are: {names}.") from None
        self.stdout.write(in_english(workflow) if options["format"] == "text" else in_mermaid(workflow))

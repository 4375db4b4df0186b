"""Print a workflow as English and a drawing, or as a Mermaid diagram; or draw it into a file as SVG or BPMN 2.0."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.definition import Diagram, Workflow
from workflow.describing import in_english, in_mermaid
from workflow.diagrams.bpmn import bpmn
from workflow.diagrams.svg import svg
from workflow.errors import UnknownWorkflow
from workflow.registry import registry

DRAWINGS: dict[str, Callable[[Workflow], str]] = {"svg": svg, "bpmn": bpmn}


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="for example roadPermit")
        parser.add_argument(
            "--version-number", "-n", type=int, default=None, metavar="N", help="the newest if not given"
        )
        parser.add_argument("--format", choices=["text", "mermaid"], default="text")
        for name in DRAWINGS:
            parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"draw it as {name.upper()} into FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if (further := registry.diagram(options["name"])) is not None:
            self._draw(further, options)
            return
        try:
            workflow = registry.get(options["name"], options["version_number"])
        except UnknownWorkflow as unknown:
            names = ", ".join(sorted({known.name for known in (*registry, *registry.diagrams)}))
            raise CommandError(f"{unknown.sentence} There are: {names}.") from None
        files = {name: options[name] for name in DRAWINGS if options[name] is not None}
        for name, file in files.items():
            self._save(file, DRAWINGS[name](workflow))
        if files:
            return
        self.stdout.write(in_english(workflow) if options["format"] == "text" else in_mermaid(workflow))

    def _draw(self, diagram: Diagram, options: dict[str, Any]) -> None:
        """A flow inside a workflow has drawings only."""
        files = {name: options[name] for name in DRAWINGS if options[name] is not None}
        if not files:
            raise CommandError(f"{diagram.name} is a drawing inside {diagram.part_of}: give --svg FILE or --bpmn FILE.")
        for file, draw in ((files.get("svg"), diagram.svg), (files.get("bpmn"), diagram.bpmn)):
            if file is not None:
                self._save(file, draw())

    def _save(self, file: Path, drawing: str) -> None:
        try:
            file.write_text(drawing, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or "the file cannot be written"
            raise CommandError(f"{file}: {reason}. Name a file in a folder you may write to.") from None
        self.stdout.write(f"Written: {file}")

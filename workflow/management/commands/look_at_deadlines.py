"""Do now what workers do every minute: escalate what is late, remind of what is due soon."""

from typing import Any

from django.core.management.base import BaseCommand

from workflow.registry import registry


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        for name, sweep in registry.sweeps.items():
            self.stdout.write(f"{name}: {sweep()}")

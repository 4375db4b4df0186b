"""Write the table of roles into Django's groups."""

from typing import Any

from django.core.management.base import BaseCommand

from workflow.roles import roles, sync_roles


class Command(BaseCommand):
    help = "Make or mend the groups of officers (roles.py of each app). Safe to run again; members stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in sync_roles():
            self.stdout.write(line)
        self.stdout.write(
            f"{len(roles())} roles are as the table says. Give them to officers in the admin, under Users."
        )

"""Issue an API key; its text is shown once."""

from argparse import ArgumentParser
from datetime import UTC, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from workflow.models import ApiKey
from workflow.registry import registry

LONGEST_NAME = ApiKey._meta.get_field("name").max_length or 80


class Command(BaseCommand):
    help = "Issue an API key. The key stands alone on the last line and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Who will use it; the history shows this name.")
        parser.add_argument(
            "--scope", action="append", default=[], help=f"May be repeated: {', '.join(registry.scopes)}."
        )
        parser.add_argument("--expires", metavar="YYYY-MM-DD", help="The first day (UTC) on which it no longer works.")

    def handle(self, *args: Any, **options: Any) -> None:
        name, scopes = options["name"].strip(), sorted(set(options["scope"]))
        unknown = [scope for scope in scopes if scope not in registry.scopes]
        if unknown or not scopes:
            said = f"There is no scope {', '.join(unknown)}." if unknown else "Name at least one --scope."
            raise CommandError(f"{said} There are:\n" + _offered())
        if not 1 <= len(name) <= LONGEST_NAME:
            raise CommandError(f"Give the key a name of 1 to {LONGEST_NAME} characters.")
        key, text = ApiKey.issue(name, scopes, expires_at=_moment(options["expires"]))
        until = f" until {key.expires_at:%Y-%m-%d}" if key.expires_at else ""
        self.stdout.write(f"A key for {key.name} with {', '.join(scopes)}{until}. It is shown this once:")
        self.stdout.write(text)


def _offered() -> str:
    return "\n".join(f"  {scope}  {meaning}" for scope, meaning in registry.scopes.items())


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        raise CommandError("Write --expires as YYYY-MM-DD, for example 2027-06-30.") from None
    moment = datetime.combine(day, time(), UTC)
    if moment <= timezone.now():
        raise CommandError("--expires lies in the past: the key would never work.")
    return moment

"""`manage.py import_wzdx`: planned work from a WZDx feed, filed as applications."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from django.utils import timezone

from permits.wzdx.feed import Feed
from permits.wzdx.importing import Outcome, Result, import_feed
from permits.wzdx.reading import Unreadable, read_feed

INTERRUPTED = 130  # what a shell expects of a program that was stopped by Ctrl-C
EXAMPLE_AHEAD = timedelta(days=90)
EPILOG = """
Every work zone of a feed ends up in exactly one application, with its roads, direction, line, times, lanes and
limits. Two directions that the feed relates share one, so do nights that come back; a detour goes with its work.

Run it as often as you like: what has been filed is recognised by the feed's publisher and the feature's id, and is
not filed again. You may stop it with Ctrl-C; run it again and it goes on.

What lies in the past or outside the state is skipped, and each skip is named with its reason. The exit code is 1
only if a file could not be read.

  manage.py import_wzdx feed.geojson
  manage.py import_wzdx --starting {day} old/*.geojson    (an old feed, as if it began on that day)
"""


def day_to_come(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a day. Write it like {example_day()}.") from None
    if day < timezone.localdate():
        raise ArgumentTypeError(f"{text} is in the past, and so would the work be. Take a day to come.")
    return day


def example_day() -> str:
    return (timezone.localdate() + EXAMPLE_AHEAD).isoformat()


class Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """What is ours first, and the lines below as they are written."""


class Command(BaseCommand):
    help = "File the planned work of WZDx work-zone feeds (version 4) as applications for road permits."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        epilog = EPILOG.format(day=example_day())
        return super().create_parser(prog_name, subcommand, formatter_class=Formatter, epilog=epilog, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a feed, saved as a GeoJSON file")
        parser.add_argument(
            "--starting",
            metavar="DATE",
            type=day_to_come,
            help="move each feed so that its first event begins on this day (YYYY-MM-DD), at the same time of day",
        )

    def handle(self, *, files: list[Path], starting: date | str | None = None, **options: Any) -> None:
        outcomes: list[Outcome] = []
        unread = 0
        if isinstance(starting, str):  # by call_command, which does not parse options
            try:
                starting = day_to_come(starting)
            except ArgumentTypeError as error:
                raise CommandError(str(error)) from None
        try:
            for file in files:
                try:
                    feed = read_feed(file)
                except Unreadable as error:
                    unread += 1
                    self.stderr.write(f"{file}: not read, because {error}")
                    continue
                self._import(feed.starting(starting) if starting else feed, outcomes)
        except KeyboardInterrupt:
            self.stdout.write(f"\nStopped. What was filed stays filed; run it again to go on.\n{_closing(outcomes)}")
            sys.exit(INTERRUPTED)
        self.stdout.write(_closing(outcomes))
        if unread:
            sys.exit(1)

    def _import(self, feed: Feed, outcomes: list[Outcome]) -> None:
        count = _counted(len(feed.events) + len(feed.skipped), "feature")
        self.stdout.write(f"{feed.file}: {feed.publisher}, WZDx {feed.version}, {count}")
        for outcome in import_feed(feed):
            outcomes.append(outcome)
            self.stdout.write(f"  {_line(outcome)}")
            self.stdout.flush()


def _line(outcome: Outcome) -> str:
    if outcome.result == Result.SKIPPED:
        about = f" ({outcome.about})" if outcome.about else ""
        return f"skipped {', '.join(outcome.feature_ids)}{about}, because {outcome.reason.rstrip('.')}."
    detours = len(outcome.feature_ids) - outcome.work_zones
    parts = [
        _counted(number, word) for number, word in ((outcome.work_zones, "work zone"), (detours, "detour")) if number
    ]
    place = f"{outcome.about}, {outcome.county} County" if outcome.county else outcome.about
    done = f"filed, now at {outcome.status}" if outcome.result == Result.FILED else "already filed"
    return f"{outcome.reference}  {place}: {' and '.join(parts)} {done}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _closing(outcomes: Iterable[Outcome]) -> str:
    of: dict[Result, list[Outcome]] = {result: [] for result in Result}
    for outcome in outcomes:
        of[outcome.result].append(outcome)
    filed, known, skipped = of[Result.FILED], of[Result.KNOWN], of[Result.SKIPPED]
    counts = (
        f"Filed {_counted(len(filed), 'application')} from "
        f"{_counted(sum(one.work_zones for one in filed), 'work zone')}; "
        f"{sum(one.work_zones for one in known)} already filed, "
        f"{sum(len(one.feature_ids) for one in skipped)} skipped."
    )
    return f"{counts} Next: {_next(bool(filed), any('in the past' in one.reason for one in skipped))}"


def _next(filed: bool, past: bool) -> str:
    if filed:
        return "the safety check runs as soon as a worker does, then a reviewer decides on each in the admin."
    if past:
        return f"to try a feed of the past as if it were planned, add --starting {example_day()}."
    return "nothing; run it again when the feed has changed."

"""The fee schedule in officers' hands. ``schedule()`` is what fees are worked out with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from permits.rules.fees import PER_FEET, SCHEDULE, SURFACE_LABELS, Schedule
from workflow.contrib.rulebook.book import book
from workflow.contrib.rulebook.groups import FEES
from workflow.contrib.rulebook.kinds import Kind, Money, Number
from workflow.contrib.rulebook.rules import Rule

PREFIX = "permits.fees."
SOURCE = "docs/rules.md#fees"
LETTERS = "ABCDEFG"
# Functional classes of the Federal Highway Administration, 1 to 7.
CLASSES = {
    1: "interstate", 2: "other freeway", 3: "principal arterial", 4: "minor arterial", 5: "major collector",
    6: "minor collector", 7: "local road",
}  # fmt: skip
_APPLICATION, _DIGGING, _POLES = "Application", "Digging", "Overhead lines"
_DRIVEWAYS, _LANES, _LATER = "Driveways, by trips a day", "Lanes taken, by lane and day", "Afterwards"
PLAIN: tuple[tuple[str, str, str], ...] = (
    ("application", "Each application", _APPLICATION),
    ("application_driveway_person", "Driveway of a private person", _APPLICATION),
    ("aerial_first_poles", "The first poles", _POLES),
    ("aerial_more_pole", "Each further pole", _POLES),
    ("kept_before_review", "Kept when it is cancelled before the review", _LATER),
)


def schedule() -> Schedule:
    """The fees as they are now. Made once for each edition of the rules."""
    known = book.now()
    made = known.ready.get(PREFIX)
    if made is None:
        made = known.ready[PREFIX] = _schedule(known.value)
    return made


def _schedule(value: Any) -> Schedule:
    plain = {name: value(PREFIX + name) for name, _label, _section in PLAIN}
    return replace(
        SCHEDULE,
        **plain,
        excavation_per_100_ft=_by_surface(value, "excavation_per_100_ft"),
        small_opening=_by_surface(value, "small_opening"),
        small_opening_below_sq_ft=value(f"{PREFIX}small_opening_below_sq_ft"),
        aerial_included_poles=int(value(f"{PREFIX}aerial_included_poles")),
        driveway=tuple(
            (up_to, value(f"{PREFIX}driveway.{letter}"))
            for letter, (up_to, _price) in zip(LETTERS, SCHEDULE.driveway, strict=True)
        ),
        lane_day=MappingProxyType({number: value(f"{PREFIX}lane_day.{number}") for number in CLASSES}),
    )


def _by_surface(value: Any, name: str) -> MappingProxyType[str, Decimal]:
    return MappingProxyType({surface: value(f"{PREFIX}{name}.{surface}") for surface in SURFACE_LABELS})


def _rule(name: str, label: str, section: str, default: Any, kind: Kind | None = None) -> Rule:
    return Rule(
        key=PREFIX + name, group=FEES, label=label, section=section, kind=kind or Money(), default=default,
        source=SOURCE,
    )  # fmt: skip


def _rules() -> Iterator[Rule]:
    for name, label, section in PLAIN[:2]:
        yield _rule(name, label, section, getattr(SCHEDULE, name))
    for surface, words in SURFACE_LABELS.items():
        label = f"In {words}, each {PER_FEET} ft or part"
        yield _rule(f"excavation_per_100_ft.{surface}", label, _DIGGING, SCHEDULE.excavation_per_100_ft[surface])
    below = SCHEDULE.small_opening_below_sq_ft
    area = Number(least=Decimal(1), most=Decimal(1000), unit="sq ft")
    yield _rule("small_opening_below_sq_ft", "An opening is small below", _DIGGING, below, area)
    for surface, words in SURFACE_LABELS.items():
        label = f"Small opening in {words}"
        yield _rule(f"small_opening.{surface}", label, _DIGGING, SCHEDULE.small_opening[surface])
    poles = Number(most=Decimal(1000), unit="poles")
    included = Decimal(SCHEDULE.aerial_included_poles)
    yield _rule("aerial_included_poles", "How many poles are the first ones", _POLES, included, poles)
    for name, label, section in PLAIN[2:4]:
        yield _rule(name, label, section, getattr(SCHEDULE, name))
    for letter, (up_to, price) in zip(LETTERS, SCHEDULE.driveway, strict=True):
        label = f"{letter}: up to {up_to:,} trips" if up_to is not None else f"{letter}: more trips"
        yield _rule(f"driveway.{letter}", label, _DRIVEWAYS, price)
    for number, words in CLASSES.items():
        price = SCHEDULE.lane_day.get(number, Decimal(0))
        yield _rule(f"lane_day.{number}", f"Class {number}, {words}", _LANES, price)
    for name, label, section in PLAIN[4:]:
        yield _rule(name, label, section, getattr(SCHEDULE, name))


RULES = tuple(_rules())

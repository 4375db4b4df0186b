"""What a permit costs: an itemised invoice from the answers and a schedule. Amounts are US dollars.

The schedule is configuration in the range of real ones (docs/rules.md#fees), not law.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from permits.rules.impact import duration_days
from permits.rules.traffic import impacts_of, lanes_taken
from permits.rules.words import Answers, decimal_of

type BySurface = Mapping[str, Decimal]

PER_FEET = 100  # excavations are charged for each 100 ft or part of it


def _dollars(**amounts: int) -> BySurface:
    return MappingProxyType({name: Decimal(amount) for name, amount in amounts.items()})


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The fee schedule in US dollars; an administrator may hand ``fee`` another one."""

    application: Decimal = Decimal(100)
    application_driveway_person: Decimal = Decimal(50)
    excavation_per_100_ft: BySurface = field(default_factory=lambda: _dollars(pavement=40, shoulder=20, unpaved=10))
    small_opening: BySurface = field(default_factory=lambda: _dollars(pavement=30, shoulder=15, unpaved=10))
    small_opening_below_sq_ft: Decimal = Decimal(36)
    aerial_included_poles: int = 10
    aerial_first_poles: Decimal = Decimal(20)
    aerial_more_pole: Decimal = Decimal(2)
    # (up to so many trips a day, dollars); None is "any more". Letters A to G as in Florida's schedule.
    driveway: tuple[tuple[int | None, Decimal], ...] = (
        (20, Decimal(50)),
        (600, Decimal(250)),
        (1_200, Decimal(1_000)),
        (4_000, Decimal(2_000)),
        (10_000, Decimal(3_000)),
        (30_000, Decimal(4_000)),
        (None, Decimal(5_000)),
    )
    # Dollars per lane and day by functional class; empty: lane occupancy costs nothing.
    lane_day: Mapping[int, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    extension_per_6_months: Decimal = Decimal(10)
    other_amendment: Decimal = Decimal(50)
    reinspection: Decimal = Decimal(75)
    kept_before_review: Decimal = Decimal(25)


SCHEDULE = Schedule()


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """One line of an invoice; ``amount`` is always ``quantity * unit_price``."""

    code: str
    text: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """What is to be paid, or for a refund what is paid back."""

    lines: tuple[FeeLine, ...]
    total: Decimal

    @classmethod
    def of(cls, lines: Iterable[FeeLine]) -> Self:
        """An invoice over ``lines``; the total is their sum."""
        kept = tuple(lines)
        return cls(lines=kept, total=sum((line.amount for line in kept), Decimal(0)))

    def to_json(self) -> dict[str, Any]:
        """Plain values to freeze with a submission: numbers as text."""
        lines = [{name: str(value) for name, value in vars(line).items()} for line in self.lines]
        return {"lines": lines, "total": str(self.total)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The invoice that ``to_json`` wrote."""
        numbers = ("quantity", "unit_price", "amount")
        return cls.of(
            FeeLine(code=line["code"], text=line["text"], **{name: Decimal(line[name]) for name in numbers})
            for line in stored["lines"]
        )


class RefundPhase(StrEnum):
    """How far a permit had come when it was cancelled."""

    # Nobody has begun to look at it.
    BEFORE_REVIEW = "before_review"
    # Review has begun, work has not.
    NOT_STARTED = "not_started"
    # Work began: inspections were made or planned.
    STARTED = "started"


# Paid for inspecting the work; given back if the work never started.
INSPECTION_CODES = frozenset(
    {"excavation", "small_opening", "aerial_first_poles", "aerial_more_poles", "lane_occupancy"}
)
SURFACE_LABELS = {"pavement": "pavement", "shoulder": "the shoulder", "unpaved": "unpaved ground"}


def fee(answers: Answers, schedule: Schedule = SCHEDULE) -> Invoice:
    """The itemised fee of an application. Agencies pay nothing, an emergency pays the application fee only.

    Answers that are still missing add nothing. Billing "exempt" of others is a request that an officer decides;
    it does not change the invoice.
    """
    if answers.get("applicant_kind") == "agency":
        return Invoice.of([_line("agency_exempt", "Government agency: no fee", 1, Decimal(0))])
    base = [_application_line(answers, schedule)]
    if answers.get("is_emergency"):
        return Invoice.of(base)
    return Invoice.of(
        [
            *base,
            *_driveway_lines(answers, schedule),
            *_excavation_lines(answers, schedule),
            *_aerial_lines(answers, schedule),
            *_lane_lines(answers, schedule),
        ]
    )


def amendment_fee(*, extension_months: int | None = None, schedule: Schedule = SCHEDULE) -> Invoice:
    """What an amendment costs: an extension per six months or part, any other change (None) a flat fee.

    Raises ValueError if an extension is not longer than 0 months.
    """
    if extension_months is None:
        return Invoice.of([_line("amendment", "Amendment of the permit", 1, schedule.other_amendment)])
    if extension_months <= 0:
        raise ValueError("An extension lasts at least one month.")
    text = f"Extension by {extension_months} {'month' if extension_months == 1 else 'months'}, per 6 months"
    return Invoice.of([_line("extension", text, math.ceil(extension_months / 6), schedule.extension_per_6_months)])


def reinspection_fee(schedule: Schedule = SCHEDULE) -> Invoice:
    """What a second final inspection costs."""
    return Invoice.of([_line("reinspection", "Inspection after a defect", 1, schedule.reinspection)])


def refund(invoice: Invoice, *, state_phase: RefundPhase, schedule: Schedule = SCHEDULE) -> Invoice:
    """What is paid back of a paid ``invoice`` when the permit is cancelled; the total is never below 0.

    Before review everything less a handling charge; later the inspection fees if work never started; else nothing.
    """
    if state_phase is RefundPhase.BEFORE_REVIEW:
        kept = min(schedule.kept_before_review, invoice.total)
        handling = [_line("refund_handling", "Kept for handling", 1, -kept)] if kept else []
        return Invoice.of([*(line for line in invoice.lines if line.amount), *handling])
    if state_phase is RefundPhase.NOT_STARTED:
        return Invoice.of(line for line in invoice.lines if line.code in INSPECTION_CODES)
    return Invoice.of([])


def driveway_category(daily_trips: int, schedule: Schedule = SCHEDULE) -> tuple[str, Decimal]:
    """The category letter (A to G) and the fee of a driveway with so many trips a day, both directions together."""
    for letter, (up_to, price) in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", schedule.driveway, strict=False):
        if up_to is None or daily_trips <= up_to:
            return letter, price
    raise ValueError("The fee schedule's last driveway category must have no upper limit.")


def _application_line(answers: Answers, schedule: Schedule) -> FeeLine:
    if answers.get("permit_type") == "driveway" and answers.get("applicant_kind") == "person":
        text = "Application for a private person's driveway"
        return _line("application_driveway_person", text, 1, schedule.application_driveway_person)
    return _line("application", "Application", 1, schedule.application)


def _driveway_lines(answers: Answers, schedule: Schedule) -> Iterator[FeeLine]:
    trips = answers.get("daily_trips")
    if answers.get("permit_type") == "driveway" and trips is not None:
        letter, price = driveway_category(trips, schedule)
        yield _line("driveway_category", f"Driveway category {letter}: {trips:,} trips a day", 1, price)


def _excavation_lines(answers: Answers, schedule: Schedule) -> Iterator[FeeLine]:
    if not answers.get("excavation"):
        return
    groups: list[list[FeeLine]] = []
    for row in answers.get("excavations") or []:
        line = _excavation_line(row, schedule)
        if row.get("same_length") and groups:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        # Several surfaces along the same length: only the higher fee.
        yield max(group, key=lambda line: line.amount)


def _excavation_line(row: Mapping[str, Any], schedule: Schedule) -> FeeLine:
    length_ft, width_ft, surface = decimal_of(row["length_ft"]), decimal_of(row["width_ft"]), row["surface"]
    if length_ft * width_ft < schedule.small_opening_below_sq_ft:
        text = f"Opening below {schedule.small_opening_below_sq_ft} sq ft in {SURFACE_LABELS[surface]}"
        return _line("small_opening", text, 1, schedule.small_opening[surface])
    text = f"Excavation in {SURFACE_LABELS[surface]}, {length_ft.normalize():,f} ft, per {PER_FEET} ft or part"
    return _line("excavation", text, math.ceil(length_ft / PER_FEET), schedule.excavation_per_100_ft[surface])


def _aerial_lines(answers: Answers, schedule: Schedule) -> Iterator[FeeLine]:
    poles = answers.get("aerial_poles") or 0
    if answers.get("facility_method") != "aerial" or poles <= 0:
        return
    included = schedule.aerial_included_poles
    yield _line("aerial_first_poles", f"Aerial line, the first {included} poles", 1, schedule.aerial_first_poles)
    if poles > included:
        yield _line("aerial_more_poles", "Aerial line, each further pole", poles - included, schedule.aerial_more_pole)


def _lane_lines(answers: Answers, schedule: Schedule) -> Iterator[FeeLine]:
    price = schedule.lane_day.get(answers.get("functional_class") or 0)
    lanes = sum(lanes_taken(impact) for impact in impacts_of(answers))
    days = duration_days(answers)
    if price and lanes and days:
        yield _line("lane_occupancy", f"Lanes taken: {lanes} for {days} days", lanes * days, price)


def _line(code: str, text: str, quantity: int, unit_price: Decimal) -> FeeLine:
    count = Decimal(quantity)
    return FeeLine(code=code, text=text, quantity=count, unit_price=unit_price, amount=count * unit_price)

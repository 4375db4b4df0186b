"""Working time: when a step is due, how much time is left, what a pause does to it. Pure functions, no database.

Moments go in and come out as aware datetimes (out: UTC). Days are local dates of the calendar's time zone.
The rules follow docs/rules.md: office hours 08:00 to 16:30, what arrives after the cut-off counts from the
next working day, state holidays do not count, a pause keeps the working time that was left.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import country_holidays, list_supported_countries

ONE_DAY = timedelta(days=1)
ONE_HOUR = timedelta(hours=1)
ONE_MINUTE = timedelta(minutes=1)
SATURDAY, SUNDAY = 5, 6  # as date.weekday() counts
LONGEST_CLOSURE_DAYS = 366  # a calendar that never opens must be an error, not an endless loop


@dataclass(frozen=True)
class WorkingDays:
    """A deadline at closing time of the n-th working day after the start day; 0 is the start day itself."""

    n: int

    def __post_init__(self) -> None:
        _refuse_negative(self.n, "working days")


@dataclass(frozen=True)
class Hours:
    """A deadline n hours on, around the clock: nights, weekends and holidays count (a dark signal does not wait)."""

    n: int

    def __post_init__(self) -> None:
        _refuse_negative(self.n, "hours")


type Due = WorkingDays | Hours


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When an agency works. ``closes`` is the cut-off too: what arrives later counts as the next working day."""

    time_zone: ZoneInfo
    is_holiday: Callable[[date], bool]
    opens: time = time(8, 0)
    closes: time = time(16, 30)
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"The office must open before it closes: {self.opens} is not before {self.closes}.")

    def is_working_day(self, day: date) -> bool:
        """Whether the office is open on the local date ``day``. A datetime is refused: which zone's day would it be?"""
        if isinstance(day, datetime):
            raise TypeError("A working day is a date, not a moment: give the local date.")
        return day.weekday() not in self.weekend and not self.is_holiday(day)

    def local_day(self, moment: datetime) -> date:
        """The date on the office's wall when ``moment`` happens."""
        return moment.astimezone(self.time_zone).date()


@lru_cache(maxsize=16)
def calendar_for(
    state_code: str,
    time_zone: str,
    closed: frozenset[date] = frozenset(),
    opened: frozenset[date] = frozenset(),
) -> Calendar:
    """The calendar of a US state or territory ("IA") in an IANA time zone ("America/Chicago").

    Holidays: the ``holidays`` package (observed days included) and ``ALSO_CLOSED``; beside them the office's own days:
    ``closed`` (by proclamation, say), and holidays on which it is ``opened`` after all. Raises ValueError with a
    sentence when the state or the time zone is unknown.
    """
    if state_code not in list_supported_countries()["US"]:
        raise ValueError(f'"{state_code}" is not a US state code: give two capital letters, for example IA.')
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f'"{time_zone}" is not an IANA time zone: give one like America/Chicago.') from error

    def is_holiday(day: date) -> bool:
        return day in closed or (day in state_holidays(state_code, day.year) and day not in opened)

    return Calendar(time_zone=zone, is_holiday=is_holiday)


@cache
def state_holidays(state_code: str, year: int) -> Mapping[date, str]:
    """The days in ``year`` on which a state's offices are closed by law, with their names."""
    # Made whole before anybody sees it: the package's own object fills itself in while it is read, and a second
    # worker thread would find the year half empty.
    days = dict(country_holidays("US", subdiv=state_code, years=year))
    if state_code in ALSO_CLOSED:
        day = ALSO_CLOSED[state_code](year)
        days.setdefault(day, "Friday after Thanksgiving")
    return MappingProxyType({day: days[day] for day in sorted(days)})


def _friday_after_thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    first_thursday = first + timedelta(days=(3 - first.weekday()) % 7)
    return first_thursday + timedelta(weeks=3, days=1)


# Days on which a state's offices are closed by law though they are no public holiday, which is what the package lists.
ALSO_CLOSED: dict[str, Callable[[int], date]] = {
    "IA": _friday_after_thanksgiving,  # Iowa Code 1C.2(1)(h)
}


def due_at(start: datetime, due: Due, calendar: Calendar) -> datetime:
    """The moment (UTC) by which what began at ``start`` must be done.

    Working days: a start after the cut-off or on a day the office is closed counts as the next working day; due at
    closing time of the n-th working day after that. Never before ``start``.
    """
    start = _utc(start)
    if isinstance(due, Hours):
        return start + timedelta(hours=due.n)
    local = start.astimezone(calendar.time_zone)
    day = local.date()
    if not calendar.is_working_day(day) or local.time() > calendar.closes:
        day = next(_working_days_from(day, 1, calendar))
    return _moment(add_working_days(day, due.n, calendar), calendar.closes, calendar)


def resume(
    due_at: datetime,
    paused_at: datetime,
    now: datetime,
    calendar: Calendar,
    at_least: Due | None = None,
    *,
    around_the_clock: bool = False,
) -> datetime:
    """The new deadline (UTC) of a clock that stood still from ``paused_at`` to ``now``.

    The working time left at the pause (or already overrun) is kept, and at least ``at_least`` is left from now on.
    ``around_the_clock`` keeps the plain time instead: for deadlines set in ``Hours``. Never earlier than ``due_at``;
    a pause of no length (or one that ends before it begins, when two machines' clocks differ) moves nothing.
    """
    renewed, paused_at, now = _utc(due_at), _utc(paused_at), _utc(now)
    if now > paused_at:
        if around_the_clock:
            moved = renewed + (now - paused_at)
        else:
            moved = add_working_time(now, working_time_between(paused_at, renewed, calendar), calendar)
        renewed = max(renewed, moved)
    return renewed if at_least is None else max(renewed, _earliest_end(now, at_least, calendar))


def working_time_between(a: datetime, b: datetime, calendar: Calendar) -> timedelta:
    """The office hours that pass from ``a`` to ``b``; negative when ``b`` is earlier."""
    a, b = _utc(a), _utc(b)
    if b < a:
        return -working_time_between(b, a, calendar)
    total = timedelta()
    day, last = calendar.local_day(a), calendar.local_day(b)
    while day <= last:
        if calendar.is_working_day(day):
            opens, closes = _office_hours(day, calendar)
            total += max(min(b, closes) - max(a, opens), timedelta())
        day += ONE_DAY
    return total


def add_working_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The first moment (UTC) at which ``amount`` of office hours has passed since ``start``.

    A negative amount goes back, to the last such moment. Zero is ``start`` itself, even outside office hours.
    """
    start = _utc(start)
    if not amount:
        return start
    forward = amount > timedelta()
    left = abs(amount)
    step = 1 if forward else -1
    days = _working_days_from(calendar.local_day(start) - step * ONE_DAY, step, calendar)
    while True:
        opens, closes = _office_hours(next(days), calendar)
        begin, end = (max(start, opens), closes) if forward else (opens, min(start, closes))
        available = max(end - begin, timedelta())
        if left <= available:
            return begin + left if forward else end - left
        left -= available


def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after ``day``, or before it when n is negative (notice periods, reminders).

    Zero is ``day`` itself, working day or not.
    """
    days = _working_days_from(day, 1 if n > 0 else -1, calendar)
    for _ in range(abs(n)):
        day = next(days)
    return day


@lru_cache(maxsize=4096)  # a queue and an export ask for the same few days again and again
def working_days_between(a: date, b: date, calendar: Calendar) -> int:
    """How many working days come after ``a`` up to and including ``b``; the inverse of ``add_working_days``.

    Negative when ``b`` is earlier: minus the working days from ``b`` up to and without ``a``. For a window with both
    ends in it, start from the day before.
    """
    step = 1 if b > a else -1
    steps = range(1, abs((b - a).days) + 1)
    return step * sum(calendar.is_working_day(a + step * ahead * ONE_DAY) for ahead in steps)


def describe_due(due_at: datetime, now: datetime, calendar: Calendar) -> str:
    """A few words for a badge: "2 h left", "3 working days left", "1 day over".

    Hours (and under one hour minutes) are plain time and rounded down; so are the days of being late.
    """
    due_at, now = _utc(due_at), _utc(now)
    if abs(due_at - now) < ONE_MINUTE:
        return "due now"
    if now > due_at:
        late = now - due_at
        return f"{_count(late // ONE_DAY, 'day')} over" if late >= ONE_DAY else f"{_short_time(late)} over"
    left = due_at - now
    days = working_days_between(calendar.local_day(now), calendar.local_day(due_at), calendar)
    # Without an opening between now and then, or with less than a working day to go, days would mislead.
    in_hours = days == 0 or left < _length_of_day(calendar)
    return f"{_short_time(left)} left" if in_hours else f"{_count(days, 'working day')} left"


def _earliest_end(now: datetime, at_least: Due, calendar: Calendar) -> datetime:
    return due_at(now, at_least, calendar)  # apart, because inside resume() the name due_at is the old deadline


def _working_days_from(day: date, step: int, calendar: Calendar) -> Iterator[date]:
    """The working days after ``day`` (``step`` 1) or before it (``step`` -1), without end."""
    closed_days = 0
    while closed_days < LONGEST_CLOSURE_DAYS:
        day += step * ONE_DAY
        closed_days += 1
        if calendar.is_working_day(day):
            closed_days = 0
            yield day
    raise ValueError("This calendar has no working day within a year: check its weekend days and holidays.")


def _office_hours(day: date, calendar: Calendar) -> tuple[datetime, datetime]:
    return _moment(day, calendar.opens, calendar), _moment(day, calendar.closes, calendar)


def _moment(day: date, at: time, calendar: Calendar) -> datetime:
    return _utc(datetime.combine(day, at, calendar.time_zone))


def _length_of_day(calendar: Calendar) -> timedelta:
    return datetime.combine(date.min, calendar.closes) - datetime.combine(date.min, calendar.opens)


def _short_time(length: timedelta) -> str:
    return f"{length // ONE_HOUR} h" if length >= ONE_HOUR else f"{length // ONE_MINUTE} min"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _utc(moment: datetime) -> datetime:
    # All arithmetic is in UTC: Python subtracts two local times of one zone by the wall clock and loses the DST hour.
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone: a deadline needs an aware datetime.")
    return moment.astimezone(UTC)


def _refuse_negative(number: int, noun: str) -> None:
    if number < 0:
        raise ValueError(f"A deadline cannot lie {-number} {noun} in the past: give 0 or more.")

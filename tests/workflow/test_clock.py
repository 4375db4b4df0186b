"""The clock by tables of dates a person can check on a wall calendar, and by properties for the dates nobody lists."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.clock import (
    Calendar,
    Due,
    Hours,
    WorkingDays,
    add_working_days,
    add_working_time,
    calendar_for,
    describe_due,
    due_at,
    resume,
    working_days_between,
    working_time_between,
)

CHICAGO = ZoneInfo("America/Chicago")
IOWA = calendar_for("IA", "America/Chicago")
TEXAS = calendar_for("TX", "America/Chicago")
NEVER_CLOSED = Calendar(
    time_zone=CHICAGO, is_holiday=lambda day: False, opens=time(0, 30), closes=time(23, 30), weekend=frozenset()
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DUES = st.one_of(st.builds(WorkingDays, st.integers(0, 45)), st.builds(Hours, st.integers(0, 200)))
SPANS = st.timedeltas(timedelta(), timedelta(days=60))
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def at(text: str) -> datetime:
    """Local time in Iowa, as an officer would write it."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("start", "due", "expected", "why"),
    [
        ("2026-10-05 09:00", WorkingDays(1), "2026-10-06 16:30", "a plain Monday"),
        ("2026-10-05 03:00", WorkingDays(0), "2026-10-05 16:30", "before opening is still that day"),
        ("2026-10-05 16:30", WorkingDays(1), "2026-10-06 16:30", "at the cut-off is in time"),
        ("2026-10-05 16:30:01", WorkingDays(1), "2026-10-07 16:30", "after the cut-off counts as the next day"),
        ("2026-10-09 17:00", WorkingDays(1), "2026-10-13 16:30", "Friday evening counts as Monday"),
        ("2026-10-10 12:00", WorkingDays(1), "2026-10-13 16:30", "Saturday counts as Monday"),
        ("2026-10-10 12:00", WorkingDays(0), "2026-10-12 16:30", "Saturday counts as Monday, zero days on"),
        ("2026-11-23 09:00", WorkingDays(2), "2026-11-25 16:30", "up to Thanksgiving"),
        ("2026-11-25 09:00", WorkingDays(1), "2026-11-30 16:30", "over Thanksgiving and the Friday after"),
        ("2026-11-26 09:00", WorkingDays(1), "2026-12-01 16:30", "on Thanksgiving counts as the Monday after"),
        ("2026-02-11 09:00", WorkingDays(1), "2026-02-13 16:30", "Lincoln's Birthday, a holiday of this state"),
        ("2026-07-02 09:00", WorkingDays(1), "2026-07-06 16:30", "Independence Day on Saturday, Friday observed"),
        ("2026-12-31 15:00", WorkingDays(1), "2027-01-04 16:30", "year end with New Year on Friday"),
        ("2027-12-30 17:00", WorkingDays(0), "2028-01-03 16:30", "New Year 2028 is observed in the year before"),
        ("2026-03-06 09:00", WorkingDays(1), "2026-03-09 16:30", "the night clocks go forward lies between"),
        ("2026-10-30 09:00", WorkingDays(1), "2026-11-02 16:30", "the night clocks go back lies between"),
        ("2026-03-07 23:00", Hours(6), "2026-03-08 06:00", "a night of 23 hours is an hour shorter on the wall"),
        ("2026-10-31 23:00", Hours(6), "2026-11-01 04:00", "a night of 25 hours is an hour longer on the wall"),
        ("2026-11-26 01:00", Hours(2), "2026-11-26 03:00", "around the clock, on Thanksgiving too"),
    ],
)
def test_a_deadline_falls_where_the_wall_calendar_says(start: str, due: Due, expected: str, why: str) -> None:
    answer = due_at(at(start), due, IOWA)
    assert answer == at(expected), why
    assert answer.tzinfo is UTC


def test_closing_time_stays_on_the_wall_when_the_offset_to_utc_changes() -> None:
    assert due_at(at("2026-03-06 09:00"), WorkingDays(0), IOWA).hour == 22
    assert due_at(at("2026-03-06 09:00"), WorkingDays(1), IOWA).hour == 21


@pytest.mark.parametrize(
    ("state", "day", "open_for_work"),
    [
        ("IA", date(2026, 11, 26), False),
        ("IA", date(2026, 11, 27), False),
        ("IA", date(2024, 11, 29), False),
        ("CO", date(2026, 11, 27), True),
        ("TX", date(2026, 11, 27), False),
        ("TX", date(2026, 3, 2), False),
        ("IA", date(2026, 3, 2), True),
        ("IA", date(2026, 2, 12), False),
        ("TX", date(2026, 2, 12), True),
        ("IA", date(2021, 12, 31), False),
        ("IA", date(2026, 11, 28), False),
    ],
)
def test_each_state_keeps_its_own_holidays(state: str, day: date, open_for_work: bool) -> None:
    assert calendar_for(state, "America/Chicago").is_working_day(day) is open_for_work


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("2026-10-05 09:00", "2026-10-05 11:15", timedelta(hours=2, minutes=15)),
        ("2026-10-05 06:00", "2026-10-05 20:00", timedelta(hours=8, minutes=30)),
        ("2026-10-09 16:00", "2026-10-12 08:30", timedelta(hours=1)),
        ("2026-10-10 00:00", "2026-10-11 23:00", timedelta()),
        ("2026-11-25 16:00", "2026-11-30 09:00", timedelta(hours=1, minutes=30)),
        ("2026-03-06 16:00", "2026-03-09 08:30", timedelta(hours=1)),
        ("2026-10-05 11:15", "2026-10-05 09:00", -timedelta(hours=2, minutes=15)),
    ],
)
def test_only_office_hours_are_working_time(a: str, b: str, expected: timedelta) -> None:
    assert working_time_between(at(a), at(b), IOWA) == expected


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 22), ("2026-10-05", 23), ("2026-11-01", 24)])
def test_an_office_open_through_the_night_gains_and_loses_the_dst_hour(day: str, hours: int) -> None:
    opens, closes = at(f"{day} 00:30"), at(f"{day} 23:30")
    assert working_time_between(opens, closes, NEVER_CLOSED) == timedelta(hours=hours)
    assert add_working_time(opens, timedelta(hours=hours), NEVER_CLOSED) == closes


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("2026-10-05 09:00", timedelta(hours=1), "2026-10-05 10:00"),
        ("2026-10-05 09:00", timedelta(hours=7, minutes=30), "2026-10-05 16:30"),
        ("2026-10-09 16:00", timedelta(hours=1), "2026-10-12 08:30"),
        ("2026-10-12 08:30", -timedelta(hours=1), "2026-10-09 16:00"),
        ("2026-10-10 12:00", timedelta(), "2026-10-10 12:00"),
        ("2026-10-10 12:00", timedelta(minutes=1), "2026-10-12 08:01"),
        ("2026-10-10 12:00", -timedelta(minutes=1), "2026-10-09 16:29"),
    ],
)
def test_working_time_is_added_over_nights_and_weekends(start: str, amount: timedelta, expected: str) -> None:
    assert add_working_time(at(start), amount, IOWA) == at(expected)


RESUMPTIONS = [
    ("2026-10-14 16:30", "2026-10-06 09:00", "2026-10-08 09:00", None, "2026-10-16 16:30", "two days paused"),
    ("2026-10-14 16:30", "2026-10-09 16:30", "2026-10-12 08:00", None, "2026-10-14 16:30", "only a weekend paused"),
    ("2026-10-06 16:30", "2026-10-06 16:00", "2026-10-20 16:15", None, "2026-10-21 08:15", "half an hour was left"),
    ("2026-10-06 16:30", "2026-10-06 16:00", "2026-10-20 09:00", 3, "2026-10-23 16:30", "but at least three days"),
    ("2026-10-30 16:30", "2026-10-06 16:00", "2026-10-07 16:00", 3, "2026-11-02 16:30", "more than that was left"),
    ("2026-10-05 16:30", "2026-10-06 09:00", "2026-10-08 09:00", None, "2026-10-08 08:00", "an hour over stays so"),
]


@pytest.mark.parametrize(("due", "paused", "now", "days_left", "expected", "why"), RESUMPTIONS)
def test_a_resumed_clock_keeps_the_working_time_it_had(
    due: str, paused: str, now: str, days_left: int | None, expected: str, why: str
) -> None:
    at_least = None if days_left is None else WorkingDays(days_left)
    assert resume(at(due), at(paused), at(now), IOWA, at_least) == at(expected), why


def test_the_night_clocks_go_back_does_not_shorten_a_clock_around_the_clock() -> None:
    due, paused, now = at("2026-10-31 23:00"), at("2026-10-31 22:00"), at("2026-11-01 04:00")
    assert resume(due, paused, now, IOWA, around_the_clock=True) == at("2026-11-01 05:00")
    assert describe_due(at("2026-11-01 04:00"), at("2026-10-31 23:30"), IOWA) == "5 h left"


def test_a_clock_around_the_clock_resumes_with_the_plain_hours_it_had() -> None:
    friday_evening, due, monday = at("2026-10-09 17:00"), at("2026-10-09 19:00"), at("2026-10-12 10:00")
    assert resume(due, friday_evening, monday, IOWA, around_the_clock=True) == at("2026-10-12 12:00")


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 11, 23), 3, date(2026, 11, 30)),
        (date(2026, 11, 30), -3, date(2026, 11, 23)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), -1, date(2026, 11, 25)),
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_working_days_are_added_and_taken_away(day: date, n: int, expected: date) -> None:
    assert add_working_days(day, n, IOWA) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (date(2026, 11, 22), date(2026, 11, 28), 3),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 30), date(2026, 11, 23), -3),
        (date(2026, 12, 24), date(2027, 1, 4), 5),
    ],
)
def test_working_days_are_counted_after_the_first_day_and_with_the_last(a: date, b: date, expected: int) -> None:
    assert working_days_between(a, b, IOWA) == expected


@pytest.mark.parametrize(
    ("due", "now", "words"),
    [
        ("2026-10-05 16:30", "2026-10-05 14:15", "2 h left"),
        ("2026-10-05 16:30", "2026-10-05 16:05", "25 min left"),
        ("2026-10-05 16:30", "2026-10-05 16:30:20", "due now"),
        ("2026-10-08 16:30", "2026-10-05 09:00", "3 working days left"),
        ("2026-10-06 16:30", "2026-10-05 09:00", "1 working day left"),
        ("2026-10-12 16:30", "2026-10-09 17:00", "1 working day left"),
        ("2026-10-06 01:00", "2026-10-05 23:00", "2 h left"),
        ("2026-10-11 18:00", "2026-10-09 18:00", "48 h left"),
        ("2026-10-05 16:30", "2026-10-05 16:55", "25 min over"),
        ("2026-10-05 16:30", "2026-10-05 21:00", "4 h over"),
        ("2026-10-05 16:30", "2026-10-06 17:00", "1 day over"),
        ("2026-10-05 16:30", "2026-10-07 17:00", "2 days over"),
    ],
)
def test_a_badge_says_in_a_few_words_how_much_time_is_left(due: str, now: str, words: str) -> None:
    assert describe_due(at(due), at(now), IOWA) == words


NAIVE, AWARE = datetime(2026, 10, 5, 9), at("2026-10-05 09:00")  # noqa: DTZ001


@pytest.mark.parametrize(
    "call",
    [
        lambda: due_at(NAIVE, WorkingDays(1), IOWA),
        lambda: due_at(NAIVE, Hours(1), IOWA),
        lambda: working_time_between(AWARE, NAIVE, IOWA),
        lambda: add_working_time(NAIVE, timedelta(hours=1), IOWA),
        lambda: resume(AWARE, NAIVE, AWARE, IOWA),
        lambda: describe_due(NAIVE, AWARE, IOWA),
    ],
)
def test_a_moment_without_a_time_zone_is_refused_with_a_sentence(call) -> None:
    with pytest.raises(ValueError, match=r"2026-10-05T09:00:00 has no time zone: .*\.$"):
        call()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: calendar_for("ZZ", "America/Chicago"), '"ZZ" is not a US state code'),
        (lambda: calendar_for("IA", "Mars/Olympus"), '"Mars/Olympus" is not an IANA time zone'),
        (lambda: calendar_for("IA", "../etc/passwd"), "is not an IANA time zone"),
        (lambda: WorkingDays(-1), "cannot lie 1 working days in the past"),
        (lambda: Hours(-2), "cannot lie 2 hours in the past"),
        (lambda: Calendar(time_zone=CHICAGO, is_holiday=bool, opens=time(17)), "must open before it closes"),
        (lambda: add_working_days(date(2026, 1, 1), 1, Calendar(time_zone=CHICAGO, is_holiday=bool)), "no working day"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(call, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()


def test_a_moment_is_no_working_day() -> None:
    with pytest.raises(TypeError, match="give the local date"):
        IOWA.is_working_day(AWARE)


def test_a_calendar_is_made_once() -> None:
    assert calendar_for("IA", "America/Chicago") is IOWA


@given(MOMENTS, DUES)
def test_a_deadline_is_never_before_its_start_and_later_starts_are_never_due_earlier(start: datetime, due: Due) -> None:
    first = due_at(start, due, IOWA)
    assert first >= start
    assert due_at(start + timedelta(hours=7), due, IOWA) >= first


@given(MOMENTS, st.integers(0, 45))
def test_a_deadline_in_working_days_is_closing_time_of_a_working_day(start: datetime, days: int) -> None:
    local = due_at(start, WorkingDays(days), TEXAS).astimezone(CHICAGO)
    assert local.time() == TEXAS.closes
    assert TEXAS.is_working_day(local.date())


@given(MOMENTS, DUES, SPANS, SPANS, st.none() | DUES, st.booleans())
def test_a_resumed_clock_is_never_shorter(
    start: datetime, due: Due, worked: timedelta, paused: timedelta, at_least: Due | None, plain: bool
) -> None:
    deadline = due_at(start, due, IOWA)
    now = start + worked + paused
    renewed = resume(deadline, start + worked, now, IOWA, at_least, around_the_clock=plain)
    assert renewed >= deadline
    if at_least is not None:
        assert renewed >= due_at(now, at_least, IOWA)


@given(MOMENTS, DUES, SPANS, st.booleans())
def test_a_pause_of_no_length_changes_nothing(start: datetime, due: Due, worked: timedelta, plain: bool) -> None:
    deadline = due_at(start, due, IOWA)
    assert resume(deadline, start + worked, start + worked, IOWA, around_the_clock=plain) == deadline


@given(MOMENTS, st.integers(0, 45), SPANS)
def test_a_pause_keeps_the_working_time_that_was_left(start: datetime, days: int, paused: timedelta) -> None:
    deadline = due_at(start, WorkingDays(days), IOWA)
    renewed = resume(deadline, start, start + paused, IOWA)
    left = working_time_between(start, deadline, IOWA)
    assert working_time_between(start + paused, renewed, IOWA) == left


@given(MOMENTS, st.timedeltas(-timedelta(days=20), timedelta(days=20)), st.sampled_from([IOWA, TEXAS, NEVER_CLOSED]))
def test_added_working_time_is_measured_again(start: datetime, amount: timedelta, calendar: Calendar) -> None:
    assert working_time_between(start, add_working_time(start, amount, calendar), calendar) == amount


@given(DAYS, st.integers(-60, 60))
def test_counting_working_days_undoes_adding_them(day: date, n: int) -> None:
    assert working_days_between(day, add_working_days(day, n, IOWA), IOWA) == n

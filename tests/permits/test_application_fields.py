"""Single answers: what people type, what clients send, and the words for what cannot be read."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from permits.application import choices, fields, moments, shapes
from permits.rules import traffic


def cleaned(field, value):
    return field.clean(value)


def code_of(field, value):
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    assert str(caught.value.messages[0])[-1] in ".?"
    return caught.value.error_list[0].code


PHONE, ZIP, EIN = (kind(label="X", required=False) for kind in (fields.PhoneField, fields.ZipField, fields.TaxIdField))
TEXT = fields.TextField(label="X", min_length=3, max_length=9, required=False)
LONG = fields.TextField(label="X", max_length=99, long=True)
INT = fields.IntField(label="X", min_value=5, max_value=2000, step_size=5, required=False)
MONEY = fields.MoneyField(label="X", required=False)
TICK, YES_NO = fields.TickField(label="X", required=False), fields.YesNoField(label="X", required=False)
MANY = fields.MultiChoiceField(label="X", choices=choices.Weekday, required=False)
ONE = fields.ChoiceField(label="X", choices=choices.Surface, required=False)
DAY, HOUR = moments.TypedDateField(label="X", required=False), moments.TypedTimeField(label="X", required=False)
MOMENT, LATE = moments.LocalDateTimeField(label="X", required=False), moments.LocalDateTimeField(label="X", fold=1)
EMAIL = fields.EmailField(label="X", required=False)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (PHONE, "515-555-0100", "+15155550100"),
        (PHONE, "(515) 555.0100", "+15155550100"),
        (PHONE, "1 515 555 0100", "+15155550100"),
        (PHONE, "+44 20 7946 0958", "+442079460958"),
        (PHONE, " ", ""),
        (ZIP, "50010", "50010"),
        (ZIP, "500101234", "50010-1234"),
        (ZIP, None, ""),
        (EIN, "42-0000017", "42-0000017"),
        (TEXT, "  two   words ", "two words"),
        (LONG, " one\r\ntwo ", "one\ntwo"),
        (INT, "1,200", 1200),
        (INT, 15.0, 15),
        (INT, "", None),
        (MONEY, "$1,200.50", Decimal("1200.50")),
        (MONEY, 0.1, Decimal("0.1")),
        (MONEY, 0, Decimal(0)),
        (TICK, "on", True),
        (TICK, None, False),
        (YES_NO, False, False),
        (YES_NO, "yes", True),
        (YES_NO, "", None),
        (MANY, ["fri", "mon", "fri"], ["mon", "fri"]),
        (ONE, "shoulder", "shoulder"),
        (DAY, "11/23/2026", date(2026, 11, 23)),
        (DAY, " 2026-11-23 ", date(2026, 11, 23)),
        (HOUR, "7 p.m.", time(19)),
        (HOUR, "07:30", time(7, 30)),
        (HOUR, "07:30:15", time(7, 30, 15)),
        (EMAIL, "a@example.com", "a@example.com"),
    ],
)
def test_an_answer_is_read_in_every_usual_spelling(field, value, expected):
    assert cleaned(field, value) == expected


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (PHONE, "555-0100", "invalid"),
        (PHONE, "115-555-0100", "invalid"),
        (PHONE, "+1 44 20 7946 0958", "invalid"),
        (PHONE, "+44 1", "invalid"),
        (ZIP, "5001", "invalid"),
        (ZIP, "50010-12", "invalid"),
        (EIN, "123-45-6789", "looks_like_ssn"),
        (EIN, "123 45 6789", "looks_like_ssn"),
        (EIN, "420000017", "invalid"),
        (TEXT, "ab", "min_length"),
        (TEXT, "abcdefghij", "max_length"),
        (TEXT, "a\x00bc", "null_characters_not_allowed"),
        (TEXT, "a\x1b[0m", "invalid_characters"),
        (TEXT, "a\ud800b", "invalid_characters"),
        (LONG, "", "required"),
        (EMAIL, "nobody", "invalid"),
        (INT, "few", "invalid"),
        (INT, 12.5, "invalid"),
        (INT, 0, "min_value"),
        (INT, 2005, "max_value"),
        (INT, 7, "step_size"),
        (INT, 10**400, "too_large"),
        (INT, "9" * 5000, "invalid"),
        (MONEY, "-1", "min_value"),
        (MONEY, "1.005", "max_decimal_places"),
        (MONEY, "1e99", "max_digits"),
        (MONEY, "NaN", "invalid"),
        (MONEY, float("inf"), "invalid"),
        (fields.FloatField(label="X"), float("nan"), "invalid"),
        (fields.FloatField(label="X"), -(10**400), "too_large"),
        (MANY, ["someday"], "invalid_choice"),
        (ONE, "gravel", "invalid_choice"),
        (DAY, "13/45/2026", "no_such_day"),
        (DAY, "tomorrow", "invalid"),
        (DAY, "1926-11-23", "year_out_of_range"),
        (HOUR, "25:00", "invalid"),
        (HOUR, "25:00:00", "invalid"),
        (MOMENT, "soon enough, or later", "invalid"),
        (MOMENT, "2026-11-23", "time_missing"),
        (MOMENT, ["11/23/2026", ""], "time_missing"),
        (MOMENT, [None, "7 am"], "date_missing"),
        (MOMENT, ["02/30/2027", "7 am"], "no_such_day"),
        (MOMENT, ["11/23/2026", "7 am", "x"], "invalid"),
        (MOMENT, "9999-12-31T23:59:59-12:00", "year_out_of_range"),
        (MOMENT, "2027-03-14T02:30", "nonexistent_time"),
        (MOMENT, ["03/14/2027", "2:30 AM"], "nonexistent_time"),
    ],
)
def test_an_answer_that_cannot_be_read_has_a_code_and_a_sentence(field, value, code):
    assert code_of(field, value) == code


@pytest.mark.parametrize(
    ("value", "utc"),
    [
        (["01/25/2027", "8 am"], datetime(2027, 1, 25, 14, tzinfo=UTC)),
        ("2027-01-25T08:00", datetime(2027, 1, 25, 14, tzinfo=UTC)),
        ("2027-01-25T14:00:00Z", datetime(2027, 1, 25, 14, tzinfo=UTC)),
        ("2027-07-01T08:00-05:00", datetime(2027, 7, 1, 13, tzinfo=UTC)),
        (datetime(2027, 7, 1, 13, tzinfo=UTC), datetime(2027, 7, 1, 13, tzinfo=UTC)),
        ("2027-03-14T03:00", datetime(2027, 3, 14, 8, tzinfo=UTC)),
        ("2027-11-07T01:30", datetime(2027, 11, 7, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_local_unless_it_names_its_offset(value, utc):
    moment = MOMENT.clean(value)
    assert moment.astimezone(UTC) == utc
    assert str(moment.tzinfo) == "America/Chicago"


def test_of_a_time_shown_twice_a_start_is_the_first_and_an_end_the_second():
    assert MOMENT.clean("2027-11-07T01:30").astimezone(UTC).hour == 6
    assert LATE.clean("2027-11-07T01:30").astimezone(UTC).hour == 7


def test_empty_moments_are_no_answer():
    assert MOMENT.clean(["", None]) is None
    assert MOMENT.clean(" ") is None
    assert code_of(LATE, ["", ""]) == "required"


def test_moments_follow_the_time_zone_of_the_state(settings):
    settings.TIME_ZONE = "America/Denver"
    assert MOMENT.clean("2027-01-25T08:00").astimezone(UTC).hour == 15


AREA, LINE = shapes.GeometryField(label="X", required=False), shapes.LineField(label="X", required=False)
TWO = [[-93.61, 42.01], [-93.61, 42.02]]


@pytest.mark.parametrize(
    ("field", "geometry", "code"),
    [
        (AREA, {"type": "Circle", "coordinates": [0, 0]}, "area_type"),
        (AREA, {"type": ["Point"], "coordinates": [0, 0]}, "area_type"),
        (AREA, {"type": "Point"}, "area_coordinates"),
        (AREA, {"type": "Point", "coordinates": [10**400, 0]}, "area_coordinates"),
        (AREA, {"type": "Point", "coordinates": [float("nan"), 0]}, "area_coordinates"),
        (AREA, {"type": "Point", "coordinates": [True, 0]}, "area_coordinates"),
        (AREA, {"type": "Point", "coordinates": [-93.6, 42.0]}, None),
        (AREA, {"type": "Point", "coordinates": [42.0, -93.6]}, "area_out_of_range"),
        (AREA, {"type": "LineString", "coordinates": [TWO[0], TWO[0]]}, "area_too_short"),
        (
            AREA,
            {"type": "LineString", "coordinates": [[-93.6, 42 + n / 1e5] for n in range(2001)]},
            "area_too_many_points",
        ),
        (AREA, {"type": "Polygon", "coordinates": [TWO]}, "area_not_closed"),
        (LINE, {"type": "Point", "coordinates": TWO[0]}, "line_needed"),
        (LINE, {"type": "LineString", "coordinates": [[-93.6, 42 + n / 1e5] for n in range(501)]}, "too_many_points"),
        (LINE, {"type": "LineString", "coordinates": [[-93.6, 42 + n / 1e5] for n in range(500)]}, None),
        (LINE, {"type": "LineString", "coordinates": [[0, 0], [1, 1], [1, 0], [0, 1]]}, None),
        (AREA, {"type": "LineString", "coordinates": [[0, 0], [1, 1], [1, 0], [0, 1]]}, "area_crosses_itself"),
    ],
)
def test_a_geometry_is_taken_or_refused_for_a_reason(field, geometry, code):
    if code is None:
        assert field.clean(geometry) == geometry
    else:
        assert code_of(field, geometry) == code


def test_a_geometry_loses_its_altitude_and_false_precision():
    sent = {"type": "Point", "coordinates": [-93.610312345678, 42, 288.5], "bbox": [1, 2, 3]}
    assert AREA.clean(sent) == {"type": "Point", "coordinates": [-93.6103123, 42.0]}


@pytest.mark.parametrize(
    ("enum", "words"),
    [
        (choices.Direction, traffic.DIRECTIONS),
        (choices.VehicleImpact, traffic.VEHICLE_IMPACTS),
        (choices.LaneStatus, traffic.LANE_STATUSES),
    ],
)
def test_the_words_of_traffic_are_those_the_rules_count_with(enum, words):
    assert set(enum.values) == set(words)


def test_every_lane_type_but_the_deprecated_one_is_offered():
    assert set(choices.LaneType.values) == set(traffic.LANE_TYPES) - {"center-left-turn-lane"}

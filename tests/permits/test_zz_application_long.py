"""The door every application comes through: it never raises, and nothing is lost on the way to the database."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permits.application.moments import state_zone
from permits.application.stored import ALL_FIELDS
from permits.application.validate import FieldError, from_json, minimum_notice, to_json, validate
from tests.permits.application_samples import KINDS, application, codes, verdict_of

numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 1e308, float("nan"), float("inf")])
texts = st.text(max_size=30) | st.sampled_from(["\x00", "\ud800", "1e999999999", "NaN", "9" * 5000, "2026-13-45T99:99"])
deep = st.integers(1, 400).map(lambda depth: json.loads("[" * depth + "]" * depth))
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts | deep,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
geometries = st.fixed_dictionaries(
    {"type": st.sampled_from(["Point", "LineString", "Polygon", "X"]), "coordinates": anything}
)
row_names = sorted({name for field in ALL_FIELDS.values() if hasattr(field, "row") for name in field.row.base_fields})
rows = st.lists(st.dictionaries(st.sampled_from(row_names), anything | geometries, max_size=5), max_size=3)
words = st.sampled_from(
    sorted({word for field in ALL_FIELDS.values() if hasattr(field, "words") for word in field.words()})
)
moments = st.datetimes(datetime(1999, 1, 1), datetime(2101, 1, 1)).map(datetime.isoformat)  # noqa: DTZ001
values = anything | geometries | rows | words | moments | st.lists(words, max_size=4)
applications = st.dictionaries(st.sampled_from(sorted(ALL_FIELDS)), values, max_size=12)

quickly = settings(
    deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@quickly
@given(st.sampled_from(sorted(KINDS)), applications, st.booleans())
def test_no_json_makes_the_check_fail_and_what_it_keeps_is_stable(kind, changes, partial):
    verdict = validate(KINDS[kind] | changes, partial=partial)
    stored = json.loads(json.dumps(to_json(verdict.answers), allow_nan=False))
    assert json.dumps(stored).encode()
    assert from_json(stored) == verdict.answers
    again = validate(stored)
    assert {name: again.answers.get(name) for name in again.answers} == again.answers
    for error in verdict.errors:
        assert error.code.isidentifier()
        assert error.code.islower()
        assert error.sentence


@quickly
@given(anything)
def test_a_body_that_is_no_application_is_refused_in_words(body):
    verdict = validate(body)
    assert verdict.errors
    assert verdict.answers.get("permit_type") is None


@quickly
@given(st.dictionaries(st.sampled_from(sorted(ALL_FIELDS)), values, max_size=6))
def test_a_draft_is_read_back_whatever_was_typed(typed):
    assert from_json(typed).keys() == typed.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_valid_application_survives_storage_exactly(kind):
    answers = validate(KINDS[kind]).answers
    stored = json.loads(json.dumps(to_json(answers)))
    assert from_json(stored) == answers
    again = validate(stored)
    assert again.errors == ()
    assert again.answers == answers


def test_cleaned_values_have_their_python_types():
    answers = verdict_of().answers
    assert answers["start_at"] == datetime(2027, 1, 25, 8, tzinfo=state_zone())
    assert answers["contractor_licence_expiry"] == date(2028, 6, 30)
    assert answers["est_cost_in_row"] == Decimal("84500.00")
    assert answers["excavations"][1]["length_ft"] == Decimal(60)
    assert answers["contact_phone"] == "+15155550142"
    assert answers["is_emergency"] is False
    assert answers["railroad_within_50ft"] is False
    assert answers["overhead_crossings"] == 0
    assert answers["restrictions"] == [{"type": "reduced-width", "value": 11.0, "unit": "feet"}]
    assert answers["impacts"][0]["source_id"] == ""


def test_the_repeated_hour_of_autumn_is_kept_apart_in_storage():
    early, late = ("2027-11-07T01:30:00-05:00", "2027-11-07T01:30:00-06:00")
    stored = to_json(verdict_of(start_at=early).answers), to_json(verdict_of(start_at=late).answers)
    assert [one["start_at"] for one in stored] == [early, late]
    moments = [from_json(one)["start_at"].astimezone(UTC) for one in stored]
    assert moments[1] - moments[0] == timedelta(hours=1)


def test_the_county_is_found_from_the_place():
    assert verdict_of("county").answers["county"] == "story"
    assert verdict_of(county="polk").answers["county"] == "polk"


@pytest.mark.parametrize("body", [None, [], "text", 5, True, 1.5])
def test_only_an_object_is_an_application(body):
    assert validate(body).errors[0].code == "not_an_object"


@pytest.mark.parametrize("name", ["colour", "impacts-0-direction", "start_at_0", "area_from_lat", "", "x" * 1000])
def test_an_unknown_name_is_reported_and_read_by_nobody(name):
    verdict = validate(application(**{name: "northbound"}))
    assert codes(verdict) == {(name[:80], "unknown_field")}


def test_an_unknown_name_in_a_row_is_reported_with_its_place():
    verdict = verdict_of(restrictions=[{"type": "no-trucks", "unitt": "feet"}])
    assert codes(verdict) == {("restrictions.0.unitt", "unknown_field")}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("permit_type", 3),
        ("work_summary", ["a list of what will be done"]),
        ("contractor_is_other", "maybe"),
        ("excavation", 1),
        ("row_portion", "travel_lane"),
        ("row_portion", [["travel_lane"]]),
        ("posted_speed_mph", True),
        ("est_cost_in_row", {"usd": 5}),
        ("start_at", 1_800_000_000),
        ("contractor_licence_expiry", 20280630),
        ("working_hours_from", 8),
        ("area", [-93.6, 42.0]),
        ("impacts", {"direction": "northbound"}),
        ("zip", 50010),
    ],
)
def test_a_value_of_the_wrong_type_is_never_guessed_at(field, value):
    assert (field, "wrong_type") in codes(verdict_of(**{field: value}))


def test_a_row_that_is_no_object_is_reported_with_its_place():
    assert codes(verdict_of(impacts=["northbound"])) == {("impacts.0", "wrong_type")}


def test_too_many_rows_are_refused_before_any_is_read():
    assert codes(verdict_of(restrictions=[{}] * 51)) == {("restrictions", "too_many_rows")}


def test_a_draft_is_judged_only_by_what_it_says():
    assert validate({}, partial=True).errors == ()
    assert validate({"permit_type": "utility", "is_emergency": True, "zip": ""}, partial=True).errors == ()
    draft = {"zip": "5001", "start_at": "2027-01-26T08:00", "end_at": "2027-01-25T08:00", "colour": "red"}
    found = codes(validate(draft, partial=True))
    assert found == {("zip", "invalid"), ("end_at", "end_before_start"), ("colour", "unknown_field")}


def test_a_draft_keeps_what_is_right_in_it():
    answers = validate({"city": "Ames", "zip": "5001"}, partial=True).answers
    assert answers["city"] == "Ames"
    assert "zip" not in answers


START = date(2027, 1, 25)


@pytest.mark.parametrize(
    ("changes", "earliest", "early"),
    [
        ({}, START, False),
        ({}, START + timedelta(days=1), True),
        ({"early_start_reason": "The school opens in February."}, START + timedelta(days=1), False),
        ({"is_emergency": True, "emergency_reason": "A main broke."}, START + timedelta(days=1), False),
    ],
)
def test_notice_is_needed_unless_there_is_a_reason(changes, earliest, early):
    verdict = validate(application(**changes), earliest_start=lambda _answers: earliest)
    assert codes(verdict) == ({("start_at", "notice_too_short")} if early else set())


def test_the_notice_names_the_first_possible_day():
    error = minimum_notice(verdict_of().answers, lambda _answers: date(2027, 2, 1))
    assert isinstance(error, FieldError)
    assert "02/01/2027" in error.sentence
    assert error.section == "time"


def test_no_notice_is_judged_without_a_start():
    assert minimum_notice({}, lambda _answers: date(2027, 2, 1)) is None

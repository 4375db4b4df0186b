"""An application in words and as a schema."""

import json
from typing import Any

import jsonschema
import pytest

from permits.application.base import Condition
from permits.application.example import example
from permits.application.review import impact_sentences, in_words, review_rows
from permits.application.schema import application_schema, field_schema
from permits.application.sections import SECTIONS, section_asking, section_of, sections_for
from permits.application.validate import to_json, validate
from tests.permits.application_samples import KINDS, TODAY, application, impact, lanes


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (impact(lanes=lanes("general open", "general closed", "general open")), "Northbound: lane 2 of 3 closed"),
        (
            impact(lanes=lanes("shoulder closed", "general closed", "general closed", "general open", "shoulder open")),
            "Northbound: lanes 1 and 2 of 3 closed, shoulder closed",
        ),
        (impact("eastbound", lanes=lanes("general closed", "general closed")), "Eastbound: all 2 lanes closed"),
        (impact("inner-loop", lanes=lanes("general shift-left")), "Inner loop: the only lane shifted left"),
        (impact("westbound", "all-lanes-closed", lanes=lanes("general closed")), "Westbound: all lanes closed"),
        (impact("westbound"), "Westbound: some lanes closed"),
        (impact(word="all-lanes-open", lanes=lanes("general open")), "Northbound: all lanes open"),
        (
            impact(word="flagging", lanes=lanes("general alternating-flow")),
            "Northbound: the only lane used by both directions in turn, flaggers direct traffic",
        ),
        (
            impact(lanes=lanes("general open", "bike-lane closed", "sidewalk closed")),
            "Northbound: bike lane closed, sidewalk closed",
        ),
    ],
)
def test_a_direction_is_told_in_one_sentence(row, sentence):
    assert impact_sentences({"impacts": [row]}) == (sentence,)


def test_no_impact_is_no_sentence():
    assert impact_sentences({}) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_review_shows_every_answer_of_every_page_in_words(kind):
    answers = validate(KINDS[kind]).answers
    review = review_rows(answers)
    assert [page.slug for page in review] == [section.slug for section in sections_for(answers)]
    for page, section in zip(review, sections_for(answers), strict=True):
        unanswered = [name for name in section.base_fields if answers.get(name) in (None, "", [])]
        assert len(page.rows) == len(section.base_fields) - len(unanswered)
        assert all(label and text and "_" not in text for label, text in page.rows)


def test_answers_are_told_as_people_say_them():
    told = {label: text for page in review_rows(validate(KINDS["excavation"]).answers) for label, text in page.rows}
    assert told["Work begins"] == "Monday, January 25, 2027, 8:00 AM"
    assert told["Daily from"] == "10:00 PM"
    assert told["Phone"] == "(515) 555-0142"
    assert told["Cost of the work in the right-of-way, in US dollars"] == "$84,500.00"
    assert told["Is a railroad within 50 feet?"] == "No"
    assert told["The place"] == "Area with 4 corners, the first at 42.01800° N, 93.61100° W"
    assert told["Vehicles a day (AADT)"] == "14,800"
    assert told["Limits for vehicles"] == "Width limit: 11 feet"
    assert told["License valid until"] == "Friday, June 30, 2028"
    assert told["Openings"].splitlines()[1] == (
        "Pavement: 18 ft long, 6 ft wide, up to 4.5 ft deep, along the same length as the one before"
    )


def test_detours_nights_and_places_are_told_too():
    told = {label: text for page in review_rows(validate(KINDS["lane_closure"]).answers) for label, text in page.rows}
    assert told["Detour on the map"] == "South 16th Street, westbound"
    assert told["Single nights or days"] == "Monday, January 25, 2027, 8:00 PM to Tuesday, January 26, 2027, 4:00 AM"
    place = section_of("location").base_fields["area"]
    assert in_words(place, {"type": "Point", "coordinates": [-93.6, 42]}) == "Point at 42.00000° N, 93.60000° W"
    assert in_words(section_of("applicant").base_fields["contact_phone"], "+442079460958") == "+442079460958"


def test_a_draft_can_be_reviewed():
    assert [page.rows for page in review_rows({})] == [[] for _section in sections_for({})]


SCHEMA = application_schema()
CHECK = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema_and_plain_json():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_admits_what_the_check_admits(kind):
    CHECK.validate(KINDS[kind])
    CHECK.validate(to_json(validate(KINDS[kind]).answers))


@pytest.mark.parametrize(
    "wrong",
    [
        {"permit_type": "parade"},
        {"row_portion": []},
        {"zip": "5001"},
        {"work_summary": "short"},
        {"posted_speed_mph": "fast"},
        {"colour": "red"},
        {"impacts": [{"direction": "northbound"}]},
        {"area": {"type": "Circle", "coordinates": [0, 0]}},
        {"declaration": False},
        {"utility_kind": None},
    ],
)
def test_the_schema_refuses_what_the_check_refuses(wrong):
    assert not CHECK.is_valid(application(**wrong))
    assert validate(application(**wrong)).errors


def test_the_schema_asks_for_the_pages_of_the_kind_of_permit_only():
    assert not CHECK.is_valid(application("utility_kind"))
    assert CHECK.is_valid(application("utility_kind", permit_type="other"))


def test_every_field_is_described_from_its_page_and_every_rule_is_named():
    for section in SECTIONS:
        for name, field in section.base_fields.items():
            described = SCHEMA["properties"][name]
            assert described["title"] == field.label
            assert str(field.help_text) in described.get("description", "")
        rules: tuple[Condition, ...] = section.conditions
        assert all(f"`{rule.code}`" in SCHEMA["properties"][rule.field]["description"] for rule in rules)


def test_a_field_without_a_schema_is_a_mistake_of_ours():
    from django import forms

    unknown: Any = forms.SlugField()
    with pytest.raises(KeyError):
        field_schema(unknown)


@pytest.mark.parametrize("offset", range(14))
def test_the_example_is_valid_on_any_day(offset):
    from datetime import timedelta

    today = TODAY + timedelta(days=offset * 27)
    sent = example(today)
    assert validate(sent).errors == ()
    start = validate(sent).answers["start_at"].date()
    assert 60 <= (start - today).days <= 66
    assert start.weekday() == 0


def test_pages_are_found_by_slug_and_by_field():
    assert section_of("money").title
    assert section_asking("zip") is section_of("applicant")
    assert section_asking("colour") is None
    with pytest.raises(LookupError):
        section_of("colour")

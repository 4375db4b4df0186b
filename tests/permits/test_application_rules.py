"""Every rule between answers, broken once and kept once; a rule without a case here fails."""

from typing import Any

import pytest

from permits.application.people import AGENCY_MAY_OMIT
from permits.application.rows import ExcavationRow, ImpactRow, LaneRow, RecurringRow, RestrictionRow
from permits.application.sections import SECTIONS
from tests.permits.application_samples import KINDS, LINE, POINT, application, codes, impact, lanes, opening, verdict_of

COMPANY = {"applicant_kind": "company"}
PERSON = {"applicant_kind": "person", "tax_id": "", "organisation": "", "signer_title": ""}
DIGGING = {"permit_type": "excavation"}
FAR_LINE = {"type": "LineString", "coordinates": [[-93.6120, 42.0176], [-93.6120, 42.0204]]}
ONE_DAY = {"start_at": "2027-01-25T08:00", "end_at": "2027-01-25T16:00", "working_days_in_row": 1}
CLOSED = {"impacts": [impact(word="all-lanes-closed")], "ttcp_kind": "custom_plan"}
OTHER_ROAD = {"from_cross_street": "", "to_cross_street": ""}

# (section, field, code) -> answers that break the rule, answers that just keep it
CASES: dict[tuple[str, str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("type", "emergency_reason", "emergency_reason_needed"): (
        {"is_emergency": True},
        {"is_emergency": True, "emergency_reason": "A gas main leaks."},
    ),
    ("applicant", "organisation", "organisation_needed"): ({"organisation": ""}, PERSON),
    ("applicant", "tax_id", "tax_id_needed"): ({"tax_id": ""}, {"tax_id": "", "applicant_kind": "agency"}),
    ("applicant", "tax_id", "tax_id_not_wanted"): (PERSON | {"tax_id": "42-0000017"}, PERSON),
    ("contractor", "contractor_name", "contractor_name_needed"): (
        {"contractor_name": ""},
        {"contractor_name": "", "contractor_is_other": False},
    ),
    ("contractor", "contractor_licence", "contractor_licence_needed"): (
        {"contractor_licence": ""},
        {"contractor_licence": "", "contractor_is_other": False},
    ),
    ("contractor", "contractor_licence_expiry", "licence_expiry_needed"): (
        {"contractor_licence_expiry": None},
        {"contractor_licence_expiry": None, "contractor_is_other": False},
    ),
    ("time", "end_at", "licence_expires_before_end"): (
        {"contractor_licence_expiry": "2027-02-04"},
        {"contractor_licence_expiry": "2027-02-05"},
    ),
    ("location", "from_milepost", "location_pair_missing"): (
        OTHER_ROAD | {"from_milepost": None, "to_milepost": None},
        OTHER_ROAD,
    ),
    ("location", "from_milepost", "from_milepost_missing"): ({"from_milepost": ""}, {"from_milepost": 0}),
    ("location", "to_milepost", "to_milepost_missing"): ({"to_milepost": None}, {"to_milepost": "110.2"}),
    ("location", "from_cross_street", "from_cross_street_missing"): ({"from_cross_street": ""}, OTHER_ROAD),
    ("location", "to_cross_street", "to_cross_street_missing"): ({"to_cross_street": " "}, OTHER_ROAD),
    ("location", "to_milepost", "milepost_order"): ({"to_milepost": "110.199"}, {"to_milepost": "110.200"}),
    ("location", "area", "outside_state"): (
        {"area": {"type": "Point", "coordinates": [-93.61, 45.0]}, "impacts": []},
        {"area": {"type": "LineString", "coordinates": [[-93.6103, 42.0176], [-93.6103, 42.0204]]}},
    ),
    ("time", "end_at", "end_before_start"): (
        {"end_at": "2027-01-25T08:00"},
        ONE_DAY | {"end_at": "2027-01-25T16:01"},
    ),
    ("time", "end_at", "window_too_long"): (
        {"end_at": "2028-01-25T08:01"},
        {"end_at": "2028-01-25T08:00", "contractor_licence_expiry": "2028-06-30"},
    ),
    ("time", "working_hours_from", "hours_from_missing"): (
        {"working_hours_from": None},
        {"working_hours_from": None, "working_hours_to": None},
    ),
    ("time", "working_hours_to", "hours_to_missing"): (
        {"working_hours_to": ""},
        {"working_hours_from": "", "working_hours_to": ""},
    ),
    ("time", "working_hours_to", "hours_empty"): ({"working_hours_to": "08:00"}, {"working_hours_to": "08:01"}),
    ("time", "working_hours_to", "night_work_not_ticked"): (
        {"working_hours_to": "05:00"},
        {"working_hours_to": "05:00", "night_work": True},
    ),
    ("time", "working_hours_from", "hours_outside_window"): (ONE_DAY | {"working_hours_from": "07:59"}, ONE_DAY),
    ("time", "working_days_in_row", "too_many_working_days"): (
        {"working_days_in_row": 11},
        {"working_days_in_row": 10},
    ),
    ("traffic", "impacts", "impacts_missing"): ({"impacts": []}, {"impacts": [], "row_portion": ["underground"]}),
    ("traffic", "impacts", "centerline_missing"): (
        {"area": POINT, "impacts": [impact()]},
        {"area": POINT, "impacts": [impact(centerline=LINE)]},
    ),
    ("traffic", "impacts", "centerline_far_from_area"): (
        {"impacts": [impact(centerline=FAR_LINE)]},
        {"impacts": [impact(centerline=LINE)]},
    ),
    ("traffic", "ttcp_kind", "custom_plan_needed"): ({"posted_speed_mph": 45}, {"posted_speed_mph": 44}),
    ("traffic", "ttcp_kind", "traffic_plan_needed"): ({"ttcp_kind": "none"}, {"ttcp_kind": "custom_plan"}),
    ("traffic", "ttcp_number", "ttcp_number_needed"): (
        {"ttcp_number": ""},
        {"ttcp_number": "", "ttcp_kind": "custom_plan"},
    ),
    ("traffic", "traffic_control_name", "traffic_control_name_needed"): (
        {"traffic_control_name": ""},
        {"traffic_control_name": "", "row_portion": ["underground"], "impacts": []},
    ),
    ("traffic", "traffic_control_phone", "traffic_control_phone_needed"): (
        {"traffic_control_phone": ""},
        {"traffic_control_phone": "", "row_portion": ["underground"], "impacts": []},
    ),
    ("traffic", "work_zone_speed_mph", "work_zone_speed_above_posted"): (
        {"work_zone_speed_mph": 40},
        {"work_zone_speed_mph": 35},
    ),
    ("traffic", "detour_text", "detour_needed"): (
        CLOSED,
        CLOSED | {"detour_lines": [{"road_name": "Lincoln Way", "direction": "westbound", "geometry": LINE}]},
    ),
    ("traffic", "recurring", "recurring_outside_window"): (
        {"recurring": [{"start_at": "2027-01-25T07:00", "end_at": "2027-01-25T12:00"}]},
        {"recurring": [{"start_at": "2027-01-25T08:00", "end_at": "2027-01-25T12:00"}]},
    ),
    ("excavation", "excavation", "excavation_expected"): (
        DIGGING | {"excavation": False, "excavations": []},
        {"excavation": False, "excavations": []},
    ),
    ("excavation", "excavations", "excavations_missing"): (
        {"excavations": []},
        {"excavations": [], "excavation": False},
    ),
    ("excavation", "excavations", "excavations_not_expected"): ({"excavation": False}, {"excavation": True}),
    ("excavation", "shoring_declared", "shoring_needed"): (
        {"excavations": [opening(max_depth_ft="5.01")]},
        {"excavations": [opening(max_depth_ft="5")]},
    ),
    ("excavation", "restoration_standard", "restoration_needed"): (
        {"restoration_standard": ""},
        {"restoration_standard": "", "excavation": False, "excavations": []},
    ),
    ("facility", "aerial_poles", "aerial_poles_needed"): (
        {"facility_method": "aerial"},
        {"facility_method": "aerial", "aerial_poles": 0},
    ),
    ("money", "billing", "deferred_not_allowed"): (
        COMPANY | {"billing": "deferred", "billing_reason": "Agreement 7"},
        {"billing": "deferred", "billing_reason": "Agreement 7"},
    ),
    ("money", "billing", "exempt_not_allowed"): (
        {"billing": "exempt", "billing_reason": "City"},
        {"billing": "exempt", "billing_reason": "City", "applicant_kind": "agency"},
    ),
    ("money", "billing_reason", "billing_reason_needed"): (
        {"billing": "deferred"},
        {"billing": "deferred", "billing_reason": "Agreement 7"},
    ),
    ("money", "insurance_expires", "insurance_expiry_needed"): (
        {"insurance_expires": None},
        {"insurance_expires": None, "insurance_general_usd": None},
    ),
    ("declaration", "signer_title", "signer_title_needed"): ({"signer_title": ""}, PERSON),
    # Rules inside a row: the section that holds the list stands for it.
    ("traffic", "restrictions.0.unit", "unit_missing"): (
        {"restrictions": [{"type": "reduced-width", "value": 10}]},
        {"restrictions": [{"type": "no-trucks"}]},
    ),
    ("traffic", "restrictions.0.value", "value_missing"): (
        {"restrictions": [{"type": "reduced-width", "unit": "feet"}]},
        {"restrictions": [{"type": "reduced-width", "unit": "feet", "value": 10}]},
    ),
    ("traffic", "recurring.0.end_at", "end_before_start"): (
        {"recurring": [{"start_at": "2027-01-26T12:00", "end_at": "2027-01-26T12:00"}]},
        {"recurring": [{"start_at": "2027-01-26T12:00", "end_at": "2027-01-26T12:01"}]},
    ),
    ("traffic", "impacts.1.direction", "direction_twice"): (
        {"impacts": [impact(), impact()]},
        {"impacts": [impact(), impact("southbound")]},
    ),
    ("traffic", "impacts.0.lanes", "lanes_not_in_order"): (
        {"impacts": [impact(lanes=lanes("general open", "general open", "general closed")[1:])]},
        {"impacts": [impact(lanes=lanes("general open", "general closed")[::-1])]},
    ),
    ("excavation", "excavations.0.same_length", "same_length_first"): (
        {"excavations": [opening(same_length=True)]},
        {"excavations": [opening(), opening(same_length=True)]},
    ),
}
# Told on the contractor's page only when the end of the work is known already; see the test below.
SEEN_WITH_LATER_ANSWERS = {("contractor", "contractor_licence_expiry", "licence_expires_before_end")}
ROWS = (LaneRow, ImpactRow, ExcavationRow, RestrictionRow, RecurringRow)


@pytest.mark.parametrize("rule", CASES, ids=lambda rule: f"{rule[1]}-{rule[2]}")
def test_a_rule_is_reported_when_broken_and_silent_when_kept(rule):
    section, field, code = rule
    broken, kept = CASES[rule]
    found = [error for error in verdict_of(**broken).errors if (error.field, error.code) == (field, code)]
    assert [error.section for error in found] == [section]
    assert found[0].sentence.endswith(".")
    assert "{" not in found[0].sentence
    assert verdict_of(**kept).errors == ()


def test_every_rule_of_every_section_and_row_has_a_case():
    of_sections = {(one.slug, rule.field, rule.code) for one in SECTIONS for rule in one.conditions}
    assert of_sections - CASES.keys() == SEEN_WITH_LATER_ANSWERS
    covered = {(field.rpartition(".")[2], code) for _section, field, code in CASES if "." in field}
    assert {(rule.field, rule.code) for row in ROWS for rule in row.conditions} <= covered


def test_a_licence_that_ends_too_early_is_told_on_the_contractor_page_once_the_end_is_known():
    section = next(one for one in SECTIONS if one.slug == "contractor")
    answers = verdict_of().answers
    post = {name: answers[name] for name in section.base_fields} | {"contractor_licence_expiry": "02/04/2027"}
    assert section(data=post).is_valid()
    form = section(data=post, answers=answers)
    assert form.errors.as_data()["contractor_licence_expiry"][0].code == "licence_expires_before_end"
    assert "02/05/2027" in form.errors["contractor_licence_expiry"][0]


REQUIRED = [
    (kind, section.slug, name)
    for kind in KINDS
    for section in SECTIONS
    if section.applies({"permit_type": kind})
    for name, field in section.base_fields.items()
    if field.required and name != "permit_type"
    if not (KINDS[kind]["applicant_kind"] == "agency" and name in AGENCY_MAY_OMIT)
]


@pytest.mark.parametrize(("kind", "section", "field"), REQUIRED)
def test_a_required_answer_is_missed_where_its_page_applies(kind, section, field):
    from permits.application.validate import validate

    without = {name: value for name, value in KINDS[kind].items() if name != field}
    missed = [error for error in validate(without).errors if error.code == "required"]
    assert [(error.field, error.section) for error in missed] == [(field, section)]


def test_answers_of_pages_that_do_not_apply_are_neither_checked_nor_kept():
    verdict = verdict_of(event_attendance="many", land_use="castle")
    assert verdict.errors == ()
    assert "event_attendance" not in verdict.answers


def test_an_emergency_application_of_a_person_needs_no_organisation():
    assert codes(verdict_of(**PERSON, is_emergency=True)) == {("emergency_reason", "emergency_reason_needed")}


def test_a_saturday_counts_as_a_day_of_work_when_it_is_ticked():
    saturday = {"start_at": "2027-01-30T08:00", "end_at": "2027-01-30T16:00", "working_days_in_row": 1}
    assert verdict_of(**saturday, working_days=["sat"]).errors == ()
    assert codes(verdict_of(**saturday, working_days=[])) == {("working_days_in_row", "too_many_working_days")}


AGENCY = {"applicant_kind": "agency", "tax_id": ""}


@pytest.mark.parametrize(
    "answers",
    [
        dict.fromkeys(AGENCY_MAY_OMIT, ""),
        OTHER_ROAD | {"from_milepost": None, "to_milepost": None},
        {"end_at": "2029-01-25T08:00", "contractor_is_other": False},
        CLOSED,
    ],
    ids=["address", "ends by name", "years", "detour"],
)
def test_a_public_agency_is_asked_less_than_anybody_else(answers):
    assert verdict_of(**answers).errors
    assert verdict_of(**answers | AGENCY).errors == ()


def test_a_public_agency_still_says_where_a_single_point_lies():
    at_a_point = {"area": POINT, "impacts": [], "row_portion": ["underground"]}
    no_ends = OTHER_ROAD | {"from_milepost": None, "to_milepost": None}
    assert ("from_milepost", "location_pair_missing") in codes(verdict_of(**at_a_point, **no_ends, **AGENCY))


def test_all_faults_are_reported_at_once():
    data = application(
        contact_email="x", zip="1", end_at="2027-01-01T08:00", billing="deferred", applicant_kind="company"
    )
    assert {"contact_email", "zip", "end_at", "billing", "billing_reason"} <= {
        field for field, _code in codes(verdict_of(**data))
    }

from datetime import date
from decimal import Decimal

import pytest

from permits.rules.codes import ConditionCode, RefusalCode, standard_conditions
from permits.rules.documents import Before, DocumentKind, required_documents, satisfied_by
from permits.rules.impact import RoadFacts, impact_index
from permits.rules.insurance import bond_amount, cover_problems, insurance_needed
from tests.permits.rules_samples import answers, digging, impact

FULL_CLOSURE = [impact("northbound", "all-lanes-closed")]
ONE_LANE = [impact("northbound", "some-lanes-closed", "open", "closed")]
DIG = {"excavation": True, "excavations": [digging("pavement", 50)]}
BARE = {"permit_type": "other", "applicant_kind": "person"}

# Kind of document: answers that need it (each alone).
NEEDED = {
    DocumentKind.SITE_PLAN: [{}],
    DocumentKind.AUTHORISATION_LETTER: [{"acting_as": "agent"}],
    DocumentKind.CONTRACTOR_LICENCE: [{"contractor_is_other": True}],
    DocumentKind.TRAFFIC_CONTROL_PLAN: [{"ttcp_kind": "custom_plan"}],
    DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN: [
        {"impacts": FULL_CLOSURE},
        {"impacts": ONE_LANE, "posted_speed_mph": 45},
        {"row_portion": ["shoulder"], "posted_speed_mph": 55, "ttcp_kind": "custom_plan"},
    ],
    DocumentKind.PEDESTRIAN_PLAN: [{"pedestrian_access": "closed"}, {"pedestrian_access": "alternate_route"}],
    DocumentKind.DETOUR_PLAN: [{"impacts": FULL_CLOSURE}],
    DocumentKind.STRUCTURAL_CALCULATIONS: [
        {"structures_affected": True},
        {"permit_type": "driveway", "land_use": "industrial"},
    ],
    DocumentKind.ENVIRONMENTAL_CLEARANCE: [{"environmental_review": "pending"}, {"environmental_review": "cleared"}],
    DocumentKind.INSURANCE_CERTIFICATE: [{"applicant_kind": "company"}, DIG],
    DocumentKind.SURETY_BOND: [DIG],
    DocumentKind.ONE_CALL_TICKET: [DIG],
    DocumentKind.AS_BUILT: [{"permit_type": "utility"}],
}


def kinds(**changes):
    return {document.kind for document in required_documents(answers(**BARE | changes))}


@pytest.mark.parametrize(("kind", "changes"), [(kind, one) for kind, many in NEEDED.items() for one in many])
def test_a_document_is_asked_for_when_its_reason_is_there_and_not_otherwise(kind, changes):
    assert kind in kinds(**changes)
    assert kind is DocumentKind.SITE_PLAN or kind not in kinds()


def test_every_kind_is_decided():
    assert set(NEEDED) | {DocumentKind.PHOTO, DocumentKind.OTHER} == set(DocumentKind)


def test_a_simple_application_of_a_person_needs_only_a_site_plan():
    assert kinds() == {DocumentKind.SITE_PLAN}


def test_each_document_is_asked_for_once_with_a_reason():
    everything = answers(
        **DIG, impacts=FULL_CLOSURE, acting_as="agent", contractor_is_other=True, pedestrian_access="closed"
    )
    asked = required_documents(everything)
    assert len({document.kind for document in asked}) == len(asked)
    assert all(document.why.endswith(".") for document in asked)


def test_what_comes_later_is_not_asked_for_at_submission():
    later = {d.kind: d.before for d in required_documents(answers(**DIG, environmental_review="pending"))}
    assert later[DocumentKind.ONE_CALL_TICKET] is Before.START
    assert later[DocumentKind.AS_BUILT] is Before.CLOSING
    assert later[DocumentKind.SURETY_BOND] is later[DocumentKind.ENVIRONMENTAL_CLEARANCE] is Before.ISSUE
    assert later[DocumentKind.SITE_PLAN] is Before.SUBMISSION


def test_a_sealed_plan_counts_as_a_plan_but_not_the_other_way():
    assert DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN in satisfied_by(DocumentKind.TRAFFIC_CONTROL_PLAN)
    assert satisfied_by(DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN) == {DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN}


@pytest.mark.parametrize(
    ("changes", "dollars"),
    [
        ({}, 0),
        (DIG, 12_000),
        (DIG | {"est_cost_in_row": Decimal(300)}, 1_000),
        (DIG | {"est_cost_in_row": None}, 1_000),
        ({"overhead_crossings": 2}, 5_000),
        ({"overhead_crossings": 2, "functional_class": 1}, 10_000),
        ({"overhead_crossings": 1, "functional_class": 3}, 2_500),
        ({"underground_crossing_lanes": 4}, 20_000),
        ({"underground_crossing_lanes": 2, "overhead_crossings": 1}, 12_500),
        (DIG | {"underground_crossing_lanes": 2}, 10_000),
        (DIG | {"applicant_kind": "agency"}, 0),
    ],
)
def test_the_bond_follows_crossings_or_the_cost_of_the_work(changes, dollars):
    assert bond_amount(answers(**changes)) == dollars


@pytest.mark.parametrize(
    ("kind", "digs", "needed"),
    [("person", False, False), ("person", True, True), ("company", False, True), ("agency", True, False)],
)
def test_an_agency_and_a_person_who_does_not_dig_need_no_insurance(kind, digs, needed):
    assert insurance_needed(answers(applicant_kind=kind, excavation=digs)) is needed


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"insurance_general_usd": Decimal(999_999)}, ["insurance_too_low"]),
        ({"insurance_general_usd": None, "insurance_expires": None}, ["insurance_too_low", "insurance_too_short"]),
        ({"insurance_expires": date(2026, 12, 5)}, []),
        ({"insurance_expires": date(2026, 12, 4)}, ["insurance_too_short"]),
        (DIG, ["bond_too_low"]),
        (DIG | {"bond_amount_usd": Decimal(12_000)}, []),
        ({"applicant_kind": "person", "insurance_general_usd": None, "insurance_expires": None}, []),
    ],
)
def test_cover_is_too_low_or_too_short_or_fine(changes, codes):
    problems = cover_problems(answers(**changes), valid_to=date(2026, 12, 5))
    assert [problem.code for problem in problems] == codes


def conditions(**changes):
    application = answers(**changes)
    return standard_conditions(application, impact_index(application, road=RoadFacts.of(application)))


# Condition: answers that bring it, where the plain application does not have it.
BRINGS = {
    ConditionCode.C03: {"impacts": ONE_LANE},
    ConditionCode.C04: {"row_portion": ["shoulder"]},
    ConditionCode.C05: {"pedestrian_access": "alternate_route"},
    ConditionCode.C07: {"night_work": True},
    ConditionCode.C08: DIG,
    ConditionCode.C09: {"excavation": True, "excavations": [digging("pavement", 9, max_depth_ft=Decimal("5.1"))]},
    ConditionCode.C11: {"impacts": [impact("northbound", "flagging")]},
    ConditionCode.C12: {"night_work": True},
}


@pytest.mark.parametrize(("code", "changes"), BRINGS.items())
def test_a_condition_comes_with_its_reason(code, changes):
    assert code in conditions(**BARE | changes)
    assert code not in conditions(**BARE)


def test_every_condition_is_either_always_there_or_has_a_reason():
    assert set(conditions(**BARE)) == {ConditionCode.C01, ConditionCode.C02, ConditionCode.C06, ConditionCode.C10}
    assert set(conditions(**BARE)) | set(BRINGS) == set(ConditionCode)


def test_an_emergency_gives_no_notice_before_it_starts():
    assert ConditionCode.C06 not in conditions(is_emergency=True)


def test_a_trench_of_exactly_five_feet_has_no_hold_point():
    shallow = [digging("pavement", 9, max_depth_ft=Decimal(5))]
    assert ConditionCode.C09 not in conditions(excavation=True, excavations=shallow)


@pytest.mark.parametrize("code", [*RefusalCode, *ConditionCode])
def test_every_code_has_a_title_and_a_full_sentence(code):
    assert code.value == code.name
    assert code.label
    assert code.text[0].isupper()
    assert code.text.endswith(".")


def test_codes_are_found_by_their_word_and_offered_with_labels():
    assert RefusalCode("R30") is RefusalCode.R30
    assert RefusalCode.choices()[0] == ("R10", "Incomplete")
    assert [code for code, _ in RefusalCode.choices()] == [
        *("R10", "R11", "R20", "R21", "R22", "R30", "R31", "R40", "R41", "R50", "R51", "R60", "R90")
    ]

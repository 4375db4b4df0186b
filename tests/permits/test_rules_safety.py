import copy
import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from permits.rules.impact import RoadFacts, impact_index
from permits.rules.safety import (
    RULES,
    GarbageAnswer,
    Severity,
    Verdict,
    assess,
    check_answer,
    check_request,
    safety_request,
)
from permits.rules.safety_contract import MEMBERS
from permits.rules.sight_distance import intersection_sight_distance_ft, stopping_sight_distance_ft
from tests.permits.rules_samples import answers, digging, impact

ROOT = Path(__file__).parents[2]
OPENAPI = json.loads((ROOT / "permits" / "safety_openapi.json").read_text())
SCHEMAS = OPENAPI["components"]["schemas"]
KEY = UUID("3f2b6c1e-8d5a-4e0b-9c77-1a2b3c4d5e6f")


def question(documents=("site_plan",), **changes):
    application = answers(**changes)
    index = impact_index(application, road=RoadFacts.of(application))
    return safety_request(application, case="RP-26-7K3QXM", key=KEY, documents=documents, index=index)


def codes(request):
    return [finding["code"] for finding in assess(request)["findings"]]


ONE = [impact("northbound", "some-lanes-closed", "open", "closed")]
ALL = [impact("northbound", "all-lanes-closed", "closed", "closed")]
PLAN = {"impacts": ONE, "ttcp_kind": "standard_ta"}
SEALED = ["sealed_traffic_control_plan"]
DRIVEWAY = {"permit_type": "driveway", "sight_distance_ft": 400}
DEEP = {"excavation": True, "excavations": [digging("unpaved", 9, max_depth_ft="5.1")]}

# Rule: a question that breaks it, and one close by that does not.
CASES = {
    "place_without_impact": (question(row_portion=["shoulder"]), question(row_portion=["roadside"])),
    "direction_twice": (question(impacts=ONE * 2), question(impacts=[*ONE, impact("southbound", "flagging", "open")])),
    "lanes_not_listed": (question(impacts=[impact()]), question(impacts=[impact("northbound", "all-lanes-open")])),
    "lanes_out_of_order": (
        question(impacts=[ONE[0] | {"lanes": ONE[0]["lanes"][::-1]}]),
        question(impacts=ONE),
    ),
    "lanes_contradict": (question(impacts=[impact("northbound", "all-lanes-closed", "open")]), question(impacts=ALL)),
    "impact_unknown": (question(impacts=[impact("unknown")]), question(impacts=[impact("inner-loop")])),
    "traffic_plan_missing": (question(impacts=ONE), question(**PLAN)),
    "sealed_plan_missing": (
        question(**PLAN, posted_speed_mph=45),
        question(SEALED, **PLAN | {"ttcp_kind": "custom_plan"}, posted_speed_mph=45),
    ),
    "posted_speed_unknown": (question(**PLAN, posted_speed_mph=None), question(posted_speed_mph=None)),
    "work_zone_speed_too_high": (question(work_zone_speed_mph=40), question(work_zone_speed_mph=35)),
    "speed_drop_large": (question(work_zone_speed_mph=20), question(work_zone_speed_mph=25)),
    "detour_missing": (question(impacts=ALL), question(impacts=ALL, detour_text="Over Grand Avenue")),
    "pedestrian_route_missing": (
        question(row_portion=["sidewalk"]),
        question(["pedestrian_plan"], row_portion=["sidewalk"], pedestrian_access="alternate_route"),
    ),
    "pedestrian_route_closed": (
        question(pedestrian_access="closed"),
        question(pedestrian_access="alternate_route"),
    ),
    "sight_distance_short": (
        question(**DRIVEWAY | {"sight_distance_ft": 249}),
        question(**DRIVEWAY | {"sight_distance_ft": 250}),
    ),
    "sight_distance_tight": (
        question(**DRIVEWAY | {"sight_distance_ft": 389}),
        question(**DRIVEWAY | {"sight_distance_ft": 390}),
    ),
    "sight_distance_unknown": (question(**DRIVEWAY | {"sight_distance_ft": None}), question(sight_distance_ft=None)),
    "shoring_not_declared": (question(**DEEP), question(**DEEP, shoring_declared=True)),
    "second_approver_needed": (question() | {"impact_index": 4.0}, question() | {"impact_index": 3.9}),
    "night_lighting": (question(**PLAN, night_work=True), question(night_work=True)),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_broken_by_its_case_and_not_by_the_one_next_to_it(rule):
    broken, kept = CASES[rule.code]
    assert rule.code in codes(broken)
    assert rule.code not in codes(kept)


def test_a_plain_application_passes_without_findings():
    answer = assess(question())
    assert (answer["verdict"], answer["findings"]) == ("pass", [])


@pytest.mark.parametrize(
    ("request_", "verdict"),
    [
        (question(**PLAN), "pass"),
        (question(**PLAN, night_work=True), "pass"),
        (question(work_zone_speed_mph=20), "attention"),
        (question(work_zone_speed_mph=40), "fail"),
    ],
)
def test_the_verdict_is_that_of_the_gravest_finding(request_, verdict):
    assert assess(request_)["verdict"] == verdict


def test_the_gravest_findings_come_first():
    answer = assess(question(impacts=ALL * 2, night_work=True, posted_speed_mph=None))
    ranks = [list(Severity).index(finding["severity"]) for finding in answer["findings"]]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == 3


@pytest.mark.parametrize(("impacts", "contradicts"), [
    ([impact("northbound", "some-lanes-closed", "open", "open")], True),
    ([impact("northbound", "some-lanes-closed", "closed", "closed")], True),
    ([impact("northbound", "some-lanes-closed-merge-left", "open", "merge-left")], False),
    ([impact("northbound", "all-lanes-open", "open", "closed")], True),
    ([impact("northbound", "all-lanes-open-shift-left", "shift-left", "shift-left")], False),
    ([impact("northbound", "flagging", "alternating-flow")], False),
])  # fmt: skip
def test_the_word_for_a_direction_must_agree_with_its_lanes(impacts, contradicts):
    assert ("lanes_contradict" in codes(question(impacts=impacts))) is contradicts


def test_a_custom_plan_that_is_not_among_the_documents_is_missing():
    assert "traffic_plan_missing" in codes(question(ttcp_kind="custom_plan"))
    assert "traffic_plan_missing" not in codes(question(SEALED, ttcp_kind="custom_plan"))


@pytest.mark.parametrize(
    ("mph", "stop_ft", "turn_ft"),
    [
        *((15, 80, 170), (20, 115, 225), (25, 155, 280), (30, 200, 335), (35, 250, 390), (40, 305, 445)),
        *((45, 360, 500), (50, 425, 555), (55, 495, 610), (60, 570, 665), (65, 645, 720), (70, 730, 775)),
    ],
)
def test_sight_distances_are_those_of_the_aashto_tables(mph, stop_ft, turn_ft):
    assert (stopping_sight_distance_ft(mph), intersection_sight_distance_ft(mph)) == (stop_ft, turn_ft)


def test_nothing_about_a_person_leaves_the_house():
    private = {"contact_name": "Ann Example", "contact_email": "ann@example.org", "work_summary": "Ann's new fence"}
    assert "Ann" not in json.dumps(question(**private))


def test_a_question_is_json_and_good_and_as_the_published_schema_says():
    sent = json.loads(json.dumps(question(**PLAN, **DEEP)))
    assert check_request(sent) == []
    assert sent["deep_excavation"] is True
    Draft202012Validator(SCHEMAS["Question"] | {"components": OPENAPI["components"]}).validate(sent)


WRONG = {
    "schema": [2, "1", True, 1.0, None],
    "case": ["", 7, "x" * 1001],
    "key": ["no-uuid", KEY.hex, str(KEY).upper(), None],
    "impacts": [
        None,
        {},
        [1],
        [ONE[0] | {"direction": "up"}],
        [{"direction": "northbound"}],
        [ONE[0] | {"lanes": [{}]}],
    ],
    "row_portion": ["shoulder", [1], None],
    "posted_speed_mph": ["35", 4, 101, 35.5, True],
    "work_zone_speed_mph": ["35", -1],
    "ttcp_kind": ["", None, "plan", ["none"]],
    "documents": ["site_plan", [None], ["x"] * 201],
    "pedestrian_access": ["open", None],
    "detour_described": ["yes", 1, None],
    "night_work": ["no", 0],
    "driveway": [[], {"sight_distance_ft": "400"}, {"sight_distance_ft": -1}, 400],
    "deep_excavation": [None, 5.5],
    "shoring_declared": [None],
    "impact_index": ["3", 5.1, -0.1, None, True, float("nan"), float("inf")],
    "length_m": ["9", -1, None, float("inf")],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_member_is_named(name, value):
    (problem,) = check_request(question() | {name: value})
    assert problem.code == "wrong_value"
    assert f'"{name}"' in problem.sentence
    with pytest.raises(ValueError, match=name):
        assess(question() | {name: value})


@pytest.mark.parametrize("name", MEMBERS)
def test_every_member_is_required_and_has_wrong_values_tried(name):
    assert WRONG[name]
    without = {key: value for key, value in question().items() if key != name}
    assert [problem.code for problem in check_request(without)] == ["missing_member"]


@pytest.mark.parametrize("body", [None, [], "x", 1, True])
def test_a_question_that_is_no_object_is_refused(body):
    assert [problem.code for problem in check_request(body)] == ["wrong_type"]


def test_members_that_we_do_not_know_are_ignored():
    assert assess(question() | {"later": 1}) == assess(question())


def good_answer(request):
    return json.loads(json.dumps(assess(request)))


@pytest.mark.parametrize("request_", [broken for broken, _ in CASES.values()])
def test_our_own_answers_are_believed_and_as_the_published_schema_says(request_):
    answer = good_answer(request_)
    assessment = check_answer(answer, request_)
    assert assessment.verdict is Verdict(answer["verdict"])
    assert [finding.code for finding in assessment.findings] == codes(request_)
    Draft202012Validator(SCHEMAS["Answer"] | {"components": OPENAPI["components"]}).validate(answer)


FINDING = {"code": "x", "severity": "blocking", "sentence": "Stop.", "source": "test"}
GARBAGE = [
    (None, "wrong_type"),
    ([], "wrong_type"),
    ("pass", "wrong_type"),
    (True, "wrong_type"),
    ({}, "missing_part"),
    ({"schema": 2}, "other_schema"),
    ({"schema": True}, "other_schema"),
    ({"case": "RP-26-OTHER0"}, "other_case"),
    ({"case": None}, "other_case"),
    ({"key": "00000000-0000-4000-8000-000000000000"}, "other_key"),
    ({"verdict": "ok"}, "unknown_verdict"),
    ({"verdict": "PASS"}, "unknown_verdict"),
    ({"verdict": True}, "unknown_verdict"),
    ({"verdict": ["pass"]}, "unknown_verdict"),
    ({"verdict": {}}, "unknown_verdict"),
    ({"verdict": None}, "unknown_verdict"),
    ({"rules_version": ""}, "wrong_type"),
    ({"rules_version": 1}, "wrong_type"),
    ({"findings": None}, "wrong_finding"),
    ({"findings": {}}, "wrong_finding"),
    ({"findings": ["blocking"]}, "wrong_finding"),
    ({"findings": [FINDING | {"severity": "mild"}]}, "wrong_finding"),
    ({"findings": [FINDING | {"severity": []}]}, "wrong_finding"),
    ({"findings": [FINDING | {"sentence": ""}]}, "wrong_finding"),
    ({"findings": [{"code": "x", "severity": "info", "sentence": "Hm."}]}, "wrong_finding"),
    ({"findings": [FINDING] * 201, "verdict": "fail"}, "wrong_finding"),
    ({"findings": [FINDING]}, "verdict_contradicts"),
    ({"findings": [FINDING], "verdict": "attention"}, "verdict_contradicts"),
    ({"verdict": "fail"}, "verdict_contradicts"),
    ({"verdict": "attention"}, "verdict_contradicts"),
]


@pytest.mark.parametrize(("wrong", "code"), GARBAGE)
def test_garbage_is_never_read_as_an_answer(wrong, code):
    request = question()
    answer = good_answer(request) | wrong if isinstance(wrong, dict) and wrong else wrong
    with pytest.raises(GarbageAnswer) as garbage:
        check_answer(answer, request)
    assert garbage.value.code == code
    assert garbage.value.sentence.endswith(".")


@pytest.mark.parametrize("part", sorted(assess(question())))
def test_an_answer_with_a_missing_part_is_garbage(part):
    answer = good_answer(question())
    del answer[part]
    with pytest.raises(GarbageAnswer, match=part):
        check_answer(answer, question())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(sorted(assess(question()))), json_values)
def test_whatever_stands_in_an_answer_it_is_believed_or_garbage_and_nothing_else(part, value):
    request = question()
    answer = good_answer(request) | {part: value}
    try:
        check_answer(copy.deepcopy(answer), request)
    except GarbageAnswer:
        return
    assert answer[part] == assess(request)[part] or part == "rules_version"


@settings(deadline=None)
@given(st.sampled_from(sorted(MEMBERS)), json_values)
def test_any_question_is_assessed_or_refused_and_nothing_else(name, value):
    body = question() | {name: value}
    if not check_request(body):
        assert assess(body)["verdict"] in list(Verdict)


def test_every_rule_stands_in_the_rule_book_with_its_severity():
    book = (ROOT / "docs" / "rules.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (info|warning|blocking) \|", book, re.MULTILINE))
    assert rows == {rule.code: rule.severity.value for rule in RULES}


def test_the_examples_of_the_contract_are_what_the_service_says():
    page = (ROOT / "docs" / "safety-service.md").read_text()
    asked, answered = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    assert assess(asked) == answered

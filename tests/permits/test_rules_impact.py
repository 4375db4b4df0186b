from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.rules.deadlines import TERMS, PermitClass, appeal_until, classify, earliest_start, needs_second_approver
from permits.rules.geometry import from_geojson, length_m
from permits.rules.impact import (
    LANE_EFFECT_SENTENCES,
    ROAD_CLASS_POINTS,
    UNKNOWN_POINTS,
    WEIGHTS,
    RoadFacts,
    affected_length_m,
    duration_days,
    impact_index,
)
from permits.rules.traffic import (
    LANE_STATUSES,
    LANE_TYPES,
    VEHICLE_IMPACTS,
    LaneEffect,
    affects_lane_or_shoulder,
    lane_effect,
    needs_sealed_plan,
)
from tests.permits.rules_samples import AREA, CENTRELINE, answers, impact
from workflow.clock import calendar_for

QUIET = RoadFacts(functional_class=7, aadt=0)
BUSY = RoadFacts(functional_class=1, aadt=60_000)
CALENDAR = calendar_for("IA", "America/Chicago")


def points(name, *, road=BUSY, **changes):
    index = impact_index(answers(**changes), road=road)
    return next(part.points for part in index.parts if part.name == name)


@pytest.mark.parametrize(("days", "expected"), [(1, 1), (13, 1), (14, 3), (90, 3), (91, 5), (365, 5)])
def test_duration_has_its_steps_at_14_and_91_days(days, expected):
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert points("duration", start_at=start, end_at=start + timedelta(days=days)) == expected


def test_two_weeks_over_the_change_to_winter_time_are_14_days():
    zone = ZoneInfo("America/Chicago")
    start, end = datetime(2026, 10, 25, 8, tzinfo=zone), datetime(2026, 11, 8, 8, tzinfo=zone)
    assert duration_days({"start_at": start, "end_at": end}) == 14
    assert duration_days({"start_at": start.astimezone(UTC), "end_at": end.astimezone(UTC)}) == 14


@pytest.mark.parametrize(
    "changes", [{"end_at": None}, {"start_at": None}, {"end_at": datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_dates_that_are_missing_or_turned_round_count_no_days(changes):
    assert duration_days(answers(**changes)) == 0
    assert points("duration", **changes) == 0


@pytest.mark.parametrize(("functional_class", "expected"), [*ROAD_CLASS_POINTS.items(), (None, UNKNOWN_POINTS)])
def test_the_road_class_counts_by_its_table(functional_class, expected):
    assert points("road_class", road=RoadFacts(functional_class=functional_class, aadt=1)) == expected


def test_the_road_class_table_falls_from_5_to_0_over_the_seven_classes():
    assert sorted(ROAD_CLASS_POINTS) == [1, 2, 3, 4, 5, 6, 7]
    assert [ROAD_CLASS_POINTS[one] for one in range(1, 8)] == [5, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("aadt", "expected"),
    [
        *((0, 0), (1, 1), (499, 1), (500, 2), (1_499, 2), (1_500, 3), (4_999, 3), (5_000, 4), (9_999, 4), (10_000, 5)),
        (None, UNKNOWN_POINTS),
    ],
)
def test_traffic_counts_by_its_steps(aadt, expected):
    assert points("volume", road=RoadFacts(functional_class=1, aadt=aadt)) == expected


def line_of_m(metres):
    return {"type": "LineString", "coordinates": [[-93.6, 41.5], [-93.6, 41.5 + metres / 111_067.4]]}


@pytest.mark.parametrize(
    ("metres", "expected"), [(1, 2), (9.5, 2), (10.5, 3), (99, 3), (101, 4), (499, 4), (501, 5), (9_000, 5)]
)
def test_length_counts_by_its_steps(metres, expected):
    assert points("length", area=line_of_m(metres)) == expected


def test_a_point_has_no_length_and_a_centre_line_counts_if_longer_than_the_place():
    place = {"type": "Point", "coordinates": [-93.6, 41.5]}
    assert points("length", area=place) == 0
    longer = answers(area=place, impacts=[impact() | {"centerline": CENTRELINE}])
    assert affected_length_m(longer) == pytest.approx(length_m(from_geojson(CENTRELINE)))
    assert affected_length_m(answers(area=AREA)) == pytest.approx(55.5, abs=0.5)


SOME, ALL, OPEN = "some-lanes-closed", "all-lanes-closed", "all-lanes-open"
LANE_CASES = [
    ([], LaneEffect.NONE),
    ([impact("northbound", OPEN)], LaneEffect.NONE),
    ([impact("northbound", OPEN, "open", "open")], LaneEffect.NONE),
    ([impact("northbound", "all-lanes-open-shift-left", "shift-left", "open")], LaneEffect.NONE),
    ([impact("northbound", SOME, "open", "closed")], LaneEffect.ONE_LANE),
    ([impact("northbound", SOME, "open", "merge-left")], LaneEffect.ONE_LANE),
    ([impact("northbound", SOME)], LaneEffect.ONE_LANE),
    ([impact("northbound", "unknown")], LaneEffect.ONE_LANE),
    ([impact("northbound", OPEN, "open", "closed")], LaneEffect.ONE_LANE),
    ([impact("northbound", SOME), impact("southbound", SOME)], LaneEffect.ONE_LANE_BOTH_DIRECTIONS),
    ([impact("northbound", "flagging")], LaneEffect.ONE_LANE_BOTH_DIRECTIONS),
    ([impact("northbound", "alternating-one-way", "alternating-flow")], LaneEffect.ONE_LANE_BOTH_DIRECTIONS),
    ([impact("northbound", SOME, "open", "closed", "closed")], LaneEffect.SEVERAL_LANES),
    ([impact("northbound", SOME), impact("southbound", SOME), impact("eastbound", SOME)], LaneEffect.SEVERAL_LANES),
    ([impact("northbound", ALL)], LaneEffect.ONE_DIRECTION_CLOSED),
    ([impact("northbound", SOME, "closed", "closed")], LaneEffect.ONE_DIRECTION_CLOSED),
    ([impact("northbound", ALL), impact("southbound", ALL)], LaneEffect.SEVERAL_DIRECTIONS_CLOSED),
    ([impact("northbound", ALL), impact("southbound", SOME)], LaneEffect.ONE_DIRECTION_CLOSED),
]


@pytest.mark.parametrize(("impacts", "expected"), LANE_CASES)
def test_the_lane_effect_is_read_from_the_directions(impacts, expected):
    assert lane_effect(impacts) is expected
    assert points("lane_effect", impacts=impacts) == expected


def test_every_lane_effect_has_a_case_and_a_sentence():
    assert {expected for _, expected in LANE_CASES} == set(LaneEffect) == set(LANE_EFFECT_SENTENCES)


def test_a_closed_shoulder_or_sidewalk_takes_no_travel_lane_but_the_shoulder_needs_traffic_control():
    lanes = [{"order": 1, "type": "general", "status": "open"}, {"order": 2, "type": "shoulder", "status": "closed"}]
    on_shoulder = answers(impacts=[impact("northbound", OPEN) | {"lanes": lanes}])
    assert lane_effect(on_shoulder["impacts"]) is LaneEffect.NONE
    assert affects_lane_or_shoulder(on_shoulder)
    assert not affects_lane_or_shoulder(answers())


def test_the_index_is_the_weighted_sum_rounded_to_a_tenth():
    index = impact_index(
        answers(impacts=[impact("northbound", SOME, "open", "closed")]), road=RoadFacts(functional_class=5, aadt=800)
    )
    # 0.1*1 + 0.2*2 + 0.25*2 + 0.25*1 + 0.2*3 = 1.85, a half goes up
    assert index.value == Decimal("1.9")
    assert [part.points for part in index.parts] == [1, 2, 2, 1, 3]
    assert all(part.why.endswith(".") for part in index.parts)
    assert index.to_json()["value"] == "1.9"


def test_a_local_road_without_traffic_has_the_index_zero_and_says_so():
    index = impact_index(answers(impacts=[impact("northbound", ALL)]), road=QUIET)
    assert index.value == 0
    assert index.note
    assert impact_index(answers(), road=RoadFacts(functional_class=7, aadt=1)).value > 0


def test_the_worst_case_reaches_exactly_5_because_the_weights_add_up_to_1():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    worst = answers(
        impacts=[impact("northbound", ALL), impact("southbound", ALL)],
        area=line_of_m(600),
        start_at=start,
        end_at=start + timedelta(days=100),
    )
    assert sum(WEIGHTS.values()) == 1
    assert impact_index(worst, road=BUSY).value == 5


lanes = st.lists(
    st.fixed_dictionaries(
        {"order": st.integers(1, 9), "type": st.sampled_from(LANE_TYPES), "status": st.sampled_from(LANE_STATUSES)}
    ),
    max_size=6,
)
any_impacts = st.lists(
    st.builds(
        lambda word, listed: impact("northbound", word) | {"lanes": listed}, st.sampled_from(VEHICLE_IMPACTS), lanes
    ),
    max_size=4,
)


@settings(deadline=None)  # the machine may be busy
@given(any_impacts, st.none() | st.integers(1, 7), st.none() | st.integers(0, 400_000), st.integers(-5, 400))
def test_the_index_is_always_between_0_and_5(impacts, functional_class, aadt, days):
    start = datetime(2026, 6, 1, 8, tzinfo=UTC)
    application = answers(impacts=impacts, start_at=start, end_at=start + timedelta(days=days))
    index = impact_index(application, road=RoadFacts(functional_class=functional_class, aadt=aadt))
    assert 0 <= index.value <= 5
    assert index.value == index.value.quantize(Decimal("0.1"))


def class_of(*, road=RoadFacts(functional_class=7, aadt=100), **changes):  # noqa: B008 - a frozen value
    application = answers(**changes)
    return classify(application, impact_index(application, road=road))


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (PermitClass.MINOR, {}),
        (PermitClass.EMERGENCY, {"is_emergency": True, "impacts": [impact("northbound", ALL)]}),
        (PermitClass.STANDARD, {"impacts": [impact("northbound", SOME)]}),
        (PermitClass.STANDARD, {"road": RoadFacts(functional_class=3, aadt=9_000)}),
        (PermitClass.MAJOR, {"impacts": [impact("northbound", ALL)]}),
        (PermitClass.MAJOR, {"ttcp_kind": "custom_plan"}),
        (PermitClass.MAJOR, {"impacts": [impact("northbound", SOME)], "posted_speed_mph": 45}),
        (PermitClass.STANDARD, {"impacts": [impact("northbound", SOME)], "posted_speed_mph": 44}),
        (PermitClass.MINOR, {"posted_speed_mph": 65}),
    ],
)
def test_an_application_gets_the_first_class_that_fits(expected, changes):
    assert class_of(**changes) is expected


def test_an_index_of_four_is_major_and_needs_two_approvers_even_without_a_full_closure():
    heavy = answers(
        impacts=[impact("northbound", SOME, "open", "closed", "closed")],
        area=line_of_m(800),
        end_at=datetime(2027, 6, 1, tzinfo=UTC),
        posted_speed_mph=30,
    )
    index = impact_index(heavy, road=BUSY)
    assert index.value >= 4
    assert classify(heavy, index) is PermitClass.MAJOR
    assert needs_second_approver(heavy, index)
    assert not needs_second_approver(answers(), impact_index(answers(), road=QUIET))


def test_a_full_closure_needs_a_sealed_plan_and_two_approvers_at_any_speed():
    closed = answers(impacts=[impact("northbound", ALL)], posted_speed_mph=25)
    assert needs_sealed_plan(closed)
    assert needs_second_approver(closed, impact_index(closed, road=QUIET))


@pytest.mark.parametrize(
    ("permit_class", "decision", "notice", "start"),
    [
        (PermitClass.EMERGENCY, 2, 0, date(2026, 11, 24)),
        # Thanksgiving Thursday and the Friday after it do not count.
        (PermitClass.MINOR, 5, 3, date(2026, 12, 1)),
        (PermitClass.STANDARD, 20, 10, date(2026, 12, 10)),
        (PermitClass.MAJOR, 42, 40, date(2027, 1, 26)),
    ],
)
def test_each_class_has_its_terms_and_its_earliest_start(permit_class, decision, notice, start):
    assert (TERMS[permit_class].decision_days, TERMS[permit_class].minimum_notice_days) == (decision, notice)
    assert earliest_start(date(2026, 11, 24), permit_class, CALENDAR) == start


def test_every_class_has_terms():
    assert set(TERMS) == set(PermitClass)


def test_an_appeal_may_be_filed_for_60_calendar_days():
    assert appeal_until(date(2026, 12, 1)) == date(2027, 1, 30)

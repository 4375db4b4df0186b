from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.rules.conflicts import Candidate, conflicts
from permits.rules.geometry import from_geojson

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
METRE = 1 / 111_067.4  # degrees of latitude near 41.58 north


def work(reference="RP-26-AAAAAA", *, north_m=0.0, start_h=0, hours=10, lanes=True, road="US-69"):
    start = NOON + timedelta(hours=start_h)
    return Candidate(
        reference=reference,
        road=road,
        shape=from_geojson({"type": "Point", "coordinates": [-93.6, 41.58 + north_m * METRE]}),
        start=start,
        end=start + timedelta(hours=hours),
        title="Water main",
        affects_travel_lanes=lanes,
    )


OTHER = "RP-26-BBBBBB"


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (work(OTHER), True),
        (work(OTHER, north_m=49.9), True),
        (work(OTHER, north_m=50.2), False),
        (work(OTHER, start_h=10), False),
        (work(OTHER, start_h=-10), False),
        (work(OTHER, start_h=9), True),
        (work(OTHER, hours=0), False),
        (work(), False),
    ],
)
def test_works_conflict_when_near_and_at_the_same_time(other, found):
    assert bool(conflicts(work(), [other])) is found


def test_a_conflict_says_how_far_and_how_long():
    (conflict,) = conflicts(work(), [work(OTHER, north_m=20, start_h=4)])
    assert conflict.reference == OTHER
    assert conflict.distance_m == pytest.approx(20, abs=0.1)
    assert (conflict.overlap_start, conflict.overlap_end) == (NOON + timedelta(hours=4), NOON + timedelta(hours=10))
    assert conflict.why == (
        "“Water main” is planned 20 m away on the same road (US-69) at the same time. Both works affect travel lanes."
    )


def test_another_road_is_named():
    (conflict,) = conflicts(work(), [work(OTHER, road="Grand Avenue", lanes=False)])
    assert "at the same place on Grand Avenue" in conflict.why


@pytest.mark.parametrize(
    ("mine", "theirs", "blocking"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_a_conflict_blocks_only_when_both_affect_travel_lanes(mine, theirs, blocking):
    (conflict,) = conflicts(work(lanes=mine), [work(OTHER, lanes=theirs)])
    assert conflict.blocking is blocking


def test_blocking_conflicts_come_first_and_then_the_nearest():
    among = [work("C", north_m=5, lanes=False), work("B", north_m=40), work("A", north_m=10)]
    assert [conflict.reference for conflict in conflicts(work(), among)] == ["A", "B", "C"]


def test_the_distance_is_configurable():
    assert not conflicts(work(), [work(OTHER, north_m=30)], distance_m=20)
    assert conflicts(work(), [work(OTHER, north_m=300)], distance_m=400)


works = st.builds(
    work,
    st.just(OTHER),
    north_m=st.floats(-120, 120),
    start_h=st.integers(-30, 30),
    hours=st.integers(0, 40),
    lanes=st.booleans(),
)


@settings(deadline=None)  # the machine may be busy
@given(works, works)
def test_a_conflict_is_seen_the_same_from_both_sides(one, other):
    one = Candidate(**vars(one) | {"reference": "RP-26-AAAAAA"})
    here, there = conflicts(one, [other]), conflicts(other, [one])
    facts = [(c.distance_m, c.overlap_start, c.overlap_end, c.blocking) for c in here]
    assert facts == [(c.distance_m, c.overlap_start, c.overlap_end, c.blocking) for c in there]

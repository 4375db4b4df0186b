"""Cases of different kinds that meet: what a kind registers is all the others see of it."""

from types import SimpleNamespace
from unittest import mock

import pytest

from workflow import nearby
from workflow.geometry import bounds, distance_m, widened
from workflow.nearby import Kind, Neighbour, Sighting

HERE = {"type": "Point", "coordinates": [-93.6, 42.0]}
CASE = SimpleNamespace(scope="parcels")
METRE = 1 / 111_050  # degrees of latitude


def neighbour(reference, metres, tell=None):
    place = {"type": "Point", "coordinates": [-93.6, 42.0 + metres * METRE]}
    return Neighbour(reference=reference, title="", state="", place="", link="", geometry=place, tell=tell)


@pytest.fixture
def register():
    with mock.patch.dict(nearby._kinds, clear=True):
        yield nearby.register


def test_a_kind_that_registered_nothing_meets_nobody(register):
    register("letters", Kind(geometry=lambda case: HERE, live_in=lambda box: [neighbour("L", 1)]))
    assert nearby.around(CASE) == []
    assert nearby.met(CASE) == []


def test_a_case_sees_the_others_within_its_distance_the_nearest_first_and_not_its_own_kind(register):
    register("parcels", Kind(geometry=lambda case: HERE, live_in=lambda box: [neighbour("P", 1)]))
    found = [neighbour("far", 120), neighbour("b", 40), neighbour("a", 20)]
    register("letters", Kind(geometry=lambda case: HERE, live_in=lambda box: found))
    assert [one.reference for one in nearby.around(CASE)] == ["a", "b"]
    assert nearby.around(CASE)[0].distance_m == pytest.approx(20, rel=0.01)
    assert [one.reference for one in nearby.around(CASE, within_m=200)] == ["a", "b", "far"]


def test_a_case_without_a_place_sees_nobody(register):
    register("parcels", Kind(geometry=lambda case: None, live_in=lambda box: []))
    register("letters", Kind(geometry=lambda case: HERE, live_in=lambda box: [neighbour("a", 1)]))
    assert nearby.around(CASE) == []


def test_only_neighbours_who_can_be_told_are_told_and_those_told_before_are_not_named_again(register):
    told = []

    def tell(seen):
        told.append(seen.reference)
        return len(told) == 1

    seen = Sighting(reference="P-1", title="Parcel", link="https://example.com/")
    register("parcels", Kind(geometry=lambda case: HERE, live_in=lambda box: [], sighting=lambda case: seen))
    register(
        "letters", Kind(geometry=lambda case: HERE, live_in=lambda box: [neighbour("deaf", 1), neighbour("a", 2, tell)])
    )
    assert [one.reference for one in nearby.met(CASE)] == ["a"]
    assert nearby.met(CASE) == []
    assert told == ["P-1", "P-1"]


@pytest.mark.parametrize("latitude", [0.0, 42.0, -33.0, 64.0])
@pytest.mark.parametrize("metres", [10, 50, 5000])
def test_a_widened_box_leaves_out_nothing_within_the_distance(latitude, metres):
    here = nearby._shape({"type": "Point", "coordinates": [-93.6, latitude]})
    south, west, north, east = widened(bounds(here), metres)
    for lon, lat in ((west, latitude), (east, latitude), (-93.6, south), (-93.6, north)):
        edge = nearby._shape({"type": "Point", "coordinates": [lon, lat]})
        assert distance_m(here, edge) >= metres

"""One filter: as a query, for one report at hand, and as an address, always the same reports."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from incidents.models import Incident, Watch
from incidents.public.filters import Circle, Filter
from incidents.public.forms import FilterForm
from tests.incidents import factories as make

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
AROUND = Circle(latitude=make.LATITUDE, longitude=make.LONGITUDE, radius_m=2000)
FILTERS: dict[str, Filter] = {
    "nothing": Filter(),
    "a category": Filter(categories=("pothole",)),
    "a group": Filter(categories=("roadway",)),
    "a category and another group": Filter(categories=("pothole", "structures")),
    "a county": Filter(county="story"),
    "open": Filter(status="open"),
    "ended": Filter(status="closed"),
    "a route": Filter(route="US-69"),
    "a stretch": Filter(route="US-69", mile_from=110, mile_to=120.5),
    "from a mile on": Filter(mile_from=115),
    "since today": Filter(since=TODAY),
    "since tomorrow": Filter(since=TODAY + timedelta(days=1)),
    "a small box": Filter(bounds=(-93.7, 42.0, -93.6, 42.1)),
    "a large box": Filter(bounds=(-96.0, 41.5, -91.0, 43.4)),
    "a circle": Filter(circle=AROUND),
    "everything at once": Filter(
        categories=("roadway",), county="story", status="open", route="US-69", since=TODAY, circle=AROUND
    ),
}


@pytest.fixture
def reports() -> list[Incident]:
    hidden = make.filed()
    Incident.objects.filter(pk=hidden.pk).update(hidden_because="A licence plate")
    return [
        make.filed(),
        make.filed(milepost=112.0),
        make.filed(milepost=130.0, latitude=42.3),
        make.filed(latitude=42.0308 + 0.016, longitude=-93.6319 + 0.022),  # in the circle's square, not in the circle
        make.filed(category="fence", route="I-35", latitude=41.0, longitude=-95.0),
        make.in_state("rejected", route="IA-92"),
        make.in_state("duplicate", latitude=41.9),
        make.filed(latitude=None, longitude=None, milepost=115.0, county="story"),
    ]


def found(wanted: Filter) -> set[str]:
    return set(wanted.narrow().values_list("reference", flat=True))


def test_the_query_and_the_report_at_hand_agree(reports: list[Incident]) -> None:
    everything = list(Incident.objects.all())
    counts = {}
    for name, wanted in FILTERS.items():
        fitting = {one.reference for one in everything if wanted.fits(one)}
        assert found(wanted) == fitting, name
        counts[name] = len(fitting)
    assert counts["nothing"] == 8, "not the hidden one, not the joined one"
    assert counts["since tomorrow"] == 0
    assert 0 < counts["a circle"] < counts["a small box"]
    assert 0 < counts["a stretch"] < counts["a route"]


@pytest.mark.parametrize("name", FILTERS)
def test_an_address_is_read_back_as_the_filter_that_wrote_it(name: str) -> None:
    wanted = FILTERS[name]
    form = FilterForm(QueryDict(wanted.query()))
    assert form.is_valid(), form.errors
    assert form.filter == wanted


@pytest.mark.parametrize(
    ("place", "number"),
    [("US 69", 1), ("us69", 1), ("Story", 1), ("story county", 1), ("13th grand", 1), ("grand", 1), ("nowhere", 0)],
)
def test_a_place_is_found_by_road_county_or_address(place: str, number: int) -> None:
    make.filed(address="13th Street and Grand Avenue")
    make.filed(latitude=41.0, longitude=-95.0, route="I-35", address="Red Oak")
    assert len(found(Filter(place=place))) == number


def test_a_place_may_be_a_reference() -> None:
    incident, _other = make.filed(), make.filed(latitude=42.5)
    assert found(Filter(place=f" {incident.reference.lower()} ")) == {incident.reference}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (
            {"kind": "county", "county": "story", "categories": ["pothole"]},
            Filter(categories=("pothole",), county="story"),
        ),
        (
            {"kind": "route", "route": "I-35", "milepost_from": 100.0, "milepost_to": 120.0},
            Filter(route="I-35", mile_from=100.0, mile_to=120.0),
        ),
        (
            {"kind": "circle", "latitude": 42.0, "longitude": -93.0, "radius_m": 800},
            Filter(circle=Circle(latitude=42.0, longitude=-93.0, radius_m=800)),
        ),
    ],
)  # fmt: skip
def test_a_watch_is_a_filter(values: dict[str, Any], wanted: Filter) -> None:
    assert Filter.of_watch(Watch(email="a@example.net", **values)) == wanted


def test_what_cannot_be_read_narrows_nothing() -> None:
    form = FilterForm(QueryDict("county=nowhere&route=US-69&mile_from=x"))
    assert not form.is_valid()
    assert form.filter == Filter(route="US-69")


def test_several_categories_may_be_repeated_or_listed() -> None:
    for query in ("category=pothole&category=debris", "category=pothole,debris"):
        assert FilterForm(QueryDict(query)).filter.categories == ("pothole", "debris")
    assert FilterForm(QueryDict("category=" + ",".join(["pothole"] * 30))).is_valid()
    assert not FilterForm(QueryDict("category=" + ",".join(f"x{n}" for n in range(30)))).is_valid()

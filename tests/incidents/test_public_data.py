"""The same reports as GeoJSON, Atom and CSV."""

import csv
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from incidents.models import Incident
from incidents.public import feeds, geo
from incidents.public.feeds import COLUMNS
from incidents.public.filters import Filter
from tests.incidents import factories as make
from workflow.contrib.places import counties

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = f"Hole. Mail {make.EMAIL} or call {make.PHONE}"
PATHS = ("/incidents.geojson", "/incidents.atom", "/incidents.csv")


def body(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return (response.getvalue() if response.streaming else response.content).decode()


def collection(client: Client, query: str = "") -> list[dict[str, Any]]:
    found = json.loads(body(client, f"/incidents.geojson?{query}"))
    assert found["type"] == "FeatureCollection"
    return list(found["features"])


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(client, f"/incidents.csv?{query}").removeprefix("\ufeff"))))


# -- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_a_person_and_nothing_hidden_gets_out(client: Client, path: str) -> None:
    make.filed(description=SECRET, address="Call 515 555 0147")
    hidden = make.filed(latitude=42.3)
    Incident.objects.filter(pk=hidden.pk).update(hidden_because="A licence plate")
    joined = make.in_state("duplicate", latitude=41.9)
    text = body(client, f"{path}?zoom=16")
    secrets = (make.EMAIL, make.NAME, make.PHONE, "0147", hidden.reference, joined.reference)
    assert [secret for secret in secrets if secret in text] == []
    assert "IR-" in text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "query", ["county=nowhere", "since=soon", "bbox=9,9,1,1", "near=x", "category=ufo", "status=x"]
)
def test_a_parameter_that_cannot_be_read_is_a_problem_with_a_code(client: Client, path: str, query: str) -> None:
    response = client.get(f"{path}?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    problem = response.json()
    assert problem["code"] == "invalid_parameter"
    assert problem["errors"][0]["parameter"] == query.split("=")[0]
    assert problem["errors"][0]["code"]


NASTY = [
    "%00",
    "%ff",
    "nan",
    "-inf",
    "1e400",
    "'",
    "%25",
    "_",
    "9" * 400,
    "%F0%9F%9A%A7",
    "\\",
    "[]",
    "12/31/9999",
    "1/1/1",
]


@pytest.mark.parametrize("value", NASTY)
def test_nothing_one_can_write_in_an_address_breaks_a_page(client: Client, value: str) -> None:
    make.filed()
    names = (
        "place",
        "category",
        "county",
        "status",
        "route",
        "mile_from",
        "since",
        "bbox",
        "near",
        "radius",
        "zoom",
        "after",
    )
    for name in names:
        for path in (*PATHS, "/incidents/"):
            response = client.get(
                f"{path}?{name}={value}&near=42,-93" if name == "radius" else f"{path}?{name}={value}"
            )
            assert response.status_code in (200, 400, 422), (path, name)
            if response.streaming:
                response.getvalue()


@pytest.mark.parametrize("path", [*PATHS, "/map/counties.json"])
def test_any_site_may_read_open_data_and_a_cache_keep_it_a_while(client: Client, path: str) -> None:
    make.filed()
    response = client.get(path)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"].startswith("public, max-age=")
    if "ETag" in response:
        again = client.get(path, headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", PATHS)
def test_the_number_of_questions_does_not_grow(client: Client, path: str, django_assert_max_num_queries: Any) -> None:
    make.filed()
    with django_assert_max_num_queries(5):
        body(client, path)
    for number in range(4):
        make.filed(latitude=41 + number / 10)
    with django_assert_max_num_queries(5):
        body(client, path)


# -- GeoJSON ----------------------------------------------------------------------------------------------------------


def test_a_report_is_a_point_with_what_the_map_shows(client: Client) -> None:
    incident = make.filed()
    (feature,) = collection(client, "zoom=17")
    assert feature["geometry"] == {"type": "Point", "coordinates": [make.LONGITUDE, make.LATITUDE]}
    about = feature["properties"]
    assert about["reference"] == incident.reference
    assert about["url"] == f"/incidents/{incident.reference}/"
    assert (about["count"], about["state"], about["photo"]) == (1, "With the right team", "")


def test_reports_of_one_place_are_one_circle_that_says_how_many(client: Client) -> None:
    for _ in range(3):
        make.filed()
    far = make.filed(latitude=41.0, longitude=-95.0)
    found = collection(client, "zoom=7")
    counts = {feature["properties"]["count"]: feature["properties"] for feature in found}
    assert set(counts) == {1, 3}
    assert counts[1]["reference"] == far.reference
    assert counts[3]["title"] == "3 reports"
    listed = client.get(counts[3]["url"]).content.decode()
    assert len(set(re.findall(r"/incidents/(IR-[0-9A-Z-]+)/", listed))) == 3
    assert all(feature["properties"]["count"] == 1 for feature in collection(client, "zoom=16"))


def test_only_what_lies_in_the_box_is_answered(client: Client) -> None:
    inside, _outside = make.filed(), make.filed(latitude=41.0, longitude=-95.0)
    for box in ("-93.7,41.9,-93.5,42.1", "-94.6,40.5,-90.2,43.4"):
        found = collection(client, f"bbox={box}")
        assert [feature["properties"]["reference"] for feature in found] == [inside.reference]


def test_a_report_without_a_point_is_on_no_map(client: Client) -> None:
    make.filed(latitude=None, longitude=None, milepost=12.0, county="story")
    assert collection(client) == []


@pytest.mark.parametrize("zoom", ["x", "-1", "99", "1e3", "²", "00001234"])
def test_a_zoom_no_map_has_is_a_problem(client: Client, zoom: str) -> None:
    assert client.get(f"/incidents.geojson?zoom={zoom}").status_code == 400


@given(
    west=st.floats(-180, 179), south=st.floats(-89, 88), wide=st.floats(0, 360), high=st.floats(0, 170),
    zoom=st.integers(0, geo.DEEPEST_ZOOM),
)  # fmt: skip
def test_no_box_at_no_zoom_asks_for_more_cells_than_an_answer_holds(
    west: float, south: float, wide: float, high: float, zoom: int
) -> None:
    bounds = (west, south, min(west + wide, 180.0), min(south + high, 90.0))
    grid = geo.Grid.over(bounds, zoom)
    across, up = (bounds[2] - west) / grid.wide, (bounds[3] - south) / grid.high
    assert (across + 1) * (up + 1) <= geo.MOST * 1.01


def test_the_outlines_are_those_of_our_counties(client: Client) -> None:
    found = json.loads(body(client, "/map/counties.json"))["features"]
    assert {feature["properties"]["slug"] for feature in found} == {county.slug for county in counties.counties()}
    assert len(body(client, "/map/counties.json")) < 200_000


# -- Atom -------------------------------------------------------------------------------------------------------------


def test_the_feed_is_valid_atom_with_a_point(client: Client) -> None:
    incident = make.filed(description="A hole < 2 ft & deep \x0b")
    response = client.get("/incidents.atom?county=story")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    for name in ("id", "title", "updated", "author"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{settings.SITE_URL}/incidents.atom?county=story&status=all"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"{settings.SITE_URL}/incidents/{incident.reference}/"
    assert entry.findtext("{http://www.georss.org/georss}point") == f"{make.LATITUDE:.6f} {make.LONGITUDE:.6f}"
    summary = entry.find(f"{ATOM}summary")
    assert summary is not None
    assert summary.get("type") == "html"
    assert "A hole &lt; 2 ft &amp; deep" in (summary.text or "")


def test_an_empty_feed_is_valid_too(client: Client) -> None:
    feed = ElementTree.fromstring(client.get("/incidents.atom").content)
    assert feed.findtext(f"{ATOM}updated")
    assert feed.findall(f"{ATOM}entry") == []


# -- CSV --------------------------------------------------------------------------------------------------------------


def test_the_table_has_the_columns_of_georeport_bulk(client: Client) -> None:
    fixed = make.in_state("resolved", description="Deep hole,\nright lane")
    assert body(client, "/incidents.csv").removeprefix("\ufeff").splitlines()[0] == ",".join(COLUMNS)
    (row,) = rows(client, "status=closed")
    assert row["service_request_id"] == fixed.reference
    assert (row["status_description"], row["status_notes"]) == ("closed", "The hole is patched.")
    assert row["description"] == "Deep hole,\nright lane"
    assert (float(row["lat"]), float(row["long"])) == (fixed.latitude, fixed.longitude)
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    assert all(moment.fullmatch(row[name]) for name in ("requested_datetime", "updated_datetime", "closed_date"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "%0A", "|x"])
def test_no_cell_is_a_formula(client: Client, text: str) -> None:
    make.filed(description=f"{text} road")
    (row,) = rows(client)
    assert row["description"][0] not in "=+-@\t\r|%"
    assert row["long"].startswith("-93."), "a number stays a number"


def test_the_table_is_streamed(client: Client) -> None:
    make.filed()
    assert client.get("/incidents.csv").streaming


# -- of one mind ------------------------------------------------------------------------------------------------------


def test_the_list_the_map_the_feed_and_the_table_show_the_same_reports(client: Client) -> None:
    wanted = Filter(county="story", status="open", categories=("roadway",))
    make.filed(), make.filed(latitude=42.1), make.filed(category="fence"), make.filed(latitude=41.0, longitude=-95.0)
    make.in_state("rejected")
    query = wanted.query()
    found = {
        "list": set(re.findall(r'href="/incidents/(IR-[0-9A-Z-]+)/"', body(client, f"/incidents/?{query}"))),
        "map": {feature["properties"]["reference"] for feature in collection(client, f"{query}&zoom=16")},
        "feed": set(re.findall(r"<id>.*?(IR-[0-9A-Z-]+)/</id>", body(client, f"/incidents.atom?{query}"))),
        "table": {row["service_request_id"] for row in rows(client, query)},
        "filter": {one.reference for one in Incident.objects.all() if wanted.fits(one)},
    }
    assert len(found["list"]) == 2
    assert all(one == found["list"] for one in found.values())


def test_the_feed_stops_at_the_newest(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ENTRIES", 2)
    filed = [make.filed(latitude=42 + number / 10).reference for number in range(3)]
    found = re.findall(r"<id>.*?(IR-[0-9A-Z-]+)/</id>", body(client, "/incidents.atom"))
    assert found == [filed[2], filed[1]]

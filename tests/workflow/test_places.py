"""Whose county a place is in, and how it is drawn."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from shapely import union_all
from shapely.affinity import translate
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box, shape

from tools import extract_counties
from workflow.contrib.places.counties import (
    DATA_DIR,
    bounds,
    counties,
    county_at,
    county_of,
    districts,
    inside_state,
    load_state,
    state,
)
from workflow.contrib.places.sketch import Projection, outline_svg_path, sketch

PROJECT = Path(__file__).resolve().parents[2]
WZDX_EXAMPLES = PROJECT / ".." / "shared" / "data" / "wzdx" / "examples"
KEPT_STATES = sorted(path.stem for path in DATA_DIR.glob("*.json"))
DES_MOINES = (41.587, -93.625)
I_35 = LineString([(-93.57, 41.65), (-93.57, 42.10)])  # from Polk into Story


def names(rows) -> list[str]:
    return [row.name for row in rows]


def test_iowa_has_99_counties_in_order_of_their_names() -> None:
    assert state().name == "Iowa"
    assert len(counties()) == 99
    assert names(counties()) == sorted(names(counties()))


def test_iowa_has_six_districts_in_the_order_of_the_agency() -> None:
    assert [row.slug for row in districts()] == ["central", "northeast", "northwest", "southwest", "southeast", "east"]


@pytest.mark.parametrize(("seat", "district"), [
    ((42.03, -93.62), "central"), ((43.15, -93.20), "northeast"), ((42.50, -96.40), "northwest"),
    ((41.40, -95.01), "southwest"), ((41.01, -91.96), "southeast"), ((41.98, -91.67), "east"),
])  # fmt: skip
def test_the_office_of_each_district_lies_in_it(seat: tuple[float, float], district: str) -> None:
    assert county_at(*seat).district == district


@pytest.mark.parametrize("fips", KEPT_STATES)
def test_every_kept_state_has_whole_counties_in_known_districts(fips: str) -> None:
    geography = load_state(fips)
    assert {row.district for row in geography.counties} == {row.slug for row in geography.districts}
    assert len({row.slug for row in geography.counties}) == len(geography.counties)
    for county in geography.counties:
        assert re.fullmatch(rf"{fips}\d{{3}}", county.fips)
        assert county.shape.is_valid
        assert county.shape.geom_type in ("Polygon", "MultiPolygon")


@pytest.mark.parametrize("fips", ["08", "19"])
def test_the_districts_are_in_one_piece(fips: str) -> None:
    geography = load_state(fips)
    for district in geography.districts:
        parts = [row.shape for row in geography.counties if row.district == district.slug]
        assert union_all(parts).geom_type == "Polygon", district


@pytest.mark.parametrize("fips", KEPT_STATES)
def test_a_point_in_every_county_is_found_in_that_county(fips: str) -> None:
    geography = load_state(fips)
    for county in geography.counties:
        point = county.shape.representative_point()
        assert geography.county_at(point.y, point.x) == county
        assert geography.county_of(county.shape) == county


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (*DES_MOINES, "Polk"),
        (42.03, -93.62, "Story"),
        (41.2619, -95.8608, "Pottawattamie"),
        (41.2565, -95.9600, None),  # Omaha, Nebraska
        (45.0, -93.2, None),  # Minneapolis
        (30.0, -40.0, None),  # the ocean
        (-93.625, 41.587, None),  # latitude and longitude swapped
        (float("nan"), -93.625, None),
        (41.587, float("inf"), None),
    ],
)
def test_a_point_is_in_its_county_or_in_none(latitude: float, longitude: float, expected: str | None) -> None:
    county = county_at(latitude, longitude)
    assert (county and county.name) == expected


@pytest.mark.parametrize(("metres", "found"), [(400, True), (600, False)])
def test_the_state_border_is_500_metres_wide(metres: float, found: bool) -> None:
    # The border with Minnesota runs along 43.5 degrees north; the northernmost vertex lies on it.
    north = bounds()[3]
    x = max(state().outline.exterior.coords, key=lambda point: point[1])[0]
    beyond = Point(x, north + metres / 111_320)
    assert (county_at(beyond.y, beyond.x) is not None) is found
    assert inside_state(beyond) is found
    assert (county_of(beyond) is not None) is found


@given(st.floats(40.0, 44.0), st.floats(-97.0, -90.0))
def test_a_point_has_a_county_exactly_when_it_is_inside_the_state(latitude: float, longitude: float) -> None:
    point = Point(longitude, latitude)
    assert county_of(point) == county_at(latitude, longitude)
    if state().outline.covers(point):
        assert county_at(latitude, longitude) is not None
        assert inside_state(point)


@pytest.mark.parametrize(("place", "expected"), [
    (I_35, "Story"),
    (LineString([(-93.57, 41.65), (-93.57, 41.90)]), "Polk"),
    (box(-93.7, 41.60, -93.5, 41.90), "Polk"),
    (MultiPoint([(-93.57, 41.65), (-93.57, 42.0), (-93.58, 42.0)]), "Story"),
    (Polygon([(-93.7, 41.6), (-93.5, 41.8), (-93.5, 41.6), (-93.7, 41.8)]), "Polk"),
    (LineString([(-93.57, 41.65), (-97.5, 41.65)]), None),
    (GeometryCollection(), None),
])  # fmt: skip
def test_the_county_with_the_largest_share_has_the_place(place, expected: str | None) -> None:
    county = county_of(place)
    assert (county and county.name) == expected


def test_a_place_half_in_the_next_state_is_not_inside() -> None:
    assert inside_state(I_35)
    assert not inside_state(translate(I_35, xoff=-3))
    assert not inside_state(LineString([DES_MOINES[::-1], (-96.6, 41.6)]))


def test_a_state_without_outlines_says_how_to_get_them(settings) -> None:
    settings.STATE_FIPS = "31"
    with pytest.raises(ImproperlyConfigured, match=r'STATE_FIPS="31".*08, 19.*tools/extract_counties\.py .* 31$'):
        counties()
    settings.STATE_FIPS = "../19"
    with pytest.raises(ImproperlyConfigured):
        counties()


def test_the_setting_chooses_the_state(settings) -> None:
    settings.STATE_FIPS = "08"
    assert county_at(39.739, -104.990).name == "Denver"
    assert county_at(*DES_MOINES) is None


@pytest.mark.skipif(
    not WZDX_EXAMPLES.exists(), reason="the WZDx example feeds are not beside this checkout (CI has them)"
)
def test_all_nine_wzdx_example_feeds_lie_in_the_state() -> None:
    feeds = sorted(WZDX_EXAMPLES.glob("*.geojson"))
    assert len(feeds) == 9
    for feed in feeds:
        places = [shape(row["geometry"]) for row in json.loads(feed.read_text(encoding="utf-8"))["features"]]
        assert places, feed.name
        assert all(inside_state(place) and county_of(place) for place in places), feed.name


def drawn(place, width_px: int = 300, height_px: int = 200) -> ET.Element:
    return ET.fromstring(sketch(place, width_px, height_px))


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_a_sketch_names_its_counties_and_the_neighbours() -> None:
    svg = drawn(I_35)
    assert svg[0].tag.endswith("title")
    assert svg[0].text == "Map sketch: the place in Polk and Story"
    assert {"Polk", "Story", "Boone", "Jasper"} <= set(texts(svg))


@pytest.mark.parametrize(
    "place", [I_35, Point(DES_MOINES[::-1]), box(-93.7, 41.5, -93.6, 41.6), MultiPoint([(-93, 42)])]
)
def test_a_sketch_needs_no_style_attribute_and_no_script(place) -> None:
    for element in drawn(place).iter():
        assert not {"style", "class", "id"} & set(element.attrib)
        assert element.tag.rpartition("}")[2] in {"svg", "title", "rect", "path", "text", "circle"}


def test_a_small_place_gets_a_ring_and_a_long_one_does_not() -> None:
    ring = 'fill="none"'
    assert ring in sketch(LineString([(-93.6, 41.6), (-93.601, 41.601)]), 300, 200)
    assert ring not in sketch(I_35, 300, 200)


def test_a_name_with_an_apostrophe_is_drawn() -> None:
    place = next(row.shape.representative_point() for row in counties() if row.name == "O'Brien")
    assert "O'Brien" in texts(drawn(place))


def test_a_place_outside_the_state_is_drawn_without_a_county() -> None:
    assert drawn(Point(-100, 41))[0].text == "Map sketch: the place"


@pytest.mark.parametrize(("place", "size"), [(GeometryCollection(), (300, 200)), (I_35, (0, 200)), (I_35, (300, -1))])
def test_a_sketch_of_nothing_or_on_no_paper_is_refused(place, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"needs a place and a size"):
        sketch(place, *size)


@given(st.floats(-96.6, -90.2), st.floats(40.4, 43.4), st.integers(40, 2000), st.integers(40, 2000))
def test_the_place_is_always_on_the_paper(longitude: float, latitude: float, width_px: int, height_px: int) -> None:
    projection = Projection.fit((longitude, latitude, longitude + 0.1, latitude + 0.1), width_px, height_px)
    x, y = projection.point(longitude + 0.05, latitude + 0.05)
    assert (x, y) == pytest.approx((width_px / 2, height_px / 2), abs=0.2)
    for corner in [(longitude, latitude), (longitude + 0.1, latitude + 0.1)]:
        x, y = projection.point(*corner)
        assert 0 < x < width_px
        assert 0 < y < height_px


def test_an_outline_with_a_hole_is_two_closed_rings() -> None:
    ring = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]])
    path = outline_svg_path(ring, Projection(view=(0, 0, 4, 4), width_px=400, height_px=400))
    assert path == "M0 400L400 400L400 0L0 0L0 400Z M100 300L200 300L200 200L100 300Z"


def topology(columns: int, rows: int) -> dict:
    """A made-up state 99 of square counties, one arc each; the last county runs along its arc backwards."""
    squares = [(x, y) for x in range(columns) for y in range(rows)]
    arcs = [[[x * 10, y * 10], [10, 0], [0, 10], [-10, 0], [0, -10]] for x, y in squares]
    geometries = [
        {"type": "Polygon", "id": f"99{n:03}", "properties": {"name": f"Square {n}"}, "arcs": [[n]]}
        for n in range(len(arcs))
    ]
    geometries[-1]["arcs"] = [[~(len(arcs) - 1)]]
    states = [{"type": "Polygon", "id": "99", "properties": {"name": "Flatland"}, "arcs": []}]
    objects = {"counties": {"geometries": geometries}, "states": {"geometries": states}}
    return {"transform": {"scale": [0.1, 0.1], "translate": [-90.0, 40.0]}, "objects": objects, "arcs": arcs}


@pytest.mark.parametrize(("columns", "rows", "expected"), [(6, 4, 6), (3, 3, 1)])
def test_the_extracting_script_makes_a_state_that_can_be_read(
    tmp_path: Path, monkeypatch, columns: int, rows: int, expected: int
) -> None:
    source = tmp_path / "counties-10m.json"
    source.write_text(json.dumps(topology(columns, rows)), encoding="utf-8")
    monkeypatch.setattr(extract_counties, "DATA_DIR", tmp_path)
    assert extract_counties.main([str(source), "99"]) == 0
    document = json.loads((tmp_path / "99.json").read_text(encoding="utf-8"))
    assert document["name"] == "Flatland"
    assert len(document["districts"]) == expected
    shapes = [shape(row["geometry"]) for row in document["features"]]
    assert union_all(shapes).equals(box(-90, 40, -90 + columns, 40 + rows))
    counts = [
        sum(row["properties"]["district"] == d["slug"] for row in document["features"]) for d in document["districts"]
    ]
    assert counts == [columns * rows // expected] * expected


def test_the_extracting_script_refuses_a_state_it_does_not_find(tmp_path: Path, capsys) -> None:
    source = tmp_path / "counties-10m.json"
    source.write_text(json.dumps(topology(2, 2)), encoding="utf-8")
    assert extract_counties.main([str(source), "7"]) == 1
    assert "give two digits" in capsys.readouterr().err


def test_a_district_table_that_forgets_a_county_is_refused(tmp_path: Path, monkeypatch) -> None:
    source, table = tmp_path / "counties-10m.json", tmp_path / "districts" / "99.json"
    source.write_text(json.dumps(topology(2, 1)), encoding="utf-8")
    table.parent.mkdir()
    table.write_text(json.dumps({"districts": [{"slug": "one", "name": "One", "counties": ["Square 0"]}]}))
    monkeypatch.setattr(extract_counties, "DATA_DIR", tmp_path)
    with pytest.raises(SystemExit, match="Square 1"):
        extract_counties.main([str(source), "99"])

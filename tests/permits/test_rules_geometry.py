import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.rules.geometry import (
    MAX_VERTICES,
    area_m2,
    bounds,
    check_area,
    distance_m,
    from_geojson,
    length_m,
    to_geojson,
    within_m,
)


def point(lon, lat):
    return from_geojson({"type": "Point", "coordinates": [lon, lat]})


def line(*positions):
    return from_geojson({"type": "LineString", "coordinates": list(positions)})


def vincenty_m(lon1, lat1, lon2, lat2):
    """Geodesic on WGS84 by Vincenty's inverse formula: an independent measure, exact to millimetres."""
    a, f = 6_378_137.0, 1 / 298.257_223_563
    b = a * (1 - f)
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(lat))) for lat in (lat1, lat2))
    difference = lam = math.radians(lon2 - lon1)
    for _ in range(50):
        east = math.cos(u2) * math.sin(lam)
        north = math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam)
        sin_s = math.hypot(east, north)
        cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        sigma = math.atan2(sin_s, cos_s)
        sin_alpha = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_s
        cos2 = 1 - sin_alpha**2
        mid = cos_s - 2 * math.sin(u1) * math.sin(u2) / cos2 if cos2 else 0.0
        c = f / 16 * cos2 * (4 + f * (4 - 3 * cos2))
        lam = difference + (1 - c) * f * sin_alpha * (sigma + c * sin_s * (mid + c * cos_s * (2 * mid**2 - 1)))
    square = cos2 * (a**2 - b**2) / b**2
    big_a = 1 + square / 16384 * (4096 + square * (-768 + square * (320 - 175 * square)))
    big_b = square / 1024 * (256 + square * (-128 + square * (74 - 47 * square)))
    inner = cos_s * (2 * mid**2 - 1) - big_b / 6 * mid * (4 * sin_s**2 - 3) * (4 * mid**2 - 3)
    return b * big_a * (sigma - big_b * sin_s * (mid + big_b / 4 * inner))


@settings(deadline=None)  # the machine may be busy
@given(
    st.floats(-124, -67),
    st.floats(25, 71),
    st.floats(0.001, 1),
    st.floats(0, 2 * math.pi),
)
def test_distances_within_100_km_are_right_to_half_a_percent(lon, lat, share, bearing):
    lat2 = lat + share * 0.9 * math.cos(bearing)
    lon2 = lon + share * 0.9 * math.sin(bearing) / math.cos(math.radians(lat))
    assert distance_m(point(lon, lat), point(lon2, lat2)) == pytest.approx(vincenty_m(lon, lat, lon2, lat2), rel=0.005)


@pytest.mark.parametrize("north_km", [-50, 50])
def test_a_line_at_the_edge_of_a_large_place_is_right_to_half_a_percent(north_km):
    lat = 45 + north_km / 111.13
    corners = [(-93.0, 45 - 50 / 111.13), (-93.0, 45 + 50 / 111.13)]
    whole = line(*corners, corners[1] if north_km > 0 else corners[0], (-92.5, lat))
    fixed = vincenty_m(*corners[0], *corners[1]) * (1 if north_km > 0 else 2)
    assert length_m(whole) - fixed == pytest.approx(vincenty_m(-93.0, lat, -92.5, lat), rel=0.005)


def test_distance_is_the_same_in_both_directions_and_zero_when_touching():
    road, site = line((-93.63, 41.58), (-93.60, 41.60)), point(-93.61, 41.58)
    assert distance_m(road, site) == distance_m(site, road) > 0
    assert distance_m(road, point(-93.63, 41.58)) == 0


def test_within_counts_the_limit_itself():
    one, other = point(-93.6, 41.58), point(-93.6, 41.581)
    metres = distance_m(one, other)
    assert within_m(one, other, metres)
    assert not within_m(one, other, metres - 0.01)


def test_the_length_of_a_polygon_is_its_long_side_and_of_a_point_zero():
    east = 100 / (111_320 * math.cos(math.radians(41.58)))
    ring = [(-93.6, 41.58), (-93.6 + east, 41.58), (-93.6 + east, 41.5801), (-93.6, 41.5801), (-93.6, 41.58)]
    polygon = from_geojson({"type": "Polygon", "coordinates": [ring]})
    assert length_m(polygon) == pytest.approx(100, rel=0.005)
    assert area_m2(polygon) == pytest.approx(1_111, rel=0.01)
    assert length_m(point(-93.6, 41.58)) == 0


def test_bounds_name_latitude_first():
    assert bounds(line((-93.63, 41.58), (-93.60, 41.60))) == (41.58, -93.63, 41.60, -93.60)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [-93.6, 41.58]},
        {"type": "LineString", "coordinates": [[-93.6, 41.58], [-93.5, 41.6]]},
        {"type": "Polygon", "coordinates": [[[-93.6, 41.58], [-93.59, 41.58], [-93.59, 41.59], [-93.6, 41.58]]]},
    ],
)
def test_a_place_goes_through_a_shape_and_back_unchanged(geometry):
    assert json.loads(json.dumps(to_geojson(from_geojson(geometry)))) == geometry
    assert check_area(geometry) == []


def test_heights_are_dropped():
    assert to_geojson(point_with_height := from_geojson({"type": "Point", "coordinates": [-93.6, 41.58, 290]})) == {
        "type": "Point",
        "coordinates": [-93.6, 41.58],
    }
    assert not point_with_height.has_z


def polygon_of(*ring):
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}


def line_of(*positions):
    return {"type": "LineString", "coordinates": [list(position) for position in positions]}


ZIGZAG = [(-93.6 + (at % 2) / 1000, 41.5 + at / 100_000) for at in range(MAX_VERTICES + 1)]
BAD_PLACES = [
    (None, "area_type"),
    ("Point", "area_type"),
    ({}, "area_type"),
    ({"type": "MultiPoint", "coordinates": [[-93.6, 41.58]]}, "area_type"),
    ({"type": ["Point"], "coordinates": [-93.6, 41.58]}, "area_type"),
    ({"type": "Point"}, "area_coordinates"),
    ({"type": "Point", "coordinates": [-93.6]}, "area_coordinates"),
    ({"type": "Point", "coordinates": ["-93.6", "41.58"]}, "area_coordinates"),
    ({"type": "Point", "coordinates": [True, False]}, "area_coordinates"),
    ({"type": "Point", "coordinates": [math.nan, 41.58]}, "area_coordinates"),
    ({"type": "Point", "coordinates": [math.inf, 41.58]}, "area_coordinates"),
    ({"type": "Point", "coordinates": [10**400, 41.58]}, "area_coordinates"),
    ({"type": "LineString", "coordinates": []}, "area_coordinates"),
    ({"type": "LineString", "coordinates": [-93.6, 41.58]}, "area_coordinates"),
    ({"type": "LineString", "coordinates": {"0": [-93.6, 41.58]}}, "area_coordinates"),
    ({"type": "Polygon", "coordinates": [[]]}, "area_coordinates"),
    ({"type": "Point", "coordinates": [41.58, -93.6]}, "area_out_of_range"),
    (line_of((-93.6, 41.58), (-93.6, 41.58)), "area_too_short"),
    (line_of((-93.6, 41.58)), "area_too_short"),
    (line_of(*ZIGZAG), "area_too_many_points"),
    (polygon_of((-93.6, 41.58), (-93.5, 41.58), (-93.5, 41.59), (-93.6, 41.59)), "area_not_closed"),
    (polygon_of((-93.6, 41.58), (-93.5, 41.58), (-93.6, 41.58)), "area_not_closed"),
    (
        polygon_of((-93.6, 41.58), (-93.59, 41.59), (-93.59, 41.58), (-93.6, 41.59), (-93.6, 41.58)),
        "area_crosses_itself",
    ),
    (line_of((-93.6, 41.58), (-93.59, 41.59), (-93.59, 41.58), (-93.6, 41.59)), "area_crosses_itself"),
    (polygon_of((-93.6, 41.58), (-93.5, 41.58), (-93.5, 41.68), (-93.6, 41.68), (-93.6, 41.58)), "area_too_large"),
]


@pytest.mark.parametrize(("geometry", "code"), BAD_PLACES)
def test_a_bad_place_is_named_with_what_to_do(geometry, code):
    (problem,) = check_area(geometry)
    assert problem.code == code
    assert problem.sentence.endswith((".", "?"))


def test_the_largest_number_of_points_is_still_fine():
    assert check_area(line_of(*ZIGZAG[:-1])) == []


def test_a_shape_that_is_none_raises_the_sentence():
    with pytest.raises(ValueError, match="one point, one line or one area"):
        from_geojson({"type": "Circle", "coordinates": [0, 0]})


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(["Point", "LineString", "Polygon"]), json_values)
def test_any_json_gets_an_answer_and_never_an_exception(kind, coordinates):
    assert all(problem.sentence for problem in check_area({"type": kind, "coordinates": coordinates}))

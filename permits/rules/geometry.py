"""Places: GeoJSON in, shapely shapes, distances and lengths in metres out.

Shapes are in degrees (WGS84, longitude first as GeoJSON has it). Measuring projects them onto the plane that touches
the ellipsoid at the middle of what is measured; within 100 km the error is far below 0.5 % at every latitude.
A plain equirectangular projection would reach 0.8 % at 45 degrees north. Not covered: shapes across the 180th meridian.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from permits.rules.words import Problem

type Bounds = tuple[float, float, float, float]

# shapely ships no types; these lines give them to what is used here.
_shape: Callable[[Mapping[str, Any]], BaseGeometry] = shape
_mapping: Callable[[BaseGeometry], dict[str, Any]] = mapping
_transform: Callable[..., BaseGeometry] = shapely.transform
_without_height: Callable[[BaseGeometry], BaseGeometry] = shapely.force_2d
_distance: Callable[[BaseGeometry, BaseGeometry], float] = shapely.distance
_explain_validity: Callable[[BaseGeometry], str] = explain_validity

MAX_VERTICES = 2000
MAX_AREA_M2 = 5_000_000
EQUATOR_RADIUS_M = 6_378_137.0  # WGS84
ECCENTRICITY_SQUARED = 0.006_694_379_990_141  # WGS84


def from_geojson(geometry: Mapping[str, Any]) -> BaseGeometry:
    """The shape of a GeoJSON geometry. Raises ValueError with the first problem's sentence if it is not one."""
    found = _form_problems(geometry)
    if found:
        raise ValueError(found[0].sentence)
    return _without_height(_shape(geometry))


def to_geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """A GeoJSON geometry with plain lists (JSON has no tuples), longitude first."""
    return {"type": geometry.geom_type, "coordinates": _listed(_mapping(geometry)["coordinates"])}


def bounds(geometry: BaseGeometry) -> Bounds:
    """Smallest box around the shape in degrees: (min_lat, min_lon, max_lat, max_lon)."""
    min_lon, min_lat, max_lon, max_lat = geometry.bounds
    return (min_lat, min_lon, max_lat, max_lon)


def in_metres(*geometries: BaseGeometry) -> tuple[BaseGeometry, ...]:
    """The shapes on one flat map in metres that touches the earth in the middle of them all."""
    boxes = [bounds(one) for one in geometries]
    latitude = (min(box[0] for box in boxes) + max(box[2] for box in boxes)) / 2
    longitude = (min(box[1] for box in boxes) + max(box[3] for box in boxes)) / 2
    plane = _TangentPlane(latitude, longitude)
    return tuple(_transform(one, plane, interleaved=False) for one in geometries)


def length_m(geometry: BaseGeometry) -> float:
    """How far the shape reaches along the road, in metres.

    A line's own length; for a polygon the long side of the tightest rectangle around it; 0 for a point.
    """
    (flat,) = in_metres(geometry)
    if flat.geom_type != "Polygon":
        return float(flat.length)
    corners = list(flat.minimum_rotated_rectangle.boundary.coords)
    return max(math.dist(one, other) for one, other in pairwise(corners))


def area_m2(geometry: BaseGeometry) -> float:
    """The surface of a polygon in square metres; 0 for points and lines."""
    (flat,) = in_metres(geometry)
    return float(flat.area)


def distance_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Metres between the nearest points of two shapes; 0 if they touch. The order of the two does not matter."""
    first, second = in_metres(one, other)
    return float(_distance(first, second))


def within_m(one: BaseGeometry, other: BaseGeometry, metres: float) -> bool:
    """Whether two shapes are at most ``metres`` apart."""
    return distance_m(one, other) <= metres


def check_area(geometry: object) -> list[Problem]:
    """Everything that keeps ``geometry`` from being the place of a permit; an empty list if it is one.

    Takes anything a client may send. A later check runs only on what passed the earlier ones.
    """
    found = _form_problems(geometry)
    if found or not isinstance(geometry, Mapping):
        return found
    return _shape_problems(_without_height(_shape(geometry)))


class _TangentPlane:
    """Degrees to metres east and north of (latitude, longitude), on the plane that touches the ellipsoid there."""

    def __init__(self, latitude: float, longitude: float) -> None:
        self.sin_lat, self.cos_lat = math.sin(math.radians(latitude)), math.cos(math.radians(latitude))
        self.sin_lon, self.cos_lon = math.sin(math.radians(longitude)), math.cos(math.radians(longitude))
        self.origin = _earth_centred(longitude, latitude)

    def __call__(self, lons: Sequence[float], lats: Sequence[float]) -> tuple[list[float], list[float]]:
        flat = [self._point(lon, lat) for lon, lat in zip(lons, lats, strict=True)]
        return [east for east, _ in flat], [north for _, north in flat]

    def _point(self, lon: float, lat: float) -> tuple[float, float]:
        x, y, z = (here - origin for here, origin in zip(_earth_centred(lon, lat), self.origin, strict=True))
        east = self.cos_lon * y - self.sin_lon * x
        return east, self.cos_lat * z - self.sin_lat * (self.cos_lon * x + self.sin_lon * y)


def _earth_centred(lon: float, lat: float) -> tuple[float, float, float]:
    """Metres from the middle of the earth to a point on the ellipsoid: (x, y, z)."""
    sin_lat, cos_lat = math.sin(math.radians(lat)), math.cos(math.radians(lat))
    normal = EQUATOR_RADIUS_M / math.sqrt(1 - ECCENTRICITY_SQUARED * sin_lat**2)
    x = normal * cos_lat * math.cos(math.radians(lon))
    y = normal * cos_lat * math.sin(math.radians(lon))
    return x, y, normal * (1 - ECCENTRICITY_SQUARED) * sin_lat


_DEPTH = {"Point": 0, "LineString": 1, "Polygon": 2}
_TYPE = Problem(code="area_type", sentence="Draw the place as one point, one line or one area.")
_COORDINATES = Problem(
    code="area_coordinates",
    sentence="Every corner of the place must be two numbers, longitude first and then latitude. Draw it again.",
)
_RANGE = Problem(
    code="area_out_of_range",
    sentence="Longitude must be from -180 to 180 and latitude from -90 to 90. Longitude comes first; are they swapped?",
)
_VERTICES = Problem(
    code="area_too_many_points",
    sentence=f"The place has more than {MAX_VERTICES:,} points. Draw it more simply.",
)
_TOO_SHORT = Problem(
    code="area_too_short", sentence="A line needs two different points. Draw it longer, or use a point."
)
_RING = Problem(
    code="area_not_closed",
    sentence="An area needs at least three corners and must end where it began. Close the outline.",
)
_CROSSING = Problem(code="area_crosses_itself", sentence="The outline crosses itself. Draw it so that no sides cross.")
_TOO_LARGE = Problem(
    code="area_too_large",
    sentence="The area is larger than 5 square kilometres. Draw only where you will work, or apply in parts.",
)


def _form_problems(geometry: object) -> list[Problem]:
    """What can be seen before any shape is built: type, nesting, numbers, ranges, closed rings."""
    if not isinstance(geometry, Mapping) or geometry.get("type") not in list(_DEPTH):
        return [_TYPE]
    depth = _DEPTH[geometry["type"]]
    try:
        positions = list(_positions(geometry.get("coordinates"), depth))
    except (TypeError, ValueError, OverflowError):
        return [_COORDINATES]
    if len(positions) > MAX_VERTICES:
        return [_VERTICES]
    if any(abs(lon) > 180 or abs(lat) > 90 for lon, lat in positions):
        return [_RANGE]
    return _outline_problems(geometry["coordinates"], depth, positions)


def _outline_problems(coordinates: Any, depth: int, positions: Sequence[tuple[float, float]]) -> list[Problem]:
    if not positions:
        return [_COORDINATES]
    if depth == 1 and len(set(positions)) < 2:
        return [_TOO_SHORT]
    if depth == 2 and any(len(ring) < 4 or list(ring[0][:2]) != list(ring[-1][:2]) for ring in coordinates):
        return [_RING]
    return []


def _shape_problems(place: BaseGeometry) -> list[Problem]:
    if not place.is_valid and "Too few points" in _explain_validity(place):
        return [_RING]
    if not (place.is_valid and place.is_simple):
        return [_CROSSING]
    return [_TOO_LARGE] if area_m2(place) > MAX_AREA_M2 else []


def _positions(nested: Any, depth: int) -> Iterator[tuple[float, float]]:
    """All positions of a coordinates member. Raises TypeError or ValueError if it is not nested as GeoJSON asks."""
    if not isinstance(nested, Sequence) or isinstance(nested, str):
        raise TypeError("a list is needed")
    if depth:
        for inner in nested:
            yield from _positions(inner, depth - 1)
        return
    if len(nested) not in (2, 3) or not all(type(number) in (int, float) for number in nested):
        raise ValueError("a position has two or three numbers")
    lon, lat = float(nested[0]), float(nested[1])
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError("a position has finite numbers")
    yield (lon, lat)


def _listed(coordinates: Any) -> Any:
    return [_listed(inner) for inner in coordinates] if isinstance(coordinates, (tuple, list)) else coordinates

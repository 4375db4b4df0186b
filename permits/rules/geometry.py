"""Places: GeoJSON in, shapely shapes out, and what keeps a drawing from being the place of a permit.

Shapes are in degrees (WGS84, longitude first as GeoJSON has it); workflow.geometry measures them.
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
from workflow.geometry import bounds as bounds
from workflow.geometry import distance_m as distance_m
from workflow.geometry import in_metres as in_metres
from workflow.geometry import within_m as within_m

# shapely ships no types; these lines give them to what is used here.
_shape: Callable[[Mapping[str, Any]], BaseGeometry] = shape
_mapping: Callable[[BaseGeometry], dict[str, Any]] = mapping
_without_height: Callable[[BaseGeometry], BaseGeometry] = shapely.force_2d
_explain_validity: Callable[[BaseGeometry], str] = explain_validity

MAX_VERTICES = 2000
MAX_AREA_M2 = 5_000_000


def from_geojson(geometry: Mapping[str, Any]) -> BaseGeometry:
    """The shape of a GeoJSON geometry. Raises ValueError with the first problem's sentence if it is not one."""
    found = _form_problems(geometry)
    if found:
        raise ValueError(found[0].sentence)
    return _without_height(_shape(geometry))


def to_geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """A GeoJSON geometry with plain lists (JSON has no tuples), longitude first."""
    return {"type": geometry.geom_type, "coordinates": _listed(_mapping(geometry)["coordinates"])}


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


def check_area(geometry: object) -> list[Problem]:
    """Everything that keeps ``geometry`` from being the place of a permit; an empty list if it is one.

    Takes anything a client may send. A later check runs only on what passed the earlier ones.
    """
    found = _form_problems(geometry)
    if found or not isinstance(geometry, Mapping):
        return found
    return _shape_problems(_without_height(_shape(geometry)))


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

"""Measuring on the earth: shapes in degrees (WGS84, longitude first as GeoJSON has it), distances in metres.

Measuring projects shapes onto the plane that touches the ellipsoid at the middle of what is measured; within 100 km the
error is far below 0.5 % at every latitude. A plain equirectangular projection would reach 0.8 % at 45 degrees north.
Not covered: shapes across the 180th meridian.
"""

import math
from collections.abc import Callable, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

type Bounds = tuple[float, float, float, float]

# shapely ships no types; these lines give them to what is used here.
_transform: Callable[..., BaseGeometry] = shapely.transform
_distance: Callable[[BaseGeometry, BaseGeometry], float] = shapely.distance

EQUATOR_RADIUS_M = 6_378_137.0  # WGS84
ECCENTRICITY_SQUARED = 0.006_694_379_990_141  # WGS84
SHORTEST_DEGREE_M = 110_500  # of latitude, at the equator; a box made with it is never too small


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


def widened(box: Bounds, metres: float) -> Bounds:
    """The box with at least ``metres`` more on every side."""
    min_lat, min_lon, max_lat, max_lon = box
    high = metres / SHORTEST_DEGREE_M
    wide = high / max(math.cos(math.radians(max(abs(min_lat), abs(max_lat)))), 0.01)
    return (min_lat - high, min_lon - wide, max_lat + high, max_lon + wide)


def distance_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Metres between the nearest points of two shapes; 0 if they touch. The order of the two does not matter."""
    first, second = in_metres(one, other)
    return float(_distance(first, second))


def within_m(one: BaseGeometry, other: BaseGeometry, metres: float) -> bool:
    """Whether two shapes are at most ``metres`` apart."""
    return distance_m(one, other) <= metres


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

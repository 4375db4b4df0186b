"""The counties of the state we serve: which one a place lies in, and which district of the agency that is.

Shapes are shapely geometries in degrees, WGS 84, x = longitude. Which state: ``STATE_FIPS`` in the settings; its
outlines are one file in ``data/`` (see the README there). The outlines are simplified to a grid of a few hundred
metres, hence ``BORDER_TOLERANCE_M``: who stands on the river bank must not be told that he stands in the next state.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import cos, isfinite, radians
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from shapely import STRtree, make_valid, prepare, union_all
from shapely.affinity import scale
from shapely.geometry import Point, box, shape
from shapely.geometry.base import BaseGeometry

DATA_DIR = Path(__file__).resolve().parent / "data"
BORDER_TOLERANCE_M = 500
METRES_PER_DEGREE = 111_320  # of latitude; of longitude times cos(latitude)
ORIGIN = (0, 0)

type Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True, kw_only=True)
class District:
    """A part of the state with an office of its own. ``slug`` ("central") is what rules and teams store."""

    slug: str
    name: str


@dataclass(frozen=True, kw_only=True)
class County:
    """A county; ``fips`` has five digits (state and county), ``district`` is the slug of its ``District``."""

    fips: str
    name: str
    slug: str
    district: str
    shape: BaseGeometry


@dataclass(frozen=True, kw_only=True, eq=False)
class StateGeography:
    """One state's counties, by name, and its districts, in the agency's order."""

    fips: str
    name: str
    counties: Sequence[County]
    districts: Sequence[District]

    @cached_property
    def outline(self) -> BaseGeometry:
        """The whole state."""
        whole: BaseGeometry = union_all([county.shape for county in self.counties])
        return whole

    @cached_property
    def outline_with_tolerance(self) -> BaseGeometry:
        """The whole state and ``BORDER_TOLERANCE_M`` around it (exact at its mean latitude)."""
        flat = _flattened(self.outline, self._mean_latitude)
        grown = flat.buffer(BORDER_TOLERANCE_M / METRES_PER_DEGREE)
        outline: BaseGeometry = scale(grown, xfact=1 / cos(radians(self._mean_latitude)), origin=ORIGIN)
        prepare(outline)
        return outline

    def county_at(self, latitude: float, longitude: float) -> County | None:
        """The county of a point, or the nearest within the tolerance; None outside the state."""
        if not (isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90):
            return None
        return self._county_near(Point(longitude, latitude))

    def county_of(self, place: BaseGeometry) -> County | None:
        """The county with the largest share (of area, length or points); None unless ``inside``."""
        if not self.inside(place):
            return None
        place = _mended(place)
        shares = [(_size(place.intersection(county.shape)), county) for county in self.touched_by(place)]
        size, county = max(shares, key=lambda share: share[0], default=((0.0, 0.0, 0), None))
        return county if any(size) else self._county_near(place)

    def touched_by(self, place: BaseGeometry) -> list[County]:
        """The counties ``place`` touches, by name; none when it lies in the tolerance just outside."""
        found = self._tree.query(_mended(place), predicate="intersects")
        return [self.counties[index] for index in sorted(found)]

    def inside(self, place: BaseGeometry) -> bool:
        """Whether all of ``place`` lies in the state, with the tolerance. Nothing is inside nothing: empty is False."""
        return not place.is_empty and bool(self.outline_with_tolerance.covers(_mended(place)))

    def _county_near(self, place: BaseGeometry) -> County | None:
        touched = self.touched_by(place)
        if touched:  # on a border more than one; the smallest, because a city of its own lies inside a county
            return min(touched, key=lambda county: (county.shape.area, county.fips))
        latitude = place.centroid.y
        reach = BORDER_TOLERANCE_M / METRES_PER_DEGREE
        reach_x = reach / max(cos(radians(latitude)), 0.01)
        west, south, east, north = place.bounds
        around = self._tree.query(box(west - reach_x, south - reach, east + reach_x, north + reach))
        flat = _flattened(place, latitude)
        near = ((_flattened(self.counties[index].shape, latitude).distance(flat), index) for index in around)
        distance, index = min(near, default=(float("inf"), -1))
        return self.counties[index] if distance <= reach else None

    @cached_property
    def _tree(self) -> STRtree:
        return STRtree([county.shape for county in self.counties])

    @cached_property
    def _mean_latitude(self) -> float:
        _, south, _, north = self.outline.bounds
        return float(south + north) / 2


def state() -> StateGeography:
    """The state of ``STATE_FIPS``; read from disk once. Raises ImproperlyConfigured when its outlines are not there."""
    return load_state(settings.STATE_FIPS)


def county_at(latitude: float, longitude: float) -> County | None:
    """The county of a point in our state, or the nearest within 500 m; None outside the state."""
    return state().county_at(latitude, longitude)


def county_of(place: BaseGeometry) -> County | None:
    """The county with the largest share of a point, line or area; None if it is not inside our state."""
    return state().county_of(place)


def inside_state(place: BaseGeometry) -> bool:
    """Whether all of ``place`` lies in our state or within 500 m of it."""
    return state().inside(place)


def counties() -> list[County]:
    """Our counties by name."""
    return list(state().counties)


def districts() -> list[District]:
    """Our districts, in the agency's order."""
    return list(state().districts)


def bounds() -> Bounds:
    """West, south, east, north of our state in degrees."""
    west, south, east, north = state().outline.bounds
    return west, south, east, north


@cache
def load_state(fips: str) -> StateGeography:
    """One state's geography by its two-digit code, from ``data/<fips>.json``."""
    path = DATA_DIR / f"{fips}.json"
    if not re.fullmatch(r"\d\d", fips) or not path.exists():
        raise ImproperlyConfigured(
            f'There are no county outlines for STATE_FIPS="{fips}". Set it to one of {", ".join(_known_states())}, '
            f"or make the file: python tools/extract_counties.py PATH_TO_us-atlas/counties-10m.json {fips}"
        )
    document = json.loads(path.read_text(encoding="utf-8"))
    rows = (County(shape=shape(row["geometry"]), **row["properties"]) for row in document["features"])
    return StateGeography(
        fips=fips,
        name=document["name"],
        counties=tuple(sorted(rows, key=lambda county: (county.name, county.fips))),
        districts=tuple(District(**row) for row in document["districts"]),
    )


def _known_states() -> Iterable[str]:
    return sorted(path.stem for path in DATA_DIR.glob("*.json"))


def _flattened(geometry: BaseGeometry, latitude: float) -> BaseGeometry:
    # Degrees of longitude shrink with the latitude: scaled so, one unit is as long in every direction.
    flat: BaseGeometry = scale(geometry, xfact=cos(radians(latitude)), origin=ORIGIN)
    return flat


def _mended(place: BaseGeometry) -> BaseGeometry:
    # A hand-drawn area may cross itself, and shapely refuses to intersect such a one.
    mended: BaseGeometry = place if place.is_valid else make_valid(place)
    return mended


def _size(part: BaseGeometry) -> tuple[float, float, int]:
    # Compared in this order, so that of an area the area decides, of a line the length, of points their number.
    flat = _flattened(part, part.centroid.y) if not part.is_empty else part
    return flat.area, flat.length, len(getattr(part, "geoms", [part])) if not part.is_empty else 0

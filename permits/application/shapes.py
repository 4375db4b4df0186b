"""Places on the map as GeoJSON geometries: typed as coordinates, drawn, or sent."""

import json
import math
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Widget

from permits.application.fields import Typed
from permits.application.widgets import AreaWidget, JsonInput, TypedArea
from permits.rules.geometry import check_area

type Geometry = dict[str, Any]

DEPTHS = {"Point": 0, "LineString": 1, "Polygon": 2}
LONGEST_TEXT = 400_000  # characters; 2,000 vertices need a tenth of it
DECIMALS = 7  # about a centimetre

_DEGREES = re.compile(r"([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NSEWnsew]?)", re.ASCII)


def read_json(text: str) -> Any:
    """JSON without NaN and Infinity. Raises ValueError for anything else, too deep nesting included."""
    if len(text) > LONGEST_TEXT:
        raise ValueError("too long")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


class GeometryField(Typed):
    """A GeoJSON geometry in WGS84, longitude first, altitudes dropped, rounded to 7 decimals.

    ``kinds`` are the geometry types allowed. Codes: those of ``check_area``, ``invalid`` (no JSON), ``line_needed``,
    ``too_many_points``, and for typed points ``latitude_missing``, ``longitude_missing``, ``degrees_invalid``,
    ``from_missing``, ``area_given_twice``.
    """

    accepts = (dict, str, TypedArea)
    wanted = "a GeoJSON geometry"
    widget: type[Widget] = AreaWidget
    default_error_messages = {
        "invalid": "This is not a GeoJSON geometry. Draw it again, or type the coordinates.",
        "line_needed": "Draw this as a line of at least two points.",
        "too_many_points": "This line has more than {most} points. Draw it more simply.",
        "area_coordinates": "Every point must be two numbers, longitude first and then latitude. Draw it again.",
        "degrees_invalid": "“{typed}” is not a coordinate. Enter decimal degrees, like 42.0308 and -93.6319.",
        "latitude_missing": "Enter the latitude too.",
        "longitude_missing": "Enter the longitude too.",
        "from_missing": "Enter where the work begins, too.",
        "area_given_twice": "The points and the drawn shape differ. Clear the one that is wrong.",
    }

    def __init__(self, *, kinds: tuple[str, ...] = tuple(DEPTHS), max_points: int | None = None, **kwargs: Any) -> None:
        self.kinds, self.max_points = kinds, max_points
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Geometry | None:
        geometry = self._typed(value) if isinstance(value, TypedArea) else self._sent(value)
        return self._checked(geometry) if geometry else None

    def _sent(self, value: Geometry | str | None) -> Geometry | None:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            read = read_json(value)
        except ValueError:
            raise self._error("invalid") from None
        if not isinstance(read, dict):
            raise self._error("invalid")
        return read

    def _typed(self, area: TypedArea) -> Geometry | None:
        drawn = self._sent(area.geojson)
        ends = [self._position(*pair) for pair in area.pairs()]
        if ends[1] and not ends[0]:
            raise self._error("from_missing")
        typed = [end for end in ends if end]
        if not typed:
            return drawn
        kind, coordinates = ("LineString", typed) if ends[1] else ("Point", typed[0])
        if drawn and _numbers(drawn.get("coordinates"), DEPTHS[kind]) != coordinates:
            raise self._error("area_given_twice")
        return {"type": kind, "coordinates": coordinates}

    def _position(self, latitude: str, longitude: str) -> list[float] | None:
        if not latitude and not longitude:
            return None
        if not latitude or not longitude:
            raise self._error("latitude_missing" if longitude else "longitude_missing")
        return [self._degrees(longitude), self._degrees(latitude)]

    def _degrees(self, typed: str) -> float:
        match = _DEGREES.fullmatch(typed)
        if not match:
            raise self._error("degrees_invalid", typed=typed[:40])
        number = float(match[1])
        return round(-abs(number) if match[2] in ("S", "s", "W", "w") else number, DECIMALS)

    def _checked(self, geometry: Geometry) -> Geometry:
        kind = geometry.get("type")
        if self.kinds == ("LineString",) and kind != "LineString":
            raise self._error("line_needed")
        if isinstance(kind, str) and kind in DEPTHS:
            coordinates = _numbers(geometry.get("coordinates"), DEPTHS[kind])
            if coordinates is None:
                raise self._error("area_coordinates")
            geometry = {"type": kind, "coordinates": coordinates}
        for problem in check_area(geometry):
            # A street that crosses itself is a street; an outline that does is a slip.
            if not (problem.code == "area_crosses_itself" and self.kinds == ("LineString",)):
                raise ValidationError(problem.sentence, code=problem.code)
        if self.max_points and len(geometry["coordinates"]) > self.max_points:
            raise self._error("too_many_points", most=self.max_points)
        return geometry

    def _error(self, code: str, **words: object) -> ValidationError:
        return ValidationError(str(self.error_messages[code]).format(**words), code=code)


class LineField(GeometryField):
    """A line along the road, in the direction of travel; the map draws it, people without a map leave it out."""

    widget = JsonInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(kinds=("LineString",), max_points=500, **kwargs)


def _numbers(nested: object, depth: int) -> Any:
    """Coordinates as plain rounded lists without altitudes; None if they are not nested numbers."""
    if not isinstance(nested, list | tuple):
        return None
    if depth:
        inner = [_numbers(one, depth - 1) for one in nested]
        return None if any(one is None for one in inner) else inner
    if len(nested) not in (2, 3) or not all(_is_number(number) for number in nested):
        return None
    return [round(float(number), DECIMALS) for number in nested[:2]]


def _is_number(number: object) -> bool:
    # The bound comes first: a whole number of 400 digits has no float.
    return type(number) in (int, float) and -1e6 < number < 1e6 and math.isfinite(number)  # type: ignore[operator, arg-type]

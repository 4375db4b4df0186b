"""The body of a report as JSON Schema, from the rules that check it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from incidents.places import DIRECTIONS
from incidents.reporting import HIGHEST_MILE, LONGEST_ADDRESS, LONGEST_DESCRIPTION, SOURCES

EXAMPLE = {
    "category": "pothole",
    "description": "Deep hole in the right lane, just after the bridge.",
    "latitude": 42.0308,
    "longitude": -93.6319,
    "route": "US-69",
    "direction": "NB",
    "answers": {"size": "tire"},
    "email": "reporter@example.com",
}


class IncidentReportSerializer(serializers.Serializer[Any]):
    """The body of a report: described here, checked by incidents.reporting."""


class IncidentReportSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "incidents.api.schema.IncidentReportSerializer"

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return report_schema()


def report_schema() -> dict[str, Any]:
    """At least one place: a point, an address, or route and mile marker."""
    return {
        "type": "object",
        "description": "A report. It says where: a point (latitude and longitude), an address, or route and milepost.",
        "required": ["category"],
        "anyOf": [
            {"required": ["latitude", "longitude"]},
            {"required": ["address"]},
            {"required": ["route", "milepost"]},
        ],
        "additionalProperties": False,
        "properties": _properties(),
    }


def _properties() -> dict[str, Any]:
    return {
        "category": _text(40, "Code of a category: GET /api/v1/categories/."),
        "description": _text(LONGEST_DESCRIPTION, "What is wrong, in the reporter's words."),
        "latitude": _number(-90, 90, "Degrees north, WGS84."),
        "longitude": _number(-180, 180, "Degrees east, WGS84."),
        "address": _text(LONGEST_ADDRESS, "The place in words; a route and mile marker in it are read."),
        "route": _text(40, "Such as I-35, US-69 or IA-92."),
        "milepost": _number(0, HIGHEST_MILE, "Miles, as on the route's markers."),
        "direction": {"type": "string", "enum": list(DIRECTIONS), "description": "Direction of travel."},
        "county": _text(40, "Name of the county; a point knows its county itself."),
        "place_source": {"type": "string", "enum": list(SOURCES), "description": "How the place was found."},
        "answers": {
            "type": "object",
            "description": "Question code to answer, as the category asks. A moment has its offset.",
            "additionalProperties": {"type": ["string", "number", "array", "null"], "items": {"type": "string"}},
        },
        "name": _text(120, "The reporter's name. Never shown to anybody but officers."),
        "email": _text(254, "Where to send news of the report. Never shown to anybody but officers."),
        "phone": _text(30, "Never shown to anybody but officers."),
    }


def _text(longest: int, description: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "maxLength": longest, "description": description}


def _number(low: float, high: float, description: str) -> dict[str, Any]:
    return {"type": ["number", "null"], "minimum": low, "maximum": high, "description": description}

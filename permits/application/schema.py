"""The application as JSON Schema (OpenAPI 3.1): made from the same fields and rules that check it."""

from collections.abc import Iterable
from typing import Any

from django import forms

from permits.application import choices
from permits.application.base import Condition, ConditionalForm
from permits.application.fields import (
    ChoiceField,
    DecimalField,
    EmailField,
    FloatField,
    IntField,
    MultiChoiceField,
    PhoneField,
    TaxIdField,
    TextField,
    TickField,
    YesNoField,
    ZipField,
)
from permits.application.moments import LocalDateTimeField, TypedDateField, TypedTimeField
from permits.application.rows import RowsField
from permits.application.sections import SECTIONS
from permits.application.shapes import GeometryField

type Schema = dict[str, Any]

_POSITION: Schema = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 3,
    "description": "Longitude, latitude in degrees (WGS84).",
}
_LINE: Schema = {"type": "array", "items": _POSITION, "minItems": 2}
_COORDINATES: dict[str, Schema] = {
    "Point": _POSITION,
    "LineString": _LINE,
    "Polygon": {"type": "array", "items": {**_LINE, "minItems": 4}, "minItems": 1},
}
_LIMITS = {"min_value": "minimum", "max_value": "maximum", "step_size": "multipleOf"}


def application_schema() -> Schema:
    """JSON Schema of the whole body. What is needed only sometimes stands in the descriptions, with its error code."""
    return {
        "type": "object",
        "title": "Road permit application",
        "description": "Times without an offset are local times of the state. Fields of pages that do not apply to "
        "the kind of permit are ignored.",
        "additionalProperties": False,
        "properties": {name: one for section in SECTIONS for name, one in _properties(section, section.title).items()},
        "required": [
            name
            for section in SECTIONS
            if len(_types_asked(section)) == len(choices.PermitType)
            for name in _required(section)
        ],
        "allOf": list(_by_permit_type()),
    }


def _by_permit_type() -> Iterable[Schema]:
    """What the pages ask that only some kinds of permit get."""
    for section in SECTIONS:
        asked = _types_asked(section)
        if len(asked) < len(choices.PermitType):
            yield {
                "if": {"properties": {"permit_type": {"enum": asked}}, "required": ["permit_type"]},
                "then": {"required": _required(section)},
            }


def _types_asked(section: Any) -> list[str]:
    return [word for word in choices.PermitType.values if section.applies({"permit_type": word})]


def _required(form: type[forms.Form]) -> list[str]:
    return [name for name, field in form.base_fields.items() if field.required]


def _properties(form: type[ConditionalForm], page: str = "") -> dict[str, Schema]:
    return {
        name: _described(field, field_schema(field), [one for one in form.conditions if one.field == name], page)
        for name, field in form.base_fields.items()
    }


def _described(field: forms.Field, schema: Schema, conditions: list[Condition], page: str) -> Schema:
    said = [str(field.help_text)] if field.help_text else []
    said += [f"{one.sentence} (`{one.code}`)" for one in conditions]
    described = {"title": str(field.label), **schema}
    if said:
        described["description"] = "\n".join(said)
    if page:
        described["x-section"] = page
    return described


def field_schema(field: forms.Field) -> Schema:
    """The schema of one answer; one that may be missing may also be null or, as text, empty."""
    schema = _value_schema(field)
    if field.required:
        return schema
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*schema["enum"], "", None]}
    if schema.get("type") == "string" and ("pattern" in schema or "format" in schema):
        return {"anyOf": [schema, {"enum": ["", None]}]}
    return {**schema, "type": [schema["type"], "null"]} if isinstance(schema.get("type"), str) else _or_null(schema)


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), list):
        return {**schema, "type": [*schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _value_schema(field: forms.Field) -> Schema:
    match field:
        case RowsField():
            return _rows_schema(field)
        case GeometryField():
            return _geometry_schema(field)
        case MultiChoiceField():
            return _many_schema(field)
        case ChoiceField():
            words = field.words()
            meaning = {"x-enumDescriptions": words} if list(words) != list(words.values()) else {}
            return {"type": "string", "enum": list(words), **meaning}
        case TickField():
            return {"const": True} if field.required else {"type": "boolean", "default": False}
        case YesNoField():
            return {"type": "boolean"}
        case IntField() | FloatField() | DecimalField():
            return _number_schema(field)
        case _:
            return _text_schema(field)


_TEXTS: dict[type[forms.Field], Schema] = {
    LocalDateTimeField: {"type": "string", "examples": ["2027-01-25T07:30", "2027-01-25T07:30:00-06:00"]},
    TypedDateField: {"type": "string", "examples": ["2027-06-30"]},
    TypedTimeField: {"type": "string", "examples": ["07:30"]},
    EmailField: {"type": "string", "format": "email", "maxLength": 254},
    PhoneField: {"type": "string", "examples": ["+15155550100", "515-555-0100"]},
    ZipField: {"type": "string", "pattern": r"^\d{5}(-?\d{4})?$"},
    TaxIdField: {"type": "string", "pattern": r"^\d{2}-\d{7}$"},
}


def _text_schema(field: forms.Field) -> Schema:
    if not isinstance(field, TextField):
        return dict(_TEXTS[type(field)])
    limits = {"minLength": field.min_length, "maxLength": field.max_length}
    return {"type": "string", **{name: limit for name, limit in limits.items() if limit is not None}}


def _number_schema(field: IntField | FloatField | DecimalField) -> Schema:
    limits = {name: getattr(field, attribute, None) for attribute, name in _LIMITS.items()}
    schema: Schema = {
        name: float(limit) if limit % 1 else int(limit) for name, limit in limits.items() if limit is not None
    }
    if isinstance(field, IntField):
        return {"type": "integer", **schema}
    if isinstance(field, FloatField):
        return {"type": "number", **schema}
    # Decimals leave us as text, so that no client rounds them; both are read.
    return {"type": ["string", "number"], **schema}


def _many_schema(field: MultiChoiceField) -> Schema:
    words = field.words()
    schema = {"type": "array", "items": {"type": "string", "enum": list(words)}, "x-enumDescriptions": words}
    return {**schema, "minItems": 1} if field.required else schema


def _rows_schema(field: RowsField) -> Schema:
    items = {
        "type": "object",
        "additionalProperties": False,
        "properties": _properties(field.row),
        "required": _required(field.row),
    }
    return {"type": "array", "items": items, "maxItems": field.most}


def _geometry_schema(field: GeometryField) -> Schema:
    kinds: list[Schema] = []
    for kind in field.kinds:
        coordinates = {**_COORDINATES[kind]}
        if field.max_points:
            coordinates["maxItems"] = field.max_points
        kinds.append(
            {
                "type": "object",
                "title": kind,
                "properties": {"type": {"const": kind}, "coordinates": coordinates},
                "required": ["type", "coordinates"],
            }
        )
    return kinds[0] if len(kinds) == 1 else {"oneOf": kinds}

"""Answers on their way to the database and back, and to clients: JSON without loss."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from permits.application.base import is_empty
from permits.application.fields import DecimalField
from permits.application.moments import LocalDateTimeField, TypedDateField, TypedTimeField
from permits.application.rows import RowsField
from permits.application.sections import SECTIONS
from permits.rules.words import Answers

ALL_FIELDS: dict[str, forms.Field] = {
    name: field for section in SECTIONS for name, field in section.base_fields.items()
}


def to_json(answers: Answers) -> dict[str, Any]:
    """Cleaned answers as JSON values: dates and times ISO 8601 (moments with their offset), Decimals as text."""
    return {name: _plain(value) for name, value in answers.items()}


def from_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The cleaned answers that ``to_json`` made ``stored`` of; ``from_json(to_json(answers)) == answers``.

    Reads what we stored, drafts too: what cannot be read yet stays as it was typed. It does not check anything.
    """
    return {name: _typed(ALL_FIELDS.get(name), value) for name, value in stored.items()}


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case date() | time():  # datetime is a date, too
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case str():
            return str(value)  # a choice becomes the plain word
        case _:
            return value


def _typed(field: forms.Field | None, value: Any) -> Any:
    if is_empty(value):
        return value
    if isinstance(field, RowsField) and isinstance(value, list):
        return [_typed_row(field, row) for row in value]
    if not isinstance(field, DecimalField | LocalDateTimeField | TypedDateField | TypedTimeField):
        return value
    if not field.may_be(value):
        return value
    try:
        return field.to_python(value)
    except ValidationError:
        return value


def _typed_row(field: RowsField, row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: _typed(field.row.base_fields.get(name), inner) for name, inner in row.items()}

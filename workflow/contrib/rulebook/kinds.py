"""What kinds of value a rule may have: how each is typed, stored as JSON, read back and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

DEAREST = Decimal(100_000)  # dollars


class BadValue(ValueError):
    """A stored value that this version of the code cannot use."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of value. ``parse`` reads JSON and raises BadValue; ``store`` makes the JSON of a value."""

    def fields(self, label: str, help_text: str) -> Mapping[str, forms.Field]:
        """The inputs, by the last part of their names; one input has the name ""."""
        raise NotImplementedError

    def parse(self, stored: Any) -> Any:
        raise NotImplementedError

    def store(self, value: Any) -> Any:
        return value

    def typed(self, value: Any) -> Mapping[str, Any]:
        """The first content of the inputs."""
        return {"": value}

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        """The value from the cleaned inputs."""
        return cleaned[""]

    def words(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Money(Kind):
    """US dollars, a Decimal with two places, not negative."""

    def fields(self, label: str, help_text: str) -> Mapping[str, forms.Field]:
        field = forms.DecimalField(
            label=f"{label} ($)", help_text=help_text, min_value=0, max_value=DEAREST, max_digits=9, decimal_places=2,
            widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        )  # fmt: skip
        return {"": field}

    def parse(self, stored: Any) -> Decimal:
        amount = _decimal(stored)
        if not 0 <= amount <= DEAREST:
            raise BadValue(f"{stored} is no fee")
        # Whole dollars are written as the originals are: an invoice says 100, not 100.00.
        return amount.to_integral_value() if amount == amount.to_integral_value() else amount

    def store(self, value: Any) -> Any:
        return f"{value:.2f}"

    def typed(self, value: Any) -> Mapping[str, Any]:
        return {"": f"{value:.2f}"}

    def words(self, value: Any) -> str:
        return f"${value:,.2f}"


@dataclass(frozen=True, kw_only=True)
class Number(Kind):
    """A Decimal from ``least`` to ``most`` with at most ``places`` places; ``unit`` follows it in words."""

    least: Decimal = Decimal(0)
    most: Decimal = Decimal(100_000)
    places: int = 0
    unit: str = ""

    def fields(self, label: str, help_text: str) -> Mapping[str, forms.Field]:
        field = forms.DecimalField(
            label=f"{label} ({self.unit})" if self.unit else label, help_text=help_text, min_value=self.least,
            max_value=self.most, decimal_places=self.places,
            widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        )  # fmt: skip
        return {"": field}

    def parse(self, stored: Any) -> Decimal:
        number = _decimal(stored)
        if not self.least <= number <= self.most:
            raise BadValue(f"{stored} is not between {self.least} and {self.most}")
        return number

    def store(self, value: Any) -> Any:
        return f"{value:.{self.places}f}"

    def typed(self, value: Any) -> Mapping[str, Any]:
        return {"": self.store(value)}

    def words(self, value: Any) -> str:
        return f"{value:,.{self.places}f} {self.unit}".strip()


@dataclass(frozen=True, kw_only=True)
class Days(Kind):
    """A whole number of days; ``unit`` says which: working days or days."""

    least: int = 0
    most: int = 365
    unit: str = "working days"

    def fields(self, label: str, help_text: str) -> Mapping[str, forms.Field]:
        field = forms.IntegerField(
            label=f"{label} ({self.unit})", help_text=help_text, min_value=self.least, max_value=self.most,
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        )  # fmt: skip
        return {"": field}

    def parse(self, stored: Any) -> int:
        if isinstance(stored, bool) or not isinstance(stored, int) or not self.least <= stored <= self.most:
            raise BadValue(f"{stored!r} is not between {self.least} and {self.most} {self.unit}")
        return stored

    def words(self, value: Any) -> str:
        return f"{value} {self.unit.removesuffix('s') if value == 1 else self.unit}"


@dataclass(frozen=True, kw_only=True)
class Choice(Kind):
    """One of (word, label)."""

    choices: Sequence[tuple[str, str]]

    def fields(self, label: str, help_text: str) -> Mapping[str, forms.Field]:
        return {"": forms.ChoiceField(label=label, help_text=help_text, choices=self.choices)}

    def parse(self, stored: Any) -> str:
        if stored not in dict(self.choices):
            raise BadValue(f"{stored!r} is none of the choices")
        return str(stored)

    def words(self, value: Any) -> str:
        return dict(self.choices).get(value, str(value))


@dataclass(frozen=True, kw_only=True)
class Part:
    """One text of several; lengths in characters."""

    name: str
    label: str
    most: int
    rows: int = 1
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Texts(Kind):
    """Several plain texts that belong together: a dict by the names of the parts. No markup, no template language."""

    parts: Sequence[Part]
    named: bool = True  # the inputs say of which rule they are; not needed on a page of its own

    def fields(self, label: str, help_text: str) -> Mapping[str, forms.Field]:
        fields = {part.name: _text_field(part, label if self.named else "") for part in self.parts}
        fields[self.parts[0].name].help_text = help_text
        return fields

    def parse(self, stored: Any) -> Mapping[str, str]:
        if not isinstance(stored, dict):
            raise BadValue("there are no texts")
        for part in self.parts:
            text = stored.get(part.name)
            if not isinstance(text, str) or len(text) > part.most or (part.required and not text.strip()):
                raise BadValue(f"its {part.label.lower()} is missing or too long")
        return {part.name: stored[part.name] for part in self.parts}

    def store(self, value: Any) -> Any:
        return dict(value)

    def typed(self, value: Any) -> Mapping[str, Any]:
        return dict(value)

    def read(self, cleaned: Mapping[str, Any]) -> Any:
        return {part.name: cleaned[part.name].replace("\r\n", "\n") for part in self.parts}

    def words(self, value: Any) -> str:
        said = [(part.label, value[part.name]) for part in self.parts if value[part.name]]
        return "\n".join(f"{label}: {text}" for label, text in said)


def _text_field(part: Part, label: str) -> forms.Field:
    widget: forms.Widget = forms.Textarea({"rows": part.rows}) if part.rows > 1 else forms.TextInput()
    return forms.CharField(
        label=f"{label}: {part.label.lower()}" if label else part.label, max_length=part.most,
        required=part.required, widget=widget,
    )  # fmt: skip


def _decimal(stored: Any) -> Decimal:
    try:
        number = Decimal(stored) if isinstance(stored, str | int) and not isinstance(stored, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise BadValue(f"{stored!r} is no number")
    return number

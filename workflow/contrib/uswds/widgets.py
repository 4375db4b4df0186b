"""Widgets USWDS has and Django lacks."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.forms.utils import to_current_timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Text = str | Promise


class TypedDateInput(forms.DateInput):
    """A date as text, month first in every language: browsers' date pickers fail people who use a keyboard or zoom."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "usa-input--small", **(attrs or {})}, format="%m/%d/%Y")


class TypedTimeInput(forms.TimeInput):
    """A time of day as text, shown as ``07:30 AM``."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "usa-input--small", **(attrs or {})}, format="%I:%M %p")


class TypedDateTimeInput(forms.MultiWidget):
    """A date and a time side by side, each with its own label, in one fieldset."""

    template_name = "uswds/widgets/parts.html"
    labels: tuple[Text, ...] = (_("Date (MM/DD/YYYY)"), _("Time (for example 7:30 AM)"))

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([TypedDateInput, TypedTimeInput], attrs)

    def decompress(self, value: datetime | None) -> list[date | time | None]:
        if value is None:
            return [None, None]
        local = to_current_timezone(value)
        return [local.date(), local.time()]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, widget, label in zip(context["widget"]["subwidgets"], self.widgets, self.labels, strict=True):
            # MultiWidget lets the whole's class replace each part's; both count here.
            classes = f"{part['attrs'].get('class', '')} {widget.attrs.get('class', '')}"
            part["attrs"]["class"] = " ".join(dict.fromkeys(classes.split()))
            part["label"] = label
        return context


class TileRadioSelect(forms.RadioSelect):
    """Radios as large tiles; ``descriptions`` says one line about each value."""

    def __init__(
        self, attrs: dict[str, Any] | None = None, choices: Any = (), *, descriptions: Mapping[str, Text] | None = None
    ) -> None:
        super().__init__(attrs, choices)
        self.descriptions = dict(descriptions or {})

    def create_option(
        self,
        name: str,
        value: Any,
        label: Any,
        selected: bool,
        index: int,
        subindex: int | None = None,
        attrs: Any = None,
    ) -> dict[str, Any]:
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        return {**option, "tile": True, "description": self.descriptions.get(str(value), "")}

"""Inputs for answers with parts. All work without JavaScript.

``value_from_datadict`` tells the two doors apart: under the field's own name comes a JSON value as a client sent it;
a page sends the parts under names of their own (``area_from_lat``, ``impacts-0-direction``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from workflow.contrib.uswds.widgets import TypedDateTimeInput

type Data = Mapping[str, Any]


class Tick(forms.CheckboxInput):
    """A check box that hands on what a JSON client sent; whether it is true or false is for the field to say."""

    def value_from_datadict(self, data: Data, files: Any, name: str) -> Any:
        return data.get(name, False)


class MomentInput(TypedDateTimeInput):
    """A typed date and a typed time in the state's time zone (``start_at_0``, ``start_at_1``)."""

    def value_from_datadict(self, data: Data, files: Any, name: str) -> Any:
        return data[name] if name in data else super().value_from_datadict(data, files, name)

    def decompress(self, value: datetime | str | None) -> list[Any]:
        if isinstance(value, str):
            return [value, ""]  # what we could not read is shown again as it came
        if not isinstance(value, datetime):
            return [None, None]
        local = value.astimezone(ZoneInfo(settings.TIME_ZONE)) if value.tzinfo else value
        parts: list[date | time] = [local.date(), local.time()]
        return parts


class JsonInput(forms.HiddenInput):
    """A value that only a script or a client can make, kept on the page as JSON text so that it is not lost."""

    def format_value(self, value: Any) -> str | None:
        if value is None or value in ("", [], {}):
            return None
        return value if isinstance(value, str) else json.dumps(value, default=str)


@dataclass(frozen=True, kw_only=True)
class TypedArea:
    """What the page sent for a place: degrees and GeoJSON, all as typed."""

    from_lat: str
    from_lon: str
    to_lat: str
    to_lon: str
    geojson: str

    def pairs(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """(latitude, longitude) of where the work begins and where it ends."""
        return (self.from_lat, self.from_lon), (self.to_lat, self.to_lon)


class AreaWidget(forms.MultiWidget):
    """Latitude and longitude of one point or two, and a drawn shape as GeoJSON. Two points make a line.

    A script that draws must empty the typed points: two different answers are refused, not guessed between.
    """

    template_name = "permits/widgets/area.html"
    use_fieldset = True
    labels = ("Latitude, from", "Longitude, from", "Latitude, to (optional)", "Longitude, to (optional)")
    drawn_label = "Drawn shape as GeoJSON (optional)"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts: dict[str, Any] = {
            name: forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"})
            for name in ("from_lat", "from_lon", "to_lat", "to_lon")
        }
        super().__init__({**parts, "geojson": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})}, attrs)

    def value_from_datadict(self, data: Data, files: Any, name: str) -> Any:
        if name in data:
            return data[name]
        parts = [str(part or "").strip() for part in super().value_from_datadict(data, files, name)]
        return TypedArea(**dict(zip(TypedArea.__annotations__, parts, strict=True))) if any(parts) else None

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, TypedArea):
            return list(astuple(value))
        if not isinstance(value, Mapping):
            return [None, None, None, None, value]
        ends = _ends(value)
        if ends is None:
            return [None, None, None, None, json.dumps(value)]
        return [degrees for lon, lat in ends for degrees in (lat, lon)] + [None] * (5 - 2 * len(ends))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        attrs = {key: said for key, said in (attrs or {}).items() if key != "required"}  # none of the parts is, alone
        context = super().get_context(name, value, attrs)
        *points, drawn = context["widget"]["subwidgets"]
        for part, label in zip(points, self.labels, strict=True):
            part["label"] = label
        drawn["label"] = self.drawn_label
        drawn["attrs"]["class"] = "usa-textarea"
        return context


def _ends(geometry: Mapping[str, Any]) -> Sequence[Any] | None:
    """The one or two positions of a point or a straight line; None for a shape that typed points cannot say."""
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Point":
        return [coordinates]
    return coordinates if geometry.get("type") == "LineString" and len(coordinates or []) == 2 else None


class RowsWidget(forms.Widget):
    """A list of rows, each a small form under ``<name>-<number>-<field>``. Rows without an answer do not count.

    ``rows``: how many empty ones are offered at least. ``presets``: rows that are always there, with answers that are
    not asked (``surface``). ``position``: the key that is the row's place in the list, from 1, instead of a question.
    """

    template_name = "permits/widgets/rows.html"
    use_fieldset = True

    def __init__(
        self,
        *,
        row: type[forms.Form],
        titles: Sequence[str],
        rows: int = 0,
        presets: Sequence[Mapping[str, str]] = (),
        position: str = "",
        most: int = 50,
    ) -> None:
        self.row, self.titles, self.rows, self.presets = row, titles, max(rows, len(presets)), presets
        self.position, self.most = position, most
        super().__init__()

    def value_from_datadict(self, data: Data, files: Any, name: str) -> Any:
        if name in data:
            return data[name]
        found = []
        for number in range(self.most):
            prefix = f"{name}-{number}-"
            if not any(key.startswith(prefix) for key in data):
                break
            answers = self._read(data, files, prefix)
            if self._is_answered(answers):
                found.append(answers | ({self.position: number + 1} if self.position else {}))
        return found

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        placed = self._placed(value if isinstance(value, list) else [])
        context["widget"]["rows"] = [
            {"title": self._title(number, answers), "form": self._form(f"{name}-{number}", answers)}
            for number, answers in enumerate(placed)
        ]
        return context

    def _read(self, data: Data, files: Any, prefix: str) -> dict[str, Any]:
        return {
            key: field.widget.value_from_datadict(data, files, prefix + key)
            for key, field in self.row.base_fields.items()
            if key != self.position
        }

    def _is_answered(self, answers: Mapping[str, Any]) -> bool:
        preset = {key for given in self.presets for key in given}
        visible = [key for key in answers if key not in preset and not self.row.base_fields[key].widget.is_hidden]
        return any(answers[key] not in (None, "", False, []) for key in visible)

    def _placed(self, answered: list[Any]) -> list[Mapping[str, Any]]:
        """The answered rows in their order, among the places the page has for them, then empty ones."""
        rows = [answers for answers in answered if isinstance(answers, Mapping)]
        placed = self._by_position(rows) if self.position else self._among_presets(rows)
        placed.extend({} for _ in range(self.rows - len(placed)))
        return placed[: self.most]

    def _by_position(self, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        placed: list[Mapping[str, Any]] = []
        for number, answers in enumerate(rows):
            asked = answers.get(self.position)
            place = asked - 1 if type(asked) is int and 0 < asked <= self.most else number
            placed.extend({} for _ in range(place + 1 - len(placed)))
            placed[place] = answers
        return placed

    def _among_presets(self, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        # The order must stay: a row may speak of "the one before".
        placed: list[Mapping[str, Any]] = []
        waiting = list(self.presets)
        for answers in rows:
            own = next((place for place, preset in enumerate(waiting) if _has(answers, preset)), None)
            if own is not None:
                placed += waiting[:own]
                waiting = waiting[own + 1 :]
            placed.append(answers)
        return placed + waiting

    def _form(self, prefix: str, answers: Mapping[str, Any]) -> forms.Form:
        form = self.row(prefix=prefix, initial=dict(answers), use_required_attribute=False)
        if self.position:
            del form.fields[self.position]
        for key in {key for given in self.presets for key in given}:
            form.fields[key].widget = forms.HiddenInput()
        return form

    def _title(self, number: int, answers: Mapping[str, Any]) -> str:
        place = next((place for place, preset in enumerate(self.presets) if _has(answers, preset)), number)
        *named, numbered = self.titles
        return named[place] if place < len(named) else numbered.format(number=number + 1)


def _has(answers: Mapping[str, Any], preset: Mapping[str, str]) -> bool:
    return all(answers.get(key) == value for key, value in preset.items())

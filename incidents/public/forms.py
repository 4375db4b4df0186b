"""The filter as a form on a page and as the end of an address. What an address says wrong is a line of its own."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from incidents import places
from incidents.catalogue import Catalogue, catalogue
from incidents.models import Group, Incident
from incidents.public.filters import ALL, Circle, Filter
from workflow.api.filters import Unreadable, bounding_box
from workflow.contrib.places.counties import counties
from workflow.contrib.uswds.fields import TypedDateField
from workflow.contrib.uswds.forms import UswdsForm

MOST_CODES = 20
LARGEST_RADIUS_M = 100_000
_CODE = re.compile(r"[a-z0-9_-]{1,40}")


class OneOrMany(forms.Select):
    """Shows one choice; an address may name several, repeated or with commas."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        texts = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
        return [code.strip() for text in texts for code in text.split(",") if code.strip()]


class CodesField(forms.Field):
    """Codes of categories and groups. Codes of errors: ``too_many``, ``unknown_category``. Two queries at most."""

    widget = OneOrMany

    def clean(self, value: list[str]) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(value))
        if len(codes) > MOST_CODES:
            raise ValidationError(f"Choose at most {MOST_CODES} categories.", code="too_many")
        if not all(_CODE.fullmatch(code) for code in codes) or set(codes) - _known(codes):
            raise ValidationError("We have no such category: choose one of the list.", code="unknown_category")
        return codes


def _known(codes: tuple[str, ...]) -> set[str]:
    groups = set(Group.values)
    return groups if groups.issuperset(codes) else groups | set(catalogue().by_code)


class RouteField(forms.CharField):
    """A route however it is written, as its shield names it. Code: ``bad_route``."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text and not places.normal_route(text):
            raise ValidationError("Write a route like I-35, US-69 or 92.", code="bad_route")
        return places.normal_route(text) if text else ""


class BoundsField(forms.CharField):
    """``west,south,east,north`` in degrees. Code: ``bad_bbox``."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return bounding_box(text) if text else None
        except Unreadable as error:
            raise ValidationError(str(error), code="bad_bbox") from None


class PointField(forms.CharField):
    """``latitude,longitude`` in degrees. Code: ``bad_point``."""

    def clean(self, value: Any) -> tuple[float, float] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            latitude, longitude = (float(part) for part in text.split(","))
        except ValueError:
            latitude = longitude = float("nan")
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # NaN fails, too
            raise ValidationError("Write latitude,longitude in degrees, like 42.03,-93.63.", code="bad_point")
        return latitude, longitude


def _mile(label: str) -> forms.FloatField:
    return forms.FloatField(
        label=label, required=False, min_value=0, max_value=1000, widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages={"invalid": "Write miles as a number, like 120.5."},
    )  # fmt: skip


class FilterForm(UswdsForm):
    """Which reports. Every field may be empty."""

    place = forms.CharField(
        label="Place", required=False, max_length=80, strip=True, empty_value="",
        help_text="Road, county, address, or reference",
    )  # fmt: skip
    category = CodesField(label="What", required=False)
    county = forms.ChoiceField(
        label="County", required=False,
        error_messages={"invalid_choice": "We have no such county: choose one of the list."},
    )  # fmt: skip
    status = forms.ChoiceField(
        label="Status", required=False,
        choices=[(Incident.Status.OPEN, "Open"), (Incident.Status.CLOSED, "Ended"), (ALL, "Open and ended")],
        error_messages={"invalid_choice": "Choose open, closed or all."},
    )  # fmt: skip
    route = RouteField(label="Route", required=False, max_length=20, help_text="Like I-35 or US-69")
    mile_from = _mile("From mile")
    mile_to = _mile("To mile")
    since = TypedDateField(label="Reported since", required=False)
    bbox = BoundsField(required=False, max_length=120, widget=forms.HiddenInput)
    near = PointField(required=False, max_length=60, widget=forms.HiddenInput)
    radius = forms.FloatField(required=False, min_value=1, max_value=LARGEST_RADIUS_M, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, offered: Catalogue | None = None, status: str = ALL) -> None:
        """``offered``: whose categories a page offers; ``status`` is meant where the address names none."""
        data = data.copy()
        data.setdefault("status", status)
        super().__init__(data, auto_id="filter-%s")
        self.fields["county"].choices = [("", "All counties"), *((c.slug, c.name) for c in counties())]  # type: ignore[attr-defined]
        if offered is not None:
            self.fields["category"].widget.choices = choices_of(offered)

    def clean_status(self) -> str:
        return self.cleaned_data["status"] or ALL

    def clean(self) -> dict[str, Any]:
        low, high = self.cleaned_data.get("mile_from"), self.cleaned_data.get("mile_to")
        if low is not None and high is not None and high < low:
            self.add_error("mile_to", ValidationError("Write the smaller mile first.", code="miles_reversed"))
        return self.cleaned_data

    @property
    def filter(self) -> Filter:
        """What the readable part of the form says; what could not be read narrows nothing."""
        self.is_valid()
        values = dict(self.cleaned_data)
        near, radius = values.pop("near", None), values.pop("radius", None)
        circle = Circle(latitude=near[0], longitude=near[1], radius_m=radius or 1000) if near else None
        return Filter(categories=values.pop("category", ()), bounds=values.pop("bbox", None), circle=circle, **values)

    @property
    def hidden_values(self) -> list[tuple[str, str]]:
        """What the page does not ask, to be sent again with it."""
        return [(name, self.data[name]) for name in ("bbox", "near", "radius") if self.data.get(name)]


def choices_of(offered: Catalogue) -> list[tuple[str, Any]]:
    """Groups with their categories; not what we only tell whom to call for."""
    found: list[tuple[str, Any]] = [("", "Everything")]
    for group, categories in offered.groups():
        taken = [(one.code, one.name) for one in categories if not one.stop]
        whole = [(group.value, f"All of: {group.label}")] if len(taken) > 1 else []
        if taken:
            found.append((group.label, [*whole, *taken]))
    return found

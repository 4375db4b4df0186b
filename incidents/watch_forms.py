"""The forms of “Watch my road”: one for each kind of watch. ``form.watch()`` is the unsaved row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from incidents import places
from incidents.catalogue import Catalogue
from incidents.models import Group, Incident, Watch
from incidents.watching import METRES_PER_MILE, RADII_MILES
from workflow.contrib.citizens.references import as_stored
from workflow.contrib.places.counties import counties, county_at
from workflow.contrib.uswds.forms import UswdsForm

LONGEST_ROUTE_MILES = 999
OUTSIDE = f"This point is not in {settings.STATE_NAME}. Check both numbers: ours have a longitude with a minus."


def _degrees(label: str, most: float) -> forms.FloatField:
    name, example = label.lower(), "42.0308" if most < 100 else "-93.6319"
    return forms.FloatField(
        label=label,
        min_value=-most,
        max_value=most,
        widget=forms.TextInput({"inputmode": "text", "autocomplete": "off", "class": "usa-input--medium"}),
        error_messages={
            "required": f"Enter the {name}, or choose a point on the map.",
            "invalid": f"Enter the {name} as a number of degrees, for example {example}.",
            "min_value": f"The {name} is at least -{most:g}.",
            "max_value": f"The {name} is at most {most:g}.",
        },
    )


def _mile(label: str, **more: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        required=False,
        min_value=0,
        max_value=LONGEST_ROUTE_MILES,
        widget=forms.TextInput({"inputmode": "decimal", "class": "usa-input--small"}),
        error_messages={
            "invalid": "Enter the mile as a number, for example 100 or 100.5.",
            "min_value": "Miles begin at 0.",
            "max_value": f"Enter a mile of at most {LONGEST_ROUTE_MILES}.",
        },
        **more,
    )


class WatchForm(UswdsForm):
    """What all have in common: of what, and to whom."""

    kind: Watch.Kind

    groups = forms.MultipleChoiceField(
        label="Kinds of reports",
        required=False,
        help_text="Tick none to hear of all.",
        choices=[(group.value, group.label) for group in Group if group != Group.NOT_OURS],
        widget=forms.CheckboxSelectMultiple,
    )
    category = forms.ChoiceField(label="Or only one kind of problem", required=False, widget=forms.Select)
    email = forms.EmailField(
        label="E-mail",
        help_text="We send a link there first. You hear nothing more until you open it.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": "Enter the address we should write to.",
            "invalid": "Enter an e-mail address like name@example.com.",
        },
    )

    def __init__(self, *args: Any, known: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(str(group.label), [(one.code, one.name) for one in found]) for group, found in known.groups()]
        self.fields["category"].choices = [("", "All that are ticked above"), *listed]  # type: ignore[attr-defined]

    def watch(self) -> Watch:
        """The row, not saved; the address in lower case, so that one mailbox is one address."""
        chosen = [self.cleaned_data["category"]] if self.cleaned_data["category"] else self.cleaned_data["groups"]
        return Watch(kind=self.kind, email=self.cleaned_data["email"].lower(), categories=chosen, **self.place())

    def place(self) -> dict[str, Any]:
        raise NotImplementedError


class CircleForm(WatchForm):
    """Around a point: from the map, the device, or another report."""

    kind = Watch.Kind.CIRCLE
    field_order = ["latitude", "longitude", "radius"]

    latitude = _degrees("Latitude", 90)
    longitude = _degrees("Longitude", 180)
    radius = forms.TypedChoiceField(
        label="How far around it",
        coerce=int,
        initial=5,
        choices=[(miles, f"{miles} mile{'' if miles == 1 else 's'}") for miles in RADII_MILES],
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # Map apps copy a place as “42.0308, -93.6319”: pasted into the first field, it is both.
        pasted = str((data or {}).get("latitude", "")).split(",")
        if len(pasted) == 2:
            data = data.copy()
            data["latitude"], data["longitude"] = pasted
        super().__init__(data, *args, **kwargs)

    @staticmethod
    def around(typed: str) -> dict[str, Any]:
        """Initial values from the reference of a public report, for a link “Watch around here”."""
        report = Incident.objects.public().filter(reference=as_stored(typed)).first()
        return {"latitude": report.latitude, "longitude": report.longitude} if report is not None else {}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        latitude, longitude = cleaned.get("latitude"), cleaned.get("longitude")
        if latitude is not None and longitude is not None and county_at(latitude, longitude) is None:
            self.add_error("latitude", forms.ValidationError(OUTSIDE, code="outside_state"))
        return cleaned

    def place(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "latitude": round(data["latitude"], 5),
            "longitude": round(data["longitude"], 5),
            "radius_m": round(data["radius"] * METRES_PER_MILE),
        }


class CountyForm(WatchForm):
    """A whole county."""

    kind = Watch.Kind.COUNTY
    field_order = ["county"]

    county = forms.ChoiceField(label="County", error_messages={"required": "Choose a county."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["county"].choices = [("", "Choose a county"), *((one.slug, one.name) for one in counties())]  # type: ignore[attr-defined]

    def place(self) -> dict[str, Any]:
        return {"county": self.cleaned_data["county"]}


class RouteForm(WatchForm):
    """A route, whole or from one mile marker to another."""

    kind = Watch.Kind.ROUTE
    field_order = ["route", "mile_from", "mile_to"]

    route = forms.CharField(
        label="Route",
        max_length=40,
        help_text=f"Like I-35, US-69 or {settings.STATE_CODE}-92",
        widget=forms.TextInput({"class": "usa-input--medium", "autocomplete": "off"}),
        error_messages={"required": "Enter the route, for example I-35."},
    )
    mile_from = _mile("From mile", help_text="Leave both empty for the whole route in our state.")
    mile_to = _mile("To mile")

    def clean_route(self) -> str:
        route = places.normal_route(self.cleaned_data["route"])
        if not route:
            said = f"We do not know this route: write it like I-35, US-69 or {settings.STATE_CODE}-92."
            raise forms.ValidationError(said, code="bad_route")
        return route

    def place(self) -> dict[str, Any]:
        data = self.cleaned_data
        miles = sorted(mile for mile in (data["mile_from"], data["mile_to"]) if mile is not None)
        low, high = (miles[0], miles[1]) if len(miles) == 2 else (data["mile_from"], data["mile_to"])
        return {"route": data["route"], "milepost_from": low, "milepost_to": high}


FORMS: dict[str, type[WatchForm]] = {form.kind.value: form for form in (CircleForm, CountyForm, RouteForm)}

"""The pages of the form. They only carry what was typed: the rules are those of every door (incidents.reporting)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.conf import settings

from incidents.answers import LONGEST_TEXT
from incidents.catalogue import Catalogue
from incidents.models import Category, Datatype, Incident, Question
from incidents.reporting import LONGEST_DESCRIPTION, MOST_PHOTOS
from workflow.contrib.places.counties import counties
from workflow.contrib.uswds.fields import TypedDateTimeField
from workflow.contrib.uswds.forms import UswdsForm
from workflow.errors import Reason

MOST_RADIOS = 8  # more are a list to choose from
QUESTION = "q_"
NOON = time(12)


class Carried(forms.CharField):
    """Text as it was typed; ``required`` marks the question and nothing more."""

    def clean(self, value: Any) -> Any:
        return "" if value is None else value


class PhotoInput(forms.FileInput):
    """Takes several pictures at once."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"accept": "image/*", "multiple": True})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class PhotoField(forms.Field):
    """Pictures, each still to be looked at by incidents.photos; answers a list of uploads."""

    widget = PhotoInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Photos")
        kwargs.setdefault("help_text", f"Up to {MOST_PHOTOS}. Take them only where you are safe.")
        super().__init__(required=False, **kwargs)


class RoughMoment(TypedDateTimeField):
    """A moment whose time may be left out: noon then, for whoever remembers the day only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields[1].required = False

    def compress(self, data_list: Any) -> datetime | None:
        if data_list and data_list[0] and not data_list[1]:
            data_list = [data_list[0], NOON]
        return super().compress(data_list)


class PageForm(UswdsForm):
    """A page of the report; ``refuse`` puts the faults of incidents.reporting at their fields."""

    use_required_attribute = False

    def refuse(self, faults: Iterable[Reason]) -> None:
        for fault in faults:
            name = self.field_of(fault)
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, fault.sentence)

    def field_of(self, fault: Reason) -> str:
        return fault.field


class WhatForm(PageForm):
    """Page 1: the category and the photos. ``shown``: the categories the search has found."""

    category = Carried(label="Choose what fits best", widget=forms.RadioSelect)
    photos = PhotoField()

    def __init__(self, *args: Any, shown: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in shown:
            groups.setdefault(one.get_group_display(), []).append((one.code, one.name))
        self.fields["category"].widget.choices = list(groups.items())


class PlaceForm(PageForm):
    """Page 2: any one way of saying where it is."""

    use_photo = forms.BooleanField(label="Yes, it is where my photo was taken", required=False)
    latitude = Carried(label="Latitude", widget=forms.TextInput({"inputmode": "text", "autocomplete": "off"}))
    longitude = Carried(label="Longitude", widget=forms.TextInput({"inputmode": "text", "autocomplete": "off"}))
    place_source = Carried(widget=forms.HiddenInput)
    route = Carried(label="Route", help_text=f"Like I-35, US-69 or {settings.STATE_CODE}-92", max_length=40)
    milepost = Carried(
        label="Mile marker", help_text="The nearest you can read", widget=forms.TextInput({"inputmode": "decimal"})
    )
    direction = Carried(
        label="Direction of travel", widget=forms.Select(choices=[("", "I do not know"), *Incident.Direction.choices])
    )
    county = Carried(label="County", widget=forms.Select)
    address = Carried(
        label="Address or landmark",
        help_text="For example “Duff Avenue at South 16th Street, Ames”",
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        for name in ("route", "milepost"):
            self.fields[name].widget.attrs["class"] = "usa-input--medium"
        choices = [("", "I do not know"), *((one.slug, one.name) for one in counties())]
        self.fields["county"].widget.choices = choices

    def field_of(self, fault: Reason) -> str:
        return "" if fault.code == "place_missing" else fault.field  # no single field is the one that is missing


class DetailsForm(PageForm):
    """Page 3: the questions of the category, ``q_CODE`` each, and the description."""

    description = Carried(
        label="What did you see?",
        help_text="In your own words. Please do not name people here.",
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, *args: Any, questions: Iterable[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(questions)
        self.fields["description"].required = False
        for question in self.asked:
            if question.variable:
                self.fields[f"{QUESTION}{question.code}"] = field_of(question)
        self.order_fields([*(name for name in self.fields if name != "description"), "description"])

    def parts(self) -> Iterator[dict[str, Any]]:
        """The questions in their order, with the sentences that are only shown; the description last."""
        for question in self.asked:
            name = f"{QUESTION}{question.code}"
            yield {"field": self[name]} if name in self.fields else {"text": question.text, "hint": question.hint}
        yield {"field": self["description"]}

    def answers(self) -> dict[str, Any]:
        """By code, as incidents.answers reads them; without what cannot even be read."""
        found = {}
        for name, value in self.cleaned_data.items():
            if name.startswith(QUESTION) and value not in (None, "", []):
                found[name.removeprefix(QUESTION)] = value.isoformat() if hasattr(value, "isoformat") else value
        return found

    def unreadable(self) -> list[Reason]:
        """What the controls themselves cannot read: dates."""
        return [
            Reason(code="answer_bad_date", sentence=str(errors[0]), field=name.replace(QUESTION, "answers.", 1))
            for name, errors in self.errors.items()
        ]

    def field_of(self, fault: Reason) -> str:
        return fault.field.replace("answers.", QUESTION, 1)


class CheckForm(PageForm):
    """Page 4: who reports, if they like to say so."""

    email = Carried(
        label="E-mail",
        help_text="We send you the link to your report, our questions, and what was done.",
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    name = Carried(label="Name", widget=forms.TextInput({"autocomplete": "name"}))
    phone = Carried(
        label="Phone",
        help_text="Only for a question that cannot wait.",
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


def field_of(question: Question) -> forms.Field:
    """The control of one question. Lists with few entries are radios."""
    kind: Datatype = Datatype(question.datatype)
    more: dict[str, Any] = {"label": question.text, "help_text": question.hint}
    choices = [(one["key"], one["name"]) for one in question.values]
    if kind is Datatype.DATETIME:
        return RoughMoment(required=False, **more)
    field = Carried(widget=_widget(kind, choices), max_length=LONGEST_TEXT if kind is Datatype.TEXT else None, **more)
    field.required = question.required
    return field


def _widget(kind: Datatype, choices: list[tuple[str, str]]) -> forms.Widget:
    match kind:
        case Datatype.MULTI:
            return forms.CheckboxSelectMultiple(choices=choices)
        case Datatype.SINGLE if len(choices) <= MOST_RADIOS:
            return forms.RadioSelect(choices=choices)
        case Datatype.SINGLE:
            return forms.Select(choices=[("", "- Choose -"), *choices])
        case Datatype.TEXT:
            return forms.Textarea({"rows": 3})
        case Datatype.NUMBER:
            return forms.TextInput({"inputmode": "decimal", "class": "usa-input--small"})
        case _text:
            return forms.TextInput()


def what_form(known: Catalogue, *args: Any, search: str = "", chosen: str = "") -> WhatForm:
    """Page 1 with what ``search`` finds, and with all where it finds nothing; ``chosen`` stays in sight."""
    found = known.search(search) if search.strip() else []
    kept = known.by_code.get(chosen)
    if found and kept is not None and kept.is_active and kept not in found:
        found = [*found, kept]
    shown = [one for _, rows in known.groups() for one in rows if not found or one in found]
    return WhatForm(*args, shown=shown, initial={"category": chosen})

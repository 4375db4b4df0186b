"""The forms an officer decides with, whatever the kind of case. ``values()`` is what the engine takes as ``data``.

The engine and the moves check everything again; a form only helps to fill in what they ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User

from workflow import absences
from workflow.actors import Actor
from workflow.correspondence import LONGEST, SHORTEST
from workflow.desk import LONGEST_NOTE, name_of
from workflow.models import Delegation

LONGEST_TEXT = 4000


def text_field(
    label: str,
    *,
    rows: int = 4,
    required: bool = True,
    at_least: int = 0,
    at_most: int = LONGEST_TEXT,
    help_text: str = "",
) -> forms.CharField:
    """A text of several lines; lengths in characters."""
    return forms.CharField(
        label=label,
        required=required,
        min_length=at_least or None,
        max_length=at_most,
        help_text=help_text,
        widget=forms.Textarea({"rows": rows}),
    )


class DecisionForm(forms.Form):
    """A page an officer decides on: the revision looked at travels with it, so that nobody decides on old facts."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    submit: ClassVar[str] = ""  # words on the button; else the label of the move
    from_link: ClassVar[tuple[str, ...]] = ()  # fields that a link to the page may fill in: ?conflict=7
    goes_out: ClassVar[bool | None] = None  # what is typed is for the citizen (True), for officers alone (False)
    readers: ClassVar[str] = ""  # who reads it, as a sentence at the top of the page

    def __init__(self, *args: Any, case: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"revision": case.revision, **self.first_values(case), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.case = case
        self.prepare(case)

    def first_values(self, case: Any) -> dict[str, Any]:
        return {}

    def prepare(self, case: Any) -> None:
        """Choices that depend on the record."""

    def rescue(self, actor: Actor) -> bool:
        """Keep what a browser cannot show again (a file) before the page with its errors is shown; whether it did."""
        return False

    def values(self) -> dict[str, Any]:
        """The data of the move: JSON values; for desk work what its door takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}


class ConfirmForm(DecisionForm):
    """Nothing to fill in."""


def reason_form(
    name: str, label: str, *, at_least: int, required: bool = True, help_text: str = ""
) -> type[DecisionForm]:
    """A page with one text, stored under ``name``."""
    field = text_field(label, required=required, at_least=at_least, help_text=help_text)
    return type(f"{name.capitalize()}Form", (DecisionForm,), {name: field})


class SharedForm(forms.Form):
    """What one bulk decision asks once for all its cases."""

    def values(self) -> dict[str, Any]:
        """What the door takes, as ``DecisionForm.values``."""
        return dict(self.cleaned_data)


class Colleagues(forms.ModelChoiceField):  # type: ignore[type-arg]
    """People to choose from; beside who is away stands until when, and who stands in."""

    away: Mapping[int, Delegation] = MappingProxyType({})

    def offer(self, people: Any) -> None:
        """Fill the list. One query now, for who is away."""
        self.queryset = people.filter(is_active=True).order_by("last_name", "first_name", "username")
        self.away = absences.away_now()

    def label_from_instance(self, obj: Any) -> str:
        absence = self.away.get(obj.pk)
        return f"{name_of(obj)} ({absences.until_words(absence)})" if absence else name_of(obj)


def although_away() -> forms.BooleanField:
    """Ticked by who hands a case to a colleague that is away, and means it."""
    return forms.BooleanField(label="Hand it over all the same, although they are away", required=False)


class AssignForm(DecisionForm):
    to = Colleagues(label="Hand over to", queryset=User.objects.none(), empty_label="Choose a colleague of the team")
    although_away = although_away()

    def prepare(self, case: Any) -> None:
        field = self.fields["to"]
        assert isinstance(field, Colleagues)
        field.offer(case.team.members)
        if not field.away:
            del self.fields["although_away"]


class NoteForm(DecisionForm):
    submit = "Add internal note"
    goes_out = False
    readers = "Internal: only officers read this. The citizen neither gets it nor sees it."
    text = text_field("Note for colleagues", at_most=LONGEST_NOTE)


class LetterForm(DecisionForm):
    """A message to the citizen of a case."""

    submit = "Send the message"
    goes_out = True
    text = text_field(
        "Message",
        rows=8,
        at_least=SHORTEST,
        at_most=LONGEST,
        help_text="Plain words. Greeting, reference, link and our phone number are added: see the preview.",
    )

"""The forms an officer decides with, whatever the kind of case. ``values()`` is what the engine takes as ``data``.

The engine and the moves check everything again; a form only helps to fill in what they ask for.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User

from workflow.actors import Actor
from workflow.desk import LONGEST_NOTE, name_of

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


class Colleagues(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


class AssignForm(DecisionForm):
    to = Colleagues(label="Hand over to", queryset=User.objects.none(), empty_label="Choose a colleague of the team")

    def prepare(self, case: Any) -> None:
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = case.team.members.filter(is_active=True).order_by("last_name", "first_name", "username")


class NoteForm(DecisionForm):
    submit = "Add note"
    text = text_field("Note for colleagues", at_most=LONGEST_NOTE, help_text="Only officers see it.")

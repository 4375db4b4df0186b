"""The base of every form a citizen fills in."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from workflow.contrib.uswds import fields
from workflow.contrib.uswds.boundfield import UswdsBoundField
from workflow.contrib.uswds.renderer import UswdsRenderer

# Read in another order in another language (see fields.py), so refused before a person can meet one.
_REPLACED_BY: dict[type[forms.Field], type[forms.Field]] = {
    forms.DateTimeField: fields.TypedDateTimeField,
    forms.SplitDateTimeField: fields.TypedDateTimeField,
    forms.DateField: fields.TypedDateField,
    forms.TimeField: fields.TypedTimeField,
}
# A template looks for form["x"] before form.x, so a field of this name would take the place of what we offer.
_TAKEN = frozenset({"error_summary", "questions", "error_links", "has_required"})
_DJANGOS_REQUIRED = forms.Field.default_error_messages["required"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorLink:
    """One line of the error summary; ``target`` is an id on the page, empty where there is none to go to."""

    target: str
    text: str


class UswdsForm(forms.Form):
    """A form in USWDS markup with an error summary on top that links to the fields.

    ``{{ form }}`` writes summary and fields; ``{{ form.error_summary }}`` and ``{{ form.questions }}`` write them
    apart, where the summary should stand above the page's heading. Raises TypeError for a date field that depends on
    the language and for a field whose name would hide one of these from the template.
    """

    default_renderer = UswdsRenderer
    template_name_error_summary = "uswds/error_summary.html"
    template_name_questions = "uswds/fields.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in _TAKEN:
                raise TypeError(f"{name}: choose another name, templates read form.{name} as something else.")
            _refuse_ambiguous_dates(name, field)
            if field.error_messages.get("required") == _DJANGOS_REQUIRED:
                field.error_messages["required"] = _what_to_do(field)

    @property
    def error_links(self) -> list[ErrorLink]:
        """Every error once: first those of the whole form, then field by field in the order of the page."""
        links = [ErrorLink(target="", text=str(text)) for text in self.non_field_errors()]
        for bound in self:
            target = bound.first_input_id if isinstance(bound, UswdsBoundField) and not bound.is_hidden else ""
            links += [ErrorLink(target=target, text=_with_label(bound, str(text))) for text in bound.errors]
        return links

    @property
    def has_required(self) -> bool:
        return any(bound.field.required for bound in self.visible_fields())

    def error_summary(self) -> SafeString:
        return self.render(self.template_name_error_summary)

    def questions(self) -> SafeString:
        return self.render(self.template_name_questions)


def _refuse_ambiguous_dates(name: str, field: forms.Field) -> None:
    for refused, better in _REPLACED_BY.items():
        if isinstance(field, refused) and not isinstance(field, better):
            raise TypeError(f"{name}: use {better.__name__} instead of {type(field).__name__} (see uswds/fields.py).")
    if isinstance(field.widget, forms.SelectDateWidget | forms.SplitDateTimeWidget):
        raise TypeError(
            f"{name}: let the typed fields keep their own widget, {type(field.widget).__name__} has no labels."
        )


def _what_to_do(field: forms.Field) -> Any:
    match field:
        case forms.BooleanField():
            return _("Tick this box to go on.")
        case forms.MultipleChoiceField():
            return _("Choose at least one answer.")
        case forms.ChoiceField():
            return _("Choose an answer.")
        case forms.FileField():
            return _("Choose a file.")
        case fields.TypedDateField():
            return _("Enter the date.")
        case fields.TypedTimeField():
            return _("Enter the time.")
        case fields.TypedDateTimeField():
            return _("Enter the date and the time.")
        case _other:
            return _("Enter an answer.")


def _with_label(bound: BoundField, text: str) -> str:
    """Names the field, unless the sentence does: ten lines of “Choose an answer.” would help nobody."""
    label = str(bound.label).strip()
    if not label or label.casefold() in text.casefold():
        return text
    return f"{Truncator(label).chars(80)} — {text}"

"""The officers' forms, one for each decision. ``values()`` is what ``engine.fire`` takes as ``data``.

The engine and the moves check everything again; a form only helps to fill in what they ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User
from django.utils.html import format_html
from django.utils.safestring import SafeString

from permits import applications
from permits.application.sections import SECTIONS
from permits.desk import LONGEST_REASON, SHORTEST_REASON
from permits.models import Conflict
from permits.rules.codes import Coded, ConditionCode, RefusalCode
from permits.rules.safety_contract import Verdict
from workflow.desk import LONGEST_NOTE, name_of

QUESTIONS = 5  # rows of the form; the API may ask up to 20
LONGEST_TEXT = 4000


def _text(
    label: str, *, rows: int = 4, required: bool = True, at_least: int = 0, help_text: str = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        min_length=at_least or None,
        max_length=LONGEST_TEXT,
        help_text=help_text,
        widget=forms.Textarea({"rows": rows}),
    )


def _coded(codes: type[Coded]) -> list[tuple[str, SafeString]]:
    return [
        (code.value, format_html("<span><strong>{} {}</strong> {}</span>", code.value, code.label, code.text))
        for code in codes
    ]


def _questions_about() -> list[Any]:
    """The questions of the application by page, for the select of what to ask about."""
    pages = [
        (section.title, [(name, str(field.label)) for name, field in section.base_fields.items()])
        for section in SECTIONS
    ]
    return [("", "The application as a whole"), *pages]


class DecisionForm(forms.Form):
    """A page an officer decides on: the revision looked at travels with it, so that nobody decides on old facts."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    submit: ClassVar[str] = ""  # words on the button; else the transition's label

    def __init__(self, *args: Any, permit: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"revision": permit.revision, **self.first_values(permit), **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        self.permit = permit
        self.prepare(permit)

    def first_values(self, permit: Any) -> dict[str, Any]:
        return {}

    def prepare(self, permit: Any) -> None:
        """Choices that depend on the record."""

    def values(self) -> dict[str, Any]:
        """The transition's data: JSON values."""
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}


class ConfirmForm(DecisionForm):
    """Nothing to fill in."""


class ApproveForm(DecisionForm):
    conditions = forms.MultipleChoiceField(
        label="Conditions of the permit",
        choices=_coded(ConditionCode),
        widget=forms.CheckboxSelectMultiple,
        help_text="Ticked are those that our rules give this kind of work.",
    )
    message = _text(
        "Message to the applicant",
        required=False,
        help_text="Goes out with the permit. Leave it empty if the conditions say it all.",
    )

    override_reason = _text(
        "Why may it be granted although the safety check found something blocking?",
        at_least=20,
        help_text="Stays in the record with your name.",
    )

    def first_values(self, permit: Any) -> dict[str, Any]:
        return {"conditions": applications.standard_codes(permit)}

    def prepare(self, permit: Any) -> None:
        if permit.safety.get("verdict") != Verdict.FAIL:
            del self.fields["override_reason"]


class RefuseForm(DecisionForm):
    reasons = forms.MultipleChoiceField(
        label="Reasons",
        choices=_coded(RefusalCode),
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose one to five. Their text is printed in the letter.",
    )
    explanation = _text(
        "Explanation",
        rows=6,
        at_least=20,
        help_text="In plain words: what is wrong, and what would make it right. The applicant reads this.",
    )

    def clean_reasons(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["reasons"]
        if len(chosen) > QUESTIONS:
            raise forms.ValidationError("Choose at most five reasons.", code="too_many")
        return chosen


class RequestInformationForm(DecisionForm):
    """Up to five questions, each about one answer of the application or about the whole."""

    def prepare(self, permit: Any) -> None:
        about = _questions_about()
        for number in range(1, QUESTIONS + 1):
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=f"Question {number} is about", choices=about, required=False
            )
            self.fields[f"text_{number}"] = _text(f"Question {number}", rows=2, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        texts = [str(cleaned.get(f"text_{number}", "")).strip() for number in range(1, QUESTIONS + 1)]
        if not any(texts):
            self.add_error("text_1", forms.ValidationError("Ask at least one question.", code="items_missing"))
        for number, text in enumerate(texts, start=1):
            if cleaned.get(f"field_{number}") and not text:
                self.add_error(f"text_{number}", forms.ValidationError("Write the question.", code="text_missing"))
        return cleaned

    def values(self) -> dict[str, Any]:
        rows = [
            (self.cleaned_data[f"field_{n}"], self.cleaned_data[f"text_{n}"].strip()) for n in range(1, QUESTIONS + 1)
        ]
        return {"items": [{"field": field, "text": text} for field, text in rows if text]}


def reason_form(
    name: str, label: str, *, at_least: int, required: bool = True, help_text: str = ""
) -> type[DecisionForm]:
    """A page with one text, stored under ``name``."""
    field = _text(label, required=required, at_least=at_least, help_text=help_text)
    return type(f"{name.capitalize()}Form", (DecisionForm,), {name: field})


# What follows from each decision: what the officer reads before pressing the button.
FOLLOWS: Mapping[str, str] = {
    "accept": "The application counts as complete and goes to a safety reviewer.",
    "request_information": "The applicant gets your questions, and the clock stands still until they are answered.",
    "approve": "The permit is made, issued and sent to the applicant.",
    "refuse": "The applicant gets a letter with the reasons, and may appeal.",
    "issue": "The permit document is issued and sent to the applicant.",
    "start_work": "The record says that work has begun, from now on.",
    "revert_start": "The permit is in force again, as if work had not begun.",
    "stop_work": "The record says that work is finished; the final inspection follows.",
    "revert_stop": "Work is under way again, as if it had not been finished.",
    "pass_inspection": "The restored road is accepted, and the permit is closed.",
    "fail_inspection": "The permit holder mends the defects, and you inspect again.",
    "suspend": "The permit holder must stop the work. The public page of the permit says so at once.",
    "resume": "The permit goes on from where it was suspended.",
    "revoke": "The permit ends for good. The holder gets a letter with the reasons, and may appeal.",
    "reopen": "The decision is overturned, and another reviewer decides anew.",
}

FORMS: Mapping[str, type[DecisionForm]] = {
    "accept": ConfirmForm,
    "request_information": RequestInformationForm,
    "approve": ApproveForm,
    "refuse": RefuseForm,
    "issue": ConfirmForm,
    "start_work": ConfirmForm,
    "revert_start": reason_form("reason", "Why is the start taken back?", at_least=5),
    "stop_work": ConfirmForm,
    "revert_stop": reason_form("reason", "Why is the stop taken back?", at_least=5),
    "pass_inspection": reason_form("remarks", "Remarks of the inspector", at_least=0, required=False),
    "fail_inspection": reason_form(
        "defects",
        "Defects to be mended",
        at_least=20,
        help_text="The permit holder reads this and mends them before you come again.",
    ),
    "suspend": reason_form(
        "reason",
        "Why must the work stop?",
        at_least=10,
        help_text="The permit holder reads this in the stop-work notice.",
    ),
    "resume": reason_form("reason", "What was cleared?", at_least=5),
    "revoke": RefuseForm,
    "reopen": reason_form("grounds", "Grounds of the appeal decision", at_least=20),
}


# -- what is done at the desk without a decision ----------------------------------------------------------------------


class Colleagues(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


class AssignForm(DecisionForm):
    to = Colleagues(label="Hand over to", queryset=User.objects.none(), empty_label="Choose a colleague of the team")

    def prepare(self, permit: Any) -> None:
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = permit.team.members.filter(is_active=True).order_by("last_name", "first_name", "username")


class PaymentForm(DecisionForm):
    submit = "Record payment"
    receipt = forms.CharField(label="Number of the receipt or check", max_length=80)


class Conflicts(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.other.reference}: {obj.other.title}"


class SettleForm(DecisionForm):
    submit = "Settle conflict"
    conflict = Conflicts(label="Conflict", queryset=Conflict.objects.none(), empty_label=None)
    because = forms.CharField(
        label="Why can both go ahead?",
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="For example: the contractors agreed on different weeks.",
    )

    def prepare(self, permit: Any) -> None:
        field = self.fields["conflict"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Conflict.objects.filter(permit=permit, settled_because="").select_related("other")


class WaiveForm(DecisionForm):
    submit = "Waive documents"
    because = forms.CharField(
        label="Why are the missing documents not needed?",
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="Holds for every document and certificate that is missing now. The reason stays in the record.",
    )


class NoteForm(DecisionForm):
    submit = "Add note"
    text = forms.CharField(
        label="Note for colleagues",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 4}),
        help_text="The applicant does not see it.",
    )

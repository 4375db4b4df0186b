"""The officers' decisions on a permit, each with its form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from permits import at_once, guards, moves, second_approval
from permits.application.sections import SECTIONS
from permits.book.codes import worded_all
from permits.desk import LONGEST_REASON, SHORTEST_REASON
from permits.inspections import acts as inspections
from permits.models import Conflict
from permits.rules.codes import Coded, ConditionCode, RefusalCode
from permits.technical import reviews
from permits.technical.specialties import Recommendation
from workflow.admin.acts import GRAVE, MAIN, Decision
from workflow.admin.decisions import DecisionForm, LetterForm, reason_form, text_field

QUESTIONS = 5  # rows of the form; the API may ask up to 20


def _coded(codes: type[Coded]) -> list[tuple[str, SafeString]]:
    return [
        (code.value, format_html("<span><strong>{} {}</strong> {}</span>", code.value, code.label, code.text))
        for code in worded_all(codes, codes)
    ]


def _questions_about() -> list[Any]:
    """The questions of the application by page, for the select of what to ask about."""
    pages = [
        (section.title, [(name, str(field.label)) for name, field in section.base_fields.items()])
        for section in SECTIONS
    ]
    return [("", "The application as a whole"), *pages]


class ApproveForm(DecisionForm):
    conditions = forms.MultipleChoiceField(
        label="Conditions of the permit",
        choices=partial(_coded, ConditionCode),
        widget=forms.CheckboxSelectMultiple,
        help_text="Ticked are those that our rules give this kind of work.",
    )
    message = text_field(
        "Message to the applicant",
        required=False,
        help_text="Goes out with the permit. Leave it empty if the conditions say it all.",
    )

    override_reason = text_field(
        "Why may it be granted all the same?",
        at_least=20,
        help_text="Stays in the record with your name.",
    )

    def first_values(self, case: Any) -> dict[str, Any]:
        return at_once.granted(case)

    def prepare(self, case: Any) -> None:
        if against := moves.objections(case):
            self.fields["override_reason"].label = f"Why may it be granted although {' and '.join(against)}?"
        else:
            del self.fields["override_reason"]


class RefuseForm(DecisionForm):
    reasons = forms.MultipleChoiceField(
        label="Reasons",
        choices=partial(_coded, RefusalCode),
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose one to five. Their text is printed in the letter.",
    )
    explanation = text_field(
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

    def prepare(self, case: Any) -> None:
        about = _questions_about()
        for number in range(1, QUESTIONS + 1):
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=f"Question {number} is about", choices=about, required=False
            )
            self.fields[f"text_{number}"] = text_field(f"Question {number}", rows=2, required=False)

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


# Each move an officer makes: what follows from it, which the officer reads before pressing, and what is filled in.
DECISIONS: Mapping[str, Decision] = {
    "accept": Decision(
        "The application counts as complete and goes to a safety reviewer.", tone=MAIN, bulk=at_once.ACCEPT
    ),
    "request_information": Decision(
        "The applicant gets your questions, and the clock stands still until they are answered.",
        RequestInformationForm,
    ),
    "approve": Decision(
        "The permit is made, issued and sent to the applicant.",
        ApproveForm,
        MAIN,
        press=second_approval.approve,
        settles=frozenset({guards.FIRST_APPROVED.code}),
        instead=at_once.first_of_two,
        came=at_once.came,
        bulk=at_once.APPROVE,
    ),
    "refuse": Decision("The applicant gets a letter with the reasons, and may appeal.", RefuseForm, GRAVE),
    "issue": Decision("The permit document is issued and sent to the applicant.", tone=MAIN),
    "start_work": Decision("The record says that work has begun, from now on.", tone=MAIN),
    "revert_start": Decision(
        "The permit is in force again, as if work had not begun.",
        reason_form("reason", "Why is the start taken back?", at_least=5),
    ),
    "stop_work": Decision("The record says that work is finished; the final inspection follows.", tone=MAIN),
    "revert_stop": Decision(
        "Work is under way again, as if it had not been finished.",
        reason_form("reason", "Why is the stop taken back?", at_least=5),
    ),
    "pass_inspection": Decision(
        "The restored road is accepted, and the permit is closed.",
        reason_form("remarks", "Remarks of the inspector", at_least=0, required=False),
        MAIN,
    ),
    "fail_inspection": inspections.FAIL,
    "suspend": inspections.SUSPEND,
    "resume": Decision(
        "The permit goes on from where it was suspended.", reason_form("reason", "What was cleared?", at_least=5), MAIN
    ),
    "revoke": Decision(
        "The permit ends for good. The holder gets a letter with the reasons, and may appeal.", RefuseForm, GRAVE
    ),
    "reopen": Decision(
        "The decision is overturned, and another reviewer decides anew.",
        reason_form("grounds", "Grounds of the appeal decision", at_least=20),
    ),
}


# -- what is done at the desk without a decision ----------------------------------------------------------------------


class PaymentForm(DecisionForm):
    submit = "Record payment"
    receipt = forms.CharField(label="Number of the receipt or check", max_length=80)


class Conflicts(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        first, last = timezone.localtime(obj.overlap_start), timezone.localtime(obj.overlap_end)
        weight = "Blocking" if obj.blocking else "To note"
        when = f"both from {first:%b %-d, %H:%M} to {last:%b %-d, %H:%M}"
        return f"{obj.other.reference}, {obj.other.title}. {weight}; {when}"


class RecommendForm(DecisionForm):
    """A specialist's answer; ``task`` is the one that was looked at, so that nobody speaks on another application."""

    submit = "Give recommendation"
    specialty: ClassVar[str] = ""
    task = forms.IntegerField(widget=forms.HiddenInput)
    recommendation = forms.ChoiceField(
        label="What do you recommend?", choices=Recommendation.choices, widget=forms.RadioSelect
    )
    conditions = forms.MultipleChoiceField(
        label="Conditions you ask for",
        choices=partial(_coded, ConditionCode),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Only with “Approve with conditions”. They are ticked already when the reviewer decides.",
    )
    comment = text_field(
        "Your reasons",
        required=False,
        help_text="Needed unless you simply approve. The reviewer reads this; the applicant does not.",
    )

    def first_values(self, case: Any) -> dict[str, Any]:
        task = reviews.open_task(case, self.specialty)
        return {"task": task.pk if task is not None else None}


def recommend_form(specialty: str) -> type[RecommendForm]:
    return type(f"Recommend{specialty.capitalize()}Form", (RecommendForm,), {"specialty": specialty})


class SettleForm(DecisionForm):
    submit = "Settle conflict"
    from_link = ("conflict",)
    conflict = Conflicts(
        label="With which other work?", queryset=Conflict.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    because = forms.CharField(
        label="Why can both go ahead?",
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="For example: the contractors agreed on different weeks.",
    )

    def prepare(self, case: Any) -> None:
        field = self.fields["conflict"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Conflict.objects.filter(permit=case, settled_because="").select_related("other")


class WaiveForm(DecisionForm):
    submit = "Waive documents"
    because = forms.CharField(
        label="Why are the missing documents not needed?",
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text="Holds for every document and certificate that is missing now. The reason stays in the record.",
    )


class WriteForm(LetterForm):
    readers = "Goes out: the applicant gets this by e-mail, and it stands on the tracking page."

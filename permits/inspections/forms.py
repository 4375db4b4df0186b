"""The inspectors' forms: the checklist with its result and photos, the plan, the payment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User

from permits import applications
from permits.inspections import checklist, desk, photos, recording
from permits.inspections.checklist import LONGEST_REMARK, Answer, Item
from permits.inspections.models import Inspection
from permits.inspections.recording import FAIL, PASS, SHORTEST_DEFECTS
from permits.lifecycle import State as S
from permits.rules.inspections import REINSPECTION_DAYS, SuspensionCode
from workflow.actors import Actor
from workflow.admin.decisions import DecisionForm, text_field
from workflow.desk import name_of

RESULTS: Mapping[bool, tuple[tuple[str, str], ...]] = {
    True: (
        (PASS, "Passed: the road is accepted, and the permit is closed"),
        (FAIL, "Failed: defects are to be mended"),
    ),
    False: (
        (PASS, "Passed: all is as it should be"),
        (FAIL, "Failed: the holder has to put something right"),
        (desk.STOP, "Danger: failed, and the work stops now (the permit is suspended)"),
    ),
}


class Pictures(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Any number of files; what each must be, permits.inspections.photos says."""

    widget = Pictures

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(PicturesField, self).clean(one, initial) for one in data or []]


class PhotoForm(DecisionForm):
    """A form with photos, none of which an error page loses."""

    photos = PicturesField(
        label="Photos", required=False, widget=Pictures({"accept": "image/*", "multiple": True, "class": "mp-photo"})
    )

    def prepare(self, case: Any) -> None:
        self.kept = photos.waiting(case).count()
        words = "A failed inspection needs one that shows the defect. Position and other traces are taken out."
        if self.kept:
            many = "photo is" if self.kept == 1 else "photos are"
            words = f"{self.kept} {many} kept already and will be part of this inspection. You can add more."
        self.fields["photos"].help_text = words

    def rescue(self, actor: Actor) -> bool:
        uploads = self.files.getlist("photos") if self.files else []
        if not uploads or not desk.may_inspect(self.case, actor):
            return False
        good = True
        for upload in uploads:
            upload.seek(0)
            try:
                photos.keep(self.case, upload, by=actor.name)
            except photos.RefusedPhoto as error:
                self.add_error("photos", f"{upload.name}: {error.sentence}")
                good = False
        return good

    def needs_photo(self) -> bool:
        return not self.kept and not self.cleaned_data.get("photos")


class FailForm(PhotoForm):
    """The short way to fail a final inspection, without the checklist."""

    defects = text_field(
        "Defects to be mended",
        at_least=SHORTEST_DEFECTS,
        help_text="The permit holder reads this and mends them before you come again.",
    )
    field_order = ("revision", "defects", "photos")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        asked = self.case.state == S.COMPLETED  # elsewhere the lifecycle says why it is not possible
        if asked and self.needs_photo() and not self.errors.get("photos"):
            self.add_error("photos", forms.ValidationError("Add a photo of the defect.", code="photo_of_defect"))
        return cleaned

    def values(self) -> dict[str, Any]:
        return {"defects": self.cleaned_data["defects"], "uploads": self.cleaned_data["photos"]}


class InspectForm(PhotoForm):
    """One screen after the other on a phone: checklist, photos, result, texts."""

    submit = "Save the inspection"
    from_link = ("inspection",)
    inspection = forms.IntegerField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput({"data-place": "latitude"}))
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput({"data-place": "longitude"}))

    def prepare(self, case: Any) -> None:
        super().prepare(case)
        self.fields["photos"].widget.attrs["class"] = "mp-photo"
        self.ends_work = case.state == S.COMPLETED
        self.items = checklist.items_for(self._kind(case), applications.answers_of(case))
        for item in self.items:
            self._add(item)
        pictures = self.fields.pop("photos")
        self.fields["photos"] = pictures
        self.fields["result"] = forms.ChoiceField(label="Result", choices=self._results(case), widget=forms.RadioSelect)
        self.fields["defects"] = text_field(
            "Defects", required=False, help_text="Only when it failed: what has to be put right. The holder reads this."
        )
        if self.ends_work:
            self.fields["again_on"] = forms.DateField(
                label="Inspect again on", required=False, widget=forms.DateInput({"type": "date"}),
                help_text=f"Only when it failed. Left empty: {recording.working_day_in(REINSPECTION_DAYS):%B %-d}.",
            )  # fmt: skip
        elif case.state != S.SUSPENDED:
            self.fields["suspend_code"] = forms.ChoiceField(
                label="Why must the work stop?", required=False, choices=[("", "Only when it must"), *_codes()]
            )
        self.fields["remarks"] = text_field("Remarks", required=False, rows=2)

    def _results(self, case: Any) -> list[tuple[str, str]]:
        stopped = case.state == S.SUSPENDED  # what is stopped is not stopped again
        return [(value, text) for value, text in RESULTS[self.ends_work] if not (stopped and value == desk.STOP)]

    def _kind(self, case: Any) -> str:
        if self.ends_work:
            return Inspection.Kind.FINAL
        asked = str(self.data.get("inspection") or self.initial.get("inspection") or "")
        found = Inspection.objects.filter(permit_id=case.pk, pk=int(asked) if asked.isdecimal() else 0).first()
        return found.kind if found is not None and found.is_planned else str(Inspection.Kind.ROUTINE)

    def _add(self, item: Item) -> None:
        self.fields[f"item_{item.code}"] = forms.ChoiceField(
            label=item.text, choices=Answer.choices(), widget=forms.RadioSelect({"class": "mp-answer"})
        )
        self.fields[f"remark_{item.code}"] = forms.CharField(
            label=f"Remark: {item.text.lower()}", required=False, max_length=LONGEST_REMARK, strip=True
        )

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        """(question, remark) for the template."""
        return [(self[f"item_{item.code}"], self[f"remark_{item.code}"]) for item in self.items]

    @property
    def others(self) -> list[Any]:
        return [field for field in self.visible_fields() if not field.name.startswith(("item_", "remark_"))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        failed = cleaned.get("result") in (FAIL, desk.STOP)
        if failed and len(cleaned.get("defects", "").strip()) < SHORTEST_DEFECTS:
            sentence = f"Write at least {SHORTEST_DEFECTS} characters: the holder mends what you write here."
            self.add_error("defects", forms.ValidationError(sentence, code="text_too_short"))
        if failed and self.needs_photo() and not self.errors.get("photos"):
            self.add_error("photos", forms.ValidationError("Add a photo of the defect.", code="photo_of_defect"))
        if cleaned.get("result") == desk.STOP and not cleaned.get("suspend_code"):
            self.add_error("suspend_code", forms.ValidationError("Choose why the work must stop.", code="code_missing"))
        if cleaned.get("result") == PASS and (wrong := checklist.says_no(self._rows(cleaned))):
            sentence = f"Answered with No: {'; '.join(wrong)}. Fail the inspection, or change the answer."
            self.add_error("result", forms.ValidationError(sentence, code="checklist_says_no"))
        return cleaned

    def _rows(self, cleaned: Mapping[str, Any]) -> list[checklist.Row]:
        return [
            {"item": item.code, "answer": str(cleaned[f"item_{item.code}"]),
             "remark": str(cleaned.get(f"remark_{item.code}", ""))}
            for item in self.items if cleaned.get(f"item_{item.code}")
        ]  # fmt: skip

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        again_on = cleaned.get("again_on")
        return {
            "inspection": cleaned["inspection"],
            "result": cleaned["result"],
            "checklist": self._rows(cleaned),
            "defects": cleaned["defects"] if cleaned["result"] != PASS else "",
            "remarks": cleaned["remarks"],
            "uploads": cleaned["photos"],
            "latitude": cleaned["latitude"],
            "longitude": cleaned["longitude"],
            "again_on": again_on.isoformat() if again_on else "",
            "suspend_code": cleaned.get("suspend_code", ""),
        }


def _codes() -> list[tuple[str, str]]:
    return [(code.value, code.label) for code in SuspensionCode]


class SuspendForm(DecisionForm):
    code = forms.ChoiceField(label="Reason", choices=_codes, widget=forms.RadioSelect)
    reason = text_field(
        "Why must the work stop?", at_least=10, help_text="The permit holder reads this in the stop-work notice."
    )


class Inspectors(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


class PlanForm(DecisionForm):
    submit = "Plan inspection"
    from_link = ("inspection",)
    inspection = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="Kind", widget=forms.RadioSelect)
    planned_for = forms.DateField(label="Day", widget=forms.DateInput({"type": "date"}))
    inspector = Inspectors(
        label="Inspector", queryset=User.objects.none(), required=False, empty_label="Whoever drives there"
    )

    def prepare(self, case: Any) -> None:
        kinds: tuple[Inspection.Kind, ...] = Inspection.ENDS_WORK if case.state == S.COMPLETED else desk.DURING
        planned = self._planned(case)
        if planned is not None:
            kinds = (Inspection.Kind(planned.kind),)
            known = {"kind": planned.kind, "planned_for": planned.planned_for, "inspector": planned.inspector}
            self.initial = {**self.initial, **known}
        kind, inspector = self.fields["kind"], self.fields["inspector"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(inspector, forms.ModelChoiceField)
        kind.choices = [(one.value, one.label) for one in kinds]
        self.initial.setdefault("kind", kinds[0].value)
        inspector.queryset = User.objects.filter(pk__in=[user.pk for user in desk.inspector_of(case)])

    def _planned(self, case: Any) -> Inspection | None:
        asked = str(self.data.get("inspection") or self.initial.get("inspection") or "")
        if asked.isdecimal() and len(asked) < 19:
            return Inspection.objects.filter(permit_id=case.pk, pk=int(asked), state=Inspection.State.PLANNED).first()
        return recording.planned_final(case) if case.state == S.COMPLETED and not self.is_bound else None

    def first_values(self, case: Any) -> dict[str, Any]:
        planned = recording.planned_final(case) if case.state == S.COMPLETED else None
        return {"inspection": planned.pk if planned is not None else None}


class CancelForm(DecisionForm):
    submit = "Cancel inspection"
    from_link = ("inspection",)
    inspection = forms.IntegerField(widget=forms.HiddenInput)
    because = forms.CharField(label="Why is it not needed?", min_length=5, max_length=200)


class ReceiptForm(DecisionForm):
    submit = "Record payment"
    receipt = forms.CharField(label="Number of the receipt or check", max_length=desk.LONGEST_RECEIPT)

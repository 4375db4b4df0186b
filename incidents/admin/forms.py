"""What officers fill in to decide on a report, or to put something right about it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from incidents import catalogue, desk, duplicates, moves, photos
from incidents.models import Incident, Job, Open311Update, Photo
from incidents.reasons import CLOSINGS, REJECTIONS, Reason
from workflow.actors import Actor
from workflow.admin.decisions import DecisionForm, LetterForm, reason_form, text_field
from workflow.models import Team

EVERYBODY = "Everybody can read it, and the reporter gets it. No names, no phone numbers."
LONGEST_CREW, LONGEST_TASK = 80, 300


def _sentence(label: str, help_text: str = EVERYBODY) -> forms.CharField:
    return text_field(label, rows=3, at_least=moves.SHORTEST, at_most=moves.LONGEST, help_text=help_text)


def _line(label: str, longest: int, *, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)


def _because(label: str) -> forms.CharField:
    return text_field(
        label, rows=2, at_least=5, at_most=desk.LONGEST_REASON, help_text="Stays in the record with your name."
    )


# -- decisions --------------------------------------------------------------------------------------------------------


class AskForm(DecisionForm):
    submit = "Send the question"
    question = _sentence(
        "Your question",
        "One question, as you would ask it on the phone. The reporter answers on a page of their own.",
    )


class JobForm(DecisionForm):
    """Which crew does what. An open job is shown, and changed by what is typed here."""

    crew = _line("Crew", LONGEST_CREW, help_text="As the work-order service knows it: “Ames garage, patching”.")
    task = _line("Task", LONGEST_TASK, required=False, help_text="Left empty, the title of the report.")

    def first_values(self, case: Any) -> dict[str, Any]:
        job = case.jobs.filter(done_at=None, cancelled_at=None).order_by("pk").first()
        return {"crew": job.crew, "task": job.task} if job else {}


class ScheduleForm(JobForm):
    submit = "Plan the repair"
    planned_for = forms.DateField(
        label="Day of the repair",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="The reporter and everybody who said “me too” are told this day.",
    )
    field_order = ("planned_for", "crew", "task")

    def first_values(self, case: Any) -> dict[str, Any]:
        return super().first_values(case) | {"planned_for": case.planned_for}

    def prepare(self, case: Any) -> None:
        self.fields["planned_for"].widget.attrs["min"] = timezone.localdate().isoformat()

    def clean_planned_for(self) -> date:
        day: date = self.cleaned_data["planned_for"]
        if day < timezone.localdate():
            raise forms.ValidationError("Choose today or a later day.", code="date_in_past")
        return day

    def values(self) -> dict[str, Any]:
        return super().values() | {"planned_for": self.cleaned_data["planned_for"].isoformat()}


class DispatchForm(JobForm):
    submit = "Send the crew now"


class ResolveForm(DecisionForm):
    submit = "Mark as fixed"
    sentence = _sentence("What was done")
    photo = forms.FileField(
        label="Photo of the repair",
        required=False,
        widget=forms.FileInput({"accept": "image/*"}),
    )
    photo_exempt_because = _line(
        "No photo? Say why", 200, required=False, help_text="Only when there is none: “The camera broke.”"
    )

    def prepare(self, case: Any) -> None:
        there = case.photos.filter(kind=Photo.Kind.REPAIR).count()
        words = "A picture of the place as it is now. Everybody sees it once you publish it on the record."
        if there:
            words = f"{there} photo{'s' if there > 1 else ''} of the repair on the record already. You can add another."
        self.fields["photo"].help_text = words

    def rescue(self, actor: Actor) -> bool:
        upload = self.cleaned_data.get("photo")
        if upload is None or self.case.is_closed or not desk.may(self.case, actor, desk.DISPATCH, desk.REPAIR):
            return False
        try:
            photos.keep(upload, incident=self.case, kind=Photo.Kind.REPAIR)
        except photos.RefusedPhoto as error:
            self.add_error("photo", error.sentence)
            return False
        return True


class EndForm(DecisionForm):
    """An end without a repair: a reason of the list, and a sentence in plain words."""

    reasons: tuple[Reason, ...] = ()
    reason_code = forms.ChoiceField(label="Reason", widget=forms.RadioSelect)
    sentence = _sentence("In plain words")

    def prepare(self, case: Any) -> None:
        field = self.fields["reason_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(reason.value, reason.label) for reason in self.reasons]


class RejectForm(EndForm):
    submit = "Do not take it up"
    reasons = REJECTIONS


class CloseForm(EndForm):
    submit = "Close it"
    reasons = CLOSINGS


class MergeForm(DecisionForm):
    """The other report: one of those nearby, or any by its reference."""

    submit = "Join the reports"
    from_link = ("near", "into")
    near = forms.ChoiceField(label="With which report?", required=False, widget=forms.RadioSelect)
    into = _line("Or its reference", 20, required=False, help_text="For example IR-26-7K3QXM.")

    def prepare(self, case: Any) -> None:
        field, nearby = self.fields["near"], duplicates.near_to(case)
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.incident.reference, _words_of(one)) for one in nearby]
        chosen = self.initial.get("near")
        if chosen and chosen not in [reference for reference, _words in field.choices]:
            self.initial["into"] = self.initial.pop("near")
        if not nearby:
            del self.fields["near"]
            self.fields["into"].label = "Reference of the other report"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("into") or cleaned.get("near")) and not self.errors:
            sentence = "Choose a report, or write its reference."
            self.add_error("near" if "near" in self.fields else "into", forms.ValidationError(sentence, code="missing"))
        return cleaned

    def values(self) -> dict[str, Any]:
        return {"into": (self.cleaned_data["into"] or self.cleaned_data.get("near", "")).strip().upper()}


def _words_of(near: duplicates.Near) -> str:
    return f"{near.incident.reference}, {near.distance_m} m away: {near.incident.title} ({near.incident.state_label})"


class ReopenForm(DecisionForm):
    submit = "Open it again"
    note = text_field("Why does it come back?", rows=2, at_most=500, required=False, help_text=EVERYBODY)


PutBackForm = reason_form(
    "reason", "What does the desk need to know?", at_least=5, help_text="Its open jobs are cancelled."
)

# -- work at the desk -------------------------------------------------------------------------------------------------


class CategoryForm(DecisionForm):
    submit = "Change the category"
    category = forms.ChoiceField(
        label="It is really", help_text="Its clock and its team follow from it. Answers to the old questions go."
    )

    def first_values(self, case: Any) -> dict[str, Any]:
        return {"category": case.category}

    def prepare(self, case: Any) -> None:
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        groups = catalogue.catalogue().groups()
        field.choices = [(group.label, [(one.code, one.name) for one in found]) for group, found in groups]


class TeamForm(DecisionForm):
    submit = "Give it to this team"
    team = forms.ModelChoiceField(label="Team", queryset=Team.objects.none(), empty_label="Choose a team")

    def prepare(self, case: Any) -> None:
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Team.objects.exclude(pk=case.team_id).order_by("name")


class HideForm(DecisionForm):
    submit = "Hide it"
    because = _because("Why must the public not see it?")


class HoldForm(DecisionForm):
    submit = "Set the hold"
    because = _because("Why must its persons be kept?")


class AddJobForm(DecisionForm):
    submit = "Add the job"
    crew = _line("Crew", LONGEST_CREW)
    task = _line("Task", LONGEST_TASK)


class Photos(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_kind_display()}, {timezone.localtime(obj.created_at):%b %-d, %H:%M}"


class PhotoForm(DecisionForm):
    from_link = ("photo",)
    photo = Photos(label="Photo", queryset=Photo.objects.none(), empty_label=None)

    def prepare(self, case: Any) -> None:
        field = self.fields["photo"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = case.photos.all()


class UpdateForm(DecisionForm):
    from_link = ("update",)
    update = forms.ModelChoiceField(label="Update", queryset=Open311Update.objects.none(), empty_label=None)

    def prepare(self, case: Any) -> None:
        field = self.fields["update"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = case.updates.all()


class OpenJobForm(DecisionForm):
    from_link = ("job",)
    job = forms.ModelChoiceField(label="Job", queryset=Job.objects.none(), empty_label=None)

    def prepare(self, case: Any) -> None:
        field = self.fields["job"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = case.jobs.filter(done_at=None, cancelled_at=None)


def other_report(reference: str) -> Incident | None:
    """The report a merge names; a report that is only being filed is none."""
    filed: Any = Incident.objects.filter(reference=reference, team__isnull=False)
    found: Incident | None = filed.first()
    return found


class WriteForm(LetterForm):
    readers = "Goes out: the reporter gets this, and it stands on the tracking page. The public page does not show it."

"""What can be done to many reports at once. An end of a report is never among them: each has a sentence of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from incidents.desk import DISPATCH, TRIAGE
from workflow.admin.acts import Bulk
from workflow.admin.decisions import SharedForm
from workflow.models import Team


class PlanForm(SharedForm):
    """One day, and one crew where the report names none or another one shall do it."""

    planned_for = forms.DateField(
        label="Day of the repair",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="The reporters and everybody who said “me too” are told this day.",
    )
    crew = forms.CharField(
        label="Crew",
        max_length=80,
        required=False,
        help_text="Left empty, each report keeps the crew it has; one without a crew is not planned.",
    )

    def clean_planned_for(self) -> date:
        day: date = self.cleaned_data["planned_for"]
        if day < timezone.localdate():
            raise forms.ValidationError("Choose today or a later day.", code="date_in_past")
        return day

    def values(self) -> dict[str, Any]:
        return super().values() | {"planned_for": self.cleaned_data["planned_for"].isoformat()}


class TeamForm(SharedForm):
    team = forms.ModelChoiceField(label="Team", queryset=Team.objects.order_by("name"), empty_label="Choose a team")


HAND_OVER = Bulk(
    label="Hand to the team",
    follows="Each report goes to its team's desk.",
    permissions=(TRIAGE,),
)
SCHEDULE = Bulk(
    label="Plan the repair",
    follows="The work is ordered for one day, and the reporters are told which.",
    permissions=(DISPATCH,),
    form=PlanForm,
)
HAND_TO = Bulk(
    label="Give to another team",
    follows="Another team gets them; who works on one of them is taken off it.",
    permissions=(TRIAGE, DISPATCH),
    form=TeamForm,
    came=lambda incident: f"is with the team {incident.team} now",
)

"""An incident and what only an incident has."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from incidents.lifecycle import ENDED, IncidentLifecycle, public_label
from incidents.lifecycle import State as IncidentState
from workflow.models import Case, CaseQuerySet


class IncidentQuerySet(CaseQuerySet):
    """Named sets of incidents."""

    def public(self) -> IncidentQuerySet:
        """What everybody may see: reported, and not hidden by an officer."""
        shown: IncidentQuerySet = self.filter(hidden_because="").exclude(state=IncidentState.NEW)
        return shown

    def unsettled(self) -> IncidentQuerySet:
        """Not fixed, rejected, closed or joined yet."""
        found: IncidentQuerySet = self.filter(status=Incident.Status.OPEN)
        return found


class Incident(IncidentLifecycle, Case):
    """A report from the road, and the repair it becomes."""

    State = IncidentState
    initial_state = IncidentState.NEW
    scope = "incidents"

    class Status(models.TextChoices):
        """What the world reads: Open311 knows these two."""

        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Direction(models.TextChoices):
        """Of travel, as it stands on the shields."""

        NORTH = "NB", "Northbound"
        SOUTH = "SB", "Southbound"
        EAST = "EB", "Eastbound"
        WEST = "WB", "Westbound"
        BOTH = "both", "Both directions"

    description = models.TextField(blank=True, help_text="As it was written; public pages show it masked.")
    answers = models.JSONField(
        default=dict, blank=True, encoder=DjangoJSONEncoder, help_text="Question code to answer (lists: keys)."
    )
    direction = models.CharField(max_length=4, blank=True, choices=Direction.choices)
    address = models.CharField(max_length=200, blank=True, help_text="The place in words, for people.")
    place_source = models.CharField(max_length=12, blank=True)  # pin, device, photo, address, milepost
    safety = models.BooleanField(default=False, help_text="Its category's clock runs day and night.")
    votes = models.PositiveIntegerField(default=0, help_text="How many others said: me too.")
    hidden_because = models.CharField(max_length=200, blank=True, help_text="Not shown to the public, and why.")

    status = models.CharField(max_length=6, choices=Status.choices, default=Status.OPEN)
    reason_code = models.CharField(max_length=30, blank=True)
    public_sentence = models.TextField(blank=True, help_text="What was done, for everybody to read.")
    ended_at = models.DateTimeField(null=True, blank=True)
    reopen_until = models.DateTimeField(null=True, blank=True)
    photo_exempt_because = models.CharField(max_length=200, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0, help_text="How often it came back.")
    expected_at = models.DateTimeField(null=True, blank=True, help_text="What was promised when it was filed.")

    planned_for = models.DateField(null=True, blank=True)
    return_state = models.CharField(max_length=30, blank=True)
    info_due_at = models.DateTimeField(null=True, blank=True)
    unanswered = models.BooleanField(default=False, help_text="Our question was not answered in time.")
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates")
    seen_nearby = models.JSONField(default=list, blank=True, help_text="References found nearby when it was checked.")

    legal_hold = models.CharField(max_length=200, blank=True, help_text="Why persons must not be forgotten yet.")
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="When the persons were taken out.")

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]  # managers of concrete parents are not inherited

    class Meta:
        verbose_name = "incident"
        permissions: ClassVar = [
            ("triage_incident", "Can triage, ask, reject, merge and close reports"),
            ("dispatch_incident", "Can plan repairs and send crews"),
            ("repair_incident", "Can report work begun and done"),
            ("manage_incident", "Can hide reports and set legal holds"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="open") | (~Q(reason_code="") & ~Q(public_sentence="") & Q(ended_at__isnull=False)),
                name="closed_with_reason",
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=F("case_ptr")), name="not_its_own_duplicate"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "ended_at"], name="incident_by_status"),
            models.Index(fields=["ended_at"], condition=Q(forgotten_at=None), name="incident_to_forget"),
        ]

    def get_absolute_url(self) -> str:
        return f"/admin/incidents/incident/{self.pk}/change/"

    @property
    def state_label(self) -> str:
        return IncidentState(self.state).label

    @property
    def public_label(self) -> str:
        return public_label(self.state)

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

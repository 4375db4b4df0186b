"""A road permit and what only a road permit has."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

from permits.inspections.models import Inspection
from permits.lifecycle import PermitLifecycle
from permits.lifecycle import State as PermitState
from permits.rules.inspections import NEAR_M
from permits.technical.models import TechnicalReview, TechnicalTask
from workflow.models import Case, CaseQuerySet, Document

__all__ = [
    "Conflict",
    "Inspection",
    "PermitRevision",
    "RoadPermit",
    "TechnicalReview",
    "TechnicalTask",
    "UpstreamFeature",
    "new_token",
]


def new_token() -> str:
    return secrets.token_urlsafe(16)


class RoadPermit(PermitLifecycle, Case):
    """An application for a road permit, and the permit it becomes."""

    State = PermitState
    initial_state = PermitState.DRAFT
    scope = "permits"

    application = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text="Answers as permits.application stores them."
    )
    typed = models.JSONField(
        default=dict, blank=True, help_text="A draft's pages as they were typed; empty once filed."
    )
    holder = models.CharField(max_length=120, blank=True, help_text="Organisation or person the permit is for.")
    permit_class = models.CharField(
        max_length=20, blank=True
    )  # emergency, minor, standard, major: the deadline's class
    is_emergency = models.BooleanField(default=False)
    full_closure = models.BooleanField(default=False)
    start_at = models.DateTimeField(null=True, blank=True)
    end_at = models.DateTimeField(null=True, blank=True)
    area = models.JSONField(null=True, blank=True, help_text="GeoJSON geometry, WGS84.")
    min_latitude = models.FloatField(null=True, blank=True)
    max_latitude = models.FloatField(null=True, blank=True)
    min_longitude = models.FloatField(null=True, blank=True)
    max_longitude = models.FloatField(null=True, blank=True)
    impact_index = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    impact_parts = models.JSONField(default=list, blank=True)

    application_revision = models.PositiveIntegerField(default=0, help_text="Number of the newest frozen revision.")
    submitted_at = models.DateTimeField(null=True, blank=True)
    signed_from = models.GenericIPAddressField(null=True, blank=True)
    invoice = models.JSONField(default=dict, encoder=DjangoJSONEncoder, blank=True)
    fee_total = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    fee_settled_at = models.DateTimeField(null=True, blank=True)
    refund_total = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    checklist = models.JSONField(default=dict, blank=True)
    safety = models.JSONField(
        default=dict, blank=True, help_text="The safety service's assessment of the newest revision."
    )
    documents_waived_because = models.CharField(max_length=200, blank=True)

    return_state = models.CharField(max_length=30, blank=True)
    info_items = models.JSONField(default=list, blank=True)
    info_due_at = models.DateTimeField(null=True, blank=True)

    second_approver_needed = models.BooleanField(default=False, help_text="Two officers approve; see docs/rules.md.")
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    first_approved_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_source = models.CharField(max_length=20, blank=True)  # officer, deemed
    conditions = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    explanation = models.TextField(blank=True)
    appeal_until = models.DateField(null=True, blank=True)

    permit_document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verify_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    issued_at = models.DateTimeField(null=True, blank=True)
    actual_start_at = models.DateTimeField(null=True, blank=True)
    actual_end_at = models.DateTimeField(null=True, blank=True)
    start_distance_m = models.PositiveIntegerField(
        null=True, blank=True, help_text="How far from the work area the device stood that reported the start."
    )
    end_distance_m = models.PositiveIntegerField(null=True, blank=True)
    warranty_until = models.DateField(null=True, blank=True)
    overrun = models.BooleanField(default=False)

    objects = CaseQuerySet.as_manager()  # type: ignore[misc]  # managers of concrete parents are not inherited

    class Meta:
        verbose_name = "road permit"
        permissions: ClassVar = [
            ("intake_roadpermit", "Can check applications and ask for information"),
            ("review_roadpermit", "Can decide on applications"),
            ("advise_roadpermit", "Can give a specialist's recommendation"),
            ("issue_roadpermit", "Can issue permits and record payments"),
            ("inspect_roadpermit", "Can inspect and suspend work"),
            ("manage_roadpermit", "Can revoke, and reopen on appeal"),
        ]
        constraints: ClassVar = [
            # Where two must approve, an officer's approval that stands names a first approver, who is somebody else.
            # A refusal and a revocation have a date until which one may appeal.
            models.CheckConstraint(
                name="two_officers_approve",
                condition=Q(second_approver_needed=False)
                | ~Q(decision_source="officer")
                | Q(appeal_until__isnull=False)
                | Q(first_approved_by__isnull=False) & ~Q(first_approved_by=F("decided_by")),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["start_at", "end_at"], name="permit_by_window"),
            models.Index(Upper("holder"), name="permit_by_holder"),
            models.Index(
                fields=["min_latitude", "max_latitude", "min_longitude", "max_longitude"], name="permit_by_bounds"
            ),
        ]

    def get_absolute_url(self) -> str:
        return f"/admin/permits/roadpermit/{self.pk}/change/"

    @property
    def starts_on(self) -> date | None:
        return timezone.localtime(self.start_at).date() if self.start_at else None

    def answer(self, name: str, default: Any = None) -> Any:
        """One stored answer of the application."""
        return self.application.get(name, default)

    @property
    def start_is_verified(self) -> bool:
        """Whether a device at the work area reported the start."""
        return self.start_distance_m is not None and self.start_distance_m <= NEAR_M

    @property
    def end_is_verified(self) -> bool:
        return self.end_distance_m is not None and self.end_distance_m <= NEAR_M

    @property
    def reinspection(self) -> Inspection | None:
        """The one that is planned. One query."""
        return self.inspections.filter(state=Inspection.State.PLANNED, kind=Inspection.Kind.REINSPECTION).first()

    @property
    def state_label(self) -> str:
        return PermitState(self.state).label


class PermitRevision(models.Model):
    """The application as it was filed: a decision names the revision it decided on, the permit is made from it."""

    permit = models.ForeignKey(RoadPermit, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    application = models.JSONField(encoder=DjangoJSONEncoder)
    changed = models.JSONField(default=list)  # names of the fields that differ from the revision before
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["permit", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["permit", "number"], name="permit_revision_once")]

    def __str__(self) -> str:
        return f"{self.permit_id} r{self.number}"


class Conflict(models.Model):
    """Another work at the same place and time, found when an application was filed or changed."""

    permit = models.ForeignKey(RoadPermit, on_delete=models.PROTECT, related_name="conflicts")
    other = models.ForeignKey(RoadPermit, on_delete=models.PROTECT, related_name="+")
    distance_m = models.PositiveIntegerField()
    overlap_start = models.DateTimeField()
    overlap_end = models.DateTimeField()
    blocking = models.BooleanField()
    why = models.CharField(max_length=300)
    settled_because = models.CharField(max_length=300, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-blocking", "distance_m"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["permit", "other"], name="conflict_once")]

    def __str__(self) -> str:
        return f"{self.permit_id} with {self.other_id}: {self.why}"


class UpstreamFeature(models.Model):
    """A feature of somebody else's feed and the application it stands in: filed once, however often it is imported."""

    feed = models.CharField(max_length=120)
    feature_id = models.CharField(max_length=120)
    permit = models.ForeignKey(RoadPermit, on_delete=models.PROTECT, related_name="features")
    role = models.CharField(max_length=20)  # work_zone, detour
    properties = models.JSONField(default=dict, help_text="As in the feed; the planned dates moved with its import.")
    geometry = models.JSONField(default=dict, help_text="GeoJSON geometry as in the feed.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["feed", "feature_id"], name="feature_once")]

    def __str__(self) -> str:
        return f"{self.feature_id} of {self.feed}"

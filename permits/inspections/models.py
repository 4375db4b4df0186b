"""An inspection of one permit's work: planned, then done or cancelled. The row is the plan and the result."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflow.models import Document


class Inspection(models.Model):
    """``checklist``: rows of ``{"item", "answer", "remark"}``, see permits.inspections.checklist."""

    class Kind(models.TextChoices):
        ROUTINE = "routine", "Routine inspection"  # while work goes on
        HOLD_POINT = "hold_point", "Hold point"  # a step of the work waits for it
        FINAL = "final", "Final inspection"  # after the work; planned when it is reported as finished
        REINSPECTION = "reinspection", "Reinspection"  # after a defect

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"  # no longer needed

    class Result(models.TextChoices):
        PASS = "pass", "Passed"
        FAIL = "fail", "Failed"

    ENDS_WORK: ClassVar = (Kind.FINAL, Kind.REINSPECTION)  # passing it closes the permit

    permit = models.ForeignKey("permits.RoadPermit", on_delete=models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PLANNED)
    planned_for = models.DateField()
    inspector = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    checklist = models.JSONField(default=list, blank=True)
    remarks = models.TextField(blank=True)
    defects = models.TextField(blank=True)
    photos = models.ManyToManyField(Document, related_name="inspections", blank=True)
    latitude = models.FloatField(null=True, blank=True, help_text="Where the inspector's device was.")
    longitude = models.FloatField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    fee = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal(0), help_text="Of a reinspection.")
    fee_settled_at = models.DateTimeField(null=True, blank=True)
    fee_receipt = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()  # whoever sees road permits sees their inspections
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["permit"],
                condition=Q(state="planned", kind__in=["final", "reinspection"]),
                name="one_final_inspection_planned",
            ),
            models.CheckConstraint(
                name="done_has_a_result",
                condition=Q(state="done", done_at__isnull=False) & ~Q(result="")
                | ~Q(state="done") & Q(result="", done_at=None),
            ),
            models.CheckConstraint(name="failed_names_defects", condition=~Q(result="fail") | ~Q(defects="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["planned_for"], condition=Q(state="planned"), name="inspection_planned"),
            models.Index(fields=["-done_at"], condition=Q(state="done"), name="inspection_done"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.permit_id}, {self.planned_for}"

    @property
    def is_planned(self) -> bool:
        return self.state == self.State.PLANNED

    @property
    def is_overdue(self) -> bool:
        return self.is_planned and self.planned_for < timezone.localdate()

    @property
    def owes(self) -> bool:
        return self.fee > 0 and self.fee_settled_at is None

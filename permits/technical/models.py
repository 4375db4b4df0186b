"""A technical review as viewflow keeps it: one process a permit at a time, one task a specialist."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import PROCESS, STATUS

from permits.technical.specialties import Recommendation, Specialty
from workflow.models import Team

RUNNING = PROCESS.NEW.value  # a process that has begun and not ended
OPEN = (STATUS.NEW.value, STATUS.ASSIGNED.value)  # a task that waits for its specialist


class TechnicalReview(AbstractProcess):
    """The specialists' look at one revision of one application."""

    permit = models.ForeignKey("permits.RoadPermit", on_delete=models.PROTECT, related_name="technical_reviews")
    revision = models.PositiveIntegerField(help_text="The revision of the application that is looked at.")
    specialties = models.JSONField(default=list, help_text="Who is asked: words of Specialty.")

    class Meta:
        default_permissions = ("view", "manage")  # viewflow adds "manage" by itself: said here, migrations know it
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["permit"], condition=Q(status="NEW"), name="one_technical_review_at_a_time")
        ]

    def __str__(self) -> str:
        return f"Technical review of {self.permit_id} r{self.revision}"


class TechnicalTask(AbstractTask):
    """A node of the flow that was reached; a specialist's task is one with a ``specialty``."""

    process = models.ForeignKey(TechnicalReview, on_delete=models.CASCADE, related_name="task_set")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="technical_tasks"
    )
    specialty = models.CharField(max_length=20, choices=Specialty.choices, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    late_at = models.DateTimeField(null=True, blank=True, help_text="When it was told that the deadline passed.")
    recommendation = models.CharField(max_length=30, choices=Recommendation.choices, blank=True)
    conditions = models.JSONField(default=list, blank=True, help_text="Codes of docs/rules.md#conditions.")
    comment = models.TextField(blank=True)
    recommended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "technical review"
        default_permissions = ()  # whoever sees road permits sees their reviews
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(status__in=["NEW", "ASSIGNED"]) & ~Q(specialty=""), name="technical_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_specialty_display() or 'A step'} of technical review {self.process_id}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

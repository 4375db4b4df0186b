"""Work on an incident: jobs for crews, and merges with other reports."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from incidents.models.incident import Incident


class Job(models.Model):
    """What one crew has to do, ordered from the work-order service. An incident may need several crews."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="jobs")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # the work-order service's key
    crew = models.CharField(max_length=80)
    task = models.CharField(max_length=300)
    order_number = models.CharField(max_length=40, blank=True, help_text="The work-order service's number.")
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    order_closed_at = models.DateTimeField(null=True, blank=True, help_text="When the service closed its order.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.crew}: {self.task}"

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.cancelled_at is None


class Merge(models.Model):
    """Which report was joined with which, and all that moved, so that it can be undone exactly."""

    survivor = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="merges")
    duplicate = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="merged_by")
    moved = models.JSONField(default=dict, help_text="subscribers, photos, duplicates: row ids; votes: a number.")
    merged_at = models.DateTimeField(default=timezone.now)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(survivor=F("duplicate")), name="no_merge_with_itself"),
            models.UniqueConstraint(
                fields=["duplicate"], condition=Q(undone_at=None), name="merged_into_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duplicate_id} into {self.survivor_id}"

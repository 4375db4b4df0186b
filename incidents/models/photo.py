"""Photos: always pictures we wrote ourselves (incidents.photos), never the uploaded bytes."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.models.incident import Incident
from incidents.models.report import Report


class Photo(models.Model):
    """One picture of an incident, or of a report that is still being written."""

    class Kind(models.TextChoices):
        """What it shows, and who took it."""

        REPORT = "report", "From a reporter"
        REPAIR = "repair", "Of the repair"

    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="photos")
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.CASCADE, related_name="photos")
    from_incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where it was given, if a merge moved it here.",
    )  # fmt: skip
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REPORT)
    token = models.CharField(max_length=32, unique=True, help_text="Its name in addresses and on disk.")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes of the stored JPEG.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_public = models.BooleanField(default=False, help_text="An officer looked at it and found nobody in it.")

    class Meta:
        ordering = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(moderated_at__isnull=False), name="public_only_when_moderated"
            )
        ]

    def __str__(self) -> str:
        return f"Photo {self.token[:8]}"

"""What officers keep for themselves: who stands in for whom, and the lists they come back to."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

LONGEST_NAME = 60  # characters of a saved filter's name


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def on(self, day: date | None = None) -> Self:
        """Those that hold on a local day (default: today)."""
        day = day or timezone.localdate()
        return self.filter(first_day__lte=day, last_day__gte=day, ended_at=None)

    def held_by(self, user: Any) -> Self:
        """Those by which ``user`` stands in for somebody today."""
        return self.on().filter(substitute=user)


class Delegation(models.Model):
    """A colleague stands in for an absent officer, from the first to the last day (local dates, both included)."""

    absent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="substitutions")
    first_day = models.DateField()
    last_day = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)  # called off, or back early

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="absence_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="nobody_stands_in_for_oneself", condition=~Q(absent=F("substitute"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["substitute", "last_day"], name="delegation_of_substitute"),
            models.Index(fields=["absent", "last_day"], name="delegation_of_absent"),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} for {self.absent}, {self.first_day} to {self.last_day}"


class SavedFilter(models.Model):
    """A filtered queue under a name of one's own; ``query`` is what stands behind the question mark of its address."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    queue = models.CharField(max_length=40, help_text="The model whose queue it is: roadpermit, incident, case.")
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=1000)
    shared_with = models.ForeignKey(
        "workflow.Team",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="A team sees it too.",
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "queue", "name"], name="one_filter_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.query = self.query.removeprefix("?")
        super().save(*args, **kwargs)

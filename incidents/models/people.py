"""Persons around an incident beside its reporter (workflow.Contact), and whoever watches a road."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from incidents.models.incident import Incident
from workflow.models.case import new_nonce


class Subscriber(models.Model):
    """Somebody who said “me too”: counted as a vote; told of news where an address was given."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="subscribers")
    email = models.EmailField(blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    from_incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where it was given, if a merge moved it here.",
    )  # fmt: skip
    is_reporter = models.BooleanField(default=False, help_text="Reported a report that was merged into this one.")
    created_at = models.DateTimeField(default=timezone.now)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes: ClassVar = [models.Index(fields=["email"], name="subscriber_by_email")]

    def __str__(self) -> str:
        return f"Subscriber {self.pk} of {self.incident_id}"


class Inquiry(models.Model):
    """A question to the reporter and its answer. Apart from the history, which never forgets."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="inquiries")
    text = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "inquiries"

    def __str__(self) -> str:
        return self.text[:80]


class Watch(models.Model):
    """Watch my road: an address that hears of every incident in a circle, a county or on a stretch of a route."""

    class Kind(models.TextChoices):
        """What is watched."""

        CIRCLE = "circle", "Around a place"
        COUNTY = "county", "A county"
        ROUTE = "route", "A stretch of a route"

    email = models.EmailField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    radius_m = models.PositiveIntegerField(null=True, blank=True)
    county = models.CharField(max_length=40, blank=True)
    route = models.CharField(max_length=40, blank=True)
    milepost_from = models.FloatField(null=True, blank=True)
    milepost_to = models.FloatField(null=True, blank=True)
    categories = models.JSONField(default=list, blank=True, help_text="Codes or groups; empty: all.")
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "watches"
        indexes: ClassVar = [
            models.Index(fields=["kind", "county"], name="watch_by_county"),
            models.Index(fields=["kind", "route"], name="watch_by_route"),
            models.Index(fields=["kind", "latitude", "longitude"], name="watch_by_place"),
            models.Index(fields=["email"], name="watch_by_email"),
        ]

    def __str__(self) -> str:
        return f"Watch {self.pk} ({self.kind})"

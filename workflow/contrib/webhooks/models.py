"""Who wants to hear of moves, what they were told, and how that went."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflow.contrib.webhooks.signing import secret_of
from workflow.models import ApiKey, Event

BOTH_SECRETS_FOR = timedelta(hours=24)  # after a rotation the old secret signs along for so long


def new_nonce() -> str:
    return secrets.token_hex(16)


class Endpoint(models.Model):
    """An address that hears of the moves its key may read. ``cursor``: the last event it was planned for."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=120, blank=True)
    types = models.JSONField(default=list, blank=True, help_text="Types of events; empty: all the key may read.")
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    previous_nonce = models.CharField(max_length=32, blank=True, editable=False)
    rotated_at = models.DateTimeField(null=True, blank=True, editable=False)
    cursor = models.BigIntegerField(default=0, editable=False)
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)  # a call under way holds it so long
    served_at = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_because = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    @property
    def secret(self) -> str:
        return secret_of(self.nonce)

    def secrets(self) -> list[str]:
        """Those that sign now, the newest first."""
        both = self.previous_nonce and self.rotated_at and timezone.now() < self.rotated_at + BOTH_SECRETS_FOR
        return [secret_of(self.nonce), *([secret_of(self.previous_nonce)] if both else [])]


class Delivery(models.Model):
    """One event for one endpoint, told again until it is heard. ``payload`` is sent as it stands, however often."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Waiting"
        DELIVERED = "delivered", "Delivered"
        GIVEN_UP = "given_up", "Given up"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="+")  # none: a trial
    message_id = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=90)
    payload = models.TextField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="told_of_an_event_once"),
            models.CheckConstraint(
                name="finished_when_over", condition=Q(outcome="open") | Q(finished_at__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "due_at", "id"], condition=Q(outcome="open"), name="delivery_due"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.endpoint_id}: {self.outcome}"


class Attempt(models.Model):
    """One call of a delivery, and what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)  # none: no answer
    took_ms = models.PositiveIntegerField()
    said = models.CharField(max_length=300, blank=True)  # why there was no answer, or how the answer begins

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.status or self.said}"

"""What Open311 clients sent, so that a request sent twice is one request."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from incidents.models.incident import Incident
from workflow.models import ApiKey
from workflow.models.case import new_nonce


class Open311Request(models.Model):
    """A POST to requests: the digest of its body, and the incident it made."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    token = models.CharField(max_length=32, unique=True, default=new_nonce, editable=False)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "digest", "created_at"], name="open311_request_again")]

    def __str__(self) -> str:
        return f"Request {self.pk}"


class Open311Update(models.Model):
    """A POST to servicerequestupdates: kept once per key and update_id."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    update_id = models.CharField(max_length=100)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    status = models.CharField(max_length=30)
    description = models.TextField(blank=True)
    updated_datetime = models.DateTimeField()
    is_public = models.BooleanField(default=False, help_text="An officer read it and lets everybody read it.")
    published_at = models.DateTimeField(null=True, blank=True, help_text="When; pollers find it by this moment.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "update_id"], name="open311_update_once")]

    def __str__(self) -> str:
        return f"Update {self.update_id}"

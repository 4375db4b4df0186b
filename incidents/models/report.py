"""A report while it is being written: what was typed on each page, kept on the server so that nothing is lost."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from incidents.models.incident import Incident
from workflow.models.case import new_nonce


class Report(models.Model):
    """Opened by its token, which is in the address; deleted by ``forget`` a week after it was last touched."""

    token = models.CharField(max_length=32, unique=True, default=new_nonce, editable=False)
    typed = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Page to what was typed on it.")
    photo_place = models.JSONField(
        null=True, blank=True, help_text="Where the photo says it was taken; offered as the pin, then dropped."
    )
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["updated_at"], name="report_by_age")]

    def __str__(self) -> str:
        return f"Report {self.pk}"

"""Persons and files of a case, apart from the case itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from workflow.models.case import Case


class Contact(models.Model):
    """A person's name, e-mail and phone: with a retention date of its own, so that it can be forgotten alone."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="contacts")
    role = models.CharField(max_length=20)  # applicant, contractor, onsite, traffic_control
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5, default="en")
    keep_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "role"], name="one_contact_a_role")]
        indexes: ClassVar = [models.Index(fields=["email"], name="contact_by_email")]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """A file of a case. ``storage_name`` is a random name below MEDIA_ROOT; people see ``name``."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    storage_name = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    public = models.BooleanField(default=False, help_text="The applicant may fetch it.")
    revision = models.PositiveIntegerField(default=0, help_text="The case's revision it belongs to.")
    added_by = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

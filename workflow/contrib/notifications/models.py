"""Messages: one row a message, written with the event it tells of and delivered later."""

from __future__ import annotations

import uuid
from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone

from workflow.models import Case, Event

NAMESPACE = uuid.UUID("0d6f6b0e-43c1-5f2e-8a55-9f0d1c7be210")


def message_id_of(event: Event, role: str, channel: str) -> uuid.UUID:
    """The same however often it is worked out: what a mail server or an SMS provider can tell a repetition by."""
    return uuid.uuid5(NAMESPACE, f"{event.case.reference}/{event.seq}/{role}/{channel}")


class Message(models.Model):
    """What one person is told of one event. Its words are fixed when it is planned."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "Text message"

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"  # nobody has tried to send it yet
        SENDING = "sending", "Being sent"  # a try is under way, or its worker died in it
        SENT = "sent", "Sent"  # taken over by the mail server or the provider
        FAILED = "failed", "Failed"  # the last try failed; its work row says whether there will be another
        SUPPRESSED = "suppressed", "Not to be sent"  # taken back by an officer; no try is made any more

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="messages")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    role = models.CharField(
        max_length=20, help_text="Role of the contact it goes to: applicant, reporter; of many alike with a number."
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=254, help_text="E-mail address or phone number at the time of planning.")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    unsubscribe_url = models.CharField(max_length=300, blank=True, help_text="RFC 8058: one POST there ends such mail.")
    attachments = models.JSONField(default=list, blank=True, help_text="Ids of documents of the case.")
    message_id = models.UUIDField(unique=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "role", "channel"], name="message_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "created_at"], condition=~models.Q(status="sent"), name="message_not_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.role}, {self.channel}: {self.status})"

    @property
    def header_id(self) -> str:
        """The RFC 5322 Message-ID."""
        return f"<{self.message_id}@{urlsplit(settings.SITE_URL).hostname}>"

    @property
    def is_over(self) -> bool:
        """Whether no further try will be made."""
        return self.status in (self.Status.SENT, self.Status.SUPPRESSED)

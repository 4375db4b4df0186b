"""Messages without the persons they went to: that somebody was told, when, and how it went, stays."""

from __future__ import annotations

from django.db.models import QuerySet

from workflow.contrib.notifications.models import Message
from workflow.forgetting import REMOVED


def empty(messages: QuerySet[Message]) -> int:
    """Take address and words out of messages; one that was not sent yet is not sent any more."""
    messages.exclude(status=Message.Status.SENT).update(status=Message.Status.SUPPRESSED)
    return messages.update(address="", subject=REMOVED, text="", html="", unsubscribe_url="", error="")

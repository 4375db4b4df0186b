"""The mail that asks whether somebody really wants to watch a road. It goes out at once, for it belongs to no case."""

from __future__ import annotations

import smtplib
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from incidents import watch_links, watching
from incidents.catalogue import catalogue
from incidents.models import Watch
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import unsubscribing
from workflow.errors import TemporaryFailure

NAMESPACE = uuid.UUID("6f0a7f52-0d0e-5f0c-9a44-6f4b8a4f2f0b")


def send_confirmation(watch: Watch) -> None:
    """Send the link. An address that the mail server refuses counts as sent: whoever typed it learns nothing about
    it. Raises TemporaryFailure while no mail goes out at all."""
    try:
        confirmation(watch).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError):
        return
    except OSError as error:  # smtplib's other errors are OSErrors, too
        raise TemporaryFailure(f"The mail could not be handed over ({type(error).__name__}).") from error


def confirmation(watch: Watch) -> EmailMultiAlternatives:
    """The mail; no word in it was typed by whoever asked for it."""
    words = words_of(watch)
    mail = EmailMultiAlternatives(
        subject=words["subject"],
        body=notices.render("incidents/messages/watch_confirm.txt", words),
        to=[watch.email],
        headers={
            "Message-ID": f"<{uuid.uuid5(NAMESPACE, watch.nonce)}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
            **unsubscribing(words["unsubscribe_url"]),
        },
    )
    mail.attach_alternative(notices.render("incidents/messages/watch_confirm.html", words), "text/html")
    return mail


def words_of(watch: Watch) -> dict[str, Any]:
    place = watching.described(watch)
    return {
        **notices.agency_words(),
        **watching.feeds_of(watch),
        "subject": f"Please confirm: news about {place}",
        "watching": watching.described(watch, catalogue()),
        "link": watch_links.watch_url(watch, "confirm"),
        "manage_url": watch_links.watch_url(watch),
        "unsubscribe_url": watch_links.watch_url(watch, "stop"),
    }

"""Messages as officers see them before they are sent. Called within ``workflow.rehearsal``, over planned messages."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.utils.html import strip_tags

from workflow.admin.preview import Letter
from workflow.contrib.notifications.models import Message
from workflow.forgetting import Scrubber
from workflow.models import Contact, Document

# The secret of a personal link (26 characters, workflow.tracker): whoever reads it could act for its owner.
SECRET = re.compile(r"(?<=/)[A-Za-z0-9_-]{26}(?=/)")
HIDDEN = "…"
_BODY = re.compile(r"<body.*", re.DOTALL)


def without_secrets(text: str) -> str:
    return SECRET.sub(HIDDEN, text)


def planned(case: Any, *, since: int) -> list[Letter]:
    """What was planned of the lines of history after ``since``: one letter a role and channel. Of many who read the
    same (followers) the first stands for all."""
    messages = Message.objects.filter(case_id=case.pk, event__seq__gt=since).order_by("pk")
    letters: dict[tuple[str, str, str], Letter] = {}
    for message in messages:
        role, _dash, number = message.role.partition("-")
        key = (role, "each" if number else "", message.channel)
        letters[key] = letters[key].and_one_more() if key in letters else _letter(message, many=bool(number))
    return list(letters.values())


def _letter(message: Message, *, many: bool) -> Letter:
    role = message.role.partition("-")[0]
    text, words = without_secrets(message.text), without_secrets(_words_of(message.html))
    nameless = _scrubber(message).text
    names = Document.objects.filter(pk__in=message.attachments).values_list("name", flat=True)
    return Letter(
        to=f"each {role}" if many else role,
        address="" if many else message.address,
        channel=message.get_channel_display(),
        subject=message.subject,
        text=text,
        text_without_names=nameless(text),
        html_words=words,
        html_without_names=nameless(words),
        attached=list(names),
    )


def _scrubber(message: Message) -> Scrubber:
    """Takes out the persons of the case, and whom the message is for."""
    contacts = Contact.objects.filter(Q(case_id=message.case_id) | Q(email=message.address)).order_by("pk")[:100]
    return Scrubber(
        names=[one.name for one in contacts],
        emails=[one.email for one in contacts],
        phones=[one.phone for one in contacts],
    )


def _words_of(html: str) -> str:
    """The words of an HTML mail without its marks; empty for none."""
    body = _BODY.search(html)
    lines = (line.strip() for line in strip_tags(body[0]).splitlines()) if body else ()
    return "\n".join(line for line in lines if line)

"""What an officer's act on a permit would send, with the messages that follow by themselves: for the preview.

Only within ``workflow.rehearsal``: what machines do later is done at once here, with papers that nobody has made yet.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from permits import messages
from permits.lifecycle import State
from permits.services import add_made
from workflow import engine
from workflow.actors import SYSTEM
from workflow.admin.preview import Letter
from workflow.contrib.notifications.notices import notice_of
from workflow.contrib.notifications.preview import planned
from workflow.models import Document, Event


def tells(name: str) -> bool:
    """Whether the act of this name sends a message; an approval does so by the permit that is made of it."""
    return name in messages.NOTICES or name in ("approve", "message")


def letters(permit: Any, *, since: int) -> Sequence[Letter]:
    """The messages of the lines of history after ``since`` and of what follows them."""
    for event in Event.objects.filter(case_id=permit.pk, seq__gt=since).order_by("seq"):
        notice = messages.NOTICES.get(notice_of(event))
        if notice is not None and notice.with_letter:
            letter = _paper(permit, "letter", f"{permit.reference}-letter.pdf")
            messages.tell(permit, event, roles=[messages.APPLICANT], documents=[letter])
    if permit.state == State.APPROVED:
        _issue(permit)
    return planned(permit, since=since)


def _issue(permit: Any) -> None:
    """The permit is made and issued, as the worker does it after an approval."""
    fresh = engine.lock(permit.pk)
    name = f"{fresh.reference}-r{fresh.application_revision}.pdf"
    fresh.permit_document = _paper(fresh, "permit", name)
    fresh.save()
    engine.move(fresh, "issue", actor=SYSTEM)


def _paper(permit: Any, kind: str, name: str) -> Document:
    made = {"storage_name": f"rehearsal/{uuid.uuid4().hex}", "name": name, "sha256": "0" * 64, "size": 0}
    return add_made(permit, kind, made)

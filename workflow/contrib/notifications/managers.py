"""A late case is put before the manager: who that is, and their mail. One of a workflow's ``on_event``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from workflow import absences
from workflow.actors import name_of
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import one_line
from workflow.contrib.notifications.notices import EMAIL
from workflow.contrib.notifications.wording import Wording
from workflow.escalation import ESCALATED
from workflow.models import Event
from workflow.tracker import standing

SUBJECT = Wording(subject="{reference} is late and before you: {title}")


def tell_managers(case: Any, event: Event) -> None:
    """Plan the mails about a case that was escalated; nobody has to be reached for the case to go on."""
    if event.kind != ESCALATED:
        return
    said = {"next_by": date.fromisoformat(event.data["next_by"]), "because": event.data.get("because", [])}
    words = {
        **notices.agency_words(),
        **said,
        "reference": case.reference,
        "title": one_line(case.title),
        "case": case,
        "standing": standing(case),
        "assignee": name_of(case.assignee),
        "link": address_of(case.pk),
    }
    for role, name, address in managers_of(case):
        notices.write(
            case,
            event,
            template="messages/officers/escalated",
            wording=SUBJECT,
            words={**words, "name": name},
            role=role,
            channels=[(EMAIL, address)],
            must_arrive=False,
        )


def managers_of(case: Any) -> Iterator[tuple[str, str, str]]:
    """(role, name, address): the team's members who manage this kind of case, and for who is away who stands in; where
    there is none, the team's mailbox, else the agency's."""
    kind = case._meta
    may = User.objects.with_perm(f"{kind.app_label}.manage_{kind.model_name}", include_superusers=False)
    told: dict[int, User] = {}
    for manager in may.filter(pk__in=case.team.members.values("pk")).order_by("pk"):
        reader = absences.stand_in_of(manager) or manager
        if reader.email:
            told.setdefault(reader.pk, reader)
    for pk, reader in told.items():
        yield f"manager-{pk}", name_of(reader), reader.email
    if not told:
        yield "team", "", case.team.email or settings.AGENCY_EMAIL


def address_of(case_id: int) -> str:
    """The record of any kind of case, for officers; never from a request's Host."""
    return f"{settings.SITE_URL}{reverse('admin:workflow_case_change', args=[case_id])}"

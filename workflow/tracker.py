"""Where a request stands: its history, its step, who must act next, and by when. The same for page, API and e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from workflow import rows
from workflow.actors import Actor
from workflow.clock import Calendar, calendar_for, describe_due
from workflow.models import Case, Event
from workflow.registry import lifecycle_of, registry

REFERENCE = re.compile(r"[0-9A-Z-]{1,16}")


# Days that officers closed or opened (workflow.contrib.rulebook sets it): closed ones, opened holidays.
own_days: Callable[[], tuple[frozenset[date], frozenset[date]]] | None = None


def calendar() -> Calendar:
    """The working-time calendar of the state we serve, with the office's own days."""
    days = own_days() if own_days is not None else ()
    return calendar_for(settings.STATE_CODE, settings.TIME_ZONE, *days)


def record(case: Any, *, kind: str, actor: Actor, public: bool = False, note: str = "", **line: Any) -> Event:
    """Write the next line of a case's history and count its revision up. Call it under the case's lock only; the caller
    saves the case after it. ``line``: transition, from_state, to_state, data, at."""
    event = next_line(case, kind=kind, actor=actor, public=public, note=note, **line)
    rows.insert(event)
    return event


def next_line(case: Any, *, kind: str, actor: Actor, public: bool = False, note: str = "", **line: Any) -> Event:
    """The next line before it is stored; the case is set to the revision it makes."""
    line.setdefault("at", timezone.now())
    event = Event(
        case=case,
        seq=case.revision + 1,
        kind=kind,
        actor=actor.name[:120],
        actor_kind=actor.kind,
        actor_user=actor.user,
        public=public,
        note=note,
        previous=case.head,
        **line,
    )
    event.digest = event.compute_digest()
    case.revision, case.head, case.updated_at = event.seq, event.digest, event.at
    return event


def timeline(case: Case, *, public_only: bool = False) -> Sequence[Event]:
    """The history, oldest first. One query."""
    events = Event.objects.filter(case_id=case.pk).order_by("seq")
    return list(events.filter(public=True) if public_only else events)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a case stands now: for the first line of every page about it."""

    step: str  # name of the current step, or the state's
    title: str
    awaits: str  # who must act next; empty when nobody must
    due_at: datetime | None
    due: str  # "2 h left", "1 day over", "paused", or empty
    is_overdue: bool
    in_state_for: timedelta


def standing(case: Case, *, now: datetime | None = None) -> Standing:
    """No query."""
    now = now or timezone.now()
    workflow = registry.get(case.workflow, case.workflow_version)
    step = workflow.by_state.get(case.state)
    running = case.due_at is not None and case.paused_at is None
    return Standing(
        step=case.at_step,
        title=step.title if step else case.state.replace("_", " ").capitalize(),
        awaits="" if case.closed_at else (step.awaits if step else ""),
        due_at=case.due_at,
        due=describe_due(case.due_at, now, calendar())
        if running and case.due_at
        else ("paused" if case.paused_at else ""),
        is_overdue=bool(running and case.due_at and case.due_at < now),
        in_state_for=now - case.entered_at,
    )


def label_of(case: Case, event: Event) -> str:
    """A line of history in words: the transition's label, or its kind."""
    if event.transition:
        workflow = registry.get(case.workflow, case.workflow_version)
        labels = {edge.name: edge.label for edge in lifecycle_of(workflow.model)}
        return labels.get(event.transition, event.transition.replace("_", " "))
    return event.kind.replace("_", " ").capitalize()


def tracking_token(case: Case) -> str:
    """The secret of a case's tracking link: made from the row's nonce and the server's key, so that a copy of the
    database alone opens nothing, and a new nonce revokes every old link."""
    return Signer(salt="milepost.tracking").signature(f"{case.reference}:{case.tracking_nonce}")[:26]


def tracking_url(case: Case) -> str:
    """The full address, from SITE_URL and never from a request's Host."""
    return f"{settings.SITE_URL}/track/{case.reference}/{tracking_token(case)}/"


def find_tracked(reference: str, token: str) -> Case | None:
    """The case behind a tracking link, or None: the same work whether or not the reference exists."""
    shown = reference.upper()
    case = Case.objects.filter(reference=shown if REFERENCE.fullmatch(shown) else "").first()
    expected = tracking_token(case or Case(reference="none", tracking_nonce="0" * 32))
    fits = constant_time_compare(expected, token.encode("utf-8", "replace"))
    return case if fits and case is not None else None

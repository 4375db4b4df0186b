"""One mail a working day to whoever has cases that are due soon: “3 cases are due by tomorrow, 4:30 PM”.

A message belongs to an event of one case. The digest belongs to the line “deadline near” of the case that is due
first; each of the others has such a line of its own, and the mail names them all. Message, lines and ``reminded_at``
are one transaction. The mail's id is made of reader and day, and the database takes an id once: so two workers write
it once, and it is delivered exactly as other messages are.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from django.utils.dateformat import format as format_date

from workflow import absences, engine
from workflow.actors import SYSTEM, name_of
from workflow.clock import add_working_days
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import DELIVER_NEWS
from workflow.contrib.notifications.managers import address_of
from workflow.contrib.notifications.models import NAMESPACE, Message
from workflow.errors import Reason, Refused
from workflow.following import task
from workflow.models import Case, Event, Team
from workflow.tracker import calendar, standing
from workflow.writing import writing

log = logging.getLogger(__name__)

NEAR = "deadline_near"  # kind of event
MOST_NAMED = 50  # cases in one mail; it says how many more there are


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who is reminded: an officer, or a team's mailbox for what nobody has."""

    role: str
    name: str
    address: str


def sweep(now: datetime | None = None) -> int:
    """Write today's digests that are not written yet; how many. Nothing before the office opens, or on a day off."""
    now = now or timezone.now()
    office = calendar()
    today = office.local_day(now)
    if not office.is_working_day(today) or now < _at(today, office.opens):
        return 0
    until = _at(add_working_days(today, settings.REMIND_OFFICERS_DAYS, office), office.closes)
    written = 0
    for reader, theirs in _readers(_near(now, until)).items():
        if not Message.objects.filter(message_id=digest_id(reader, today)).exists():
            written += _write(reader, theirs, now=now, until=until, today=today)
    return written


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, calendar().time_zone)


def _near(now: datetime, until: datetime) -> Any:
    """Cases whose deadline comes by ``until`` and nobody was reminded of."""
    running = Case.objects.open().filter(paused_at=None, reminded_at=None, team__isnull=False)
    return running.filter(due_at__gt=now, due_at__lte=until)


def digest_id(reader: Reader, day: date) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"digest/{reader.role}/{day.isoformat()}")


# -- who reads ---------------------------------------------------------------------------------------------------------


def _readers(near: Any) -> Mapping[Reader, Q]:
    """Whom to remind of which of these cases. One query over the cases, a few for each officer who has some."""
    groups = list(near.order_by().values_list("assignee_id", "team_id").distinct())
    teams = {team.pk: team for team in Team.objects.filter(pk__in={team for _who, team in groups})}
    people = User.objects.in_bulk({who for who, _team in groups if who is not None})
    found: dict[Reader, Q] = {}
    for who, team in groups:
        reader = _reader_of(people.get(who), teams[team])
        if reader.address:
            found[reader] = found.get(reader, Q(pk__in=[])) | Q(assignee=who, team=team)
    return found


def _reader_of(assignee: User | None, team: Team) -> Reader:
    """The assignee; away, who stands in; nobody there, or without an address: the team."""
    reader = absences.stand_in_of(assignee) if assignee is not None else None
    if reader is not None and reader.email:
        return Reader(role=f"officer-{reader.pk}", name=name_of(reader), address=reader.email)
    return Reader(role=f"team-{team.pk}", name="", address=team.email)


# -- the mail ----------------------------------------------------------------------------------------------------------


def _write(reader: Reader, theirs: Q, *, now: datetime, until: datetime, today: date) -> bool:
    """One reader's mail and the lines of its cases, whole or not at all; False when there was nothing left to tell, or
    somebody else was faster."""
    near = _near(now, until).filter(theirs)
    try:
        with writing():
            # Locked in the order of their ids, as whoever locks several does.
            chosen = sorted(near.order_by("due_at", "pk").values_list("pk", flat=True)[:MOST_NAMED])
            told = [case for pk in chosen if (case := _note(pk, reader, now, until)) is not None]
            if not told:
                return False
            left = near.exclude(pk__in=[case.pk for case in told]).count()
            told.sort(key=lambda case: (case.due_at, case.pk))
            _plan(reader, told, left, until=until, today=today)
    except IntegrityError:
        return False  # the other worker's mail has this id already; our lines are gone with ours
    return True


def _note(pk: int, reader: Reader, now: datetime, until: datetime) -> Any:
    """Mark one case under its lock, with its line of history; None when there is nothing to tell of it any more."""

    def mark(fresh: Any) -> Mapping[str, Any]:
        due = fresh.due_at if fresh.closed_at is None and fresh.paused_at is None else None
        if due is None or not now < due <= until or fresh.reminded_at is not None:
            raise Refused([Reason(code="not_near", sentence=f"{fresh.reference} is not due soon.")])
        fresh.reminded_at = timezone.now()
        return {"told": reader.name or "the team's mailbox"}

    try:
        return engine.change(Case.objects.get(pk=pk), NEAR, actor=SYSTEM, apply=mark)
    except Refused:
        return None


def _plan(reader: Reader, told: Sequence[Any], left: int, *, until: datetime, today: date) -> None:
    words = _words(reader, told, left, until)
    first = told[0]
    message = Message.objects.create(
        event=Event.objects.get(case_id=first.pk, seq=first.revision),
        case_id=first.pk,
        role=reader.role,
        channel=Message.Channel.EMAIL,
        address=reader.address,
        subject=words["subject"],
        text=notices.render("messages/officers/digest.txt", words),
        html=notices.render("messages/officers/digest.html", words),
        message_id=digest_id(reader, today),
    )
    task(first, name=f"message-{message.pk}", service=DELIVER_NEWS.name, argument={"message": message.pk})


def _words(reader: Reader, told: Sequence[Any], left: int, until: datetime) -> dict[str, Any]:
    number = len(told) + left
    cases = "One case is" if number == 1 else f"{number} cases are"
    return {
        **notices.agency_words(),
        "subject": f"{cases} due by {_by(until)}",
        "name": reader.name,
        "for_team": not reader.name,
        "lines": [_line(case) for case in told],
        "left": left,
        "queue_url": f"{settings.SITE_URL}/admin/workflow/case/?queue=mine",
    }


def _line(case: Any) -> dict[str, Any]:
    return {"case": case, "due_at": case.due_at, "standing": standing(case), "url": address_of(case.pk)}


def _by(until: datetime) -> str:
    """“tomorrow, 4:30 PM”, or with the day: “Monday, November 30, 4:30 PM”."""
    local = timezone.localtime(until)
    ahead = (local.date() - timezone.localdate()).days
    day = "tomorrow" if ahead == 1 else "today" if ahead == 0 else format_date(local, "l, F j")
    return f"{day}, {format_date(local, 'g:i A')}"

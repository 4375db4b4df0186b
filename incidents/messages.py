"""Who is told what of an incident's events. Planned with the event, delivered by workflow.contrib.notifications.

The table NOTICES is the whole policy; the words are in templates/incidents/messages/<key>.txt and .html. Beside the
reporter there are followers: reporters of reports that were joined with this one, and whoever said “me too”. They can
be many, so a task plans their messages. Nobody hears of one event twice at one address, and a message to nobody is no
failure. Whoever watches a road: incidents.watching.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as format_date

from incidents import places, watch_links
from incidents.book import most_receipts_an_hour, remind_days_before
from incidents.lifecycle import State
from incidents.models import Incident
from incidents.reasons import Reason
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import one_line
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.notices import EMAIL, notice_of
from workflow.contrib.notifications.wording import wording_of
from workflow.definition import Call, Result, Service
from workflow.following import task
from workflow.models import Contact, Event
from workflow.tracker import tracking_url

REPORTER = "reporter"
RULE = "incidents.message."  # with the key of a notice: the rule with its words
MESSAGE = "message_to_reporter"  # kind of event: an officer writes
LONGEST_GREETED = 60
AT_ONCE = 50  # messages planned in one transaction, so that others can write in between
TELL_FOLLOWERS = "tellFollowers"


@dataclass(frozen=True, kw_only=True)
class Notice(notices.Notice):
    """What one kind of event tells the reporter. ``subject`` may name any of the words of ``words_of``."""

    followers: bool = False  # they hear of it, too
    must_arrive: bool = False  # an officer has to act when it does not arrive
    page: str = ""  # of the tracking pages


# By transition, else by kind of event; the key names the templates. What is not here stands on the tracking page only.
NOTICES = MappingProxyType(
    {
        "submit": Notice(subject="{reference}: we have your report"),
        "ask": Notice(
            subject="{reference}: please answer a question by {answer_by}",
            page="reply/",
            remind=True,
            must_arrive=True,
        ),
        "reminded": Notice(
            subject="{reference}: we still need your answer by {answer_by}", page="reply/", must_arrive=True
        ),
        "schedule": Notice(subject="{reference}: the repair is planned for {planned_day}", followers=True),
        "resolve": Notice(subject="{reference}: it is fixed", followers=True, by_step=True),
        "reject": Notice(subject="{reference}: we do not take this up, and why", followers=True),
        "close": Notice(subject="{reference}: closed without a repair, and why", followers=True),
        "merge": Notice(subject="{reference}: joined with report {joined_with}"),
        "unmerge": Notice(subject="{reference}: your report is on its own again"),
        "reopen": Notice(subject="{reference}: we look at it again"),
        MESSAGE: Notice(subject="{reference}: a message about your report", must_arrive=True),
    }
)


def plan(incident: Any, event: Event) -> None:
    """Write what an event tells the reporter, and the work that tells the others, in its transaction."""
    notice = NOTICES.get(notice_of(event))
    if notice is None or _same_day_again(event):
        return
    contact = Contact.objects.filter(case_id=incident.pk, role=REPORTER).first()
    if contact is not None and not (event.transition == "submit" and _flooded(contact)):
        words = own_words(incident, contact, page=notice.page)
        how = {"deliver": not notice.by_step, "must_arrive": notice.must_arrive}
        _write(incident, event, Person(role=REPORTER, channels=reach(contact), words=words), **how)
    if notice.followers and (incident.subscribers.exists() or incident.duplicates.exists()):
        _tell_later(incident, event.seq, part=1)
    if notice.remind:
        at = notices.remind_at(incident.info_due_at, days_before=remind_days_before())
        task(incident, name=f"remind-{event.seq}", service=REMIND_REPORTER.name, argument={"seq": event.seq}, at=at)


def _flooded(contact: Contact) -> bool:
    """Anybody may type anybody's address: whoever would fill a mailbox by way of us gets the reports filed, and the
    mailbox its peace."""
    hour_ago = timezone.now() - timedelta(hours=1)
    named = Contact.objects.filter(email=contact.email, role=REPORTER, case__created_at__gte=hour_ago)
    return bool(contact.email) and named.count() > most_receipts_an_hour()


def _same_day_again(event: Event) -> bool:
    """A plan whose crew changed and whose day did not is no news."""
    if event.transition != "schedule":
        return False
    earlier = Event.objects.filter(case_id=event.case_id, seq__lt=event.seq).order_by("-seq")
    last = earlier.filter(transition__in=["schedule", "dispatch", "put_back", "reopen", "unmerge"]).first()
    same = last is not None and last.data.get("planned_for") == event.data.get("planned_for")
    return same and last is not None and last.transition == "schedule"


# -- one message ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is told: under which role (unique in an event), how, and what is said to them alone."""

    role: str
    channels: Sequence[tuple[str, str]]
    words: dict[str, Any] = field(default_factory=dict)
    unsubscribe_url: str = ""


def reach(contact: Contact) -> list[tuple[str, str]]:
    """By e-mail, else by text message; empty: not at all."""
    return list(notices.channels_of(contact))


def _write(incident: Any, event: Event, person: Person, **how: Any) -> None:
    key = notice_of(event)
    notices.write(
        incident,
        event,
        template=f"incidents/messages/{key}",
        wording=wording_of(f"{RULE}{key}"),
        words=words_of(incident, event) | person.words,
        role=person.role,
        channels=person.channels,
        unsubscribe_url=person.unsubscribe_url,
        **how,
    )


def own_words(report: Any, contact: Contact, *, page: str = "") -> dict[str, Any]:
    """What is said to the reporter of ``report`` alone; ``page`` of the tracking pages is where the link leads."""
    link = tracking_url(report)
    return {
        "audience": "reporter",
        "name": greeted(contact.name),
        "reference": report.reference,
        "title": one_line(report.title),
        "link": link + page,
        "not_fixed_url": f"{link}not-fixed/",
    }


def greeted(name: str) -> str:
    """A name as it was typed, if it can be one; a stranger could write anything there, to anybody."""
    plain = one_line(name)
    letters = f"{plain} ".replace(". ", " ")  # an initial, but no address of a site
    can_be_one = len(plain) <= LONGEST_GREETED and all(c.isalpha() or c in " '’-" for c in letters)
    return plain if can_be_one else ""


def public_url(incident: Any) -> str:
    """The page that everybody may read; the list of all, where this one is hidden."""
    return f"{settings.SITE_URL}/incidents/" + ("" if incident.hidden_because else f"{incident.reference}/")


def words_of(incident: Any, event: Event) -> dict[str, Any]:
    """What the templates and subjects may say of an incident, to whomever."""
    survivor = incident.duplicate_of
    asked = incident.pk and notice_of(event) in ("ask", "reminded")  # what is invented for a preview has no rows
    inquiry = incident.inquiries.order_by("-pk").first() if asked else None
    day = incident.planned_for
    return {
        **notices.agency_words(),
        "reference": incident.reference,
        "title": one_line(incident.title),
        # Road and county only: an address is a stranger's own words, and this goes to whatever mailbox they named.
        "where": ", ".join(filter(None, [places.road_words(incident), places.county_name(incident.county)])),
        "incident": incident,
        "event": event,
        "link": public_url(incident),
        "report_url": f"{settings.SITE_URL}/report/",
        "question": inquiry.text if inquiry else "",
        "answer_by": notices.day_of(incident.info_due_at),
        "planned_day": format_date(day, "l, F j") if day else "",
        "is_today": day == timezone.localdate(),
        "reason": Reason(incident.reason_code).label if incident.reason_code else "",
        "sentence": incident.public_sentence,
        "joined_with": survivor.reference if survivor else "",
        "joined_title": one_line(survivor.title) if survivor else "",
        "joined_url": public_url(survivor) if survivor and not survivor.hidden_because else "",
    }


# -- the end: the step notifyReporter waits for it --------------------------------------------------------------------


def deliver_end(case_id: int) -> list[int]:
    """Deliver what the newest repair tells the reporter; answers the ids of the messages that are sent, which may be
    none. Raises TemporaryFailure while one can still arrive; an address that is wrong for good holds nothing up."""
    event = Event.objects.filter(case_id=case_id, transition="resolve").order_by("-seq").first()
    sent, failures = notices.deliver_each(Message.objects.filter(event=event, role=REPORTER).order_by("pk"))
    if failures and failures[0].temporary:
        raise failures[0]
    return sent


# -- followers: planned by a task -------------------------------------------------------------------------------------


def _tell_later(incident: Any, seq: int, *, part: int) -> None:
    argument = {"seq": seq, "part": part}
    task(incident, name=f"followers-{seq}-{part}", service=TELL_FOLLOWERS, argument=argument)


def argument_of(call: Call) -> Result:
    """For services whose whole work is to write rows: ``accept`` does it."""
    return dict(call.argument)


def plan_for_followers(incident: Any, result: Result) -> bool:
    """Plan the next messages of an event to followers, each address once."""
    event = Event.objects.get(case_id=incident.pk, seq=result["seq"])
    if not _still_true(incident, event):
        return True
    untold = _untold(incident, event)
    for person in islice(untold, AT_ONCE):
        _write(incident, event, person, must_arrive=False)
    if next(untold, None) is not None:
        _tell_later(incident, event.seq, part=result["part"] + 1)
    return True


def _still_true(incident: Any, event: Event) -> bool:
    """Whether what happened is still the last word: a report may have been reopened or planned anew since."""
    newest = Event.objects.filter(case_id=incident.pk, transition=event.transition).order_by("-seq").first()
    states = (State.SCHEDULED, State.IN_PROGRESS) if event.transition == "schedule" else (event.to_state,)
    return newest is not None and newest.seq == event.seq and incident.state in states


def _untold(incident: Any, event: Event) -> Iterator[Person]:
    told = {address.casefold() for address in event.messages.values_list("address", flat=True)}
    for person in followers_of(incident):
        channels = [pair for pair in person.channels if pair[1].casefold() not in told]
        told |= {address.casefold() for _, address in channels}
        if channels:
            yield person


def followers_of(incident: Any) -> Iterator[Person]:
    """Reporters of joined reports with the link to their own; then who said “me too”, each with a way out."""
    joined = Incident.objects.filter(duplicate_of=incident).order_by("pk")
    contacts = {c.case_id: c for c in Contact.objects.filter(case__in=joined.values("pk"), role=REPORTER)}
    for report in joined:
        if contact := contacts.get(report.pk):
            # A joined report cannot be reopened; its reporter reports anew.
            words = own_words(report, contact) | {"joined_with": incident.reference, "not_fixed_url": ""}
            yield Person(role=f"reporter-{report.pk}", channels=reach(contact), words=words)
    for subscriber in incident.subscribers.filter(unsubscribed_at=None).exclude(email=""):
        url = watch_links.subscriber_url(subscriber)
        words = {"audience": "subscriber", "unsubscribe_url": url}
        channels = [(str(EMAIL), subscriber.email)]
        yield Person(role=f"subscriber-{subscriber.pk}", channels=channels, words=words, unsubscribe_url=url)


def _note_reminder(incident: Any) -> None:
    incident.inquiries.filter(answered_at=None).update(reminded_at=timezone.now())


REMIND_REPORTER = notices.reminder(
    "remindReporter",
    asked="ask",
    while_in=State.NEEDS_INFO,
    doing="reminds the reporter of our question",
    apply=_note_reminder,
)
FOLLOWERS = Service(
    name=TELL_FOLLOWERS, call=argument_of, accept=plan_for_followers, doing="tells everybody who follows the report"
)
TASKS: tuple[Service, ...] = (REMIND_REPORTER, FOLLOWERS)

"""When a report's persons are forgotten, and what goes. docs/operations.md#forgetting says it for operators.

Reports that were joined are forgotten together: the end of the one that stands told the reporters of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from incidents import photos
from incidents.masking import masked
from incidents.models import Incident, Inquiry, Merge, Open311Update, Photo, Report, Subscriber, Watch
from workflow import engine
from workflow.actors import SYSTEM
from workflow.contrib.notifications.forgetting import empty
from workflow.contrib.notifications.models import Message
from workflow.forgetting import Scrubber, each_text, forget_log_of
from workflow.models import Contact
from workflow.writing import writing

KEEP_DRAFTS = timedelta(days=7)
KEEP_UNCONFIRMED = timedelta(days=7)
KEEP_ENDED_SUBSCRIPTIONS = timedelta(days=30)
# Texts about a report that stay: the reporter's, and those of officers, which may name an office's phone number.
REPORTERS_TEXTS = ("description", "address")
OFFICERS_TEXTS = ("public_sentence", "hidden_because", "photo_exempt_because")
AT_ONCE = 500  # rows in one transaction


def ended_before() -> datetime:
    """Persons of reports that ended before this moment are forgotten."""
    return timezone.now() - timedelta(days=settings.KEEP_CONTACTS_DAYS)


# -- persons of reports -----------------------------------------------------------------------------------------------


def persons(dry_run: bool) -> Iterator[str]:
    """Each report that ended long ago, with those joined with it, in a transaction of its own."""
    due = _due().order_by("pk").values_list("pk", "reference")
    for pk, reference in list(due):
        if dry_run:
            if _group(pk, ended_before()):
                yield f"the persons of {reference}"
        elif _forget(pk, ended_before()):
            yield f"the persons of {reference}"


def _due() -> Any:
    """Reports that stand for themselves, ended long ago, and have not been forgotten since."""
    again = Q(forgotten_at=None) | Q(forgotten_at__lt=F("ended_at"))
    closed = Incident.objects.filter(status=Incident.Status.CLOSED, ended_at__lt=ended_before(), legal_hold="")
    return closed.filter(again, duplicate_of=None)


def _group(pk: int, before: datetime) -> list[int]:
    """The report and those joined with it, by id; none while one of them is on hold or has not ended."""
    rows = Incident.objects.filter(Q(pk=pk) | Q(duplicate_of=pk)).order_by("pk")
    standing = rows.filter(Q(legal_hold__gt="") | ~Q(status=Incident.Status.CLOSED) | Q(pk=pk, ended_at__gte=before))
    return [] if standing.exists() else list(rows.values_list("pk", flat=True))


def _forget(pk: int, before: datetime) -> bool:
    with writing():
        engine.lock(pk)
        keys = _group(pk, before)  # it may have been reopened, or put on hold, since we looked
        locked = [engine.lock(key) for key in keys]
        scrubber = _scrubber(keys)
        for incident in locked:
            engine.change(incident, "forgotten", actor=SYSTEM, apply=lambda fresh: _empty(fresh, scrubber))
    return bool(locked)


def _scrubber(keys: Sequence[int]) -> Scrubber:
    contacts = Contact.objects.filter(case_id__in=keys)
    addresses = Subscriber.objects.filter(incident__in=keys).values_list("email", flat=True)
    return Scrubber(
        names=[contact.name for contact in contacts],
        emails=[*(contact.email for contact in contacts), *addresses],
        phones=[contact.phone for contact in contacts],
    )


def _empty(incident: Any, scrubber: Scrubber) -> None:
    """Take the persons out of one locked report and out of all that hangs on it. The engine saves the report."""
    _empty_messages(incident)
    contacts = Contact.objects.filter(case_id=incident.pk)
    forget_log_of([*contacts, *incident.inquiries.all(), *incident.subscribers.all(), incident], called=str(incident))
    contacts.delete()
    Inquiry.objects.filter(incident=incident).delete()
    incident.subscribers.update(email="")
    Open311Update.objects.filter(incident=incident).update(description="")
    _delete_drafts(Report.objects.filter(incident=incident))
    _remove(incident.photos.filter(kind=Photo.Kind.REPORT, is_public=False))  # what nobody published may show anybody
    for name in (*REPORTERS_TEXTS, *OFFICERS_TEXTS):
        _scrub(incident, name, scrubber)
    incident.answers = each_text(incident.answers, lambda text: masked(scrubber.text(text)))
    for job in incident.jobs.all():
        _scrub(job, "crew", scrubber)
        _scrub(job, "task", scrubber)
        job.save(update_fields=["crew", "task"])
    incident.forgotten_at = timezone.now()


def _scrub(row: Any, name: str, scrubber: Scrubber) -> None:
    text = scrubber.text(getattr(row, name))
    text = masked(text) if name in REPORTERS_TEXTS else text
    setattr(row, name, text[: row._meta.get_field(name).max_length])


def _empty_messages(incident: Any) -> None:
    """Its own, and those by which a report it was once joined with told its people."""
    empty(Message.objects.filter(case_id=incident.pk))
    others = Merge.objects.filter(duplicate=incident).values("survivor")
    people = [f"subscriber-{pk}" for pk in incident.subscribers.values_list("pk", flat=True)]
    empty(Message.objects.filter(case_id__in=others, role__in=[f"reporter-{incident.pk}", *people]))


def later_words(dry_run: bool) -> Iterator[str]:
    """What somebody wrote about a report after its persons were forgotten."""
    forgotten = Q(incident__forgotten_at__isnull=False, created_at__lt=ended_before())
    rows = Open311Update.objects.filter(forgotten).exclude(description="")
    if count := rows.count() if dry_run else rows.update(description=""):
        yield f"the words of {count} late updates"


# -- drafts -----------------------------------------------------------------------------------------------------------


def drafts(dry_run: bool) -> Iterator[str]:
    """Reports that were being written, sent or not, a week after the last touch; photos that belong to no report."""
    latest = timezone.now() - KEEP_DRAFTS
    old = Report.objects.filter(updated_at__lt=latest)
    lone = Photo.objects.filter(incident=None, report=None, created_at__lt=latest)
    count, pictures = old.count(), lone.count()
    if not dry_run:
        for keys in _batches(old):
            with writing():
                _delete_drafts(Report.objects.filter(pk__in=keys, updated_at__lt=latest))
        with writing():
            _remove(lone)
        pictures += photos.sweep()
    if count:
        yield f"{count} drafts"
    if pictures:
        yield f"{pictures} photos that belong to nothing"


def _delete_drafts(reports: Any) -> None:
    """Their own photos go with them; photos of a report that was sent are the report's."""
    pictures = Photo.objects.filter(report__in=reports)
    pictures.filter(incident__isnull=False).update(report=None)
    _remove(pictures.filter(incident=None))
    reports.delete()


def _remove(pictures: Iterable[Photo]) -> None:
    for photo in list(pictures):
        photos.remove(photo)


# -- subscriptions ----------------------------------------------------------------------------------------------------


def subscriptions(dry_run: bool) -> Iterator[str]:
    """Watches nobody confirmed, and what people ended a month ago, with the messages it brought."""
    now = timezone.now()
    ended = Q(unsubscribed_at__lt=now - KEEP_ENDED_SUBSCRIPTIONS)
    unconfirmed = Q(confirmed_at=None, created_at__lt=now - KEEP_UNCONFIRMED)
    watches = Watch.objects.filter(ended | unconfirmed)
    followers = Subscriber.objects.filter(ended).exclude(email="")
    counts = watches.count(), followers.count()
    if not dry_run:
        for keys in _batches(watches):
            with writing():
                empty(Message.objects.filter(role__in=[f"watch-{key}" for key in keys]))
                Watch.objects.filter(pk__in=keys).delete()
        for keys in _batches(followers):
            with writing():
                empty(Message.objects.filter(role__in=[f"subscriber-{key}" for key in keys]))
                Subscriber.objects.filter(pk__in=keys).update(email="")
    for count, what in zip(counts, ("watches", "addresses of followers"), strict=True):
        if count:
            yield f"{count} {what}"


def _batches(rows: Any) -> Iterator[list[int]]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


FORGETTINGS = (persons, later_words, drafts, subscriptions)

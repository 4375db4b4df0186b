"""A report's record as officers read it: everything a decision needs on one page, in about two dozen queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString, mark_safe
from shapely.geometry import Point

from incidents import catalogue, duplicates, earlier, photos, places
from incidents.answers import in_words, left_over
from incidents.masking import masked
from incidents.models import Incident, Open311Update, Photo, Subscriber
from incidents.reasons import Reason
from workflow import nearby
from workflow.admin import record as common
from workflow.admin.record import GOOD, MOVING, STOPPED, WAITING, plain_fact
from workflow.contrib.notifications.models import Message
from workflow.contrib.places.sketch import sketch
from workflow.models import Contact, Event

MAP_SIZE = (420, 280)
STATE_TONES: Mapping[str, Sequence[str]] = {
    MOVING: ["submitted", "triaged", "scheduled", "in_progress"],
    WAITING: ["new", "needs_info"],
    GOOD: ["resolved"],
    STOPPED: ["rejected"],
}  # every other state is over
STATE_NAMES: Mapping[str, str] = {"needs_info": "Waits for the reporter"}  # the citizen reads: we have a question
TECHNICAL = common.TECHNICAL | {"result", "job", "photo", "sentence", "question"}  # shown in full beside the history
MOST_MESSAGES = 50
MOST_UPDATES = 20


def marks_of(incident: Any) -> list[str]:
    """What must be seen at once. No query."""
    marked = (
        ("Emergency", incident.safety),
        ("No answer", incident.unanswered),
        (f"Came back {incident.reopened} times" if incident.reopened > 1 else "Came back", incident.reopened),
        ("Hidden", incident.hidden_because),
    )
    return [words for words, is_so in marked if is_so]


def fact(value: Any) -> str:
    """A value of the history in words; the reason of an end by its name."""
    return str(Reason(value).label) if isinstance(value, str) and value in set(Reason) else plain_fact(value)


def whole(cases: Any) -> Any:
    """Reports with what several parts of a page ask for: photos, jobs, contacts, followers. Three more queries."""
    following = Subscriber.objects.filter(incident=OuterRef("pk"), unsubscribed_at=None).exclude(email="")
    count = following.order_by().values("incident").annotate(count=Count("pk")).values("count")
    pictures = Prefetch("photos", queryset=Photo.objects.select_related("moderated_by"))
    return cases.annotate(followers=Coalesce(Subquery(count), 0)).prefetch_related(pictures, "jobs", "contacts")


def record(incident: Incident, events: Sequence[Event], *, with_persons: bool) -> dict[str, Any]:
    """The content of the record's page; without persons, what names or reaches people is left out or masked."""
    happened = {event.transition or event.kind for event in events}  # what never happened is not looked for
    return {
        "incident": incident,
        **reported(incident, with_persons=with_persons),
        "reporter": _reporter(incident) if with_persons else None,
        "followers": getattr(incident, "followers", 0),
        "inquiries": list(incident.inquiries.all()) if "ask" in happened else [],
        "jobs": list(incident.jobs.all()),
        "merges": _merges(incident) if "merged" in happened else [],
        "updates": [
            (update, update.description if with_persons else masked(update.description))
            for update in Open311Update.objects.filter(incident=incident).order_by("-updated_datetime")[:MOST_UPDATES]
        ],
        "reason": Reason(incident.reason_code).label if incident.reason_code else "",
        "messages_sent": list(
            Message.objects.filter(case_id=incident.pk).defer("text", "html").order_by("-pk")[:MOST_MESSAGES]
        ),
    }


def reported(incident: Incident, *, with_persons: bool) -> dict[str, Any]:
    """What was reported, where, and what is around it: for the record and for triage."""
    known = catalogue.catalogue()
    questions = known.questions_of(incident.category)
    said = [*in_words(questions, incident.answers), *left_over(questions, incident.answers)]
    seen = [] if incident.is_closed else list(duplicates.near_to(incident, kind=known.by_code.get(incident.category)))
    return {
        "category_name": known.name(incident.category),
        "description": incident.description if with_persons else masked(incident.description),
        "answers": [(question, answer if with_persons else masked(answer)) for question, answer in said],
        "where": places.where(incident),
        "sketch": _sketch(incident),
        **_photos(incident, with_persons=with_persons),
        "nearby": [Beside(incident=one.incident, distance_m=one.distance_m) for one in seen],
        "earlier": earlier.at_the_place(incident),
        "around": nearby.around(incident),
    }


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Another open report of the same problem nearby."""

    incident: Any
    distance_m: int

    @property
    def tone(self) -> str:
        return common.tone_of(self.incident.state, STATE_TONES)

    @property
    def state_name(self) -> str:
        return STATE_NAMES.get(self.incident.state) or str(self.incident.state_label)


@dataclass(frozen=True, kw_only=True)
class ShownPhoto:
    """A photo with the addresses of both its sizes."""

    photo: Photo
    address: str
    small: str


def _photos(incident: Incident, *, with_persons: bool) -> dict[str, Any]:
    """Whoever sees no persons sees only what everybody sees, and how many photos there are beside."""
    found = list(incident.photos.all())
    seen = [photo for photo in found if with_persons or photo.is_public]
    return {"photos": [_shown(photo) for photo in seen], "unseen_photos": len(found) - len(seen)}


def _shown(photo: Photo) -> ShownPhoto:
    return ShownPhoto(photo=photo, address=photos.url_of(photo), small=photos.url_of(photo, small=True))


def _reporter(incident: Incident) -> Contact | None:
    return next((one for one in incident.contacts.all() if one.role == "reporter"), None)


def _merges(incident: Incident) -> list[Any]:
    return list(incident.merges.select_related("duplicate", "merged_by").order_by("-pk"))


def _sketch(incident: Incident) -> SafeString | None:
    if incident.latitude is None or incident.longitude is None:
        return None
    # The sketch escapes what it prints; its words come from our own map of counties.
    return mark_safe(sketch(Point(incident.longitude, incident.latitude), *MAP_SIZE))  # noqa: S308

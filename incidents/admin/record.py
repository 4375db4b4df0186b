"""A report's record as officers read it: everything a decision needs on one page, in about two dozen queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from shapely.geometry import Point

from incidents import catalogue, duplicates, photos, places
from incidents.answers import in_words, left_over
from incidents.masking import masked
from incidents.models import Incident, Open311Update, Photo
from incidents.reasons import Reason
from workflow import nearby
from workflow.admin import record as common
from workflow.admin.record import GOOD, MOVING, STOPPED, WAITING, plain_fact
from workflow.contrib.notifications.models import Message
from workflow.contrib.places.sketch import sketch
from workflow.models import Contact

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


def record(incident: Incident, *, with_persons: bool) -> dict[str, Any]:
    """The content of the record's page; without persons, what names or reaches people is left out or masked."""
    return {
        "incident": incident,
        **reported(incident, with_persons=with_persons),
        "reporter": _reporter(incident) if with_persons else None,
        "followers": incident.subscribers.filter(unsubscribed_at=None).exclude(email="").count(),
        "inquiries": list(incident.inquiries.all()),
        "jobs": list(incident.jobs.all()),
        "merges": list(incident.merges.select_related("duplicate", "merged_by").order_by("-pk")),
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
    seen = [] if incident.is_closed else list(duplicates.near_to(incident))
    return {
        "category_name": known.name(incident.category),
        "description": incident.description if with_persons else masked(incident.description),
        "answers": [(question, answer if with_persons else masked(answer)) for question, answer in said],
        "where": places.where(incident),
        "sketch": _sketch(incident),
        **_photos(incident, with_persons=with_persons),
        "nearby": [Beside(incident=one.incident, distance_m=one.distance_m) for one in seen],
        "earlier": _seen_earlier(incident, [one.incident.pk for one in seen]),
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


def _seen_earlier(incident: Incident, shown: Sequence[int]) -> list[Incident]:
    """What was nearby when the report came in, and is no longer open or no longer near."""
    if not incident.seen_nearby:
        return []
    found: Any = Incident.objects.filter(reference__in=incident.seen_nearby).exclude(pk__in=[*shown, incident.pk])
    return list(found.order_by("-pk"))


@dataclass(frozen=True, kw_only=True)
class ShownPhoto:
    """A photo with the addresses of both its sizes."""

    photo: Photo
    address: str
    small: str


def _photos(incident: Incident, *, with_persons: bool) -> dict[str, Any]:
    """Whoever sees no persons sees only what everybody sees, and how many photos there are beside."""
    found = list(incident.photos.select_related("moderated_by"))
    seen = [photo for photo in found if with_persons or photo.is_public]
    return {"photos": [_shown(photo) for photo in seen], "unseen_photos": len(found) - len(seen)}


def _shown(photo: Photo) -> ShownPhoto:
    return ShownPhoto(photo=photo, address=photos.url_of(photo), small=photos.url_of(photo, small=True))


def _reporter(incident: Incident) -> Contact | None:
    return Contact.objects.filter(case_id=incident.pk, role="reporter").first()


def _sketch(incident: Incident) -> SafeString | None:
    if incident.latitude is None or incident.longitude is None:
        return None
    # The sketch escapes what it prints; its words come from our own map of counties.
    return mark_safe(sketch(Point(incident.longitude, incident.latitude), *MAP_SIZE))  # noqa: S308

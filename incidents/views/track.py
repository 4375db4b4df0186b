"""The tracking page of a report: now, the steps, what you can do, photos, messages, history."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from shapely.geometry import Point

from incidents import photos, places
from incidents.answers import in_words
from incidents.catalogue import catalogue
from incidents.messages import MESSAGE
from incidents.models import Incident, Photo
from incidents.views import act, doors, story
from incidents.views.similar import public_url
from workflow.contrib.notifications.models import Message
from workflow.contrib.places.sketch import sketch
from workflow.models import Event
from workflow.tracker import timeline

MOST_MESSAGES = 50
SKETCH_PX = (320, 220)


@doors.by_link
@require_safe
def tracking(request: HttpRequest, incident: Incident) -> HttpResponse:
    """A report that was joined with another follows that one."""
    followed = survivor_of(incident)
    history = _told_to(incident, followed)
    context = {
        "incident": incident,
        "followed": followed if followed != incident else None,
        "now": story.now_of(followed),
        "label": followed.state_label,
        "milestones": story.milestones_of(followed, history),
        "lines": story.lines_of(followed, history),
        "actions": act.actions_of(incident),
        "more_url": act.track_url(incident, "photos") if not followed.has_ended else "",
        "messages_sent": Message.objects.filter(case_id=incident.pk, role="reporter").order_by("-pk")[:MOST_MESSAGES],
        "public_url": public_url(followed) if not followed.hidden_because else "",
        "votes": followed.votes,
        **_about(incident),
        **_pictures(incident, followed),
    }
    return render(request, "incidents/track/tracking.html", context)


def _told_to(incident: Incident, followed: Incident) -> list[Event]:
    """The public history of the report that is followed. What an officer wrote to one reporter only that one reads."""
    history = list(timeline(followed, public_only=True))
    if incident != followed:
        own = Event.objects.filter(case_id=incident.pk, kind=MESSAGE)
        history = sorted([one for one in history if one.kind != MESSAGE] + list(own), key=lambda one: one.at)
    return history


def survivor_of(incident: Incident) -> Incident:
    """The report this one was joined with; itself when it was not. One query at most."""
    if incident.duplicate_of_id is None:
        return incident
    found: Any = Incident.objects.select_related("team").get(pk=incident.duplicate_of_id)
    return found if isinstance(found, Incident) else incident


def _about(incident: Incident) -> dict[str, Any]:
    known = catalogue()
    return {
        "category": known.name(incident.category),
        "where": places.where(incident),
        "answers": in_words(known.questions_of(incident.category), incident.answers),
        "inquiries": incident.inquiries.exclude(answered_at=None),
        "sketch": _sketch(incident),
    }


def _sketch(incident: Incident) -> SafeString | str:
    if incident.latitude is None or incident.longitude is None:
        return ""
    # Our own drawing of numbers and county names; nothing a person typed is in it.
    return mark_safe(sketch(Point(incident.longitude, incident.latitude), *SKETCH_PX))  # noqa: S308


def _pictures(incident: Incident, followed: Incident) -> dict[str, Any]:
    added = Photo.objects.filter(pk__in=act.photos_added(incident))
    mine = sorted({*photos.photos_of_reporter(incident), *added}, key=lambda one: one.pk)
    repair = [one for one in photos.public_photos(followed) if one.kind == "repair"]
    return {
        "photos": [
            (one, photos.url_for_reporter(incident, one), photos.url_for_reporter(incident, one, small=True))
            for one in mine
            if one.kind != "repair"
        ],
        "repair_photos": [(one, photos.url_of(one), photos.url_of(one, small=True)) for one in repair],
    }

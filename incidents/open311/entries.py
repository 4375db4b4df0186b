"""Incidents as Open311 requests. Nobody's name, address or unread words: what is here, everybody may read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from incidents import catalogue, photos, places
from incidents.catalogue import Catalogue
from incidents.lifecycle import public_label
from incidents.masking import masked
from incidents.models import Incident, Open311Update, Photo
from incidents.open311.render import Document, Many
from incidents.open311.services import chosen
from workflow.models import Event

COLUMNS = (
    "reference", "category", "state", "status", "description", "public_sentence", "team__name",
    "created_at", "updated_at", "ended_at", "expected_at",
    "route", "direction", "milepost", "county", "address", "latitude", "longitude",
)  # fmt: skip
MORE_COLUMNS = ("answers", "source", "votes", "duplicate_of_id")


def document_of(rows: Any, *, extended: bool) -> Document:
    """A query set of public incidents as ``service_requests``. Four queries, with extensions seven."""
    columns = (*COLUMNS, *MORE_COLUMNS) if extended else COLUMNS
    incidents = list(rows.values_list("pk", *columns, named=True))  # a thousand models would take twice the time
    known, pictures = catalogue.catalogue(), _pictures(incidents)
    entries = [_entry(incident, known, pictures.get(incident.pk, [])) for incident in incidents]
    if extended:
        notes, joined = _notes(incidents), _references(incidents)
        for entry, incident in zip(entries, incidents, strict=True):
            entry["attributes"] = Many(
                "attribute", list(chosen(known.questions_of(incident.category), incident.answers))
            )
            entry["extended_attributes"] = _details(incident, joined, pictures.get(incident.pk, []))
            entry["notes"] = Many("note", notes[incident.pk])
    return Document("service_requests", Many("request", entries))


def _entry(incident: Any, known: Catalogue, pictures: Sequence[str]) -> dict[str, Any]:
    closed = incident.status == Incident.Status.CLOSED
    return {
        "service_request_id": incident.reference,
        "status": incident.status,
        "status_notes": incident.public_sentence if closed else public_label(incident.state),
        "service_name": known.name(incident.category),
        "service_code": incident.category,
        "description": masked(incident.description),
        "agency_responsible": incident.team__name,
        "service_notice": None,
        "requested_datetime": incident.created_at,
        "updated_datetime": incident.ended_at if closed else incident.updated_at,
        "expected_datetime": incident.expected_at,
        "address": places.where(incident),
        "address_id": None,
        "zipcode": None,
        "lat": incident.latitude,
        "long": incident.longitude,
        "media_url": pictures[0] if pictures else None,
    }


def _details(incident: Any, joined: Mapping[int, str], pictures: Sequence[str]) -> Mapping[str, Any]:
    return {
        "channel": incident.source,
        "detailed_status": incident.state,
        "route": incident.route,
        "milepost": incident.milepost,
        "direction": incident.direction,
        "duplicate_of": joined.get(incident.duplicate_of_id),
        "votes": incident.votes,
        "photos": Many("photo", pictures),
    }


def _pictures(incidents: Sequence[Any]) -> Mapping[int, list[str]]:
    """The addresses of the photos an officer has let through, by incident."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    shown = Photo.objects.filter(incident__in=[incident.pk for incident in incidents], is_public=True)
    for photo in shown.only("token", "incident_id").order_by("pk"):
        found[photo.incident_id or 0].append(photos.address_of(photo))
    return found


def _references(incidents: Sequence[Any]) -> Mapping[int, str]:
    keys = {incident.duplicate_of_id for incident in incidents} - {None}
    return dict(Incident.objects.public().filter(pk__in=keys).values_list("pk", "reference"))


def _notes(incidents: Sequence[Any]) -> Mapping[int, list[Mapping[str, Any]]]:
    """What happened, oldest first: each state in the citizens' words, and the updates an officer has let through."""
    keys = [incident.pk for incident in incidents]
    notes: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    moves = Event.objects.filter(case_id__in=keys, kind="transition", public=True)
    for key, state, at in moves.order_by("case_id", "seq").values_list("case_id", "to_state", "at"):
        notes[key].append({"datetime": at, "description": public_label(state), "type": state})
    updates = Open311Update.objects.filter(incident__in=keys, is_public=True)
    for update in updates.order_by("updated_datetime"):
        text = masked(update.description)
        notes[update.incident_id].append({"datetime": update.updated_datetime, "description": text, "type": "update"})
    for lines in notes.values():
        lines.sort(key=lambda line: line["datetime"])
    return notes

"""Updates of requests, as FixMyStreet exchanges them: our moves for everybody to poll, and what others tell us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Q

from incidents.lifecycle import public_label
from incidents.masking import masked
from incidents.models import Incident, Open311Update
from incidents.open311.errors import Refusal, refusal
from incidents.open311.filing import keep_pictures
from incidents.open311.form import Form
from incidents.open311.listing import MOST_ROWS
from incidents.open311.parameters import Parameters
from incidents.open311.render import Document, Many
from incidents.reasons import Reason
from incidents.reporting import LONGEST_DESCRIPTION
from workflow import engine
from workflow.actors import Actor
from workflow.errors import NotAllowed, Refused, WrongState
from workflow.models import Event
from workflow.writing import writing

State = Incident.State
STATUSES = (
    "OPEN", "CLOSED", "FIXED", "IN_PROGRESS", "PLANNED", "ACTION_SCHEDULED", "INVESTIGATING", "DUPLICATE",
    "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION", "INTERNAL_REFERRAL", "CANCELLED", "REOPEN", "FOR_TRIAGE",
    "UNCHANGED",
)  # fmt: skip
_STATUS_OF = {
    State.SUBMITTED: "OPEN",
    State.TRIAGED: "INVESTIGATING",
    State.NEEDS_INFO: "INVESTIGATING",
    State.SCHEDULED: "ACTION_SCHEDULED",
    State.IN_PROGRESS: "IN_PROGRESS",
    State.RESOLVED: "FIXED",
    State.CLOSED: "NO_FURTHER_ACTION",
    State.REJECTED: "NO_FURTHER_ACTION",
    State.DUPLICATE: "DUPLICATE",
}
_OF_OTHERS = (Reason.NOT_OURS, Reason.OTHER_AGENCY)
_BEGINS_AGAIN = ("reopen", "unmerge")
LONGEST_ID = Open311Update._meta.get_field("update_id").max_length or 100

_MOVED = {
    "reference": "case__reference",
    "public_sentence": "case__incident__public_sentence",
    "reason_code": "case__incident__reason_code",
    "ended": "case__closed_at",
}


def listed(query: Parameters, *, now: datetime) -> Document:
    """Moves of public incidents and updates an officer has let through, in a window of at most 90 days, the oldest
    first. Two queries."""
    start, end = query.window("start_date", "end_date", now=now)
    references = [one.upper() for one in query.several("service_request_id")]
    query.finish()
    within = {"gte": start} | ({} if end is None else {"lt": end})
    entries = [*_moves(references, within), *_published(references, within)]
    entries.sort(key=lambda entry: entry["updated_datetime"])
    return Document("service_request_updates", Many("request_update", entries[:MOST_ROWS]))


def _moves(references: Sequence[str], within: Mapping[str, datetime]) -> list[dict[str, Any]]:
    # A case that has moved since then was changed since then: its index is smaller than that of all history.
    cases: Any = Incident.objects.public().filter(workflow="incident", updated_at__gte=within["gte"])
    cases = (cases.filter(reference__in=references) if references else cases).values("pk")
    at = {f"at__{how}": moment for how, moment in within.items()}
    rows = Event.objects.filter(case_id__in=cases, kind="transition", public=True, **at).order_by(
        "at", "case_id", "seq"
    )
    columns = ("seq", "at", "transition", "to_state", *_MOVED.values())
    return [_move(dict(zip(columns, row, strict=True))) for row in rows.values_list(*columns)[:MOST_ROWS]]


def _move(row: Mapping[str, Any]) -> dict[str, Any]:
    state = State(row["to_state"])
    reference = row[_MOVED["reference"]]
    is_its_end = row[_MOVED["ended"]] == row["at"]  # not an end it was reopened from
    status = _STATUS_OF[state]
    if is_its_end and row[_MOVED["reason_code"]] in _OF_OTHERS:
        status = "NOT_COUNCILS_RESPONSIBILITY"
    return {
        "update_id": f"{reference}-{row['seq']}",
        "service_request_id": reference,
        "status": "OPEN" if row["transition"] in _BEGINS_AGAIN else status,
        "updated_datetime": row["at"],
        "description": (is_its_end and row[_MOVED["public_sentence"]]) or public_label(state),
        "media_url": None,
        "external_status_code": state.value,
    }


def _published(references: Sequence[str], within: Mapping[str, datetime]) -> list[dict[str, Any]]:
    # By the moment it was let through: whoever polls the last hours would miss it by its own.
    at = {f"published_at__{how}": moment for how, moment in within.items()}
    rows = Open311Update.objects.filter(is_public=True, incident__hidden_because="", **at)
    rows = rows.filter(incident__reference__in=references) if references else rows
    return [
        {
            "update_id": _id_of(update),
            "service_request_id": update.incident.reference,
            "status": update.status,
            "updated_datetime": update.published_at,
            "description": masked(update.description),
            "media_url": None,
            "external_status_code": None,
        }
        for update in rows.select_related("incident").order_by("published_at", "pk")[:MOST_ROWS]
    ]


def _id_of(update: Open311Update) -> str:
    return f"U-{update.pk}"


def take(form: Form, actor: Actor) -> Document:
    """Keep an update for the officers to read; sent again under its update_id it is the same. The reporter's own key
    reopens a report with REOPEN while that is possible. Raises Refusal."""
    sent = form.values
    known = _known(sent.text("update_id"), actor)
    if known is None:
        incident = _incident(sent, actor)
        values = _checked(sent)
        keep_pictures(form, incident=incident)
        known = _keep(incident, values, actor)
    return Document("service_request_updates", Many("request_update", [{"update_id": _id_of(known)}]))


def _known(update_id: str, actor: Actor) -> Open311Update | None:
    return Open311Update.objects.filter(key=actor.key_id, update_id=update_id).first() if update_id else None


def _incident(sent: Parameters, actor: Actor) -> Any:
    reference = sent.text("service_request_id").upper()
    if not reference:
        raise refusal(400, "request_missing", "Send the service_request_id of the request.", field="service_request_id")
    may_see = Q(pk__in=Incident.objects.public().values("pk")) | Q(filed_with=actor.key_id)
    found: Any = Incident.objects.filter(may_see, reference=reference).first()
    if found is None:
        raise unknown_request()
    return found


def unknown_request() -> Refusal:
    return refusal(404, "unknown_request", "There is no request with this id.", field="service_request_id")


def _checked(sent: Parameters) -> dict[str, Any]:
    """What an update must say. Raises Refusal with every fault."""
    values = {
        "update_id": sent.text("update_id"),
        "status": sent.text("status").upper(),
        "updated_datetime": sent.moment("updated_datetime"),
        "description": sent.text("description").replace("\r\n", "\n"),
    }
    for name, value in values.items():
        if not sent.text(name):
            sent.fault("parameter_missing", f"Send {name}.", name)
        elif name == "status" and value not in STATUSES:
            sent.fault("unknown_value", f"status can be {', '.join(STATUSES)}.", name)
    for name, most in (("update_id", LONGEST_ID), ("description", LONGEST_DESCRIPTION)):
        if len(str(values[name])) > most:
            sent.fault(f"{name}_too_long", f"Write at most {most:,} characters in {name}.", name)
    sent.finish()
    return values


def _keep(incident: Incident, values: Mapping[str, Any], actor: Actor) -> Open311Update:
    def add(fresh: Any) -> Mapping[str, Any]:
        update = Open311Update.objects.create(key_id=actor.key_id or 0, incident=fresh, **values)
        return {"update": update.pk, "status": update.status}

    try:
        with writing():
            engine.change(incident, "update_received", actor=actor, apply=add)
            if values["status"] == "REOPEN":
                _reopen(incident, values["description"], actor)
    except IntegrityError:
        pass  # sent twice at once: the other one is kept
    return Open311Update.objects.get(key=actor.key_id, update_id=values["update_id"])


def _reopen(incident: Incident, text: str, actor: Actor) -> None:
    """Only the key that filed a report reopens it, within the time there is for that; officers read the rest."""
    try:
        engine.fire(incident, "reopen", actor=actor, data={"text": text})
    except (NotAllowed, WrongState, Refused):
        return

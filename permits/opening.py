"""How a road permit begins: as a draft that is kept, or whole in one call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from permits import applications
from permits.application.validate import validate
from permits.models import RoadPermit
from permits.wzdx.features import Upstream, keep_features
from workflow.actors import Actor
from workflow.definition import Opening
from workflow.errors import InvalidData
from workflow.models import Contact

PARTIES = (
    ("applicant", "contact_name", "contact_email", "contact_phone"),
    ("contractor", "contractor_name", "contractor_email", ""),
    ("onsite", "onsite_name", "", "onsite_phone"),
    ("traffic_control", "traffic_control_name", "", "traffic_control_phone"),
)


UPSTREAM = "upstream"  # beside the answers: the features of a feed that the application stands for, as JSON


def open_application(data: Mapping[str, Any], actor: Actor) -> Opening:
    """A whole application. Raises InvalidData with one reason a field.

    Only Milepost itself may say what it stands for (``UPSTREAM``); from anybody else that is an unknown field.
    """
    source = "wzdx" if actor.kind == "system" else "api"  # the form comes by way of a draft
    upstream = Upstream.from_json(data[UPSTREAM]) if source == "wzdx" and UPSTREAM in data else None
    verdict = validate({name: value for name, value in data.items() if name != UPSTREAM} if upstream else data)
    if verdict.errors:
        raise InvalidData(applications.reasons_of(verdict))
    permit = RoadPermit(source=source)
    applications.fill(permit, verdict.answers)
    return Opening(case=permit, also=partial(_keep, upstream=upstream))


def open_draft(data: Mapping[str, Any], actor: Actor) -> Opening:
    """A draft keeps whatever has been typed so far; nothing is refused."""
    return Opening(case=RoadPermit(source="form", application=dict(data)))


def _keep(permit: Any, *, upstream: Upstream | None) -> None:
    keep_contacts(permit)
    if upstream:
        keep_features(permit, upstream)


def keep_contacts(permit: Any) -> None:
    """Write the persons of an application as rows of their own, for messages and for forgetting."""
    for role, name, email, phone in PARTIES:
        if permit.answer(name):
            Contact.objects.update_or_create(
                case=permit,
                role=role,
                defaults={
                    "name": permit.answer(name)[:120],
                    "email": (permit.answer(email) or "") if email else "",
                    "phone": (permit.answer(phone) or "") if phone else "",
                },
            )

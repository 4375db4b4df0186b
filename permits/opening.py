"""How a road permit begins: as a draft that is kept, or whole in one call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from permits import applications
from permits.application.validate import validate
from permits.applications import keep_contacts
from permits.models import RoadPermit
from permits.wzdx.features import Upstream, keep_features
from workflow.actors import Actor
from workflow.definition import Opening
from workflow.errors import InvalidData

UPSTREAM = "upstream"  # beside the answers: the features of a feed that the application stands for, as JSON


def open_application(data: Mapping[str, Any], actor: Actor) -> Opening:
    """A whole application. Raises InvalidData with one reason a field.

    Only Milepost itself may say what it stands for (``UPSTREAM``); from anybody else that is an unknown field.
    """
    upstream = Upstream.from_json(data[UPSTREAM]) if actor.kind == "system" and UPSTREAM in data else None
    verdict = validate({name: value for name, value in data.items() if name != UPSTREAM} if upstream else data)
    if verdict.errors:
        raise InvalidData(applications.reasons_of(verdict))
    permit = RoadPermit(source="wzdx" if upstream else "api")  # the form comes by way of a draft
    applications.fill(permit, verdict.answers)
    return Opening(case=permit, also=partial(_keep, upstream=upstream))


def open_draft(data: Mapping[str, Any], actor: Actor) -> Opening:
    """A draft keeps whatever has been typed so far; nothing is refused."""
    return Opening(case=RoadPermit(source="form", application=dict(data)))


def _keep(permit: Any, *, upstream: Upstream | None) -> None:
    keep_contacts(permit)
    if upstream:
        keep_features(permit, upstream)

"""What lists of reports can be narrowed by."""

from __future__ import annotations

from django.db.models import Q

from incidents.lifecycle import State
from incidents.models import Incident
from incidents.models.catalogue import Group
from incidents.places import normal_route
from incidents.workflow import INCIDENT
from workflow.api import paging
from workflow.api.filters import Parameter, Unreadable, bounding_box, case_parameters, moment, one_of, search_text, word
from workflow.definition import all_steps

STATES = [state.value for state in State if state != State.NEW]


def _route(text: str) -> str:
    found = normal_route(text)
    if not found:
        raise Unreadable("Name the route like I-35, US-69 or IA-92.")
    return found


FILTERS = (
    *case_parameters(STATES, [step.name for step in all_steps(INCIDENT)]),
    Parameter(
        name="category",
        description="Only these categories (their codes); may be repeated.",
        read=word,
        narrow=lambda rows, values: rows.filter(category__in=values),
        many=True,
    ),
    Parameter(
        name="group",
        description="Only categories of these groups; may be repeated.",
        read=one_of(Group.values),
        narrow=lambda rows, values: rows.filter(category_group__in=values),
        many=True,
        schema={"type": "string", "enum": list(Group.values)},
    ),
    Parameter(
        name="public_status",
        description="Only open ones, or only those that have ended.",
        read=one_of(Incident.Status.values),
        narrow=lambda rows, values: rows.filter(status=values[0]),
        schema={"type": "string", "enum": list(Incident.Status.values)},
    ),
    Parameter(
        name="route",
        description="Only reports on this route, such as I-35.",
        read=_route,
        narrow=lambda rows, values: rows.filter(route=values[0]),
    ),
    Parameter(
        name="updated_since",
        description="Only what was changed at or after this moment (RFC 3339 with offset).",
        read=moment,
        narrow=lambda rows, values: rows.filter(updated_at__gte=values[0]),
        schema={"type": "string", "format": "date-time"},
    ),
    Parameter(
        name="bbox",
        description="Only reports within this box: west,south,east,north in degrees.",
        read=bounding_box,
        narrow=lambda rows, values: rows.filter(
            longitude__range=(values[0][0], values[0][2]), latitude__range=(values[0][1], values[0][3])
        ),
    ),
    Parameter(
        name="q",
        description="Only reports whose reference begins with this, or whose title or route contains it.",
        read=search_text,
        narrow=lambda rows, values: rows.filter(
            Q(reference__startswith=values[0].upper()) | Q(title__icontains=values[0]) | Q(route__icontains=values[0])
        ),
    ),
    *paging.PARAMETERS,
)

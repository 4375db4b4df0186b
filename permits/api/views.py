"""Road permits over REST: the short door, the collection, one permit, its moves and its history."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from drf_spectacular.utils import OpenApiExample, extend_schema_view

from permits.api import serializers
from permits.application.example import example
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.workflow import ROAD_PERMIT
from workflow.api import documented, kinds, paging, views
from workflow.api import serializers as shared
from workflow.api.filing import Door
from workflow.api.filters import Parameter, bounding_box, case_parameters, search_text
from workflow.definition import all_steps

TAGS = ["permits"]
DOOR = Door(
    request_type="permit",
    scope="permits:submit",
    unnamed="Applicant",
    name_field="contact_name",
    person_field="contact_email",
)
EXAMPLE = OpenApiExample("Fiber below US-69", value=example(date(2027, 1, 4)), request_only=True)
WITHDRAW = OpenApiExample("Withdraw", value={"transition": "cancel", "data": {"reason": "Postponed."}})

FILTERS = (
    *case_parameters(State.values, [step.name for step in all_steps(ROAD_PERMIT)]),
    Parameter(
        name="bbox",
        description="Only work that touches this box: west,south,east,north in degrees.",
        read=bounding_box,
        narrow=lambda rows, values: rows.filter(
            min_longitude__lte=values[0][2],
            max_longitude__gte=values[0][0],
            min_latitude__lte=values[0][3],
            max_latitude__gte=values[0][1],
        ),
    ),
    Parameter(
        name="q",
        description="Only permits whose reference begins with this, or whose title, holder or route contains it.",
        read=search_text,
        narrow=lambda rows, values: rows.filter(
            Q(reference__startswith=values[0].upper())
            | Q(title__icontains=values[0])
            | Q(holder__icontains=values[0])
            | Q(route__icontains=values[0])
        ),
    ),
    *paging.PARAMETERS,
)


@extend_schema_view(
    post=documented.filing_at_the_short_door(
        serializers.ApplicationSerializer, EXAMPLE, tags=["short doors"],
        operation_id="file_permit", summary="File an application: the short door",
        description="With an API key the application is the key's. Without one anybody may file, as with the public "
        "form, and the answer has the secret address where the applicant follows it. A wrong key is refused.",
    )
)  # fmt: skip
class ShortDoor(kinds.ShortDoor):
    """File an application in one call, with an API key or as anybody."""

    door = DOOR


@extend_schema_view(
    get=documented.listing(
        serializers.PermitPageSerializer, FILTERS, tags=TAGS,
        operation_id="list_permits", summary="Permits this key may see, newest first",
    ),
    post=documented.filing(
        serializers.ApplicationSerializer, EXAMPLE, tags=TAGS,
        operation_id="create_permit", summary="File an application",
    ),
)  # fmt: skip
class Permits(kinds.Collection):
    """All permits the key may see; and filing."""

    model, door, page, parameters = RoadPermit, DOOR, serializers.PermitPageSerializer, FILTERS
    # A list shows none of these, and some are long.
    unlisted = ("application", "area", "invoice", "impact_parts", "checklist", "safety", "info_items", "explanation")


@extend_schema_view(
    get=documented.reading(
        serializers.PermitSerializer, tags=TAGS, operation_id="get_permit", summary="One permit"
    )
)  # fmt: skip
class Permit(kinds.One):
    """One permit."""

    model, shape = RoadPermit, serializers.PermitSerializer


@extend_schema_view(
    get=documented.listing_moves(
        tags=TAGS, operation_id="list_transitions", summary="What this key may do now, and why not the rest"
    ),
    post=documented.moving(
        WITHDRAW, tags=TAGS, operation_id="fire_transition",
        summary="Move a permit: the only way its state changes",
    ),
)  # fmt: skip
class PermitTransitions(views.Transitions):
    model = RoadPermit


@extend_schema_view(
    get=documented.reading(
        shared.TimelineSerializer, tags=TAGS, operation_id="get_timeline", summary="The public history, oldest first"
    )
)  # fmt: skip
class PermitTimeline(views.Timeline):
    model = RoadPermit

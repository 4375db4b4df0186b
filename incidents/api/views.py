"""Incident reports over REST: the short door, the collection, one report, its moves and history, the catalogue."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import catalogue
from incidents.api import serializers
from incidents.api.filing import DOOR
from incidents.api.filters import FILTERS
from incidents.api.schema import EXAMPLE, IncidentReportSerializer
from incidents.models import Incident
from incidents.views.doors import HOUR, MOST_FILED, may
from workflow.api import documented, kinds, views
from workflow.api import serializers as shared
from workflow.api.authentication import actor_of
from workflow.api.problems import Problem

TAGS = ["incidents"]
OF = documented.reference("IR-26-7K3QXM")
POTHOLE = OpenApiExample("Pothole on US-69", value=EXAMPLE, request_only=True)
NOT_FIXED = OpenApiExample(
    "Not fixed", value={"transition": "reopen", "data": {"text": "The patch came out again."}}
)  # fmt: skip


@extend_schema_view(
    post=documented.filing_at_the_short_door(
        IncidentReportSerializer, POTHOLE, 429, tags=["short doors"],
        operation_id="file_incident", summary="Report an incident: the short door",
        description="With an API key the report is the key's. Without one anybody may report, as with the public "
        "form, and the answer has the secret address where the reporter follows it. A wrong key is refused.",
    )
)  # fmt: skip
class ShortDoor(kinds.ShortDoor):
    """Report in one call, with an API key or as anybody."""

    door = DOOR

    def post(self, request: Request) -> Response:
        if actor_of(request) is None and not may(request._request, "report-filed", MOST_FILED):
            wait = int(HOUR.total_seconds())
            sentence = "Many reports came from your network address within an hour. Try again later, or ask for a key."
            raise Problem("too_many_requests", sentence, headers={"Retry-After": str(wait)})
        return super().post(request)


@extend_schema_view(
    get=documented.listing(
        serializers.IncidentPageSerializer, FILTERS, tags=TAGS,
        operation_id="list_incidents", summary="Reports this key may see, newest first",
    ),
    post=documented.filing(
        IncidentReportSerializer, POTHOLE, tags=TAGS, operation_id="create_incident", summary="Report an incident"
    ),
)  # fmt: skip
class Incidents(kinds.Collection):
    """All reports the key may see; and filing."""

    model, door, page, parameters = Incident, DOOR, serializers.IncidentPageSerializer, FILTERS
    unlisted = ("description", "answers", "public_sentence", "seen_nearby")


@extend_schema_view(
    get=documented.reading(
        serializers.IncidentSerializer, of=OF, tags=TAGS, operation_id="get_incident", summary="One report"
    )
)  # fmt: skip
class OneIncident(kinds.One):
    """One report."""

    model, shape = Incident, serializers.IncidentSerializer
    related = ("team", "duplicate_of")


@extend_schema_view(
    get=documented.listing_moves(
        of=OF, tags=TAGS, operation_id="list_incident_transitions",
        summary="What this key may do with a report now, and why not the rest",
    ),
    post=documented.moving(
        NOT_FIXED, of=OF, tags=TAGS, operation_id="fire_incident_transition",
        summary="Move a report: the only way its state changes",
        description="A key makes the reporter's moves: answer and reopen. No note is taken: words go into data.",
    ),
)  # fmt: skip
class IncidentTransitions(views.Transitions):
    model = Incident
    takes_note = False


@extend_schema_view(
    get=documented.reading(
        shared.TimelineSerializer, of=OF, tags=TAGS, operation_id="get_incident_timeline",
        summary="The public history of a report, oldest first",
    )
)  # fmt: skip
class IncidentTimeline(views.Timeline):
    model = Incident


class Categories(views.Public):
    """What can be reported, with the questions of each category."""

    @extend_schema(
        operation_id="list_categories", summary="What can be reported, and what is asked", tags=["categories"],
        auth=[], responses=documented.answers({200: serializers.CategoriesSerializer}),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        known = catalogue.catalogue()
        body = {"changed_at": catalogue.changeset(), "results": known.offered}
        return Response(serializers.CategoriesSerializer(body, context={"catalogue": known}).data)

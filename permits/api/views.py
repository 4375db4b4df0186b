"""Road permits over REST: the short door, the collection, one permit, its moves and its history."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from permits.api import serializers
from permits.api.filing import caller, file_application
from permits.application.example import example
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.workflow import ROAD_PERMIT
from workflow.api import documented, paging, views
from workflow.api import serializers as shared
from workflow.api.filters import Parameter, bounding_box, case_parameters, narrowed, search_text
from workflow.api.idempotency import REPLAYED, idempotency_key, status_then
from workflow.api.views import READ, SUBMIT, Base, OfCase, Public, begun, tagged
from workflow.definition import all_steps
from workflow.tracker import tracking_url

TAGS = ["permits"]
# A list shows none of these, and some are long.
UNLISTED = ("application", "area", "invoice", "impact_parts", "checklist", "safety", "info_items", "explanation")
EXAMPLE = OpenApiExample("Fiber below US-69", value=example(date(2027, 1, 4)), request_only=True)

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


class ShortDoor(Public):
    """File an application in one call, with an API key or as anybody."""

    @extend_schema(
        operation_id="file_permit", summary="File an application: the short door",
        description="With an API key the application is the key's. Without one anybody may file, as with the public "
        "form, and the answer has the secret address where the applicant follows it. A wrong key is refused.",
        tags=["short doors"], auth=[{"ApiKey": []}, {}], examples=[EXAMPLE],  # type: ignore[list-item]
        parameters=[documented.idempotency_header(required=False)],
        request=serializers.ApplicationSerializer,
        responses=documented.answers({201: shared.ReceiptSerializer}, 401, 403, 413, 415, 422),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor, key = caller(request)
        started = file_application(request, actor=actor, key=key)
        receipt = {
            "workflowId": started.id,
            "status": status_then(started),
        }
        if actor.key_id is None:
            receipt["trackingUrl"] = tracking_url(started.case)
        return Response(receipt, status=201, headers=_filed_headers(started.case, started.replayed))


class Permits(Base):
    """All permits the key may see; and filing."""

    scopes = {"GET": READ, "POST": SUBMIT}
    parameters = FILTERS

    @extend_schema(
        operation_id="list_permits", summary="Permits this key may see, newest first", tags=TAGS,
        parameters=documented.parameters(FILTERS),
        responses=documented.answers({200: serializers.PermitPageSerializer}, 401, 403),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = begun(RoadPermit, self.actor).select_related("team").defer(*UNLISTED)
        page = paging.page_of(narrowed(rows, self.values, FILTERS), request, self.values)
        return Response(serializers.PermitPageSerializer({"results": page.rows, "next": page.next}).data)

    @extend_schema(
        operation_id="create_permit", summary="File an application", tags=TAGS, examples=[EXAMPLE],
        parameters=[documented.idempotency_header(required=True)],
        request=serializers.ApplicationSerializer,
        responses=documented.answers({201: shared.FiledSerializer}, 401, 403, 413, 415, 422),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        key = idempotency_key(request, required=True)
        started = file_application(request, actor=self.actor, key=key)
        body = {
            "reference": started.id,
            "status": status_then(started),
            "url": serializers.url_of(started.case),
        }
        return Response(body, status=201, headers=_filed_headers(started.case, started.replayed))


class Permit(OfCase):
    """One permit."""

    model = RoadPermit
    scopes = {"GET": READ}

    @extend_schema(
        operation_id="get_permit", summary="One permit", tags=TAGS,
        parameters=[documented.REFERENCE, documented.IF_NONE_MATCH, documented.ETAG],
        responses=documented.answers({200: serializers.PermitSerializer, 304: None}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> Response:
        permit = self.case(reference)
        return tagged(request, permit, serializers.PermitSerializer(permit).data)


class PermitTransitions(views.Transitions):
    model = RoadPermit

    @extend_schema(
        operation_id="list_transitions", summary="What this key may do now, and why not the rest", tags=TAGS,
        parameters=[documented.REFERENCE, documented.ETAG],
        responses=documented.answers({200: shared.OptionsSerializer}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> Response:
        return super().get(request, reference)

    @extend_schema(
        operation_id="fire_transition", summary="Move a permit: the only way its state changes", tags=TAGS,
        parameters=[documented.REFERENCE, documented.IF_MATCH, documented.ETAG],
        request=shared.MoveSerializer,
        examples=[OpenApiExample("Withdraw", value={"transition": "cancel", "data": {"reason": "Postponed."}})],
        responses=documented.answers(
            {200: shared.MovedSerializer}, 401, 403, 404, 409, 412, 413, 415, 422, 428
        ),
    )  # fmt: skip
    def post(self, request: Request, reference: str) -> Response:
        return super().post(request, reference)


class PermitTimeline(views.Timeline):
    model = RoadPermit

    @extend_schema(
        operation_id="get_timeline", summary="The public history, oldest first", tags=TAGS,
        parameters=[documented.REFERENCE, documented.IF_NONE_MATCH, documented.ETAG],
        responses=documented.answers({200: shared.TimelineSerializer, 304: None}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> Response:
        return super().get(request, reference)


def _filed_headers(permit: RoadPermit, replayed: bool) -> dict[str, str]:
    headers = {"Location": serializers.url_of(permit)}
    return headers | {REPLAYED: "true"} if replayed else headers

"""``GET /api/v1/events/``: every move of every case the key may see, in order. The source of truth behind webhooks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from workflow import stream
from workflow.api import documented
from workflow.api.authentication import actor_of, scope_missing
from workflow.api.documented import answers
from workflow.api.filters import Parameter, Unreadable, one_of
from workflow.api.serializers import Moment
from workflow.api.views import READ, Base
from workflow.registry import registry

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000
CLOUD_EVENTS = "application/cloudevents-batch+json"


class MoveMadeSerializer(serializers.Serializer[Any]):
    """One move, without personal data."""

    id = serializers.IntegerField(help_text="Its number; grows, with gaps.")
    type = serializers.CharField(help_text="Kind of case and move: `roadPermit.approve`.")
    time = Moment()
    reference = serializers.CharField()
    revision = serializers.IntegerField(help_text="Of the case after the move.")
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    url = serializers.CharField(help_text="Where the case is read.")


class EventPageSerializer(serializers.Serializer[Any]):
    results = MoveMadeSerializer(many=True)
    after = serializers.IntegerField(help_text="Send it as `after` next time, also when this page was empty.")
    more = serializers.BooleanField(help_text="Whether there is more to read at once.")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Unreadable("Send the number of the last event you have, or 0.")
    return int(text)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_LIMIT):
        raise Unreadable(f"Send a whole number from 1 to {LARGEST_LIMIT:,}.")
    return int(text)


def _type(text: str) -> str:
    return one_of(stream.types())(text)


PARAMETERS = (
    Parameter(
        name="after",
        description="Only events behind this number; 0 for all there are.",
        read=_number,
        schema={"type": "integer", "minimum": 0, "default": 0},
    ),
    Parameter(
        name="limit",
        description="At most so many.",
        read=_limit,
        schema={"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    ),
    Parameter(name="type", description="Only these types; may be repeated.", read=_type, many=True),
)
ACCEPT = OpenApiParameter(
    "Accept",
    str,
    OpenApiParameter.HEADER,
    description=f"`{CLOUD_EVENTS}`: the events as CloudEvents 1.0, and `after` as the header `Milepost-After`.",
)


class ReadsSomething(BasePermission):
    """A key that may read at least one kind of case."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = actor_of(request)
        if actor is None:
            return False
        wanted = {f"{workflow.model.scope}:{what}" for workflow in registry for what in READ}
        if not actor.scopes & wanted:
            raise scope_missing(*wanted)
        return True


class Events(Base):
    """Read on from the last number: nothing is missed, nothing comes twice."""

    permission_classes = [ReadsSomething]
    parameters = PARAMETERS

    @extend_schema(
        operation_id="list_events", summary="What happened, in order, from any point on", tags=["events"],
        parameters=[*documented.parameters(PARAMETERS), ACCEPT],
        responses={
            **answers({200: EventPageSerializer}, 401, 403),
            (200, CLOUD_EVENTS): OpenApiResponse({"type": "array", "items": {"type": "object"}}),
        },
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        (after,) = self.values.get("after", [0])
        (limit,) = self.values.get("limit", [DEFAULT_LIMIT])
        events = stream.seen_by(stream.moves(), self.actor).filter(pk__gt=after)
        if "type" in self.values:
            events = stream.of_types(events, self.values["type"])
        found = [stream.thin(event) for event in events[: limit + 1]]
        page, more = found[:limit], len(found) > limit
        after = page[-1]["id"] if page else after
        if CLOUD_EVENTS in request.headers.get("Accept", ""):
            headers = {"Milepost-After": str(after)}
            return Response([enveloped(one) for one in page], content_type=CLOUD_EVENTS, headers=headers)
        return Response({"results": page, "after": after, "more": more})


def enveloped(event: dict[str, Any]) -> dict[str, Any]:
    """A move as a CloudEvent 1.0."""
    return {
        "specversion": "1.0",
        "id": str(event["id"]),
        "source": f"{settings.SITE_URL}/api/v1/events/",
        "type": event["type"],
        "subject": event["reference"],
        "time": event["time"],
        "datacontenttype": "application/json",
        "data": event,
    }

"""``/api/v1/webhooks/``: a key's endpoints, their secrets, and what they were told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from workflow import stream
from workflow.api.authentication import actor_of, scope_missing
from workflow.api.documented import answers
from workflow.api.problems import Problem, finding
from workflow.api.serializers import Moment
from workflow.api.views import Base
from workflow.contrib.webhooks import guarded, telling
from workflow.contrib.webhooks.models import Delivery, Endpoint, new_nonce
from workflow.writing import writing

SCOPE = "webhooks:manage"
MOST_ENDPOINTS = 10  # of one key
MOST_SHOWN = 100  # deliveries, the newest
MOST_TYPES = 50
TAGS = ["webhooks"]
FIELDS = ("url", "types", "description")
ACTS = ("enable", "disable", "rotate", "test", "recover")
ONE = OpenApiParameter("endpoint", UUID, OpenApiParameter.PATH)


class NewEndpointSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="https://…, port 443 or 8443.")
    types = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Types of events; left out or empty: all."
    )
    description = serializers.CharField(required=False)


class EndpointSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uuid")
    address = serializers.SerializerMethodField(help_text="Of this endpoint in the API.")
    url = serializers.CharField()
    types = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    enabled = serializers.BooleanField(source="is_enabled")
    disabled_because = serializers.CharField()
    failing_since = Moment(allow_null=True)
    created_at = Moment()

    def get_address(self, endpoint: Endpoint) -> str:
        return f"/api/v1/webhooks/{endpoint.uuid}/"


class EndpointWithSecretSerializer(EndpointSerializer):
    secret = serializers.CharField(help_text="Signs the messages; shown now and after a rotation only.")


class EndpointListSerializer(serializers.Serializer[Any]):
    results = EndpointSerializer(many=True)


class AttemptSerializer(serializers.Serializer[Any]):
    at = Moment()
    status = serializers.IntegerField(allow_null=True)
    took_ms = serializers.IntegerField()
    said = serializers.CharField()


class DeliverySerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="message_id", help_text="Sent as `webhook-id`.")
    type = serializers.CharField()
    outcome = serializers.CharField(help_text="open, delivered, given_up")
    created_at = Moment()
    due_at = Moment(help_text="When it is tried next, while it is open.")
    attempts = AttemptSerializer(source="tries", many=True)


class DeliveryListSerializer(serializers.Serializer[Any]):
    results = DeliverySerializer(many=True)


class ActSerializer(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=ACTS)
    since = serializers.DateTimeField(required=False, help_text="With recover: what was given up since then.")


class ManagesWebhooks(BasePermission):
    """A key with the scope webhooks:manage; it sees its own endpoints only."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = actor_of(request)
        if actor is None:
            return False
        if SCOPE not in actor.scopes:
            raise scope_missing(SCOPE)
        return True


class Endpoints(Base):
    permission_classes = [ManagesWebhooks]

    @extend_schema(
        operation_id="list_webhooks", summary="Endpoints of this key", tags=TAGS,
        responses=answers({200: EndpointListSerializer}, 401, 403),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        found = Endpoint.objects.filter(key_id=self.actor.key_id)
        return Response({"results": EndpointSerializer(found, many=True).data})

    @extend_schema(
        operation_id="create_webhook", summary="Be told of events at an address of yours", tags=TAGS,
        request=NewEndpointSerializer, responses=answers({201: EndpointWithSecretSerializer}, 401, 403, 415, 422),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        values, key = _checked(request.data), self.actor.key_id
        assert key is not None, "ManagesWebhooks lets keys in only"
        with writing():
            if Endpoint.objects.filter(key_id=key).count() >= MOST_ENDPOINTS:
                raise Problem("refused", f"A key has at most {MOST_ENDPOINTS} endpoints: take one away first.")
            made = Endpoint.objects.create(key_id=key, cursor=stream.newest(), **values)
        address = f"/api/v1/webhooks/{made.uuid}/"
        return Response(EndpointWithSecretSerializer(made).data, status=201, headers={"Location": address})


class OfEndpoint(Base):
    permission_classes = [ManagesWebhooks]

    def endpoint(self, uuid: UUID) -> Endpoint:
        """Raises Http404 for what does not exist and for another key's."""
        found = Endpoint.objects.filter(key_id=self.actor.key_id, uuid=uuid).first()
        if found is None:
            raise Http404
        return found


class One(OfEndpoint):
    http_method_names = ["get", "head", "post", "delete"]

    @extend_schema(
        operation_id="get_webhook", summary="One endpoint", tags=TAGS, parameters=[ONE],
        responses=answers({200: EndpointSerializer}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, endpoint: UUID) -> Response:
        return Response(EndpointSerializer(self.endpoint(endpoint)).data)

    @extend_schema(
        operation_id="act_on_webhook", summary="Switch off or on, change the secret, try, tell again", tags=TAGS,
        parameters=[ONE], request=ActSerializer,
        responses=answers({200: EndpointWithSecretSerializer}, 401, 403, 404, 415),
        description="`rotate` answers the new `secret`; for 24 hours the old one signs along. `test` sends a message "
        "of the type milepost.test. `recover` tells again what was given up.",
    )  # fmt: skip
    def post(self, request: Request, endpoint: UUID) -> Response:
        found = self.endpoint(endpoint)
        act, since = _act(request.data)
        match act:
            case "enable":
                telling.enable(found)
            case "disable":
                telling.disable(found, "Its owner switched it off.")
            case "rotate":
                found.previous_nonce, found.nonce, found.rotated_at = found.nonce, new_nonce(), timezone.now()
                found.save(update_fields=["previous_nonce", "nonce", "rotated_at"])
            case "test":
                telling.trial(found)
            case "recover":
                telling.recover(found, since)
        found.refresh_from_db()
        shape = EndpointWithSecretSerializer if act == "rotate" else EndpointSerializer
        return Response(shape(found).data)

    @extend_schema(
        operation_id="delete_webhook", summary="Tell it nothing any more, and forget it with its log", tags=TAGS,
        parameters=[ONE], responses=answers({204: None}, 401, 403, 404),
    )  # fmt: skip
    def delete(self, request: Request, endpoint: UUID) -> Response:
        self.endpoint(endpoint).delete()
        return Response(status=204)


class Deliveries(OfEndpoint):
    @extend_schema(
        operation_id="list_deliveries", summary="What it was told lately, and how that went", tags=TAGS,
        parameters=[ONE], responses=answers({200: DeliveryListSerializer}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, endpoint: UUID) -> Response:
        found = self.endpoint(endpoint).deliveries.prefetch_related("tries")[:MOST_SHOWN]
        return Response({"results": DeliverySerializer(found, many=True).data})


class OneDelivery(OfEndpoint):
    @extend_schema(
        operation_id="redeliver", summary="Tell it once more", tags=TAGS, request=None,
        parameters=[ONE, OpenApiParameter("message", str, OpenApiParameter.PATH)],
        responses=answers({202: DeliverySerializer}, 401, 403, 404),
    )  # fmt: skip
    def post(self, request: Request, endpoint: UUID, message: str) -> Response:
        found = self.endpoint(endpoint).deliveries.filter(message_id=message).first()
        if found is None:
            raise Http404
        telling.again(found)
        return Response(DeliverySerializer(Delivery.objects.get(pk=found.pk)).data, status=202)


def _checked(body: Any) -> dict[str, Any]:
    """The fields of a new endpoint. Raises Problem with a line for each fault."""
    faults = [
        finding("unknown_field", "There is no such field.", pointer=f"/{name}") for name in body if name not in FIELDS
    ]
    url, types, description = body.get("url"), body.get("types") or [], body.get("description") or ""
    try:
        guarded.check_url(url if isinstance(url, str) else "", inside=settings.WEBHOOKS_MAY_CALL_INSIDE)
    except guarded.Forbidden as error:
        faults.append(finding("invalid_url", str(error), pointer="/url"))
    known = set(stream.types())
    if not isinstance(types, list) or len(types) > MOST_TYPES or any(one not in known for one in map(str, types)):
        sentence = f"Send a list of at most {MOST_TYPES} types, such as roadPermit.approve."
        faults.append(finding("unknown_type", sentence, pointer="/types"))
    if not isinstance(description, str) or len(description) > 120:
        faults.append(finding("invalid", "Send a text of at most 120 characters.", pointer="/description"))
    if faults:
        raise Problem("invalid_data", "Correct the fields named in errors.", errors=faults)
    return {"url": url, "types": sorted(set(types)), "description": description}


def _act(body: Any) -> tuple[str, Any]:
    read = ActSerializer(data=body)
    unknown = sorted(set(body) - {"act", "since"})
    faults = [finding("unknown_field", "There is no such field.", pointer=f"/{name}") for name in unknown]
    if not read.is_valid():
        faults += [finding("invalid", str(errors[0]), pointer=f"/{name}") for name, errors in read.errors.items()]
    elif read.validated_data["act"] == "recover" and "since" not in read.validated_data:
        faults.append(finding("required", "Say since when: 2026-11-23T08:00:00Z.", pointer="/since"))
    if faults:
        raise Problem("invalid_data", "Correct the fields named in errors.", errors=faults)
    return read.validated_data["act"], read.validated_data.get("since")

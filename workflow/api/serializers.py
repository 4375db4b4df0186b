"""Shapes of answers that every kind of case shares."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflow.tracker import label_of, standing


class Moment(serializers.DateTimeField):
    """RFC 3339 in UTC, with Z."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("read_only", True)
        super().__init__(default_timezone=UTC, **kwargs)


class ErrorSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer to the value in the body; empty: the whole request.")
    code = serializers.CharField()
    detail = serializers.CharField(help_text="A sentence that says what to do.")
    parameter = serializers.CharField(required=False, help_text="The query parameter at fault.")
    header = serializers.CharField(required=False, help_text="The request header at fault.")


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="Address that explains the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence that says what to do next.")
    instance = serializers.CharField()
    code = serializers.CharField(help_text="Stable; for programs.")
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]
    allowed = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="With wrong_state: the transitions that start here."
    )
    revision = serializers.IntegerField(required=False, help_text="With stale_revision: where the case is now.")


GEOMETRY = {
    "type": ["object", "null"],
    "description": "GeoJSON geometry, WGS84, longitude first.",
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
}


class CaseSummarySerializer(serializers.Serializer[Any]):
    """A case in a list: what every kind shows."""

    reference = serializers.CharField()
    url = serializers.SerializerMethodField()
    workflow = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    status = serializers.CharField(
        source="at_step", help_text="The step it is at; the state where no step is under way."
    )
    revision = serializers.IntegerField(help_text="Counts every change; the ETag.")
    title = serializers.CharField()
    route = serializers.CharField()
    county = serializers.CharField()
    district = serializers.CharField()
    team = serializers.CharField(source="team.code", default=None, allow_null=True)
    location = serializers.SerializerMethodField(help_text="Where it is, as one point.")
    due_at = Moment(allow_null=True, help_text="When the present step is due.")
    overdue = serializers.SerializerMethodField(help_text="Whether that moment is past while the clock runs.")
    escalated_at = Moment(allow_null=True, help_text="When it went before the manager because its deadline passed.")
    created_at = Moment()
    updated_at = Moment()
    closed_at = Moment(allow_null=True)

    def get_url(self, case: Any) -> str:
        return url_of(case)

    def get_overdue(self, case: Any) -> bool:
        return standing(case).is_overdue

    @extend_schema_field(GEOMETRY)
    def get_location(self, case: Any) -> dict[str, Any] | None:
        if case.longitude is None:
            return None
        return {"type": "Point", "coordinates": [case.longitude, case.latitude]}


def url_of(case: Any) -> str:
    """The address of a case, without scheme and host."""
    return f"/api/v1/{case.scope}/{case.reference}/"


class ReceiptSerializer(serializers.Serializer[Any]):
    """What the short doors answer."""

    workflowId = serializers.CharField(help_text="The public reference, such as RP-26-7K3QXM.")
    status = serializers.CharField(help_text="The step the request is at.")
    trackingUrl = serializers.CharField(
        required=False, help_text="Only without an API key: the secret address where the applicant follows the case."
    )


class FiledSerializer(serializers.Serializer[Any]):
    reference = serializers.CharField()
    status = serializers.CharField(help_text="The step the case is at.")
    url = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")
    source = serializers.CharField(help_text="Where the rule stands.")  # type: ignore[assignment]


class OptionSerializer(serializers.Serializer[Any]):
    """A transition that starts here."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    permitted = serializers.BooleanField(help_text="Whether this key may make the move.")
    reasons = ReasonSerializer(many=True, help_text="What stands in the way now; empty: nothing.")
    data = serializers.DictField(help_text="JSON Schema of the data it takes.")  # type: ignore[assignment]


class OptionsSerializer(serializers.Serializer[Any]):
    state = serializers.CharField()
    results = OptionSerializer(many=True)


class MoveSerializer(serializers.Serializer[Any]):
    transition = serializers.CharField(help_text="Name of the transition.")
    note = serializers.CharField(required=False, default="", help_text="A sentence for the history.")
    data = serializers.DictField(required=False, help_text="What it takes; see GET.")  # type: ignore[assignment]


class MovedSerializer(serializers.Serializer[Any]):
    reference = serializers.CharField()
    state = serializers.CharField()
    status = serializers.CharField(source="at_step")
    revision = serializers.IntegerField()


class EventSerializer(serializers.Serializer[Any]):
    """A line of the public history."""

    seq = serializers.IntegerField()
    at = Moment()
    kind = serializers.CharField()
    transition = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    actor = serializers.CharField()
    actor_kind = serializers.CharField()
    note = serializers.CharField()

    def get_label(self, event: Any) -> str:
        return label_of(self.context["case"], event)


class TimelineSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)

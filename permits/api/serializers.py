"""What the API shows of a road permit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from permits.application.schema import application_schema
from permits.rules.documents import DocumentKind
from workflow.api.serializers import GEOMETRY, CaseSummarySerializer, Moment, url_of
from workflow.tracker import standing


class ApplicationSerializer(serializers.Serializer[Any]):
    """The body of an application: described by the fields that check it, and checked by them."""


class ApplicationSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "permits.api.serializers.ApplicationSerializer"

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return application_schema()


class Money(serializers.DecimalField):
    """US dollars as text, so that no client rounds them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, **kwargs)


class PermitSummarySerializer(CaseSummarySerializer):
    """A permit in a list."""

    permit_type = serializers.CharField(source="category")
    holder = serializers.CharField()
    location = serializers.SerializerMethodField(help_text="A point within the work's area.")
    start_at = Moment(allow_null=True)
    end_at = Moment(allow_null=True)


class QuestionSerializer(serializers.Serializer[Any]):
    """What we asked the applicant."""

    number = serializers.IntegerField(help_text="The key of its answer in provide_information.")
    field = serializers.CharField(help_text="The field it is about; may be empty.")
    text = serializers.CharField()
    answer = serializers.CharField()


class ImpactSerializer(serializers.Serializer[Any]):
    index = serializers.DecimalField(max_digits=3, decimal_places=1, allow_null=True, help_text="0 to 5.")
    parts = serializers.ListField(child=serializers.DictField())


class FeeSerializer(serializers.Serializer[Any]):
    total = Money()
    settled_at = Moment(allow_null=True)
    refund = Money()
    invoice = serializers.DictField(help_text="The items, frozen at submission.")


class DecisionSerializer(serializers.Serializer[Any]):
    at = Moment()
    by = serializers.CharField(help_text="officer, or deemed: the deadline passed.")
    conditions = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField())
    explanation = serializers.CharField()
    appeal_until = serializers.DateField(allow_null=True)


class PermitSerializer(PermitSummarySerializer):
    """A permit by itself."""

    geometry = serializers.SerializerMethodField()
    awaits = serializers.SerializerMethodField(help_text="Who must act next; empty when nobody must.")
    permit_class = serializers.CharField()
    is_emergency = serializers.BooleanField()
    full_closure = serializers.BooleanField()
    submitted_at = Moment(allow_null=True)
    issued_at = Moment(allow_null=True)
    actual_start_at = Moment(allow_null=True)
    actual_end_at = Moment(allow_null=True)
    overrun = serializers.BooleanField()
    impact = serializers.SerializerMethodField()
    fee = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()
    questions_due_at = Moment(source="info_due_at", allow_null=True)
    decision = serializers.SerializerMethodField()
    application_revision = serializers.IntegerField()
    application = serializers.DictField(help_text="The answers of the newest revision, in the shape they are sent in.")

    @extend_schema_field(GEOMETRY)
    def get_geometry(self, permit: Any) -> dict[str, Any] | None:
        area: dict[str, Any] | None = permit.area
        return area

    def get_awaits(self, permit: Any) -> str:
        return standing(permit).awaits

    @extend_schema_field(ImpactSerializer)
    def get_impact(self, permit: Any) -> Any:
        return ImpactSerializer({"index": permit.impact_index, "parts": permit.impact_parts}).data

    @extend_schema_field(FeeSerializer)
    def get_fee(self, permit: Any) -> Any:
        fee = {
            "total": permit.fee_total or Decimal(0),
            "settled_at": permit.fee_settled_at,
            "refund": permit.refund_total,
            "invoice": permit.invoice,
        }
        return FeeSerializer(fee).data

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, permit: Any) -> Any:
        return [{"number": number, **item} for number, item in enumerate(permit.info_items)]

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, permit: Any) -> Any:
        if permit.decided_at is None:
            return None
        decision = {
            "at": permit.decided_at,
            "by": permit.decision_source,
            "conditions": permit.conditions,
            "reasons": permit.reasons,
            "explanation": permit.explanation,
            "appeal_until": permit.appeal_until,
        }
        return DecisionSerializer(decision).data


class PermitPageSerializer(serializers.Serializer[Any]):
    results = PermitSummarySerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class DocumentSerializer(serializers.Serializer[Any]):
    id = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    kind = serializers.CharField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField(source="size")
    sha256 = serializers.CharField()
    created_at = Moment()
    replaced = serializers.SerializerMethodField(help_text="Whether a newer one took its place.")

    def get_id(self, document: Any) -> str:
        return public_id(document)

    def get_url(self, document: Any) -> str:
        return f"{url_of(self.context['case'])}documents/{public_id(document)}/"

    def get_replaced(self, document: Any) -> bool:
        return document.replaced_at is not None


class DocumentsSerializer(serializers.Serializer[Any]):
    results = DocumentSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DocumentKind.choices())
    file = serializers.FileField(help_text="PDF, PNG, JPG, DWG, DXF or DOCX; at most 25 MB.")


def public_id(document: Any) -> str:
    """The random part of the stored name: the row's number would tell how many documents there are."""
    return str(document.storage_name).rsplit("/", 1)[-1].partition(".")[0]

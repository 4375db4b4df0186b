"""What the API shows of a report. Never who reported it: name, e-mail and phone stay with the officers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.masking import masked
from incidents.models import Question
from incidents.models.catalogue import Datatype
from workflow.api.serializers import CaseSummarySerializer, Moment
from workflow.tracker import standing

PLAIN = (Datatype.NUMBER, Datatype.DATETIME, Datatype.SINGLE, Datatype.MULTI)  # answers in which no person can stand


def is_filer(case: Any, actor: Any) -> bool:
    """Whether the key of ``actor`` filed this report: it reads its own words back."""
    return actor.key_id is not None and case.filed_with_id == actor.key_id


class IncidentSummarySerializer(CaseSummarySerializer):
    """A report in a list."""

    category = serializers.CharField()
    group = serializers.CharField(source="category_group")
    public_status = serializers.CharField(source="status", help_text="open or closed, as Open311 says it.")
    direction = serializers.CharField(help_text="Of travel: NB, SB, EB, WB, both, or empty.")
    milepost = serializers.FloatField(allow_null=True)
    votes = serializers.IntegerField(help_text="How many others saw it, too.")
    expected_at = Moment(allow_null=True, help_text="Until when we said we would have acted.")
    ended_at = Moment(allow_null=True)


class InquirySerializer(serializers.Serializer[Any]):
    """A question to the reporter."""

    text = serializers.CharField()
    asked_at = Moment()
    due_at = Moment(help_text="Until when we wait for the answer.")
    answer = serializers.CharField()
    answered_at = Moment(allow_null=True)


class IncidentSerializer(IncidentSummarySerializer):
    """A report by itself."""

    awaits = serializers.SerializerMethodField(help_text="Who must act next; empty when nobody must.")
    description = serializers.SerializerMethodField(
        help_text="As it was written for the key that filed it; for others without addresses and numbers of persons."
    )
    address = serializers.SerializerMethodField(help_text="The place in words.")
    answers = serializers.SerializerMethodField(
        help_text="Question code to answer. Free text only for the key that filed it."
    )
    questions = serializers.SerializerMethodField(
        help_text="What we asked the reporter; only for the key that filed it."
    )
    planned_for = serializers.DateField(allow_null=True, help_text="The day the repair is planned for.")
    reason_code = serializers.CharField(help_text="Why it ended; empty while it is open.")
    public_sentence = serializers.CharField(help_text="What was done, in a sentence.")
    reopen_until = Moment(allow_null=True, help_text="Until when the transition reopen may bring it back.")
    duplicate_of = serializers.CharField(source="duplicate_of.reference", default=None, allow_null=True)

    def get_awaits(self, incident: Any) -> str:
        return standing(incident).awaits

    def get_description(self, incident: Any) -> str:
        return self._words(incident, incident.description)

    def get_address(self, incident: Any) -> str:
        return self._words(incident, incident.address)

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_answers(self, incident: Any) -> Mapping[str, Any]:
        given: Mapping[str, Any] = incident.answers
        if self._own(incident):
            return given
        plain = Question.objects.filter(category__code=incident.category, datatype__in=PLAIN)
        shown = set(plain.values_list("code", flat=True)) if given and not incident.hidden_because else set()
        return {code: value for code, value in given.items() if code in shown}

    @extend_schema_field(InquirySerializer(many=True))
    def get_questions(self, incident: Any) -> Any:
        return InquirySerializer(incident.inquiries.all(), many=True).data if self._own(incident) else []

    def _own(self, incident: Any) -> bool:
        return is_filer(incident, self.context["actor"])

    def _words(self, incident: Any, text: str) -> str:
        """A person's own words: whole for whoever wrote them, masked for others, nothing of what is hidden."""
        if self._own(incident):
            return text
        return "" if incident.hidden_because else masked(text)


class IncidentPageSerializer(serializers.Serializer[Any]):
    results = IncidentSummarySerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


# -- photos -----------------------------------------------------------------------------------------------------------


class PhotoSerializer(serializers.Serializer[Any]):
    """A photo as we redrew it: JPEG, upright, without what the camera wrote into it."""

    id = serializers.CharField(source="token")
    url = serializers.SerializerMethodField(help_text="Where the picture is, on this site.")
    kind = serializers.CharField(help_text="report, or repair.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField()
    size_bytes = serializers.IntegerField(source="size")
    is_public = serializers.BooleanField(help_text="Whether everybody may see it: an officer has looked at it.")
    created_at = Moment()

    def get_url(self, photo: Any) -> str:
        address: str = self.context["address"](photo)
        return address


class PhotosSerializer(serializers.Serializer[Any]):
    results = PhotoSerializer(many=True)


class PhotoUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="JPEG, PNG, WebP or GIF; at most 15 MB and 25 megapixels.")


# -- categories -------------------------------------------------------------------------------------------------------


class ChoiceSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    stop = serializers.SerializerMethodField(help_text="Said instead of taking a report with this answer.")

    def get_stop(self, choice: Any) -> str:
        return str(choice.get("stop") or "")


class CategoryQuestionSerializer(serializers.Serializer[Any]):
    """A question of a category; its type is one of Open311's."""

    code = serializers.CharField()
    text = serializers.CharField()
    type = serializers.CharField(source="datatype")
    required = serializers.BooleanField()  # type: ignore[assignment]
    answerable = serializers.BooleanField(source="variable", help_text="No: a text that is only shown.")
    hint = serializers.CharField()
    values = ChoiceSerializer(many=True, help_text="What lists offer.")


class CategorySerializer(serializers.Serializer[Any]):
    """A kind of problem that can be reported."""

    code = serializers.CharField(help_text="Stable; the service_code of Open311.")
    name = serializers.CharField()
    group = serializers.CharField()
    group_name = serializers.CharField(source="get_group_display")
    description = serializers.CharField()
    keywords = serializers.SerializerMethodField(help_text="Other words for it.")
    safety = serializers.BooleanField(help_text="Its clock runs day and night.")
    stop = serializers.CharField(help_text="Said instead of taking a report; empty: reports are taken.")
    questions = serializers.SerializerMethodField()

    def get_keywords(self, category: Any) -> list[str]:
        return [word.strip() for word in category.keywords.split(",") if word.strip()]

    @extend_schema_field(CategoryQuestionSerializer(many=True))
    def get_questions(self, category: Any) -> Any:
        return CategoryQuestionSerializer(self.context["catalogue"].questions_of(category.code), many=True).data


class CategoriesSerializer(serializers.Serializer[Any]):
    changed_at = Moment(allow_null=True, help_text="When any of it was changed last.")
    results = CategorySerializer(many=True)

"""How the OpenAPI document says what a view answers, its problems included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from workflow.api import serializers
from workflow.api.problems import CODES, MEDIA_TYPE


def reference(example: str) -> OpenApiParameter:
    return OpenApiParameter("reference", str, OpenApiParameter.PATH, description=f"Public reference: {example}.")


REFERENCE = reference("RP-26-7K3QXM")
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag last read; without it 428, stale 412.",
)
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="Unchanged: 304, no body.")
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 201], description='The revision in quotes: `"7"`.'
)


def idempotency_header(*, required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key", str, OpenApiParameter.HEADER, required=required,
        description="The same key and body again: the first answer again, with Idempotency-Replayed: true.",
    )  # fmt: skip


def answers(good: dict[int, Any], *problems: int) -> dict[Any, Any]:
    """Responses of an operation: ``good`` by status, then every problem it may answer."""
    described: dict[Any, Any] = dict(good)
    with_body = {411} if 413 in problems else set()
    for status in sorted({*problems, *with_body, 400, 500, 503}):
        codes = [f"`{code}`: {text}" for code, (of, text) in CODES.items() if of == status]
        described[status, MEDIA_TYPE] = OpenApiResponse(serializers.ProblemSerializer, description="\n".join(codes))
    return described


def parameters(known: Iterable[Any]) -> list[OpenApiParameter]:
    return [parameter.documented() for parameter in known]


# -- the operations every kind of case has; ``words`` are operation_id, summary, description and tags ------------------


def filing_at_the_short_door(body: Any, example: OpenApiExample, *problems: int, **words: Any) -> Any:
    return extend_schema(
        **words, auth=[{"ApiKey": []}, {}], examples=[example],  # type: ignore[list-item]
        parameters=[idempotency_header(required=False)], request=body,
        responses=answers({201: serializers.ReceiptSerializer}, 401, 403, 413, 415, 422, *problems),
    )  # fmt: skip


def listing(page: Any, known: Iterable[Any], **words: Any) -> Any:
    return extend_schema(**words, parameters=parameters(known), responses=answers({200: page}, 401, 403))


def filing(body: Any, example: OpenApiExample, **words: Any) -> Any:
    return extend_schema(
        **words, examples=[example], parameters=[idempotency_header(required=True)], request=body,
        responses=answers({201: serializers.FiledSerializer}, 401, 403, 413, 415, 422),
    )  # fmt: skip


def reading(shape: Any, *, of: OpenApiParameter = REFERENCE, **words: Any) -> Any:
    good = {200: shape, 304: None}
    return extend_schema(**words, parameters=[of, IF_NONE_MATCH, ETAG], responses=answers(good, 401, 403, 404))


def listing_moves(*, of: OpenApiParameter = REFERENCE, **words: Any) -> Any:
    good = {200: serializers.OptionsSerializer}
    return extend_schema(**words, parameters=[of, ETAG], responses=answers(good, 401, 403, 404))


def moving(example: OpenApiExample, *, of: OpenApiParameter = REFERENCE, **words: Any) -> Any:
    good = {200: serializers.MovedSerializer}
    return extend_schema(
        **words, parameters=[of, IF_MATCH, ETAG], request=serializers.MoveSerializer, examples=[example],
        responses=answers(good, 401, 403, 404, 409, 412, 413, 415, 422, 428),
    )  # fmt: skip

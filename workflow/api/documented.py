"""How the OpenAPI document says what a view answers, its problems included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from workflow.api.problems import CODES, MEDIA_TYPE
from workflow.api.serializers import ProblemSerializer

REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH, description="Public reference: RP-26-7K3QXM.")
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
        described[status, MEDIA_TYPE] = OpenApiResponse(ProblemSerializer, description="\n".join(codes))
    return described


def parameters(known: Iterable[Any]) -> list[OpenApiParameter]:
    return [parameter.documented() for parameter in known]

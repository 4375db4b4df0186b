"""Everything that goes wrong below /api/ as one shape: RFC 9457 problem details with stable codes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from workflow.errors import (
    InvalidData,
    KeyReused,
    NotAllowed,
    Reason,
    Refused,
    Stale,
    UnknownWorkflow,
    WorkflowError,
    WrongState,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100  # a body with a thousand mistakes gets the first hundred
RETRY_AFTER_S = 5

# code -> status and what it means. The address of each is the ``type`` of its problems: /api/problems/<code>/.
CODES: dict[str, tuple[int, str]] = {
    "malformed": (400, "The request could not be read."),
    "invalid_data": (400, "Fields of the body are missing or wrong; each has its line in errors."),
    "invalid_parameter": (400, "A query parameter is unknown or has a value that is not offered."),
    "invalid_header": (400, "A request header is missing or has a value that cannot be read."),
    "not_authenticated": (401, "This address needs an API key."),
    "invalid_key": (401, "The API key is not known, expired or revoked."),
    "scope_missing": (403, "The API key lacks a scope."),
    "not_allowed": (403, "This caller may not make this move."),
    "not_found": (404, "There is nothing at this address, or nothing this caller may see."),
    "not_issued": (404, "The permit is not issued yet, so that it has no document."),
    "method_not_allowed": (405, "The address does not take this method; Allow names those it takes."),
    "wrong_state": (409, "The transition does not start where the case stands; allowed names those that do."),
    "length_required": (411, "The body comes without saying how long it is."),
    "stale_revision": (412, "The case changed since the revision named in If-Match."),
    "too_large": (413, "The body is larger than this address takes."),
    "unsupported_media_type": (415, "The body has a media type, or a file a content, that this address does not take."),
    "refused": (422, "A rule stands in the way; each has its line in errors."),
    "idempotency_key_reused": (422, "The Idempotency-Key was used with another body."),
    "precondition_required": (428, "If-Match is missing."),
    "too_many_requests": (429, "Too many requests from one network address; Retry-After says when to try again."),
    "internal_error": (500, "Something failed on our side."),
    "unavailable": (503, "The database does not answer; Retry-After says when to try again."),
}

type Finding = Mapping[str, str]  # pointer, code, detail; parameter or header where the fault is not in the body


@dataclass(frozen=True, kw_only=True)
class Details:
    """A problem before it has an address."""

    code: str
    detail: str
    errors: Sequence[Finding] = ()
    headers: Mapping[str, str] | None = None
    more: Mapping[str, Any] | None = None

    @property
    def status(self) -> int:
        return CODES[self.code][0]


class Problem(Exception):
    """Raised by a view: ``code`` is one of CODES, ``detail`` a sentence that says what to do next."""

    def __init__(
        self, code: str, detail: str, *, errors: Iterable[Finding] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.details = Details(code=code, detail=detail, errors=tuple(errors), headers=headers)


def finding(code: str, detail: str, *, pointer: str = "", **place: str) -> Finding:
    """One line of ``errors``. ``place``: parameter or header."""
    return {"pointer": pointer, "code": code, "detail": detail, **place}


def pointer_to(field: str, body: object = None) -> str:
    """``impacts.0.direction`` as the JSON pointer ``/impacts/0/direction``; a name of the body may hold dots itself."""
    if not field:
        return ""
    parts = [field] if isinstance(body, Mapping) and field in body else field.split(".")
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def findings(reasons: Iterable[Reason], place: Callable[[str], str] = pointer_to) -> list[Finding]:
    return [finding(r.code, r.sentence, pointer=place(r.field)) for r in reasons]


def handle(exc: Exception, context: Mapping[str, Any]) -> Response:
    """The exception handler of every API view. Nothing leaves as a bare 500."""
    set_rollback()
    request = context["request"]
    details = details_of(exc, body=getattr(request, "_full_data", None))
    if details.status >= 500:
        log.exception("%s %s failed", request.method, request.path, exc_info=exc)
    return Response(
        document(details, request.path), details.status, headers=dict(details.headers or {}), content_type=MEDIA_TYPE
    )


def document(details: Details, path: str) -> dict[str, Any]:
    """The body of a problem."""
    return {
        "type": f"/api/problems/{details.code}/",
        "title": HTTPStatus(details.status).phrase,
        "status": details.status,
        "detail": details.detail,
        "instance": path,
        "code": details.code,
        "errors": list(details.errors)[:MOST_ERRORS],
        **(details.more or {}),
    }


def plain(request: HttpRequest, code: str, detail: str) -> JsonResponse | None:
    """For the site's own error pages: a problem when the address lies below /api/, else None."""
    if not request.path.startswith("/api/"):
        return None
    details = Details(code=code, detail=detail)
    return JsonResponse(document(details, request.path), status=details.status, content_type=MEDIA_TYPE)


def details_of(exc: Exception, *, body: object = None) -> Details:
    """The problem an exception stands for."""
    if isinstance(exc, Problem):
        return exc.details
    if isinstance(exc, WorkflowError):
        return _of_workflow(exc, body)
    if isinstance(exc, exceptions.APIException):
        return _of_framework(exc)
    for kinds, code, sentence in _PLAIN:
        if isinstance(exc, kinds):
            return Details(code=code, detail=sentence, headers=_RETRY if code == "unavailable" else None)
    return Details(code="internal_error", detail="Something failed on our side. Nothing was changed; try again later.")


_RETRY = {"Retry-After": str(RETRY_AFTER_S)}
_PLAIN: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((Http404,), "not_found", "There is nothing here that you may see. Check the address and your API key."),
    ((PermissionDenied,), "not_allowed", "You may not do this."),
    ((RequestDataTooBig,), "too_large", "The body is too large. Send less at once."),
    (
        (SuspiciousOperation, UnreadablePostError),
        "malformed",
        "The request could not be read. Check it.",
    ),
    (
        (OperationalError, InterfaceError),
        "unavailable",
        "The database does not answer. Try again in a moment.",
    ),
)


def _of_workflow(exc: WorkflowError, body: object) -> Details:
    match exc:
        case WrongState():
            return Details(code="wrong_state", detail=exc.sentence, more={"allowed": list(exc.allowed)})
        case Stale():
            tag = f'"{exc.revision}"'
            return Details(
                code="stale_revision", detail=exc.sentence, headers={"ETag": tag}, more={"revision": exc.revision}
            )
        case NotAllowed() | KeyReused():
            return Details(code=exc.code, detail=exc.sentence)
        case UnknownWorkflow():
            return Details(code="not_found", detail=exc.sentence)
        case InvalidData() | Refused():
            errors = findings(exc.reasons, lambda field: pointer_to(field, body))
            return Details(code=exc.code, detail=exc.sentence or "This is not possible now.", errors=errors)
    return Details(code="refused", detail=exc.sentence)


def _of_framework(exc: exceptions.APIException) -> Details:
    headers = {"WWW-Authenticate": exc.auth_header} if hasattr(exc, "auth_header") else {}
    match exc:
        case exceptions.NotAuthenticated():
            sentence = "Send your API key in the header “Authorization: Api-Key mp_live_…”."
            return Details(code="not_authenticated", detail=sentence, headers=headers)
        case exceptions.AuthenticationFailed():
            return Details(code="invalid_key", detail=str(exc.detail), headers=headers)
        case exceptions.PermissionDenied():
            return Details(code="scope_missing", detail=str(exc.detail))
        case exceptions.NotFound():
            return Details(code="not_found", detail=str(exc.detail))
        case exceptions.MethodNotAllowed():
            return Details(
                code="method_not_allowed", detail="This address does not take that method. Allow names those it takes."
            )
        case exceptions.UnsupportedMediaType():
            return Details(code="unsupported_media_type", detail=str(exc.detail))
    return Details(code="malformed", detail=str(exc.detail))

"""What every address of the server shares: two formats, errors in them, methods, caches, other sites' scripts."""

from __future__ import annotations

import hashlib
import logging
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from incidents.open311.errors import Refusal, refusal
from incidents.open311.parameters import Parameters, read_pairs
from incidents.open311.render import FORMATS, JSON, XML, Document, Format
from workflow.api.problems import details_of

log = logging.getLogger(__name__)
SAFE = ("GET", "HEAD", "OPTIONS")
STATUSES = frozenset({400, 403, 404, 405, 411, 413, 500, 503})  # what Open311 clients are told; all else is a 400


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a view says. ``changed``: when that was changed last, where it is known."""

    document: Document
    changed: datetime | None = None


@method_decorator(csrf_exempt, name="dispatch")
class Door(View):
    """One address. ``get`` and ``post`` answer an Answer; whatever they raise leaves as ``errors`` in the format."""

    methods: ClassVar[tuple[str, ...]] = ("GET", "HEAD", "OPTIONS")
    of_jurisdiction: ClassVar[bool] = True
    query: Parameters

    def dispatch(self, request: HttpRequest, *args: Any, extension: str = "", **kwargs: Any) -> HttpResponseBase:
        form = FORMATS.get(extension) or _accepted(request)
        try:
            response = self._answer(request, form, **kwargs)
        except Exception as error:  # a program that asks for XML must not be answered with a page
            response = _refused(error, request, form)
        if request.method in SAFE:
            response.headers["Access-Control-Allow-Origin"] = "*"
        if request.method == "HEAD":
            response.headers["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    def _answer(self, request: HttpRequest, form: Format, **kwargs: Any) -> HttpResponse:
        allowed = ", ".join(self.methods)
        if request.method not in self.methods:
            sentence = f"This address takes {allowed}, not {str(request.method)[:20]}."
            raise refusal(405, "method_not_allowed", sentence, headers={"Allow": allowed})
        if request.method == "OPTIONS":
            headers = {
                "Allow": allowed,
                "Access-Control-Allow-Methods": ", ".join(SAFE),
                "Access-Control-Max-Age": "600",
            }
            nothing = HttpResponse(status=204, headers=headers)
            del nothing.headers["Content-Type"]
            return nothing
        self.query = Parameters(read_pairs(request.META.get("QUERY_STRING", "").encode("latin-1", "replace")))
        if self.of_jurisdiction:
            check_jurisdiction(self.query)
        if request.method == "POST":
            posting: Callable[..., Answer] = self.post  # type: ignore[attr-defined]
            return _response(posting(request, **kwargs).document, form)
        return self._read(request, form, self.get(request, **kwargs))

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        raise NotImplementedError

    def _read(self, request: HttpRequest, form: Format, answer: Answer) -> HttpResponse:
        response = _response(answer.document, form)
        tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        changed = timegm(answer.changed.utctimetuple()) if answer.changed else None
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "no-cache"
        if changed is not None:
            response.headers["Last-Modified"] = http_date(changed)
        return get_conditional_response(request, etag=tag, last_modified=changed, response=response) or response


class Unknown(Door):
    """Any other address below /open311/."""

    methods = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")

    def _answer(self, request: HttpRequest, form: Format, **kwargs: Any) -> HttpResponse:
        sentence = (
            "There is nothing here. Addresses end with .xml or .json; /open311/discovery.xml names the first one."
        )
        raise refusal(404, "not_found", sentence)


def check_jurisdiction(sent: Parameters) -> None:
    """Raises Refusal for another jurisdiction than ours. Without one ours is meant: there is no other."""
    given = sent.text("jurisdiction_id")
    if given and given.lower() != settings.OPEN311_JURISDICTION.lower():
        sentence = f"We serve the jurisdiction {settings.OPEN311_JURISDICTION} only. Send that, or none."
        raise refusal(404, "unknown_jurisdiction", sentence, field="jurisdiction_id")


def _response(document: Document, form: Format, status: int = 200) -> HttpResponse:
    return HttpResponse(form.write(document), status=status, content_type=form.content_type)


def _refused(error: Exception, request: HttpRequest, form: Format) -> HttpResponse:
    found = error if isinstance(error, Refusal) else _refusal_of(error)
    if found.status >= 500:
        log.exception("%s %s failed", request.method, request.path, exc_info=error)
    response = _response(found.document, form, found.status)
    for name, value in found.headers.items():
        response.headers[name] = value
    return response


def _refusal_of(error: Exception) -> Refusal:
    """What Django, the database or our own mistake raised, in the words the REST API has for it."""
    details = details_of(error)
    status = details.status if details.status in STATUSES else 400
    return refusal(status, details.code, details.detail, headers=details.headers)


def _accepted(request: HttpRequest) -> Format:
    """For addresses without an extension we know."""
    return JSON if request.path.lower().endswith("json") or "json" in request.headers.get("Accept", "") else XML

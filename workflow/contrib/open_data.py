"""Answers of open data: any site may read them, any cache may keep them a while, unchanged they are not sent again."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response


def data(request: HttpRequest, content: str, content_type: str, fresh_s: int) -> HttpResponse:
    """``content`` with a tag made from it; 304 to who has it already."""
    return edition(request, sha256(content.encode()).hexdigest()[:32], lambda: content, content_type, fresh_s)


def edition(
    request: HttpRequest, name: str, content: Callable[[], str], content_type: str, fresh_s: int
) -> HttpResponse:
    """The edition ``name`` of a document; ``content`` is asked only when the reader does not have it yet."""
    tag = f'"{name}"'
    unchanged = get_conditional_response(request, etag=tag)
    fresh = unchanged if isinstance(unchanged, HttpResponse) else HttpResponse(content(), content_type=content_type)
    fresh.headers["ETag"] = tag
    fresh.headers["Cache-Control"] = f"public, max-age={fresh_s}"
    return opened(fresh)


def opened[Answer: HttpResponseBase](response: Answer) -> Answer:
    """Readable from every site."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

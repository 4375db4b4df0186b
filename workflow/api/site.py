"""The pages of the API itself: its start, its description, its problems, and a problem for every unknown address."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workflow.api.problems import CODES, Problem
from workflow.api.views import Public


@extend_schema(exclude=True)
class Start(Public):
    """Where things are."""

    def get(self, request: Request) -> Response:
        return Response(
            {
                "description": "/api/openapi.json",
                "documentation": "/api/docs/",
                "permits": "/api/v1/permits/",
                "incidents": "/api/v1/incidents/",
                "categories": "/api/v1/categories/",
                "events": "/api/v1/events/",
                "webhooks": "/api/v1/webhooks/",
                "workflows": "/api/v1/workflows/",
                "short_doors": ["/api/permit", "/api/incident"],
            }
        )


@extend_schema(exclude=True)
class ProblemCode(Public):
    """What a problem's ``type`` leads to."""

    def get(self, request: Request, code: str) -> Response:
        if code not in CODES:
            raise Http404
        status, text = CODES[code]
        return Response({"code": code, "status": status, "description": text})


@extend_schema(exclude=True)
class Unknown(Public):
    """Every other address below /api/."""

    default_response_headers: ClassVar[dict[str, str]] = {}  # no method is allowed where there is nothing

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            found = resolve(f"{request.path_info}/").func
        except Resolver404:
            raise Http404 from None
        if getattr(found, "cls", None) is Unknown:
            raise Http404
        raise Problem("not_found", f"Addresses here end in a slash: {request.path}/")


@cache
def description() -> bytes:
    """The OpenAPI document as JSON; it changes with the code only."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(OpenApiJsonRenderer().render(schema, renderer_context={}))


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(description(), content_type="application/json", headers={"Cache-Control": "max-age=60"})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI from our own host: it keeps to the site's content security policy, inline styles included."""
    return render(request, "api/docs.html")

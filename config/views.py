"""Pages that belong to the site and to no application."""

import os

from django.conf import settings
from django.contrib import admin
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.context import site
from workflow.api import problems


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page: apply, track, verify."""
    return render(request, "site/home.html")


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """Answers ``ok`` as long as the process serves requests; asks neither the database nor a service."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answers ``ready`` when the database is there and migrated and files can be written; else 503 and what is not."""
    faults = [*_database_faults(), *_storage_faults()]
    headers = {"Retry-After": "5"} if faults else {}
    text = "\n".join(faults or ["ready"]) + "\n"
    return HttpResponse(text, status=503 if faults else 200, content_type="text/plain; charset=utf-8", headers=headers)


def _database_faults() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return ["The database does not answer."]
    return [f"{len(behind)} migrations are not applied."] if behind else []


def _storage_faults() -> list[str]:
    return [] if os.access(settings.VAR_DIR, os.W_OK) else ["The folder for files cannot be written."]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = "The request could not be read. Check its address and headers."
    return problems.plain(request, "malformed", sentence) or _plain(request, "400.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _office(request, exception, "admin/403.html", status=403) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _office(request, exception, "admin/404.html", status=404) or defaults.page_not_found(request, exception)


def _office(request: HttpRequest, exception: Exception, template: str, *, status: int) -> HttpResponse | None:
    """The page for an officer in the office, with the way back to work; None for everybody else. ``why`` is our own
    sentence, where the exception has one."""
    if not (request.path.startswith(reverse("admin:index")) and admin.site.has_permission(request)):
        return None
    said = exception.args[0] if exception.args else ""
    why = said if isinstance(said, str) else ""
    return render(request, template, {**admin.site.each_context(request), "why": why}, status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = "Something failed on our side. Try again later."
    return problems.plain(request, "internal_error", sentence) or _plain(request, "500.html", status=500)


def _plain(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """Without context processors: what broke may be the session, the database or the static files' manifest."""
    return HttpResponse(render_to_string(template, site(request)), status=status)

"""Every address of the admin site, from the resolver, with arguments filled in; somebody of every role to ask for it.

``Row`` says who gets what. A new address has no row and fails until somebody decides who may open it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver

from workflow.models import Case, Document, Team
from workflow.roles import roles, sync_roles

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
ANONYMOUS, CITIZEN, CLERK, FAR, CHIEF = (
    "nobody",
    "citizen's account",
    "staff without a role",
    "another team",
    "superuser",
)
OWN_SESSION = "django_session"  # a visit may write there: that is how it stays signed in


@dataclass(frozen=True, kw_only=True)
class Row:
    """Status -> who gets it; whoever stands nowhere gets ``else_get`` and ``else_post``. Who is not staff is sent to
    the log-in page, if the row does not say otherwise."""

    get: Mapping[int, Collection[str]] = field(default_factory=dict)
    post: Mapping[int, Collection[str]] = field(default_factory=dict)
    else_get: int = 403
    else_post: int = 403

    def expected(self, method: str, role: str) -> int:
        told, otherwise = (self.get, self.else_get) if method == "GET" else (self.post, self.else_post)
        found = next((status for status, who in told.items() if role in who), None)
        return found or (302 if role in (ANONYMOUS, CITIZEN) else otherwise)


def addresses() -> dict[str, str]:
    """Name -> route of every page below /admin/. A nameless route is named by itself."""

    def walk(resolver: Any, route: str = "") -> Iterator[tuple[str, str]]:
        for one in resolver.url_patterns:
            here = route + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, here)
            elif here.startswith("admin/"):
                yield one.name or here.removeprefix("admin/"), here

    return dict(walk(get_resolver()))


def everybody() -> dict[str, Client]:
    """Role -> a browser of somebody who holds it, in the default team; and those without one."""
    sync_roles()
    west = Team.objects.create(code="west", name="West")

    def person(username: str, *groups: str, team: Team | None = None, **values: Any) -> Client:
        user = User.objects.create(username=username.replace(" ", "-").replace("'", ""), **{"is_staff": True, **values})
        user.groups.set(Group.objects.filter(name__in=groups))
        if team is not None:
            team.members.add(user)
        client = Client()
        client.force_login(user)
        return client

    return {
        ANONYMOUS: Client(),
        CITIZEN: person(CITIZEN, *roles(), is_staff=False),
        CLERK: person(CLERK),
        FAR: person(FAR, *roles(), team=west),
        **{role: person(role, role, team=Team.default()) for role in roles()},
        CHIEF: person(CHIEF, is_superuser=True),
    }


def filled(name: str, route: str, known: Mapping[str, Mapping[str, Any]]) -> str:
    """The route as an address. ``known``: name of a page -> its arguments; a row of a table is its newest."""
    values = known.get(name) or known.get(name.rpartition("_")[2]) or {}
    if "address" in values:
        return str(values["address"])
    for argument in ARGUMENT.findall(route):
        value = values[argument] if argument in values else _key(route, argument)
        route = re.sub(rf"<(?:\w+:)?{argument}>", str(value), route)
    assert "(" not in route, f"Say in ARGUMENTS what the address of {name} is: {route}"
    return f"/{route}"


def _key(route: str, argument: str) -> Any:
    _admin, app, model, *_rest = [*route.split("/"), "", ""]
    if argument not in ("object_id", "pk", "id") or (app, model) not in {
        (one._meta.app_label, one._meta.model_name) for one in admin.site._registry
    }:
        raise AssertionError(f"Say in ARGUMENTS what <{argument}> may be in {route}")
    rows: Any = apps.get_model(app, model)._default_manager
    found = rows.exclude(team=None) if issubclass(rows.model, Case) else rows
    newest = found.order_by("-pk").values_list("pk", flat=True).first()
    assert newest is not None, f"Make a row of {app}.{model} in `furnished`, so that its pages can be asked for."
    return newest


def standard_arguments(case: Case, document: Document) -> dict[str, dict[str, Any]]:
    """By the last word of a page's name."""
    content_type = ContentType.objects.get_for_model(type(case)).pk
    of_document = {"pk": document.case_id, "document_pk": document.pk}
    return {
        "document": of_document,
        "view": of_document,
        "picture": of_document,
        "view_on_site": {"content_type_id": content_type, "object_id": case.pk},
    }


def digests() -> dict[str, str]:
    """Table -> what it holds, but for the sessions."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table != OWN_SESSION:
                cursor.execute(f'SELECT * FROM "{table}"')
                rows = sorted(map(repr, cursor.fetchall()))
                found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: Mapping[str, str]) -> list[str]:
    """The tables that are not as they were."""
    after = digests()
    return sorted(table for table in before.keys() | after.keys() if before.get(table) != after.get(table))

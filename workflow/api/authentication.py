"""Who calls: an API key, and what its scopes open."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from workflow.actors import Actor
from workflow.models import ApiKey
from workflow.writing import writing

SCHEME = "Api-Key"
FORM = re.compile(r"mp_live_([0-9a-f]{8})_([A-Za-z0-9-]{16,64})")
USE_NOTED_EVERY = timedelta(minutes=1)  # so that reading does not write each time


class Caller:
    """What the framework calls the user: somebody whose key was recognised."""

    is_authenticated = True
    is_active = True

    def __init__(self, key: ApiKey) -> None:
        self.key = key

    def __str__(self) -> str:
        return str(self.key)


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Api-Key mp_live_<prefix>_<secret>``.

    No header: nobody. Any header that is not a living key: 401, also where nobody may call, so that a mistyped key is
    noticed.
    """

    def authenticate(self, request: Request) -> tuple[Caller, Actor] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        key = _key_in(header)
        return Caller(key), actor_using(key)

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="Milepost"'


def _key_in(header: bytes) -> ApiKey:
    scheme, _, text = header.decode("latin-1").strip().partition(" ")
    if scheme.lower() != SCHEME.lower():
        raise _not_a_key()
    return living_key(text.strip())


def _not_a_key() -> AuthenticationFailed:
    return AuthenticationFailed("Send the key as “Authorization: Api-Key mp_live_<prefix>_<secret>”.")


def living_key(text: str) -> ApiKey:
    """The key of this text. Raises AuthenticationFailed when there is none, or when it is over."""
    found = FORM.fullmatch(text)
    if found is None:
        raise _not_a_key()
    key = ApiKey.objects.filter(prefix=found[1]).first()
    # An unknown prefix costs the same comparison as a known one.
    fits = (key or ApiKey(digest="0" * 64)).fits(found[2])
    if key is None or not fits:
        raise AuthenticationFailed("This API key is not known. Check that you copied all of it.")
    if not key.is_alive:
        how = "was revoked" if key.revoked_at is not None else "has expired"
        raise AuthenticationFailed(f"This API key {how}. Ask for a new one.")
    return key


def actor_using(key: ApiKey) -> Actor:
    """Who acts with a living key; its use is noted."""
    _note_use(key)
    return Actor(kind="integrator", name=key.name, key_id=key.pk, scopes=frozenset(map(str, key.scopes)))


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is not None and now - key.last_used_at < USE_NOTED_EVERY:
        return
    with writing():
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)


def actor_of(request: Request) -> Actor | None:
    """The actor behind the key; None without one."""
    return request.auth if isinstance(request.auth, Actor) else None


def scope_missing(*wanted: str) -> PermissionDenied:
    return PermissionDenied(f"Your key lacks the scope {' or '.join(sorted(wanted))}. Ask for a key that has it.")


class HasScope(BasePermission):
    """One of the scopes that ``view.scopes`` names for the method, of the kind of case that ``view.model`` is; a method
    it does not name is nobody's."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = actor_of(request)
        if actor is None:
            return False
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in view.scopes:
            return True  # the view answers 405
        wanted = {f"{view.model.scope}:{what}" for what in view.scopes[method]}
        if not actor.scopes & wanted:
            raise scope_missing(*wanted)
        return True


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The key in the OpenAPI document."""

    target_class = "workflow.api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key mp_live_<prefix>_<secret>`, made by `manage.py issue_api_key`.",
        }

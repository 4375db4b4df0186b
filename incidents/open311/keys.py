"""Who posts: an API key with the scope ``open311:write``. Whatever is wrong with it is a 403, as Open311 says."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed

from incidents.open311.errors import refusal
from incidents.open311.parameters import Parameters
from workflow.actors import Actor
from workflow.api.authentication import FORM, SCHEME, actor_using, living_key, scope_missing

SCOPE = "open311:write"
FIELD = "api_key"


def integrator(request: HttpRequest, form: Parameters, query: Parameters) -> Actor:
    """The actor behind ``api_key`` of the body, or behind the header “Authorization: Api-Key …”. Raises Refusal."""
    text = form.text(FIELD) or _in_header(request)
    if not text:
        if query.text(FIELD):
            sentence = "Send api_key in the body: an address is written into logs, so that others could read the key."
            raise refusal(403, "api_key_in_address", sentence, field=FIELD)
        raise refusal(403, "api_key_missing", f"Send your api_key. {settings.OPEN311_KEY_SERVICE}", field=FIELD)
    if not FORM.fullmatch(text):
        raise refusal(
            403, "invalid_key", "This is not an API key of ours. Check that you copied all of it.", field=FIELD
        )
    try:
        actor = actor_using(living_key(text))
    except AuthenticationFailed as error:
        raise refusal(403, "invalid_key", str(error.detail), field=FIELD) from None
    if SCOPE not in actor.scopes:
        raise refusal(403, "scope_missing", str(scope_missing(SCOPE).detail), field=FIELD)
    return actor


def _in_header(request: HttpRequest) -> str:
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    return text.strip() if scheme.lower() == SCHEME.lower() else ""

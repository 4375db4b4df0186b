"""Callers of the API for tests: a key with its scopes, its actor, and a client that sends it. For any kind of case."""

from dataclasses import dataclass

from django.test import Client
from django.urls import URLResolver, get_resolver

from workflow.actors import Actor
from workflow.models import ApiKey


@dataclass(frozen=True, kw_only=True)
class Caller:
    client: Client
    actor: Actor
    key: ApiKey
    text: str


def key_holder(name, *scopes):
    """Somebody with a key of these scopes."""
    key, text = ApiKey.issue(name, list(scopes))
    actor = Actor(kind="integrator", name=name, key_id=key.pk, scopes=frozenset(scopes))
    return Caller(client=client(text), actor=actor, key=key, text=text)


def client(text=""):
    headers = {"Authorization": f"Api-Key {text}"} if text else {}
    return Client(headers=headers, raise_request_exception=False)


def post(client, address, body, **headers):
    """POST as JSON; ``Idempotency_Key="1"`` becomes the header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(address, body, content_type="application/json", headers=named)


def codes(answer):
    return {error["code"] for error in answer.json()["errors"]}


def pointers(answer):
    return {error["pointer"] for error in answer.json()["errors"]}


def assert_problem(answer, status, code):
    """The whole shape of RFC 9457 as we promise it."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    body = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"/api/problems/{code}/"
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/api")
    assert all({"pointer", "code", "detail"} <= error.keys() for error in body["errors"])


# -- address x caller -------------------------------------------------------------------------------------------------

CALLERS = ("nobody", "filer", "other", "all", "sender", "reader", "revoked")


def everybody(scope):
    """CALLERS for cases of ``scope``: the clients by name, and the one who files."""
    read, read_all, submit = (f"{scope}:{what}" for what in ("read", "read_all", "submit"))
    filer, revoked = key_holder("Filer", read, submit), key_holder("Revoked", read, submit)
    ApiKey.objects.filter(pk=revoked.key.pk).update(revoked_at="2026-01-01T00:00:00Z")
    found = {
        "nobody": client(),
        "filer": filer.client,
        "other": key_holder("Other", read, submit).client,
        "all": key_holder("All", read_all).client,
        "sender": key_holder("Sender", submit).client,
        "reader": key_holder("Reader", read).client,
        "revoked": revoked.client,
    }
    assert tuple(found) == CALLERS
    return found, filer


def addresses(*, of_incidents):
    """Name -> route of everything below /api/ that belongs to incidents, or of all the rest."""

    def walk(resolver, route=""):
        for one in resolver.url_patterns:
            here = route + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, here)
            elif here.startswith("api/"):
                module = getattr(one.callback, "cls", one.callback).__module__
                yield one.name, here, module.startswith("incidents.")

    return {name: route for name, route, of_them in walk(get_resolver()) if of_them is of_incidents}

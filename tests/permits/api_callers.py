"""Callers of the API for tests: a key with its scopes, its actor, and a client that sends it."""

from dataclasses import dataclass

from django.test import Client

from tests.permits.factories import application
from workflow.actors import Actor
from workflow.models import ApiKey

READ, READ_ALL, SUBMIT = "permits:read", "permits:read_all", "permits:submit"


@dataclass(frozen=True, kw_only=True)
class Caller:
    client: Client
    actor: Actor
    key: ApiKey
    text: str


def caller(name="Ames", *scopes):
    """Somebody with a key of these scopes; without any: may read and submit."""
    scopes = scopes or (READ, SUBMIT)
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


def file(client, address="/api/permit", body=None, **headers):
    return post(client, address, application() if body is None else body, **headers)


def url(permit, below=""):
    return f"/api/v1/permits/{permit.reference}/{below}"


def codes(answer):
    return {error["code"] for error in answer.json()["errors"]}


def pointers(answer):
    return {error["pointer"] for error in answer.json()["errors"]}


def assert_problem(answer, status, code):
    """The whole shape of RFC 9457 as we promise it."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"/api/problems/{code}/"
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/api")
    assert all({"pointer", "code", "detail"} <= error.keys() for error in body["errors"])

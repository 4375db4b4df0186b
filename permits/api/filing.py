"""Filing over the API: the short door and the collection share one way in."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from workflow import engine
from workflow.actors import Actor
from workflow.api.authentication import actor_of
from workflow.api.idempotency import idempotency_key, key_of_person
from workflow.api.problems import Problem
from workflow.registry import registry

REQUEST_TYPE = "permit"
SCOPE = "permits:submit"
UNNAMED = "Applicant"


def file_application(request: Request, *, actor: Actor, key: str) -> engine.Started:
    """Start the workflow of permits with the body. Raises InvalidData, Refused, KeyReused."""
    body: Any = request.data
    return engine.start_workflow(registry.workflow_for(REQUEST_TYPE).name, body, actor=actor, key=key)


def citizen(request: Request) -> tuple[Actor, str]:
    """Anybody may file, as with the public form: the actor in the name the application gives, and the
    Idempotency-Key kept apart by the e-mail address it gives."""
    key = idempotency_key(request, required=False)
    name = _text(request.data, "contact_name").strip()
    return (
        Actor(kind="applicant", name=name[:120] or UNNAMED),
        key_of_person(key, person=_text(request.data, "contact_email")),
    )


def caller(request: Request) -> tuple[Actor, str]:
    """Whoever files at the short door, and the key to file under. Raises Problem when an API key lacks the scope."""
    actor = actor_of(request)
    if actor is None:
        return citizen(request)
    if SCOPE not in actor.scopes:
        raise Problem("scope_missing", f"Your key lacks the scope {SCOPE}. Ask for a key that has it.")
    return actor, idempotency_key(request, required=False)


def _text(body: Any, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""

"""Filing over the API: the short door and the collection of a kind of case share one way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from workflow import engine
from workflow.actors import Actor
from workflow.api.authentication import actor_of, scope_missing
from workflow.api.idempotency import idempotency_key, key_of_person
from workflow.registry import registry


def _as_sent(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body


@dataclass(frozen=True, kw_only=True)
class Door:
    """How one kind of case is filed. The fields named here are of the body.

    ``read`` turns the body into what the workflow opens with; it may raise InvalidData.
    """

    request_type: str
    scope: str  # a key needs it, such as permits:submit
    unnamed: str  # what the history calls somebody without a name
    name_field: str = ""  # whose text the history shows as the actor; empty: nobody's, for it never forgets
    person_field: str  # keeps apart two strangers who send the same Idempotency-Key
    read: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _as_sent

    def file(self, request: Request, *, actor: Actor, key: str) -> engine.Started:
        """Start the workflow with the body. Raises InvalidData, Refused, KeyReused."""
        body: Any = request.data
        name = registry.workflow_for(self.request_type).name
        return engine.start_workflow(name, self.read(body), actor=actor, key=key)

    def caller(self, request: Request) -> tuple[Actor, str]:
        """Whoever files at the short door, and the key to file under. Raises PermissionDenied when an API key lacks
        the scope."""
        actor = actor_of(request)
        if actor is None:
            return self.citizen(request)
        if self.scope not in actor.scopes:
            raise scope_missing(self.scope)
        return actor, idempotency_key(request, required=False)

    def citizen(self, request: Request) -> tuple[Actor, str]:
        """Anybody may file, as with the public form: the actor in the name the body gives, and the Idempotency-Key
        kept apart by the e-mail address it gives."""
        key = idempotency_key(request, required=False)
        name = _text(request.data, self.name_field).strip()
        actor = Actor(kind="applicant", name=name[:120] or self.unnamed)
        return actor, key_of_person(key, person=_text(request.data, self.person_field))


def _text(body: Any, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""

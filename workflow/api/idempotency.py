"""Requests that may be sent twice and happen once."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from rest_framework.request import Request

from workflow.api.problems import Problem, finding
from workflow.engine import Started
from workflow.models import Event
from workflow.registry import registry

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_FORM = re.compile(r"[\x21-\x7e]{1,255}")  # what the draft standard's quoted strings and plain UUIDs have in common


def idempotency_key(request: Request, *, required: bool) -> str:
    """The caller's key, empty without one. Raises Problem when it is required and missing, or cannot be read."""
    key = request.headers.get(HEADER, "").strip()
    if not key and not required:
        return ""
    if not _FORM.fullmatch(key):
        sentence = (
            f"Send {HEADER} with 1 to 255 printable characters, for example a new UUID: then you may send the "
            "request again without filing twice."
        )
        code = "invalid_idempotency_key" if key else "idempotency_key_missing"
        raise Problem("invalid_header", sentence, errors=[finding(code, sentence, header=HEADER)])
    return key


def key_of_person(key: str, *, person: str) -> str:
    """The key of a caller who has no API key, kept apart by whom the request is for: two strangers who both send "1"
    neither meet nor learn of each other."""
    if not key:
        return ""
    return "api:" + hashlib.sha256(f"{person.strip().lower()}\n{key}".encode()).hexdigest()


def status_then(started: Started) -> str:
    """The step to answer: of a repeated request the one its first answer named."""
    return first_status(started.case) if started.replayed else started.status


def first_status(case: Any) -> str:
    """The step the case was at when its opening was answered, however far it is now: what a repeated request reads.

    That is where the first transition and the local services, which run within the request, led. One query."""
    workflow = registry.get(case.workflow, case.workflow_version)
    state = workflow.initial
    moves = Event.objects.filter(case_id=case.pk, kind="transition").order_by("seq")
    for transition, to_state in moves.values_list("transition", "to_state")[: len(workflow.steps) + 1]:
        step = workflow.by_state.get(state)
        by_itself = step is not None and step.service is not None and step.service.inline and step.then == transition
        if transition != workflow.begin and not by_itself:
            break
        state = to_state
    step = workflow.by_state.get(state)
    return step.name if step else str(state)

"""The one door through which a state changes: ``start_workflow`` and ``fire``.

One transaction each: lock, check who and where and whether, move the FSM, write the history, write the work that
follows, set team and clock, count the revision. What is delivered outside is delivered after the commit.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError
from django.utils import timezone

from workflow import doorbell, following, rows
from workflow.actors import Actor
from workflow.definition import Attempt, Opening, Service, Workflow
from workflow.errors import InvalidData, KeyReused, NotAllowed, Reason, Refused, Stale, WrongState
from workflow.models import Case, Event, StartKey, Work
from workflow.models.case import new_reference
from workflow.options import Option, failing_guards, options, options_from
from workflow.registry import registry
from workflow.tracker import label_of, next_line, record
from workflow.writing import writing

__all__ = [
    "Option",
    "Started",
    "change",
    "fire",
    "lock",
    "move",
    "open_case",
    "options",
    "options_from",
    "renew",
    "snapshot",
    "start_workflow",
]


@dataclass(frozen=True, kw_only=True)
class Started:
    """What a request got: the public id, the step it is at, and whether the key had been used before."""

    id: str
    status: str
    case: Any
    replayed: bool = False


def start_workflow(name: str, data: Mapping[str, Any], *, actor: Actor, key: str = "") -> Started:
    """Open a case of workflow ``name`` with ``data`` and fire its first transition, in one transaction.

    ``key`` makes it idempotent: the same key and data answer the first case again; other data raise KeyReused.
    Raises UnknownWorkflow, InvalidData, Refused.
    """
    workflow = registry.get(name)
    owner = f"key:{actor.key_id}" if actor.key_id else actor.kind
    digest = hashlib.sha256(json.dumps(data, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()
    if key and (case := _started(owner, key, digest)):
        return Started(id=case.reference, status=case.at_step, case=case, replayed=True)
    try:
        case = _start(workflow, data, actor, StartKey(owner=owner, key=key, digest=digest))
    except IntegrityError:
        # Somebody else's transaction with this key committed first: now it is found. Or, once in a billion, the
        # reference was taken: then another one is drawn.
        if key and (case := _started(owner, key, digest)):
            return Started(id=case.reference, status=case.at_step, case=case, replayed=True)
        case = _start(workflow, data, actor, StartKey(owner=owner, key=key, digest=digest))
    if any(step.service is not None and step.service.inline for step in workflow.by_name.values()):
        case.refresh_from_db()  # local steps ran right after the commit
    return Started(id=case.reference, status=case.at_step, case=case)


def _started(owner: str, key: str, digest: str) -> Any:
    known = StartKey.objects.select_related("case").filter(owner=owner, key=key).first()
    if known is None:
        return None
    if known.digest != digest:
        raise KeyReused("This Idempotency-Key was used with other data. Use a new key for a new request.")
    return _model_of(known.case)._default_manager.get(pk=known.case_id)


def _start(workflow: Workflow, data: Mapping[str, Any], actor: Actor, key: StartKey) -> Any:
    opening = workflow.open(data, actor)  # looks at the data before anybody is kept from writing
    with writing():
        case = _store(workflow, opening, actor)
        if key.key:
            key.case_id = case.pk
            rows.insert(key)
        if actor.kind == "applicant":
            actor = replace(actor, case_id=case.pk)  # whoever opens a case is its applicant
        move(case, workflow.begin, actor=actor)
    return case


def open_case(workflow: Workflow, opening: Opening, *, actor: Actor) -> Any:
    """Store a new case in its initial state with the first line of its history."""
    with writing():
        return _store(workflow, opening, actor)


def _store(workflow: Workflow, opening: Opening, actor: Actor) -> Any:
    case = opening.case
    case.created_at = case.entered_at = timezone.now()
    case.workflow, case.workflow_version = workflow.name, workflow.version
    case.reference = case.reference or new_reference(workflow.prefix, timezone.localdate().year)
    if actor.key_id:
        case.filed_with_id = actor.key_id
    event = next_line(case, kind="opened", actor=actor, public=True, to_state=workflow.initial)
    rows.insert(case)
    event.case = case  # stored by now
    rows.insert(event)
    opening.also(case)
    return case


def lock(case_id: int) -> Any:
    """The case as its own kind, its row locked until the transaction ends. Raises UnknownWorkflow."""
    return _lock(Case.objects.only("workflow", "workflow_version").get(pk=case_id))


def lock_as(case_id: int, workflow: str, version: int) -> Any:
    """The same for a case whose workflow is known, in one query."""
    return rows.locked(registry.get(workflow, version).model, case_id)


def _lock(case: Case) -> Any:
    return rows.locked(_model_of(case), case.pk)


def _model_of(case: Case) -> Any:
    return registry.get(case.workflow, case.workflow_version).model


def fire(
    case: Case,
    transition: str,
    *,
    actor: Actor,
    revision: int | None = None,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> Any:
    """Move ``case`` by ``transition``; answers the case as it then is.

    ``revision``: what the caller looked at; Stale when the case moved since. ``note``: a sentence the applicant reads.
    ``data``: JSON values the transition takes. Raises NotAllowed, WrongState, Refused, InvalidData: nothing changed.
    """
    with writing():
        fresh = _lock(case)
        expect(fresh, revision)
        move(fresh, transition, actor=actor, note=note, data=data or {})
    return fresh


def change(
    case: Case,
    kind: str,
    *,
    actor: Actor,
    apply: Callable[[Any], Mapping[str, Any] | None] = lambda case: None,
    revision: int | None = None,
    public: bool = False,
    note: str = "",
) -> Any:
    """Change something other than the state (assignee, note, payment, document) under the same lock, with its line of
    history. ``apply`` gets the locked case and answers the line's data."""
    with writing():
        fresh = _lock(case)
        expect(fresh, revision)
        data = dict(apply(fresh) or {})
        event = record(fresh, kind=kind, actor=actor, public=public, note=note, data=data)
        fresh.save()
        for follow in registry.get(fresh.workflow, fresh.workflow_version).on_event:
            follow(fresh, event)
    return fresh


def renew(case: Any) -> None:
    """Route a locked case anew and count its step's time anew from when it was entered: what decides both has changed.
    The caller saves it."""
    following.renew(case, registry.get(case.workflow, case.workflow_version))


def expect(case: Any, revision: int | None) -> None:
    """Raises Stale, with who did what, when the case is not at ``revision``."""
    if revision is None or revision == case.revision:
        return
    last = Event.objects.filter(case_id=case.pk).order_by("-seq").first()
    done = (
        f"{last.actor}: {label_of(case, last)}, at {timezone.localtime(last.at):%H:%M on %B %-d}" if last else "moved"
    )
    raise Stale(
        f"This record changed while you were looking ({done}). Look at it again, then decide.", revision=case.revision
    )


def move(
    case: Any,
    transition: str,
    *,
    actor: Actor,
    note: str = "",
    data: Mapping[str, Any] | None = None,
    hold: Callable[[Service], bool] = lambda service: False,
    before: Mapping[str, Any] | None = None,
    finished: bool = False,
) -> Work | None:
    """The moves of ``fire`` on a locked case. ``hold`` says for which services the next work is claimed at once by the
    caller; answers that work, else None. ``before``: a ``snapshot`` from before the caller's own changes, if any;
    ``finished``: the work of the step that is left is done, there is nothing to cancel."""
    workflow = registry.get(case.workflow, case.workflow_version)
    data, now = dict(data or {}), timezone.now()
    unrecorded = _check(case, transition, actor, data, now).custom.get("unrecorded", ())
    recorded = {name: value for name, value in data.items() if name not in unrecorded}
    before = before or snapshot(case)
    from_state = case.state
    getattr(case, transition)(**data)
    _enter(case, workflow, now, actor)
    event = record(
        case, kind="transition", actor=actor, public=True, note=note, at=now, data=recorded,
        transition=transition, from_state=from_state, to_state=case.state,
    )  # fmt: skip
    following.clock(case, workflow, from_state, now)
    rows.update(case, _changed(case, before))
    work = following.work(case, workflow, from_state, hold, finished=finished)
    for follow in workflow.on_event:
        follow(case, event)
    doorbell.ring_on_commit()
    return work


def snapshot(case: Any) -> dict[str, Any]:
    """The values a case has now, to tell later which columns changed."""
    return {name: deepcopy(value) if isinstance(value, list | dict) else value for name, value in vars(case).items()}


def _enter(case: Any, workflow: Workflow, now: datetime, actor: Actor) -> None:
    step = workflow.by_state.get(case.state)
    case.step = step.name if step else ""
    case.step_visit += 1
    case.entered_at = now
    case.closed_at = now if case.state in workflow.final else None
    following.parked(case)
    following.team(case)


def _changed(case: Any, before: Mapping[str, Any]) -> list[str]:
    return [f.name for f in case._meta.concrete_fields if case.__dict__.get(f.attname) != before.get(f.attname)]


def _check(case: Any, transition: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Any:
    """The transition of django-fsm that may be made. Its ``custom["unrecorded"]`` names data which the history, that
    never forgets, must not keep: a person's own words."""
    method = getattr(case, transition, None)
    meta = getattr(method, "_django_fsm", None)
    if method is None or meta is None:
        raise WrongState(f"There is no transition {transition!r}.", allowed=options_from(case))
    found = meta.get_transition(case.state)
    permission = (found or next(iter(meta.transitions.values()))).permission
    if not permission(case, actor):
        raise NotAllowed(f"Only {permission.who} may do this ({transition.replace('_', ' ')}).")
    if found is None:
        words = case.state.replace("_", " ")
        raise WrongState(f"This is not possible while the request is {words}.", allowed=options_from(case))
    try:
        inspect.signature(method).bind(**data)
    except TypeError as error:
        raise InvalidData([Reason(code="unexpected_data", sentence=f"{transition}: {error}.", field="data")]) from None
    case.attempt = Attempt(actor=actor, data=data, now=now)
    if failing := failing_guards(case, found):
        raise Refused(failing)
    return found

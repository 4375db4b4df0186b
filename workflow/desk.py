"""What officers do with a case beside deciding: who works on it, and what colleagues should know.

Every change goes through ``engine.change``: under the case's lock, with its line of history, refused when the record
moved since the officer looked (``revision``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from workflow import absences, actors, engine
from workflow.actors import Actor
from workflow.errors import NotAllowed, Reason, Refused
from workflow.models import Case, Delegation

LONGEST_NOTE = 4000
name_of = actors.name_of


def may_work(case: Any, actor: Actor) -> bool:
    """Whether this officer may work on ``case`` (as its own kind): of its team, with the right to change its kind."""
    ours = actor.everywhere or case.team_id in actor.teams
    kind = case._meta
    return actor.kind == "officer" and ours and actor.has(f"{kind.app_label}.change_{kind.model_name}")


def need_work(case: Any, actor: Actor) -> None:
    """Raises NotAllowed for who may not work on the case."""
    if not may_work(case, actor):
        raise NotAllowed(f"Only officers of the team {case.team or '(none)'} may work on {case.reference}.")


def refused(code: str, sentence: str, *, field: str = "") -> Refused:
    return Refused([Reason(code=code, sentence=sentence, field=field)])


def claim(case: Case, *, actor: Actor, revision: int | None = None) -> Any:
    """Take a case nobody works on. Raises NotAllowed, Refused (somebody has it, or it is closed), Stale."""

    def take(fresh: Any) -> Mapping[str, Any]:
        need_work(fresh, actor)
        _need_open(fresh)
        if not is_free(fresh):
            who = "You have" if fresh.assignee_id == actor.user.pk else f"{name_of(fresh.assignee)} has"
            raise refused("already_claimed", f"{who} {fresh.reference} already: ask for it to be handed over.")
        before = {"in_place_of": name_of(fresh.assignee)} if fresh.assignee_id else {}
        fresh.assignee = actor.user
        return {"to": actor.name, **before}

    return engine.change(case, "claimed", actor=actor, apply=take, revision=revision)


def release(case: Case, *, actor: Actor, revision: int | None = None) -> Any:
    """Give one's own case back to the team, or that of a colleague one stands in for. Raises NotAllowed, Refused (not
    one's own), Stale."""

    def give_back(fresh: Any) -> Mapping[str, Any]:
        need_work(fresh, actor)
        if not is_with(fresh, actor):
            raise refused("not_yours", f"{fresh.reference} is not assigned to you, so you cannot release it.")
        instead_of = {} if fresh.assignee_id == actor.user.pk else {"in_place_of": name_of(fresh.assignee)}
        fresh.assignee = None
        return instead_of

    return engine.change(case, "released", actor=actor, apply=give_back, revision=revision)


def is_free(case: Any) -> bool:
    """Whether nobody has it, or somebody who was deactivated."""
    return case.assignee_id is None or not case.assignee.is_active


def is_with(case: Any, actor: Actor) -> bool:
    """Whether the case is this officer's, or that of a colleague they stand in for today. A query only for that."""
    user = actor.user
    return user is not None and (case.assignee_id == user.pk or absences.stands_in(user, case.assignee_id))


def assign(case: Case, *, to: User, actor: Actor, revision: int | None = None, although_away: bool = False) -> Any:
    """Hand a case to a colleague of its team. Who is away is refused, unless ``although_away``. Raises NotAllowed,
    Refused, Stale."""

    def hand_over(fresh: Any) -> Mapping[str, Any]:
        need_work(fresh, actor)
        _need_open(fresh)
        if not to.is_active or not fresh.team.members.filter(pk=to.pk).exists():
            raise refused("not_in_team", f"{name_of(to)} is not in the team {fresh.team}.", field="to")
        absence = None if although_away else absences.away_now([to.pk]).get(to.pk)
        if absence is not None:
            raise refused("colleague_away", warning_of(absence), field="to")
        fresh.assignee = to
        return {"to": name_of(to)}

    return engine.change(case, "assigned", actor=actor, apply=hand_over, revision=revision)


def warning_of(absence: Delegation) -> str:
    """What whoever hands a case to a colleague that is away must know first."""
    instead = f"Choose {name_of(absence.substitute)} or somebody else, or tick “Hand it over all the same”."
    return f"{absences.away_words(absence)}. {instead}"


def add_note(case: Case, *, text: str, actor: Actor, revision: int | None = None) -> Any:
    """Write a note that only officers see. Raises NotAllowed, Refused (empty), Stale."""
    text = text.strip()[:LONGEST_NOTE]
    if not text:
        raise refused("note_empty", "Write what your colleagues should know.", field="text")

    def allowed(fresh: Any) -> None:
        need_work(fresh, actor)

    return engine.change(case, "note", actor=actor, apply=allowed, revision=revision, note=text)


def _need_open(case: Any) -> None:
    if case.is_closed:
        raise refused("case_closed", f"{case.reference} is closed: nobody needs to work on it.")

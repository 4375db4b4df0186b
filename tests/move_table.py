"""Every move x role of a case in one state, against a table that says who, from where, to where. For any workflow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group, User
from django.db import transaction

from workflow import actors, engine
from workflow.actors import SYSTEM, Actor
from workflow.contrib.notifications.models import Message
from workflow.definition import Guard
from workflow.errors import NotAllowed, Refused, WrongState
from workflow.models import ApiKey, Document, Event, Team, Work
from workflow.registry import lifecycle_of


@dataclass(frozen=True, kw_only=True)
class MoveTable:
    """``rows``: transition to who, from where, to where. ``data``: what each move takes. ``unseen``: roles to whom a
    case in this state is as any other team's. ``also``: further models of the case, each by its key to it."""

    model: Any
    rows: Mapping[str, tuple[Collection[str], Collection[str], str]]
    data: Mapping[str, Mapping[str, Any]]
    unseen: Callable[[str], Collection[str]] = lambda state: ()
    also: Mapping[Any, str] = field(default_factory=dict)

    @property
    def moves(self) -> list[str]:
        return [edge.name for edge in lifecycle_of(self.model)]

    @property
    def guarded(self) -> set[str]:
        return {edge.name for edge in lifecycle_of(self.model) if edge.guards}

    def may(self, role: str, move: str, state: str) -> bool:
        return role in self.rows[move][0] and role not in self.unseen(state)

    def expected(self, role: str, move: str, state: str, *, guards_hold: bool) -> Any:
        """Who is asked first, then where, then whether."""
        if not self.may(role, move, state):
            return NotAllowed
        if state not in self.rows[move][1]:
            return WrongState
        return None if guards_hold or move not in self.guarded else Refused

    def check_state(self, case: Any, everybody: Mapping[str, Actor], *, guards_hold: bool) -> None:
        """Each move by each role; what is moved is put back, what is refused must have changed nothing."""
        before = self.picture(case)
        with mock.patch.object(Guard, "__call__", return_value=guards_hold):
            for move in self.moves:
                for role, actor in everybody.items():
                    if not guards_hold and not self.may(role, move, case.state) and role != "nobody":
                        continue  # one who may not is enough to see that guards are not asked
                    self.check_cell(case, move, role, actor, guards_hold=guards_hold)
        assert self.picture(case) == before

    def check_cell(self, case: Any, move: str, role: str, actor: Actor, *, guards_hold: bool) -> None:
        expected = self.expected(role, move, case.state, guards_hold=guards_hold)
        with transaction.atomic():
            outcome = self.try_to(case, move, actor)
            if expected is None:
                assert isinstance(outcome, self.model), f"{role}: {move} in {case.state} gave {outcome}"
                self.check_moved(case, outcome, move, actor)
                transaction.set_rollback(True)
            else:  # what was refused is not rolled back here: it must have changed nothing by itself
                assert outcome is expected, f"{role}: {move} in {case.state}"

    def try_to(self, case: Any, move: str, actor: Actor) -> Any:
        try:
            return engine.fire(case, move, actor=actor, data=self.data.get(move))
        except (NotAllowed, WrongState, Refused) as error:
            return type(error)

    def check_moved(self, before: Any, after: Any, move: str, actor: Actor) -> None:
        """One move: the state, one revision, one line of history that says so, one visit."""
        assert after.state == self.rows[move][2]
        assert (after.revision, after.step_visit) == (before.revision + 1, before.step_visit + 1)
        stored = self.model.objects.get(pk=after.pk)
        assert (stored.state, stored.revision) == (after.state, after.revision)
        line = Event.objects.filter(case_id=after.pk).latest("seq")
        told = (line.seq, line.transition, line.from_state, line.to_state)
        assert told == (after.revision, move, before.state, after.state)
        assert (line.actor, line.actor_kind, line.actor_user) == (actor.name, actor.kind, actor.user)

    def picture(self, case: Any) -> list[Any]:
        """All that a move could change about one case."""
        keys = {self.model: "pk", Event: "case_id", Work: "case_id", Document: "case_id", Message: "case_id"}
        rows = {**keys, **self.also}.items()
        return [list(model.objects.filter(**{key: case.pk}).order_by("pk").values()) for model, key in rows]


def roles_of(team: Team, roles: Collection[str], *, scope: str, filed_with: Actor, without: Actor) -> dict[str, Actor]:
    """Everybody but those whose right hangs on the case: officers of each role in ``team``, strangers, keys."""
    elsewhere = Team.objects.create(code="elsewhere", name="Elsewhere")

    def member(role: str, team: Team | None = team, **values: Any) -> Actor:
        user = User.objects.create(username=role.replace(" ", "-"), is_staff=True, **values)
        user.groups.set(Group.objects.filter(name=role))
        if team is not None:
            team.members.add(user)
        return actors.officer(user)

    other_key, _ = ApiKey.issue("another agency", [scope])
    far = member("far", elsewhere)
    far.user.groups.set(Group.objects.all())
    return {
        **{role: member(role) for role in roles},
        "officer of another team": far,
        "superuser": member("superuser", None, is_superuser=True),
        "key that filed it": filed_with,
        "key without the scope": without,
        "another key": Actor(kind="integrator", name="x", key_id=other_key.pk, scopes=frozenset({scope})),
        "Milepost": SYSTEM,
        "nobody": Actor(kind="", name=""),
    }


def everybody(case: Any, roles: Mapping[str, Actor]) -> dict[str, Actor]:
    """And those whose right hangs on the case."""
    return {
        **roles,
        "applicant with the link": actors.applicant(case),
        "another applicant": Actor(kind="applicant", name="Bob", case_id=case.pk + 1),
    }


STRANGERS = {"another applicant", "another key", "key without the scope", "officer of another team", "nobody"}
APPLICANTS = {"applicant with the link", "key that filed it"}
MILEPOST = {"Milepost"}

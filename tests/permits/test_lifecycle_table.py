"""Every state x transition x role of a road permit. The table says who, from where, to where; the code must agree."""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import override_settings

from permits import files, services
from permits.lifecycle import FINAL, State
from permits.models import RoadPermit
from permits.opening import open_draft
from permits.roles import ROLES, sync_roles
from tests.permits import factories as make
from tests.permits.move_data import DATA
from workflow import actors, engine
from workflow.actors import SYSTEM, Actor
from workflow.contrib.notifications.models import Message
from workflow.definition import Guard
from workflow.errors import NotAllowed, Refused, WrongState
from workflow.models import ApiKey, Document, Event, Team, Work
from workflow.registry import lifecycle_of, registry

# The module's rows are there before a test begins its own transaction inside theirs.
pytestmark = pytest.mark.django_db

S = State
APPLICANTS = {"applicant with the link", "key that filed it"}
INTAKE = {"Intake officer", "Safety reviewer", "District manager", "superuser"}
REVIEWERS = {"Safety reviewer", "District manager", "superuser"}
ISSUERS = {"Issuing officer", "District manager", "superuser"}
INSPECTORS = {"Inspector", "District manager", "superuser"}
MANAGERS = {"District manager", "superuser"}
MILEPOST = {"Milepost"}
OF_THE_TEAM = set(ROLES)  # a draft has no team yet: to them it is as any other team's case
ALL_ROLES = APPLICANTS | MILEPOST | OF_THE_TEAM | {"another applicant", "another key", "key without the scope"}
ALL_ROLES |= {"officer of another team", "superuser", "nobody"}
BEFORE_WORK = {S.SUBMITTED, S.INFO_REQUESTED, S.IN_REVIEW, S.APPROVED, S.ISSUED, S.IN_FORCE}

# transition: who, from where, to where ("return": to where it came from)
TABLE: dict[str, tuple[set[str], set[str], str]] = {
    "submit": (APPLICANTS | MILEPOST, {S.DRAFT}, S.SUBMITTED),
    "accept": (INTAKE | MILEPOST, {S.SUBMITTED}, S.IN_REVIEW),
    "request_information": (INTAKE, {S.SUBMITTED, S.IN_REVIEW}, S.INFO_REQUESTED),
    "provide_information": (APPLICANTS, {S.INFO_REQUESTED}, S.IN_REVIEW),  # where it was asked in the factory
    "lapse": (MILEPOST, {S.INFO_REQUESTED}, S.CANCELLED),
    "approve": (REVIEWERS, {S.IN_REVIEW}, S.APPROVED),
    "refuse": (REVIEWERS, {S.IN_REVIEW}, S.REFUSED),
    "deem": (MILEPOST, {S.IN_REVIEW}, S.APPROVED),
    "issue": (ISSUERS | MILEPOST, {S.APPROVED}, S.ISSUED),
    "take_effect": (MILEPOST, {S.ISSUED}, S.IN_FORCE),
    "start_work": (APPLICANTS | INSPECTORS, {S.IN_FORCE}, S.ACTIVE),
    "revert_start": (APPLICANTS | INSPECTORS, {S.ACTIVE}, S.IN_FORCE),
    "stop_work": (APPLICANTS | INSPECTORS, {S.ACTIVE, S.SUSPENDED}, S.COMPLETED),
    "revert_stop": (APPLICANTS | INSPECTORS, {S.COMPLETED}, S.ACTIVE),
    "pass_inspection": (INSPECTORS, {S.COMPLETED}, S.CLOSED),
    "fail_inspection": (INSPECTORS, {S.COMPLETED}, S.COMPLETED),
    "mark_overrun": (MILEPOST, {S.ACTIVE}, S.ACTIVE),
    "suspend": (INSPECTORS, {S.IN_FORCE, S.ACTIVE}, S.SUSPENDED),
    "resume": (INSPECTORS, {S.SUSPENDED}, S.ACTIVE),  # where it was suspended in the factory
    "revoke": (MANAGERS, {S.ISSUED, S.IN_FORCE, S.ACTIVE, S.SUSPENDED}, S.REVOKED),
    "cancel": (APPLICANTS, {S.DRAFT} | BEFORE_WORK, S.CANCELLED),
    "expire": (MILEPOST, {S.APPROVED, S.ISSUED, S.IN_FORCE}, S.EXPIRED),
    "reopen": (MANAGERS, {S.REFUSED, S.REVOKED}, S.IN_REVIEW),
}
MOVES = [edge.name for edge in lifecycle_of(RoadPermit)]


def test_the_table_decides_about_every_transition_state_and_role_of_the_code() -> None:
    assert set(TABLE) == set(MOVES)
    assert {source for _, sources, _ in TABLE.values() for source in sources} | set(FINAL) == set(State)
    assert set().union(*(who for who, _, _ in TABLE.values())) <= ALL_ROLES
    assert len(OF_THE_TEAM) == 6


def drafted(place: int) -> RoadPermit:
    """A draft that an API key keeps, so that "the key that filed it" has a meaning there, too."""
    opening = open_draft(make.application(**make.at(place)), SYSTEM)
    return engine.open_case(registry.get("roadPermit"), opening, actor=make.integrator())


def with_pdf(permit: RoadPermit) -> RoadPermit:
    """The permit's document, as the machine would file it right before it issues."""
    stored = files.store_made(make.PDF, name="permit.pdf", key="0" * 32)
    return engine.change(
        permit, "document", actor=SYSTEM, apply=lambda case: {"made": services.accept_pdf(case, stored)}
    )


@pytest.fixture(scope="module")
def permits(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[dict[str, RoadPermit]]:
    """One permit in each state, walked there through the engine; every cell puts back what it changed."""
    folder = tmp_path_factory.mktemp("files")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=folder),
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
        transaction.atomic(),
    ):
        sync_roles()
        made = {S.DRAFT: drafted(0)}
        made |= {state: make.in_state(state, **make.at(n)) for n, state in enumerate(State) if state != S.DRAFT}
        made[S.APPROVED] = with_pdf(made[S.APPROVED])
        yield {str(state): permit for state, permit in made.items()}
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def roles(permits: dict[str, RoadPermit]) -> dict[str, Any]:
    """Everybody but the applicants, whose right hangs on the case."""
    team = permits["submitted"].team
    elsewhere = Team.objects.create(code="elsewhere", name="Elsewhere")

    def member(role: str, team: Team | None = team, **values: Any) -> Actor:
        user = User.objects.create(username=role.replace(" ", "-"), is_staff=True, **values)
        user.groups.set(Group.objects.filter(name=role))
        if team is not None:
            team.members.add(user)
        return actors.officer(user)

    other_key, _ = ApiKey.issue("another agency", ["permits:submit"])
    far = member("far", elsewhere)
    far.user.groups.set(Group.objects.all())
    return {
        **{role: member(role) for role in ROLES},
        "officer of another team": far,
        "superuser": member("superuser", None, is_superuser=True),
        "key that filed it": make.integrator(),
        "key without the scope": make.integrator("permits:read"),
        "another key": Actor(kind="integrator", name="x", key_id=other_key.pk, scopes=frozenset({"permits:submit"})),
        "Milepost": SYSTEM,
        "nobody": Actor(kind="", name=""),
    }


def everybody(permit: RoadPermit, roles: dict[str, Any]) -> dict[str, Actor]:
    return {
        **roles,
        "applicant with the link": actors.applicant(permit),
        "another applicant": Actor(kind="applicant", name="Bob", case_id=permit.pk + 1),
    }


def may(role: str, move: str, state: str) -> bool:
    return role in TABLE[move][0] and not (state == S.DRAFT and role in OF_THE_TEAM)


def expected_of(role: str, move: str, state: str, *, refused: bool) -> Any:
    if not may(role, move, state):
        return NotAllowed
    if state not in TABLE[move][1]:
        return WrongState
    return Refused if refused else None


def picture(permit: RoadPermit) -> list[Any]:
    """All that a move could change about one permit."""
    rows = [RoadPermit, Event, Work, Document, Message]
    return [list(model.objects.filter(**{_key(model): permit.pk}).order_by("pk").values()) for model in rows]


def _key(model: Any) -> str:
    return "pk" if model is RoadPermit else "case_id"


def try_to(permit: RoadPermit, move: str, actor: Actor) -> Any:
    try:
        return engine.fire(permit, move, actor=actor, data=DATA.get(move))
    except (NotAllowed, WrongState, Refused) as error:
        return type(error)


def check_move(before: RoadPermit, after: RoadPermit, move: str, actor: Actor) -> None:
    """One move: the state, one revision, one line of history that says so, one visit."""
    assert after.state == TABLE[move][2]
    assert (after.revision, after.step_visit) == (before.revision + 1, before.step_visit + 1)
    stored = RoadPermit.objects.get(pk=after.pk)
    assert (stored.state, stored.revision) == (after.state, after.revision)
    line = Event.objects.filter(case_id=after.pk).latest("seq")
    assert (line.seq, line.transition, line.from_state, line.to_state) == (
        after.revision,
        move,
        before.state,
        after.state,
    )
    assert (line.actor, line.actor_kind, line.actor_user) == (actor.name, actor.kind, actor.user)


@pytest.mark.parametrize("guards_hold", [True, False], ids=["guards hold", "guards say no"])
@pytest.mark.parametrize("state", State.values)
def test_who_may_move_from_where_to_where(permits: Any, roles: Any, state: str, guards_hold: bool) -> None:
    """Who is asked first, then where, then whether: a stranger learns nothing about the case."""
    permit = permits[state]
    before = picture(permit)
    guarded = {edge.name for edge in lifecycle_of(RoadPermit) if edge.guards}
    with mock.patch.object(Guard, "__call__", return_value=guards_hold):
        for move in MOVES:
            for role, actor in everybody(permit, roles).items():
                if not guards_hold and not may(role, move, state) and role != "nobody":
                    continue  # one who may not is enough to see that guards are not asked
                expected = expected_of(role, move, state, refused=not guards_hold and move in guarded)
                with transaction.atomic():
                    outcome = try_to(permit, move, actor)
                    if expected is None:
                        assert isinstance(outcome, RoadPermit), f"{role}: {move} in {state} gave {outcome}"
                        check_move(permit, outcome, move, actor)
                        transaction.set_rollback(True)
                    else:  # what was refused is not rolled back here: it must have changed nothing by itself
                        assert outcome is expected, f"{role}: {move} in {state}"
        assert picture(permit) == before


def test_every_role_meets_every_permit(permits: Any, roles: Any) -> None:
    assert set(everybody(permits["draft"], roles)) == ALL_ROLES
    assert set(permits) == set(State.values)
    assert {state: permit.state for state, permit in permits.items()} == {state: state for state in State.values}

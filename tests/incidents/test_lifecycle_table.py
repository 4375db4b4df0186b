"""Every state x transition x role of an incident. The table says who, from where, to where; the code must agree."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.lifecycle import FINAL, State
from incidents.models import Incident, Inquiry, Job, Merge, Photo, Subscriber
from incidents.roles import ROLES
from tests.incidents import factories as make
from tests.incidents.every_state import one_in_each_state, one_of_each_role
from tests.move_table import APPLICANTS, MILEPOST, STRANGERS, MoveTable, everybody

# The module's rows are there before a test begins its own transaction inside theirs.
pytestmark = pytest.mark.django_db

S = State
TRIAGE = {"Triage officer", "Dispatcher", "District manager", "superuser"}
DISPATCH = {"Dispatcher", "District manager", "superuser"}
CREW = {"Crew leader", "District manager", "superuser"}
OF_THE_TEAM = set(ROLES)  # a report that is not filed yet has no team: to them it is as any other team's
ALL_ROLES = APPLICANTS | MILEPOST | OF_THE_TEAM | STRANGERS | {"superuser"}

# transition: who, from where, to where
ROWS: dict[str, tuple[set[str], set[str], str]] = {
    "submit": (APPLICANTS | MILEPOST | TRIAGE, {S.NEW}, S.SUBMITTED),
    "hand_over": (TRIAGE | MILEPOST, {S.SUBMITTED}, S.TRIAGED),
    "ask": (TRIAGE, {S.TRIAGED, S.SCHEDULED}, S.NEEDS_INFO),
    "answer": (APPLICANTS, {S.NEEDS_INFO}, S.TRIAGED),  # where it was asked in the factory
    "give_up_waiting": (MILEPOST, {S.NEEDS_INFO}, S.TRIAGED),
    "schedule": (DISPATCH, {S.TRIAGED, S.SCHEDULED}, S.SCHEDULED),
    "dispatch": (DISPATCH, {S.TRIAGED, S.SCHEDULED}, S.SCHEDULED),
    "start_work": (CREW | DISPATCH | MILEPOST, {S.SCHEDULED}, S.IN_PROGRESS),
    "put_back": (CREW | DISPATCH, {S.IN_PROGRESS, S.SCHEDULED}, S.TRIAGED),
    "resolve": (CREW | DISPATCH, {S.TRIAGED, S.SCHEDULED, S.IN_PROGRESS}, S.RESOLVED),
    "reject": (TRIAGE, {S.SUBMITTED, S.TRIAGED, S.SCHEDULED, S.NEEDS_INFO}, S.REJECTED),
    "close": (TRIAGE, {S.TRIAGED, S.SCHEDULED, S.IN_PROGRESS, S.NEEDS_INFO}, S.CLOSED),
    "merge": (TRIAGE, {S.SUBMITTED, S.TRIAGED, S.SCHEDULED, S.NEEDS_INFO}, S.DUPLICATE),
    "unmerge": (TRIAGE, {S.DUPLICATE}, S.TRIAGED),
    "reopen": (APPLICANTS | TRIAGE, {S.RESOLVED, S.CLOSED, S.REJECTED}, S.TRIAGED),
}
WORDS = "Long enough to help the person who reads it."
DATA: dict[str, dict[str, Any]] = {
    "ask": {"question": WORDS},
    "answer": {"text": WORDS},
    "schedule": {"planned_for": (timezone.localdate() + timedelta(days=9)).isoformat(), "crew": "Ames garage"},
    "dispatch": {"crew": "Ames garage", "task": "Fill the hole"},
    "put_back": {"reason": WORDS},
    "resolve": {"sentence": WORDS, "photo_exempt_because": "The camera was broken"},
    "reject": {"reason_code": "not_ours", "sentence": WORDS},
    "close": {"reason_code": "nothing_found", "sentence": WORDS},
    "reopen": {"text": WORDS},
}
BESIDE = {Inquiry: "incident_id", Job: "incident_id", Merge: "duplicate_id", Photo: "incident_id",
          Subscriber: "incident_id"}  # fmt: skip
TABLE = MoveTable(
    model=Incident, rows=ROWS, data=DATA, also=BESIDE, unseen=lambda state: OF_THE_TEAM if state == S.NEW else ()
)  # fmt: skip


def test_the_table_decides_about_every_transition_state_and_role_of_the_code() -> None:
    assert set(ROWS) == set(TABLE.moves)
    assert {source for _, sources, _ in ROWS.values() for source in sources} | set(FINAL) == set(State)
    assert set().union(*(who for who, _, _ in ROWS.values())) <= ALL_ROLES


@pytest.fixture(scope="module")
def incidents(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Incident]]:
    """Every cell puts back what it changed."""
    with django_db_blocker.unblock(), one_in_each_state() as made:
        DATA["merge"] = {"into": make.filed().reference}
        yield made


@pytest.fixture(scope="module")
def roles(incidents: dict[str, Incident]) -> dict[str, Any]:
    return one_of_each_role(incidents)


@pytest.mark.parametrize("guards_hold", [True, False], ids=["guards hold", "guards say no"])
@pytest.mark.parametrize("state", State.values)
def test_who_may_move_from_where_to_where(incidents: Any, roles: Any, state: str, guards_hold: bool) -> None:
    """Who is asked first, then where, then whether: a stranger learns nothing about the case."""
    TABLE.check_state(incidents[state], everybody(incidents[state], roles), guards_hold=guards_hold)


def test_every_role_meets_every_incident(incidents: Any, roles: Any) -> None:
    assert set(everybody(incidents["submitted"], roles)) == ALL_ROLES
    assert set(incidents) == set(State.values)
    assert {state: incident.state for state, incident in incidents.items()} == {state: state for state in State.values}
    assert len({incident.team_id for incident in incidents.values() if incident.state != S.NEW}) == 1


@pytest.mark.parametrize("move", ["answer", "reopen"])
def test_an_open311_key_acts_for_the_report_it_filed(move: str) -> None:
    key = make.integrator("open311:write")
    case = make.in_state("needs_info" if move == "answer" else "rejected", actor=key, channel="open311")
    assert make.fire(case, move, actor=key, **DATA[move]).state == S.TRIAGED

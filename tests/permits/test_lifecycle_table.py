"""Every state x transition x role of a road permit. The table says who, from where, to where; the code must agree."""

from collections.abc import Iterator
from typing import Any

import pytest

from permits.lifecycle import FINAL, State
from permits.models import Inspection, RoadPermit, TechnicalReview, TechnicalTask
from permits.roles import ROLES
from tests.move_table import APPLICANTS, MILEPOST, STRANGERS, MoveTable, everybody
from tests.permits.every_state import one_in_each_state, one_of_each_role
from tests.permits.move_data import DATA

# The module's rows are there before a test begins its own transaction inside theirs.
pytestmark = pytest.mark.django_db

S = State
INTAKE = {"Intake officer", "Safety reviewer", "District manager", "superuser"}
REVIEWERS = {"Safety reviewer", "District manager", "superuser"}
ISSUERS = {"Issuing officer", "District manager", "superuser"}
INSPECTORS = {"Inspector", "District manager", "superuser"}
MANAGERS = {"District manager", "superuser"}
OF_THE_TEAM = set(ROLES)  # a draft has no team yet: to them it is as any other team's case
ALL_ROLES = APPLICANTS | MILEPOST | OF_THE_TEAM | STRANGERS | {"superuser"}
BEFORE_WORK = {S.SUBMITTED, S.INFO_REQUESTED, S.IN_REVIEW, S.APPROVED, S.ISSUED, S.IN_FORCE}

# transition: who, from where, to where
ROWS: dict[str, tuple[set[str], set[str], str]] = {
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
TABLE = MoveTable(
    model=RoadPermit, rows=ROWS, data=DATA, unseen=lambda state: OF_THE_TEAM if state == S.DRAFT else (),
    also={TechnicalReview: "permit_id", TechnicalTask: "process__permit_id", Inspection: "permit_id"},
)  # fmt: skip


def test_the_table_decides_about_every_transition_state_and_role_of_the_code() -> None:
    assert set(ROWS) == set(TABLE.moves)
    assert {source for _, sources, _ in ROWS.values() for source in sources} | set(FINAL) == set(State)
    assert set().union(*(who for who, _, _ in ROWS.values())) <= ALL_ROLES
    assert len(OF_THE_TEAM) == 7


@pytest.fixture(scope="module")
def permits(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[dict[str, RoadPermit]]:
    """Every cell puts back what it changed."""
    with django_db_blocker.unblock(), one_in_each_state(tmp_path_factory.mktemp("files")) as made:
        yield made


@pytest.fixture(scope="module")
def roles(permits: dict[str, RoadPermit]) -> dict[str, Any]:
    return one_of_each_role(permits)


@pytest.mark.parametrize("guards_hold", [True, False], ids=["guards hold", "guards say no"])
@pytest.mark.parametrize("state", State.values)
def test_who_may_move_from_where_to_where(permits: Any, roles: Any, state: str, guards_hold: bool) -> None:
    """Who is asked first, then where, then whether: a stranger learns nothing about the case."""
    TABLE.check_state(permits[state], everybody(permits[state], roles), guards_hold=guards_hold)


def test_every_role_meets_every_permit(permits: Any, roles: Any) -> None:
    assert set(everybody(permits["draft"], roles)) == ALL_ROLES
    assert set(permits) == set(State.values)
    assert {state: permit.state for state, permit in permits.items()} == {state: state for state in State.values}

"""Every state x transition x role of a parcel. The table below says who, from where, to where; the code must agree."""

from typing import Any

import pytest
from django.db import transaction

from tests.parcels.making import chief, clerk, integrator, put_in, start_parcel
from tests.parcels.models import Parcel
from tests.parcels.models import State as S
from workflow.actors import SYSTEM, Actor
from workflow.engine import fire
from workflow.errors import NotAllowed, WrongState
from workflow.models import Team
from workflow.registry import lifecycle_of

pytestmark = pytest.mark.django_db

SENDERS = {"sender", "carrier"}
CLERKS = {"clerk", "chief"}
# transition: (who, from where, to where)
TABLE: dict[str, tuple[set[str], set[str], str]] = {
    "receive": (SENDERS | {"system"}, {S.NEW}, S.RECEIVED),
    "sort": ({"system"}, {S.RECEIVED}, S.INSPECTION),
    "release": (CLERKS | {"system"}, {S.INSPECTION}, S.LABELLING),
    "reject": (CLERKS, {S.INSPECTION}, S.RETURNED),
    "scan_again": (CLERKS, {S.INSPECTION}, S.INSPECTION),
    "ask_sender": (CLERKS, {S.RECEIVED, S.INSPECTION}, S.ASKED),
    "answer": (SENDERS, {S.ASKED}, S.INSPECTION),
    "lapse": ({"system"}, {S.ASKED}, S.RETURNED),
    "withdraw": (SENDERS | CLERKS, {S.RECEIVED, S.INSPECTION, S.ASKED, S.LABELLING}, S.RETURNED),
    "dispatch": ({"system"}, {S.LABELLING}, S.DISPATCHED),
    "deliver": ({"system"}, {S.DISPATCHED}, S.DELIVERED),
}
DATA: dict[str, dict[str, Any]] = {"reject": {"why": "wet"}, "answer": {"content": "books"}}
MOVES = [edge.name for edge in lifecycle_of(Parcel)]


def roles_for(parcel: Parcel, carrier: Actor) -> dict[str, Actor]:
    elsewhere, _ = Team.objects.get_or_create(code="elsewhere", defaults={"name": "Elsewhere"})
    return {
        "system": SYSTEM,
        "clerk": clerk(),
        "clerk of another team": clerk("far", team=elsewhere),
        "clerk without permission": clerk("new", permissions=()),
        "chief": chief(),
        "sender": Actor(kind="applicant", name="Ada", case_id=parcel.pk),
        "another sender": Actor(kind="applicant", name="Bob", case_id=parcel.pk + 1),
        "carrier": carrier,
        "carrier without the scope": Actor(kind="integrator", name="c", key_id=carrier.key_id),
        "another carrier": integrator("parcels:send"),
        "nobody": Actor(kind="", name=""),
    }


def test_the_table_decides_about_every_transition_of_the_code() -> None:
    assert set(MOVES) == set(TABLE)


@pytest.mark.parametrize("state", S.values)
@pytest.mark.parametrize("move", MOVES)
def test_who_may_move_from_where_to_where(move: str, state: str) -> None:
    who, sources, target = TABLE[move]
    carrier = integrator("parcels:send")
    parcel = start_parcel(actor=carrier)
    parcel.facts = {"asked_in": S.INSPECTION}
    put_in(parcel, state)
    for role, actor in roles_for(parcel, carrier).items():
        point = transaction.savepoint_create()
        try:
            outcome: Any = fire(parcel, move, actor=actor, data=DATA.get(move)).state
        except (NotAllowed, WrongState) as error:
            outcome = type(error)
        transaction.savepoint_rollback(point)
        expected = NotAllowed if role not in who else target if state in sources else WrongState
        assert outcome == expected, f"{role}: {move} in {state}"

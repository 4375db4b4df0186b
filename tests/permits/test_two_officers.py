"""Two officers press at the same revision: one wins, the other is told by whom and what, and nothing happens twice."""

from typing import Any

import pytest

from permits.desk import record_payment
from permits.models import RoadPermit
from tests.at_once import at_once
from tests.permits import factories as make
from tests.permits.move_data import DATA
from workflow import desk, engine
from workflow.actors import Actor
from workflow.errors import Refused, Stale, WorkflowError, WrongState
from workflow.models import Event, Work

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_disk(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def two() -> tuple[Actor, Actor]:
    return make.officer("olga", last_name="Olsen"), make.officer("rita", last_name="Reyes")


@pytest.mark.parametrize(("first", "second"), [("approve", "refuse"), ("approve", "approve"), ("refuse", "refuse")])
@pytest.mark.parametrize("attempt", range(3))
def test_one_decision_wins_and_the_other_officer_is_told(first: str, second: str, attempt: int) -> None:
    permit = make.ready()
    olga, rita = two()

    def decide(actor: Actor, move: str) -> Any:
        return lambda: engine.fire(permit, move, actor=actor, revision=permit.revision, data=DATA[move])

    outcomes = at_once(decide(olga, first), decide(rita, second))
    (loser,) = [outcome for outcome in outcomes if isinstance(outcome, Stale)]
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, RoadPermit)]
    won = outcomes.index(winner)
    name, move = ((olga.name, first), (rita.name, second))[won]
    assert name in str(loser)
    assert move.capitalize() in str(loser)
    assert loser.revision == winner.revision == permit.revision + 1
    fresh = make.fresh(permit)
    assert fresh.state == {"approve": "approved", "refuse": "refused"}[move]
    assert fresh.decided_by.get_full_name() == name
    assert fresh.reasons == ([] if move == "approve" else ["R20"])
    assert Event.objects.filter(case_id=permit.pk, transition__in=["approve", "refuse"]).count() == 1
    assert Work.objects.filter(case_id=permit.pk, step="issuePermit").count() == (move == "approve")


def test_without_a_revision_the_second_finds_the_case_moved() -> None:
    permit = make.ready()
    olga, rita = two()
    outcomes = at_once(
        lambda: engine.fire(permit, "approve", actor=olga, data=DATA["approve"]),
        lambda: engine.fire(permit, "refuse", actor=rita, data=DATA["refuse"]),
    )
    (loser,) = [outcome for outcome in outcomes if isinstance(outcome, WorkflowError)]
    assert isinstance(loser, WrongState)
    assert "approve" not in loser.allowed
    assert Event.objects.filter(case_id=permit.pk, transition__in=["approve", "refuse"]).count() == 1


def test_one_claims_a_request_and_one_payment_is_recorded() -> None:
    permit = make.filed()
    olga, rita = two()
    outcomes = at_once(lambda: desk.claim(permit, actor=olga), lambda: desk.claim(permit, actor=rita))
    (told,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert make.fresh(permit).assignee.get_full_name() in str(told)
    pay = [lambda actor=actor: record_payment(permit, receipt=actor.name, actor=actor) for actor in (olga, rita)]
    assert len([outcome for outcome in at_once(*pay) if isinstance(outcome, Refused)]) == 1
    assert Event.objects.filter(case_id=permit.pk, kind="payment").count() == 1


def test_an_applicant_who_withdraws_while_an_officer_approves_gets_one_answer() -> None:
    permit = make.ready()
    olga, _ = two()
    outcomes = at_once(
        lambda: engine.fire(permit, "approve", actor=olga, revision=permit.revision, data=DATA["approve"]),
        lambda: engine.fire(permit, "cancel", actor=make.actors.applicant(permit), revision=permit.revision),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RoadPermit", "Stale"]
    assert make.fresh(permit).state in ("approved", "cancelled")
    assert make.fresh(permit).events.count() == make.fresh(permit).revision

"""Many officers press at once: one wins, the others are told, and nothing happens twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections

from tests.parcels.making import clerk, put_in, start_parcel
from tests.parcels.models import Parcel, State
from workflow.engine import fire
from workflow.errors import Stale, WorkflowError, WrongState
from workflow.models import Event, Work

pytestmark = [pytest.mark.chaos, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
OFFICERS = 20


@pytest.mark.parametrize("with_revision", [True, False], ids=["looked at a revision", "did not say what they saw"])
def test_one_officer_wins_and_the_others_are_told(with_revision: bool) -> None:
    parcel = put_in(start_parcel(), State.INSPECTION)
    actors = [clerk(f"clerk-{n}") for n in range(OFFICERS)]
    barrier = threading.Barrier(OFFICERS)
    outcomes: list[Any] = []

    def decide(n: int) -> None:
        move, data = ("release", {"shelf": str(n)}) if n % 2 else ("reject", {"why": str(n)})
        try:
            connection.ensure_connection()
            barrier.wait(20)
            revision = parcel.revision if with_revision else None
            outcomes.append(fire(parcel, move, actor=actors[n], revision=revision, data=data).state)
        except WorkflowError as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(OFFICERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    losers = [outcome for outcome in outcomes if isinstance(outcome, WorkflowError)]
    assert (len(outcomes), len(losers)) == (OFFICERS, OFFICERS - 1)
    assert {type(loser) for loser in losers} == {Stale if with_revision else WrongState}
    assert not with_revision or all("clerk-" in str(loser) for loser in losers)  # by whom and what
    fresh = Parcel.objects.get(pk=parcel.pk)
    assert Event.objects.filter(case=fresh, transition__in=["release", "reject"]).count() == 1
    assert Work.objects.filter(case=fresh, step="printLabel").count() == (fresh.state == State.LABELLING)

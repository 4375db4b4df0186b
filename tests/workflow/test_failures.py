"""A service that fails, lies or never comes back: retried with patience, then parked for an officer."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.parcels.making import chief, clerk, end_lease, make_due, start_parcel, work_of
from tests.parcels.models import Parcel, State
from tests.parcels.services import QUICK, Stub
from workflow import orchestrator
from workflow.actors import SYSTEM
from workflow.definition import Retry
from workflow.engine import fire
from workflow.errors import (
    NotAllowed,
    PermanentFailure,
    TemporaryFailure,
    UnusableAnswer,
    WrongState,
)  # fmt: skip
from workflow.models import Team, Work, lease_end
from workflow.worker import drain

pytestmark = pytest.mark.django_db


def failing(error: BaseException) -> Any:
    def mood(call: Any) -> Any:
        raise error

    return mood


# -- failures ---------------------------------------------------------------------------------------------------------


@given(
    attempt=st.integers(1, 10_000),
    base=st.floats(0.001, 60),
    cap=st.floats(0.001, 3600),
    seed=st.integers(),
)
def test_a_wait_is_between_nothing_and_the_doubled_base_and_never_above_the_cap(
    attempt: int, base: float, cap: float, seed: int
) -> None:
    retry = Retry(base=timedelta(seconds=base), cap=timedelta(seconds=cap))
    wait = retry.wait(attempt, rng=random.Random(seed))
    assert timedelta() <= wait <= retry.cap
    assert wait.total_seconds() <= base * 2.0 ** min(attempt - 1, 30) + 1e-5


def test_waits_differ_so_that_workers_do_not_come_back_together() -> None:
    assert len({Retry(base=timedelta(seconds=60)).wait(3) for _ in range(20)}) == 20


def test_a_temporary_failure_comes_back_later_and_then_succeeds(stub: Stub) -> None:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = failing(TemporaryFailure("The scales are busy."))
    drain(limit=1)
    work = work_of(parcel)
    assert (work.outcome, work.attempts, work.lease_until, work.error) == ("open", 1, None, "The scales are busy.")
    stub.moods.clear()
    make_due(parcel)
    drain()
    assert work_of(parcel, "checkParcel").error == ""
    assert Parcel.objects.get(pk=parcel.pk).state == State.INSPECTION


@pytest.mark.parametrize(
    ("wish", "least", "most"),
    [(timedelta(minutes=2), 119, 121), (timedelta(days=900), 3599, 3601), (timedelta(days=-1), -1, 1)],
)
def test_a_service_may_say_when_to_come_back_within_reason(stub: Stub, wish: timedelta, least: int, most: int) -> None:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = failing(TemporaryFailure("Later.", retry_after=wish))
    drain(limit=1)
    bounds = (lease_end(timedelta(seconds=least)), lease_end(timedelta(seconds=most)))
    assert Work.objects.filter(case=parcel, run_at__gt=bounds[0], run_at__lt=bounds[1]).exists()


@pytest.mark.parametrize(
    "error",
    [TemporaryFailure("down"), UnusableAnswer("HTML"), RuntimeError("bug\x00"), ValidationError("odd"), KeyError("k")],
    ids=lambda error: type(error).__name__,
)
def test_attempts_spent_park_the_case_with_its_reason(stub: Stub, error: Exception) -> None:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = failing(error)
    for _ in range(QUICK.attempts):
        make_due(parcel)
        drain(limit=1)
    parcel.refresh_from_db()
    assert len(stub.calls["parcelCheck"]) == QUICK.attempts
    assert (work_of(parcel).outcome, parcel.state) == ("parked", State.RECEIVED)
    assert parcel.parked_reason == work_of(parcel).error != ""
    assert list(Parcel.objects.parked()) == [parcel]
    assert parcel.events.latest("seq").kind == "parked"


def test_a_permanent_failure_parks_at_once(stub: Stub) -> None:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = failing(PermanentFailure("There is no such street."))
    drain()
    parcel.refresh_from_db()
    assert len(stub.calls["parcelCheck"]) == 1
    assert parcel.parked_reason == "There is no such street."


GARBAGE = {
    "nothing": None,
    "a list": [1, 2],
    "text": "ok",
    "yes": True,
    "not a number": {"weight_g": float("nan")},
    "an object": {"weight_g": object()},
    "a nul": {"weight_g": "\x00"},
    "half a character": {"weight_g": "\ud800"},
    "a number that does not fit": {"weight_g": 10**40},
    "text for a number": {"weight_g": "heavy"},
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_never_read_as_success(stub: Stub, name: str) -> None:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = lambda call: GARBAGE[name]
    for _ in range(QUICK.attempts):
        make_due(parcel)
        drain(limit=1)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.weight_g, work_of(parcel).outcome) == (State.RECEIVED, 900, "parked")


def test_a_worker_that_never_comes_back_runs_out_of_attempts_too(stub: Stub) -> None:
    parcel = start_parcel()
    for _ in range(QUICK.attempts):
        assert orchestrator.claim_next() is not None
        end_lease(work_of(parcel))
    assert orchestrator.claim_next() is None
    parcel.refresh_from_db()
    assert "did not come back" in parcel.parked_reason
    assert not stub.calls


def test_work_of_a_service_that_is_gone_is_parked_and_blocks_nobody(stub: Stub) -> None:
    stuck, other = start_parcel(), start_parcel()
    Work.objects.filter(case=stuck).update(service="pigeon", run_at=lease_end(timedelta(hours=-1)))
    drain()
    stuck.refresh_from_db()
    assert "'pigeon'" in stuck.parked_reason
    assert Parcel.objects.get(pk=other.pk).state == State.INSPECTION


# -- what parks and how it goes on ------------------------------------------------------------------------------------


def test_a_guard_that_refuses_the_next_move_parks_with_its_sentence(stub: Stub) -> None:
    parcel = start_parcel(express=True, address="")
    drain()
    parcel.refresh_from_db()
    work = work_of(parcel, "printLabel")
    assert (parcel.state, parcel.parked_reason) == (State.LABELLING, "Write an address on it.")
    assert (work.outcome, work.result) == ("parked", {"done": True})
    Parcel.objects.filter(pk=parcel.pk).update(address="2 Side Street")
    orchestrator.retry(parcel, actor=chief())
    drain()
    parcel.refresh_from_db()
    assert (parcel.state, parcel.parked_at, parcel.parked_reason) == (State.DELIVERED, None, "")
    assert len({call.key for call in stub.calls["parcelLabel"]}) == 1


def park(stub: Stub) -> Parcel:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = failing(PermanentFailure("no"))
    drain()
    stub.reset()
    parcel.refresh_from_db()
    return parcel


def test_an_officer_sends_a_parked_case_on_with_fresh_attempts(stub: Stub) -> None:
    parcel = park(stub)
    fresh = orchestrator.retry(parcel, actor=clerk(permissions=("retry_work",)), revision=parcel.revision)
    assert (work_of(parcel).attempts, work_of(parcel).outcome, fresh.parked_at) == (0, "open", None)
    assert fresh.events.latest("seq").data == {"steps": ["checkParcel"]}
    drain()
    assert Parcel.objects.get(pk=parcel.pk).state == State.INSPECTION


def test_only_an_officer_of_the_team_who_may_retry_sends_a_case_on(stub: Stub) -> None:
    parcel = park(stub)
    far = Team.objects.create(code="far", name="Far")
    for actor in (SYSTEM, clerk(), clerk("far", team=far, permissions=("retry_work",))):
        with pytest.raises(NotAllowed):
            orchestrator.retry(parcel, actor=actor)
    assert work_of(parcel).outcome == "parked"


def test_pressing_the_button_twice_says_that_it_is_on_its_way(stub: Stub) -> None:
    parcel = park(stub)
    orchestrator.retry(parcel, actor=chief())
    with pytest.raises(WrongState, match="on its way"):
        orchestrator.retry(parcel, actor=chief())


def test_a_person_may_move_a_parked_case_on_without_the_service(stub: Stub) -> None:
    parcel = fire(park(stub), "withdraw", actor=chief())
    assert (parcel.parked_at, parcel.parked_reason) == (None, "")
    assert work_of(parcel).outcome == "cancelled"

"""The worker's threads: woken by the bell, found by the sweep, never all in the hands of one service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.parcels.making import start_parcel, work_of
from tests.parcels.models import Parcel, State
from tests.parcels.services import Stub
from tests.workflow.test_engine import at_once
from workflow import doorbell, orchestrator, worker
from workflow.errors import PermanentFailure, TemporaryFailure
from workflow.models import Event, Work
from workflow.worker import BREAK_AFTER, Fairness, Worker

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = timedelta(minutes=10)
SOON = timedelta(milliseconds=50)


@pytest.fixture
def employ() -> Iterator[Callable[..., Worker]]:
    """Start workers that are stopped when the test ends."""
    hired: list[Worker] = []

    def start(threads: int = 2, sweep: timedelta = SOON) -> Worker:
        hired.append(Worker(threads=threads, sweep=sweep).start())
        return hired[-1]

    yield start
    stopped = [one.stop(within=timedelta(seconds=10)) for one in hired]
    assert all(stopped)


def eventually(holds: Callable[[], Any], within_s: float = 10) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def delivered(*parcels: Parcel) -> bool:
    states = Parcel.objects.filter(pk__in=[p.pk for p in parcels]).values_list("state", flat=True)
    return set(states) == {State.DELIVERED}


def test_a_ring_wakes_a_worker_long_before_its_sweep(employ: Callable[..., Worker], stub: Stub) -> None:
    employ(sweep=NEVER)
    time.sleep(0.3)  # all threads have looked once and sleep
    began = time.monotonic()
    parcel = start_parcel(express=True)
    eventually(lambda: stub.calls["parcelCheck"])
    assert time.monotonic() - began < 2
    eventually(lambda: delivered(parcel))


def test_the_sweep_finds_work_nobody_rang_for(employ: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    employ()
    time.sleep(0.2)
    monkeypatch.setattr(doorbell, "ring", lambda: None)
    parcel = start_parcel(express=True)
    eventually(lambda: delivered(parcel))


def test_many_parcels_and_threads_make_each_move_once(employ: Callable[..., Worker], stub: Stub) -> None:
    parcels = [start_parcel(express=True) for _ in range(12)]
    employ(threads=4)
    employ(threads=3)
    eventually(lambda: delivered(*parcels), within_s=30)
    assert Event.objects.filter(kind="transition").count() == 12 * 5
    assert all(len({call.key for call in calls}) == len(calls) == 12 for calls in stub.calls.values())


class Hang:
    """A service that hangs until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()

    def __call__(self, call: Any) -> dict[str, Any]:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.free.wait(20)
        with self._lock:
            self.inside -= 1
        return {}


def test_a_service_that_hangs_never_has_more_calls_than_its_cap(employ: Callable[..., Worker], stub: Stub) -> None:
    stub.moods["parcelLabel"] = hang = Hang()  # cap 2
    parcels = [start_parcel(express=True) for _ in range(6)]
    employ(threads=5)
    eventually(lambda: hang.inside == 2)
    plain = start_parcel()
    eventually(lambda: Parcel.objects.get(pk=plain.pk).state == State.INSPECTION)
    assert hang.most == 2
    hang.free.set()
    eventually(lambda: delivered(*parcels))
    assert hang.most == 2


def test_one_thread_is_always_left_for_the_others(employ: Callable[..., Worker], stub: Stub) -> None:
    stub.moods["parcelScan"] = hang = Hang()  # cap 4, more than this worker has
    for _ in range(5):
        start_parcel(express=True)
    employ(threads=3)
    eventually(lambda: hang.inside == 2)
    late = start_parcel()
    eventually(lambda: work_of(late, "checkParcel").outcome == "done")
    assert hang.most == 2
    hang.free.set()


def test_stopping_lets_what_runs_finish_and_begins_nothing_new(stub: Stub) -> None:
    stub.moods["parcelCheck"] = hang = Hang()
    parcel, waiting = start_parcel(express=True), start_parcel()
    one = Worker(threads=1, sweep=SOON).start()
    eventually(lambda: hang.inside == 1)
    threading.Timer(0.3, hang.free.set).start()
    assert one.stop(within=timedelta(seconds=10))
    parcel.refresh_from_db()
    assert parcel.state == State.INSPECTION  # the step in hand was finished, the next one left
    assert work_of(waiting).attempts == 0
    assert work_of(parcel).attempts == 0


def test_stopping_says_so_when_something_still_runs(stub: Stub) -> None:
    stub.moods["parcelCheck"] = hang = Hang()
    start_parcel()
    one = Worker(threads=1, sweep=SOON).start()
    eventually(lambda: hang.inside == 1)
    assert one.stop(within=timedelta(milliseconds=100)) is False
    hang.free.set()
    assert one.stop(within=timedelta(seconds=10))


def test_a_database_that_is_away_does_not_end_a_worker(
    employ: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, refusals = orchestrator.claim_next, iter([OperationalError("away"), RuntimeError("ours")])

    def flaky(**kwargs: Any) -> Any:
        if (error := next(refusals, None)) is not None:
            raise error
        return real(**kwargs)

    monkeypatch.setattr(orchestrator, "claim_next", flaky)
    parcel = start_parcel(express=True)
    employ(threads=1)
    eventually(lambda: delivered(parcel))
    assert "did not answer" in caplog.text
    assert "it goes on" in caplog.text


def test_a_failure_of_the_database_while_a_result_is_written_leaves_the_work_to_its_lease(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("away")

    parcel = start_parcel()
    monkeypatch.setattr(orchestrator, "settle", away)
    with pytest.raises(OperationalError):
        worker.drain()
    work = work_of(parcel)
    assert (work.outcome, work.attempts, work.lease_until is not None) == ("open", 1, True)


# -- who is left alone ------------------------------------------------------------------------------------------------


def call(fairness: Fairness, *, healthy: bool | None) -> None:
    fairness.begin("parcelCheck")
    fairness.end("parcelCheck", healthy=healthy)


def test_a_service_that_keeps_failing_is_left_alone_then_tried_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    fairness = Fairness(4)
    for _ in range(BREAK_AFTER - 1):
        call(fairness, healthy=False)
    assert fairness.skip() == []
    call(fairness, healthy=False)
    assert fairness.skip() == ["parcelCheck"]
    assert not fairness.try_begin("parcelCheck")
    now += worker.BREAK_FOR_S
    assert fairness.try_begin("parcelCheck")
    assert not fairness.try_begin("parcelCheck")  # one finds out for all
    fairness.end("parcelCheck", healthy=True)
    assert [fairness.try_begin("parcelCheck") for _ in range(4)] == [True, True, True, False]


def test_a_success_between_failures_starts_the_count_again() -> None:
    fairness = Fairness(4)
    for healthy in [False] * (BREAK_AFTER - 1) + [True] + [False] * (BREAK_AFTER - 1) + [None]:
        call(fairness, healthy=healthy)
    assert fairness.skip() == []


def test_the_breaker_leaves_a_broken_service_alone_and_the_others_go_on(stub: Stub) -> None:
    def down(call: Any) -> None:
        raise TemporaryFailure("down")

    stub.moods["parcelCheck"] = down
    for _ in range(BREAK_AFTER + 3):
        start_parcel()
    one = Worker(threads=1)
    while one.once():
        pass
    assert len(stub.calls["parcelCheck"]) == BREAK_AFTER
    assert Work.objects.filter(outcome="open", attempts=0).count() == 3


def test_a_service_that_says_no_is_well(stub: Stub) -> None:
    def no(call: Any) -> None:
        raise PermanentFailure("no")

    stub.moods["parcelCheck"] = no
    for _ in range(BREAK_AFTER + 3):
        start_parcel()
    worker.drain()
    assert len(stub.calls["parcelCheck"]) == BREAK_AFTER + 3


def test_a_place_kept_for_a_next_step_is_given_back_when_there_is_none(stub: Stub) -> None:
    one = Worker(threads=2)
    for _ in range(4):
        start_parcel(express=True, paid=False)  # the guard of release refuses: parked
    while one.once():
        pass
    assert not +one._fairness._running


def test_a_timer_needs_no_service_to_have_a_cap() -> None:
    fairness = Fairness(8)
    assert [fairness.try_begin("lapse") for _ in range(5)] == [True] * 4 + [False]


def test_the_default_number_of_threads_comes_from_the_settings(settings: Any) -> None:
    settings.WORKER_THREADS = 3
    assert len(Worker()._threads) == 3


@pytest.mark.postgresql
def test_two_claims_at_once_never_take_one_work() -> None:
    for _ in range(10):
        start_parcel()
    taken: list[int] = []

    def take_all() -> None:
        while (found := orchestrator.claim_next()) is not None:
            taken.append(found.work_id)

    assert at_once(6, take_all) == []
    assert len(taken) == len(set(taken)) == 10
    assert connection.vendor == "postgresql"

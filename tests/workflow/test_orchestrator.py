"""Claims, leases and results: work is done at least once, and its result is accepted exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.parcels.making import chief, clerk, end_lease, make_due, put_in, sender, start_parcel, work_of
from tests.parcels.models import Parcel, State
from tests.parcels.services import Stub
from workflow import claims, following, orchestrator
from workflow.engine import fire
from workflow.errors import (
    PermanentFailure,
    TemporaryFailure,
)  # fmt: skip
from workflow.models import Event, Work, lease_end
from workflow.worker import drain

pytestmark = pytest.mark.django_db


def claim(parcel: Parcel) -> orchestrator.Claim:
    found = orchestrator.claim(work_of(parcel).pk)
    assert found is not None
    return found


def failing(error: BaseException) -> Any:
    def mood(call: Any) -> Any:
        raise error

    return mood


# -- claims -----------------------------------------------------------------------------------------------------------


def test_an_attempt_is_counted_before_the_service_is_called(stub: Stub) -> None:
    parcel = start_parcel()
    seen = []
    stub.moods["parcelCheck"] = lambda call: seen.append(work_of(parcel).attempts) or {}
    drain()
    assert seen == [1]


def test_work_that_is_held_is_claimed_by_nobody_else() -> None:
    parcel = start_parcel()
    assert claim(parcel).attempt == 1
    assert orchestrator.claim(work_of(parcel).pk) is None
    assert orchestrator.claim_next() is None


def test_a_lease_that_is_over_gives_the_work_to_the_next() -> None:
    parcel = start_parcel()
    first = claim(parcel)
    end_lease(work_of(parcel))
    second = orchestrator.claim_next()
    assert second is not None
    assert (second.work_id, second.epoch, second.attempt) == (first.work_id, first.epoch + 1, 2)
    assert second.key == first.key


def test_the_oldest_due_work_comes_first_and_work_of_tomorrow_not_at_all() -> None:
    late, early = start_parcel(), start_parcel()
    Work.objects.filter(case_id=early.pk).update(run_at=lease_end(timedelta(minutes=-5)))
    Work.objects.filter(case_id=late.pk).update(run_at=lease_end(timedelta(days=1)))
    assert orchestrator.claim_next().reference == early.reference
    assert orchestrator.claim_next() is None
    assert orchestrator.claim(work_of(late).pk) is None


def test_services_to_be_left_alone_are_passed_over() -> None:
    parcel = start_parcel()
    assert orchestrator.claim_next(skip=["parcelCheck"]) is None
    assert orchestrator.claim(work_of(parcel).pk, skip=["parcelCheck"]) is None


def test_new_work_is_ready_at_once_whatever_the_clock_of_this_machine_says(monkeypatch: pytest.MonkeyPatch) -> None:
    an_hour_ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: an_hour_ahead)
    start_parcel()
    assert orchestrator.claim_next() is not None


# -- results ----------------------------------------------------------------------------------------------------------


def test_an_express_parcel_goes_all_the_way_by_itself(stub: Stub) -> None:
    parcel = start_parcel(express=True)
    assert drain() == 1  # one claim; each next step is claimed in the transaction that ends the one before
    parcel.refresh_from_db()
    assert (parcel.state, parcel.is_closed) == (State.DELIVERED, True)
    assert [len(stub.calls[n]) for n in ("parcelCheck", "parcelScan", "parcelLabel", "parcelNotify")] == [1, 1, 1, 1]
    assert set(Work.objects.values_list("outcome", "attempts")) == {("done", 1)}


def test_a_finding_waits_on_the_desk_for_the_person_who_decides(stub: Stub) -> None:
    parcel = start_parcel()
    stub.moods["parcelScan"] = lambda call: {"scan": "clear"}
    drain()
    parcel.refresh_from_db()
    assert (parcel.state, work_of(parcel).outcome, work_of(parcel).result) == ("inspection", "done", {"scan": "clear"})
    finding = parcel.events.latest("seq")
    assert (finding.kind, finding.public, finding.data["result"]) == ("finding", False, {"scan": "clear"})
    fire(parcel, "release", actor=clerk())
    drain()
    assert Parcel.objects.get(pk=parcel.pk).state == State.DELIVERED


def test_accepting_a_result_writes_it_with_the_move(stub: Stub) -> None:
    parcel = start_parcel(weight_g=None)
    stub.moods["parcelCheck"] = lambda call: {"weight_g": 1234}
    drain()
    parcel.refresh_from_db()
    assert (parcel.weight_g, parcel.state) == (1234, State.INSPECTION)


def test_a_service_is_told_what_it_needs_to_know(stub: Stub) -> None:
    parcel = start_parcel()
    drain()
    (call,) = stub.calls["parcelCheck"]
    assert (call.reference, call.step, call.visit, call.attempt) == (parcel.reference, "checkParcel", 1, 1)
    assert call.key == work_of(parcel, "checkParcel").key
    assert call.deadline == timedelta(seconds=10)


def test_a_result_is_accepted_once() -> None:
    parcel = start_parcel()
    mine = claim(parcel)
    orchestrator.complete(mine, {}, gate=orchestrator.never)
    orchestrator.complete(mine, {}, gate=orchestrator.never)
    assert Event.objects.filter(case=parcel, transition="sort").count() == 1
    assert Work.objects.filter(case=parcel, step="inspectParcel").count() == 1


def test_a_late_result_is_dropped_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    parcel = start_parcel(weight_g=None)
    frozen = claim(parcel)
    end_lease(work_of(parcel))
    second = claim(parcel)
    assert orchestrator.complete(frozen, {"weight_g": 1}) is None
    assert "a late result was dropped" in caplog.text
    assert Parcel.objects.get(pk=parcel.pk).revision == 2
    orchestrator.complete(second, {"weight_g": 2}, gate=orchestrator.never)
    assert Parcel.objects.get(pk=parcel.pk).weight_g == 2


def test_a_late_failure_neither_parks_nor_postpones_what_another_holds() -> None:
    parcel = start_parcel()
    frozen = claim(parcel)
    end_lease(work_of(parcel))
    second = claim(parcel)
    orchestrator.fail(frozen, TemporaryFailure("late"))
    orchestrator.fail(frozen, PermanentFailure("late"))
    work = work_of(parcel)
    assert (work.outcome, work.epoch, work.error, work.lease_until is None) == ("open", second.epoch, "", False)


def test_a_case_withdrawn_while_its_service_runs_stays_withdrawn(stub: Stub) -> None:
    parcel = start_parcel()
    stub.moods["parcelCheck"] = lambda call: fire(parcel, "withdraw", actor=clerk()) and {"weight_g": 7}
    drain()
    parcel.refresh_from_db()
    assert (parcel.state, parcel.weight_g, work_of(parcel).outcome) == (State.RETURNED, 900, "cancelled")


# -- timers and tasks -------------------------------------------------------------------------------------------------


def ask(**data: Any) -> Parcel:
    return fire(put_in(start_parcel(), State.INSPECTION), "ask_sender", actor=clerk(), data=data)


def test_a_timer_fires_when_its_time_has_come_and_not_before() -> None:
    parcel = ask(days=3)
    timer = work_of(parcel, "timer:lapse")
    assert (timer.kind, timer.service, timer.run_at) == ("timer", "lapse", parcel.asked_until)
    assert drain() == 0
    make_due(parcel)
    drain()
    parcel.refresh_from_db()
    assert (parcel.state, parcel.events.latest("seq").actor) == (State.RETURNED, "Milepost")


def test_a_timer_is_dropped_when_the_case_moves_on() -> None:
    parcel = ask()
    fire(parcel, "withdraw", actor=clerk())
    assert work_of(parcel, "timer:lapse").outcome == "cancelled"


def test_asking_again_sets_a_timer_anew() -> None:
    parcel = ask()
    answered = fire(parcel, "answer", actor=sender(parcel), data={"content": "books"})
    fire(answered, "ask_sender", actor=clerk(), data={"days": 1})
    timers = Work.objects.filter(case_id=parcel.pk, kind="timer").order_by("pk")
    assert [timer.outcome for timer in timers] == ["cancelled", "open"]


def test_a_timer_that_lost_its_meaning_is_dropped_and_the_case_not_parked(caplog: pytest.LogCaptureFixture) -> None:
    parcel = ask()
    Work.objects.filter(step="timer:lapse").update(service="deliver")
    make_due(parcel)
    drain()
    parcel.refresh_from_db()
    assert (work_of(parcel, "timer:lapse").outcome, parcel.parked_at) == ("cancelled", None)
    assert "did not fire" in caplog.text


def test_a_message_that_is_stuck_stays_before_the_officers_while_the_case_goes_on(stub: Stub) -> None:
    parcel = start_parcel(express=True)
    following.task(parcel, name="postcard", service="parcelPostcard", argument={"to": "Ada"})
    following.task(parcel, name="postcard", service="parcelPostcard", argument={"to": "Ada"})
    Work.objects.filter(kind="task").update(run_at=lease_end(timedelta(hours=-1)))
    stub.moods["parcelPostcard"] = failing(PermanentFailure("The post office is closed."))
    drain()
    parcel.refresh_from_db()
    assert parcel.state == State.DELIVERED
    assert parcel.parked_reason == "The post office is closed."
    assert list(Parcel.objects.parked()) == [parcel]
    stub.moods.clear()
    orchestrator.retry(parcel, actor=chief())
    drain()
    assert [call.argument for call in stub.calls["parcelPostcard"]] == [{"to": "Ada"}] * 2
    assert work_of(parcel, "task:postcard").outcome == "done"


def test_claims_take_no_lock_when_there_is_nothing_to_do(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert claims.claim_next() is None


def test_a_refusal_of_the_move_rolls_back_what_accepting_wrote(stub: Stub) -> None:
    parcel = start_parcel(weight_g=900)
    stub.moods["parcelCheck"] = lambda call: {"weight_g": None}
    drain()
    parcel.refresh_from_db()
    assert (parcel.parked_reason, parcel.weight_g) == ("Weigh the parcel first.", 900)
    assert work_of(parcel).result == {"weight_g": None}

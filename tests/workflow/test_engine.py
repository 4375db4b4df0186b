"""fire and start_workflow: the one door, its order of questions, and that nothing changes when it says no."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from tests.parcels.making import GOOD, chief, clerk, integrator, put_in, sender, start_parcel, work_of
from tests.parcels.models import Parcel, State
from workflow import engine, worker
from workflow.actors import SYSTEM, Actor
from workflow.engine import change, fire, options, start_workflow
from workflow.errors import InvalidData, KeyReused, NotAllowed, Refused, Stale, UnknownWorkflow, WrongState
from workflow.models import Case, Event, StartKey, Team, Work

pytestmark = pytest.mark.django_db


def snapshot(parcel: Any) -> tuple[Any, ...]:
    """Everything that may not change when the door says no."""
    row = Parcel.objects.filter(pk=parcel.pk).values().get()
    return row, list(Event.objects.values_list("digest")), list(Work.objects.values_list("pk", "outcome", "epoch"))


# -- start_workflow ---------------------------------------------------------------------------------------------------


def test_a_new_case_is_stored_with_its_history_and_its_first_work() -> None:
    started = start_workflow("parcel", GOOD, actor=SYSTEM)
    parcel = Parcel.objects.get(reference=started.id)
    assert (started.status, parcel.state, parcel.step, parcel.revision) == ("checkParcel", "received", "checkParcel", 2)
    assert [(e.kind, e.transition, e.to_state) for e in parcel.events.order_by("seq")] == [
        ("opened", "", "new"),
        ("transition", "receive", "received"),
    ]
    work = work_of(parcel)
    assert (work.step, work.visit, work.service, work.outcome, work.attempts) == (
        "checkParcel",
        1,
        "parcelCheck",
        "open",
        0,
    )
    assert parcel.team == Team.default()
    assert parcel.due_at is not None


def test_a_reference_says_kind_and_year_and_cannot_be_guessed() -> None:
    first, second = start_parcel(), start_parcel()
    assert first.reference.startswith(f"PA-{first.created_at:%y}-")
    assert len(first.reference) == 12
    assert first.reference != second.reference


def test_a_start_that_is_refused_leaves_nothing() -> None:
    with pytest.raises(NotAllowed):
        start_parcel(actor=clerk())
    assert not Case.objects.exists()
    assert not Event.objects.exists()


def test_bad_data_is_told_field_by_field() -> None:
    with pytest.raises(InvalidData) as caught:
        start_workflow("parcel", {**GOOD, "colour": "red", "size": 3}, actor=SYSTEM)
    assert [reason.field for reason in caught.value.reasons] == ["colour", "size"]
    assert not Case.objects.exists()


def test_an_unknown_workflow_is_named() -> None:
    with pytest.raises(UnknownWorkflow, match="pigeon"):
        start_workflow("pigeon", {}, actor=SYSTEM)


def test_whoever_opens_a_case_may_act_as_its_applicant() -> None:
    parcel = start_parcel(actor=Actor(kind="applicant", name="Ada"))
    assert parcel.events.get(seq=2).actor_kind == "applicant"


def test_a_key_belongs_to_the_integrator_that_sent_it() -> None:
    ours, theirs = integrator("parcels:send"), integrator("parcels:send")
    first = start_workflow("parcel", GOOD, actor=ours, key="k1")
    again = start_workflow("parcel", GOOD, actor=ours, key="k1")
    other = start_workflow("parcel", GOOD, actor=theirs, key="k1")
    assert (again.id, again.replayed, first.replayed) == (first.id, True, False)
    assert other.id != first.id
    assert Case.objects.get(reference=first.id).filed_with_id == ours.key_id


def test_a_replayed_key_answers_where_the_case_stands_now() -> None:
    first = start_workflow("parcel", GOOD, actor=SYSTEM, key="k1")
    put_in(first.case, State.LABELLING)
    assert start_workflow("parcel", GOOD, actor=SYSTEM, key="k1").case.state == State.LABELLING
    assert Case.objects.count() == 1


def test_a_key_with_other_data_is_refused() -> None:
    start_workflow("parcel", GOOD, actor=SYSTEM, key="k1")
    with pytest.raises(KeyReused):
        start_workflow("parcel", {**GOOD, "weight_g": 1}, actor=SYSTEM, key="k1")
    assert Case.objects.count() == 1


def test_a_replay_is_answered_before_the_data_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = start_workflow("parcel", GOOD, actor=SYSTEM, key="k1")
    monkeypatch.setattr("tests.parcels.workflow.FIELDS", frozenset())  # today's rules would refuse it
    assert start_workflow("parcel", GOOD, actor=SYSTEM, key="k1").id == first.id


def test_a_taken_reference_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = start_parcel().reference
    draws = iter([taken, "PA-26-FRESH1"])
    monkeypatch.setattr(engine, "new_reference", lambda prefix, year: next(draws))
    assert start_parcel().reference == "PA-26-FRESH1"


@pytest.mark.django_db(transaction=True)
def test_a_local_service_runs_in_the_request_right_after_the_commit(stub: Any) -> None:
    parcel = start_parcel(workflow="expressParcel")
    assert (parcel.state, parcel.step) == (State.INSPECTION, "inspectParcel")
    assert len(stub.calls["parcelCheckHere"]) == 1
    assert not stub.calls["parcelScan"]  # what follows is left to the workers


@pytest.mark.django_db(transaction=True)
def test_a_local_service_that_fails_is_left_to_the_workers(stub: Any) -> None:
    stub.moods["parcelCheckHere"] = lambda call: 1 / 0
    parcel = start_parcel(workflow="expressParcel")
    assert parcel.state == State.RECEIVED
    assert "ZeroDivisionError" in work_of(parcel).error


@pytest.mark.django_db(transaction=True)
def test_nobody_is_kept_from_writing_while_a_local_service_runs(stub: Any) -> None:
    def write_from_another_thread(call: Any) -> dict[str, Any]:
        thread = threading.Thread(target=lambda: (start_parcel(), connections.close_all()))
        thread.start()
        thread.join(10)
        return {"alone": thread.is_alive()}

    stub.moods["parcelCheckHere"] = write_from_another_thread
    parcel = start_parcel(workflow="expressParcel")
    assert work_of(parcel, "checkParcel").result == {"alone": False}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_starts_with_one_key_make_one_case() -> None:
    answers: list[str] = []
    at_once(8, lambda: answers.append(start_workflow("parcel", GOOD, actor=SYSTEM, key="k1").id))
    assert len(answers) == 8
    assert len(set(answers)) == Case.objects.count() == StartKey.objects.count() == 1


def at_once(count: int, action: Callable[[], Any]) -> list[BaseException]:
    """Run ``action`` in ``count`` threads that begin together; answers what they raised."""
    barrier, raised = threading.Barrier(count), []

    def body() -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            action()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=body) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


# -- fire: the order of its questions ---------------------------------------------------------------------------------


def test_a_stale_revision_is_told_first_and_by_whom() -> None:
    parcel = put_in(start_parcel(), State.INSPECTION)
    with pytest.raises(Stale, match="Milepost") as caught:
        fire(parcel, "release", actor=Actor(kind="applicant", name="x"), revision=1)
    assert caught.value.revision == parcel.revision


def test_who_comes_before_where_and_where_before_whether() -> None:
    parcel = start_parcel(paid=False)  # in received: release does not start here, and its guard would say no
    with pytest.raises(NotAllowed, match="a clerk of the team"):
        fire(parcel, "release", actor=sender(parcel))
    with pytest.raises(WrongState) as caught:
        fire(parcel, "release", actor=clerk())
    assert set(caught.value.allowed) == {"sort", "ask_sender", "withdraw"}
    put_in(parcel, State.INSPECTION)
    with pytest.raises(Refused):
        fire(parcel, "release", actor=clerk())


def test_every_failing_guard_is_told_at_once_with_its_source() -> None:
    parcel = put_in(start_parcel(paid=False, weight_g=None, sender_email="clerk@dot.example.gov"), State.INSPECTION)
    with pytest.raises(Refused) as caught:
        fire(parcel, "release", actor=clerk())
    assert [reason.code for reason in caught.value.reasons] == ["postage_missing", "weight_missing", "own_parcel"]
    assert all(reason.source.startswith("rules#") and reason.sentence.endswith(".") for reason in caught.value.reasons)


REFUSALS = {
    "stale": (lambda p: fire(p, "release", actor=chief(), revision=p.revision - 1), Stale),
    "not allowed": (lambda p: fire(p, "release", actor=sender(p)), NotAllowed),
    "wrong state": (lambda p: fire(p, "deliver", actor=SYSTEM), WrongState),
    "no such transition": (lambda p: fire(p, "explode", actor=chief()), WrongState),
    "a method that is no transition": (lambda p: fire(p, "save", actor=chief()), WrongState),
    "guard": (lambda p: fire(p, "release", actor=chief()), Refused),
    "data too much": (lambda p: fire(p, "reject", actor=chief(), data={"why": "no", "colour": 1}), InvalidData),
    "data missing": (lambda p: fire(p, "reject", actor=chief()), InvalidData),
    "state as data": (lambda p: fire(p, "reject", actor=chief(), data={"why": "", "state": "new"}), InvalidData),
    "an error of the transition": (lambda p: fire(p, "ask_sender", actor=chief(), data={"days": "x"}), TypeError),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_move_changes_nothing(name: str) -> None:
    act, error = REFUSALS[name]
    parcel = put_in(start_parcel(paid=False), State.INSPECTION)
    before = snapshot(parcel)
    with pytest.raises(error):
        act(parcel)
    assert snapshot(parcel) == before


def test_a_move_writes_state_history_work_team_and_clock_together() -> None:
    parcel = put_in(start_parcel(express=True), State.INSPECTION)
    moved = fire(parcel, "release", actor=clerk(), revision=parcel.revision, note="On its way.", data={"shelf": "B2"})
    fresh = Parcel.objects.get(pk=parcel.pk)
    event = fresh.events.latest("seq")
    assert (fresh.state, fresh.step, fresh.facts) == ("labelling", "printLabel", {"shelf": "B2"})
    assert (event.seq, event.transition, event.from_state, event.to_state) == (4, "release", "inspection", "labelling")
    assert (event.actor, event.actor_kind, event.note, event.data) == (
        "clerk",
        "officer",
        "On its way.",
        {"shelf": "B2"},
    )
    assert work_of(fresh).step == "printLabel"
    assert moved.revision == fresh.revision == 4
    assert work_of(fresh, "checkParcel").outcome == Work.Outcome.CANCELLED


def test_coming_back_to_a_step_is_a_new_visit_with_work_and_key_of_its_own() -> None:
    parcel = put_in(start_parcel(), State.INSPECTION)
    fire(parcel, "scan_again", actor=clerk())
    fire(parcel, "scan_again", actor=clerk())
    first, second = Work.objects.filter(case_id=parcel.pk, step="inspectParcel").order_by("visit")
    assert first.key != second.key
    assert (first.outcome, second.outcome) == ("cancelled", "open")


def test_the_clock_pauses_while_the_sender_is_asked_and_keeps_what_was_left() -> None:
    parcel = put_in(start_parcel(), State.INSPECTION)
    due = Parcel.objects.get(pk=parcel.pk).due_at
    asked = fire(parcel, "ask_sender", actor=clerk())
    assert asked.paused_at is not None
    answered = fire(asked, "answer", actor=sender(parcel), data={"content": "books"})
    assert (answered.state, answered.paused_at) == (State.INSPECTION, None)
    assert answered.due_at >= due


def test_closing_a_case_stops_its_clock_and_its_work() -> None:
    parcel = fire(start_parcel(), "withdraw", actor=clerk())
    assert parcel.closed_at is not None
    assert (parcel.due_at, parcel.step) == (None, "")
    assert not Work.objects.filter(case_id=parcel.pk, outcome=Work.Outcome.OPEN).exists()


def test_a_change_that_is_no_move_has_its_line_too() -> None:
    parcel = start_parcel()

    def name_it(fresh: Any) -> dict[str, str]:
        fresh.title = "A box"
        return {"title": "A box"}

    changed = change(parcel, "note", actor=clerk(), apply=name_it, revision=2)
    assert (changed.title, changed.revision, changed.state) == ("A box", 3, "received")
    with pytest.raises(Stale):
        change(parcel, "note", actor=clerk(), apply=name_it, revision=2)


def test_options_say_what_leads_on_for_whom_and_why_not() -> None:
    parcel = put_in(start_parcel(paid=False), State.INSPECTION)
    found = {option.name: option for option in options(parcel, clerk())}
    assert set(found) == {"release", "reject", "scan_again", "ask_sender", "withdraw"}
    assert found["release"].label == "Release the parcel"
    assert [reason.code for reason in found["release"].reasons] == ["postage_missing"]
    assert found["reject"].open
    assert not any(option.permitted for option in options(parcel, sender(parcel)) if option.name != "withdraw")


# -- the history ------------------------------------------------------------------------------------------------------


def test_the_history_has_no_gaps_and_each_line_seals_the_one_before(stub: Any) -> None:
    parcel = start_parcel(express=True)
    worker.drain()
    parcel.refresh_from_db()
    events = list(parcel.events.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, parcel.revision + 1))
    assert [event.previous for event in events] == ["", *(event.digest for event in events[:-1])]
    assert parcel.head == events[-1].digest
    assert all(event.digest == event.compute_digest() for event in events)


@pytest.mark.parametrize("value", [1e20, -0.0, 0.1, 1e-7, 10**30, "naïve ☃ 🛣", [1.0, {"b": None, "a": True}]])
def test_a_line_seals_the_same_after_the_database_kept_it(value: Any) -> None:
    parcel = start_parcel()
    change(parcel, "note", actor=SYSTEM, apply=lambda fresh: {"value": value})
    event = parcel.events.latest("seq")
    assert event.digest == event.compute_digest()

"""check_invariants and verify_audit: each finding is found, and a sound database has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.parcels.making import chief, clerk, put_in, start_parcel, work_of
from tests.parcels.models import Parcel, State
from tests.parcels.services import Stub
from workflow.audit import Broken, verify
from workflow.engine import change, fire
from workflow.errors import PermanentFailure
from workflow.invariants import Finding, findings
from workflow.models import Case, Event, Work, lease_end
from workflow.registry import registry
from workflow.worker import drain

pytestmark = pytest.mark.django_db


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def shadow(*tables: str) -> Iterator[None]:
    """Copies of tables without their constraints and triggers, found before the real ones: so that a fault which the
    database refuses can be made all the same."""
    for table in tables:
        main = "main." if connection.vendor == "sqlite" else "public."
        sql(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {main}{table}")
    yield
    for table in tables:
        sql(f"DROP TABLE {'temp' if connection.vendor == 'sqlite' else 'pg_temp'}.{table}")


@pytest.fixture(autouse=True)
def triggers_of_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """tests/conftest.py takes one trigger away; here that is no finding."""
    from workflow import invariants

    kept = invariants.TRIGGERS["sqlite"] - {"event_is_never_deleted"}
    monkeypatch.setitem(invariants.TRIGGERS, "sqlite", kept)


def found() -> dict[str, str]:
    return {finding.code: finding.reference for finding in findings()}


def test_a_database_with_every_kind_of_case_has_no_findings(stub: Stub) -> None:
    start_parcel()
    start_parcel(express=True)
    start_parcel(express=True, address="")  # parks
    drain()
    asked = fire(Parcel.objects.get(state=State.INSPECTION), "ask_sender", actor=clerk())
    change(asked, "note", actor=clerk(), note="Rang; nobody there.")
    start_parcel()
    fire(start_parcel(), "withdraw", actor=chief())
    assert Parcel.objects.values_list("state").distinct().count() == 5
    assert list(findings()) == []
    assert all(isinstance(result, int) for result in verify())


CASE = "UPDATE workflow_case SET {} WHERE id = %s"
EVENT = "UPDATE workflow_event SET {} WHERE case_id = %s AND seq = 2"
COPY = (
    "INSERT INTO workflow_work (id, case_id, kind, step, visit, service, run_at, outcome, attempts, epoch)"
    " SELECT 999, case_id, kind, step, visit, service, run_at, outcome, attempts, epoch"
    " FROM workflow_work WHERE case_id = %s"
)
FAULTS: dict[str, Callable[[Parcel], Any]] = {
    "history_gap": lambda p: sql("DELETE FROM workflow_event WHERE case_id = %s AND seq = 1", p.pk),
    "state_without_history": lambda p: sql(CASE.format("state = 'delivered'"), p.pk),
    "history_cut": lambda p: sql(CASE.format("head = 'x'"), p.pk),
    "history_unlinked": lambda p: sql(EVENT.format("previous = 'x'"), p.pk),
    "no_such_edge": lambda p: sql(EVENT.format("transition = 'teleport'"), p.pk),
    "unknown_workflow": lambda p: sql(CASE.format("workflow_version = 7"), p.pk),
    "unknown_state": lambda p: sql(CASE.format("state = 'limbo'"), p.pk),
    "wrong_step": lambda p: sql(CASE.format("step = 'printLabel'"), p.pk),
    "work_twice": lambda p: sql(COPY, p.pk),
    "lease_forgotten": lambda p: Work.objects.filter(case_id=p.pk).update(lease_until=lease_end(timedelta(minutes=-6))),
    "idle": lambda p: sql("DELETE FROM workflow_work WHERE case_id = %s", p.pk),
    "work_left_behind": lambda p: sql(CASE.format("step_visit = 2"), p.pk),
    "parked_unseen": lambda p: Work.objects.filter(case_id=p.pk).update(outcome="parked"),
    "parked_empty": lambda p: Case.objects.filter(pk=p.pk).update(parked_at=timezone.now()),
    "closed_or_not": lambda p: Case.objects.filter(pk=p.pk).update(closed_at=timezone.now()),
    "half_a_case": lambda p: sql("DELETE FROM parcels_parcel WHERE case_ptr_id = %s", p.pk),
    "key_without_case": lambda p: sql("UPDATE workflow_startkey SET case_id = 424242 WHERE case_id = %s", p.pk),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_found(code: str) -> None:
    parcel = start_parcel(key="k1")
    start_parcel(key="k2")  # a sound one beside it is no finding
    with shadow("workflow_case", "workflow_event", "workflow_work", "workflow_startkey", "parcels_parcel"):
        assert found() == {}
        FAULTS[code](parcel)
        seen = found()
    assert code in seen
    assert parcel.reference in seen[code] or seen[code].startswith("start key")


def test_a_missing_trigger_is_found() -> None:
    table = "" if connection.vendor == "sqlite" else "ON workflow_case"
    sql(f"DROP TRIGGER case_state_has_history {table}")
    assert found() == {"trigger_missing": "case_state_has_history"}


def test_only_a_machine_step_whose_work_is_done_without_a_move_is_idle(stub: Stub) -> None:
    decided_by_people = start_parcel()
    drain()
    assert work_of(decided_by_people).outcome == "done"
    machine = put_in(start_parcel(express=True), State.LABELLING)
    Work.objects.create(
        case=machine, step="printLabel", visit=machine.step_visit, service="x", outcome="done",
        key="00000000-0000-0000-0000-000000000001",
    )  # fmt: skip
    assert [(f.code, f.reference) for f in findings() if f.code == "idle"] == [("idle", machine.reference)]


def test_an_app_adds_checks_of_its_own() -> None:
    def dull() -> Iterator[Finding]:
        yield Finding(code="dull", reference="PA-0", sentence="it is dull")

    registry.register_invariant(dull)
    try:
        assert str(next(iter(findings()))) == "dull PA-0: it is dull"
    finally:
        registry.invariants.remove(dull)


def test_a_hundred_cases_take_no_more_queries_than_one(django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        start_parcel()
    with django_assert_max_num_queries(80):
        assert list(findings()) == []


def test_the_command_says_one_line_a_finding_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    parcel = start_parcel()
    call_command("check_invariants")
    assert "No findings in 1 cases, 2 events" in capsys.readouterr().out
    Case.objects.filter(pk=parcel.pk).update(closed_at=timezone.now())
    with pytest.raises(CommandError, match="1 findings in 1 cases"):
        call_command("check_invariants")
    assert capsys.readouterr().out == f"closed_or_not {parcel.reference}: its state and its closing disagree\n"


# -- the seal ---------------------------------------------------------------------------------------------------------

FORGERIES: dict[str, tuple[str, int, str]] = {
    "changed": ("UPDATE workflow_event SET note = 'never said' WHERE case_id = {0} AND seq = 2", 2, "changed"),
    "actor changed": ("UPDATE workflow_event SET actor = 'Mallory' WHERE case_id = {0} AND seq = 1", 1, "changed"),
    "hidden": ("UPDATE workflow_event SET public = (1 = 0) WHERE case_id = {0} AND seq = 2", 2, "changed"),
    "removed": ("DELETE FROM workflow_event WHERE case_id = {0} AND seq = 2", 2, "missing"),
    "cut off": ("DELETE FROM workflow_event WHERE case_id = {0} AND seq = 3", 3, "cut off"),
    "swapped": ("UPDATE workflow_event SET seq = 5 - seq WHERE case_id = {0} AND seq > 1", 2, "follow"),
    "gone": ("DELETE FROM workflow_event WHERE case_id = {0}", 1, "gone"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_the_first_bad_line_is_named(name: str) -> None:
    parcel = start_parcel()
    change(parcel, "note", actor=clerk(), note="Heavy.")
    start_parcel()
    statement, seq, why = FORGERIES[name]
    with shadow("workflow_event"):
        sql(statement.format(parcel.pk))
        broken = [result for result in verify() if isinstance(result, Broken)]
    assert [(found.reference, found.seq) for found in broken] == [(parcel.reference, seq)]
    assert why in broken[0].why


def test_verify_audit_reads_one_case_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = start_parcel(), start_parcel()
    call_command("verify_audit")
    assert "4 lines of 2 cases" in capsys.readouterr().out
    with shadow("workflow_event"):
        sql("UPDATE workflow_event SET note = 'x' WHERE case_id = %s", first.pk)
        with pytest.raises(CommandError, match="1 of 2"):
            call_command("verify_audit")
        assert f"{first.reference} line 1: it was changed" in capsys.readouterr().out
        call_command("verify_audit", case=second.reference.lower())
    with pytest.raises(CommandError, match="There is no case"):
        call_command("verify_audit", case="PA-00-NOTHING")


def test_a_case_that_failed_and_was_retried_is_sound(stub: Stub) -> None:
    def no(call: Any) -> None:
        raise PermanentFailure("no")

    stub.moods["parcelCheck"] = no
    start_parcel()
    drain()
    assert list(findings()) == []
    assert Event.objects.filter(kind="parked").count() == 1

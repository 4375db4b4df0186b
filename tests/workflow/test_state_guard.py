"""No way around the engine: a state that is written by any other hand does not land."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.parcels.making import chief, put_in, start_parcel
from tests.parcels.models import Parcel, State
from workflow.engine import fire
from workflow.models import Case, Event

pytestmark = pytest.mark.django_db


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def set_attribute(parcel: Parcel) -> None:
    parcel.state = State.DELIVERED


def move_and_save(parcel: Parcel) -> None:
    parcel.sort()
    parcel.save()


def move_and_save_one_field(parcel: Parcel) -> None:
    parcel.sort()
    parcel.save(update_fields=["state"])


def force_and_save(parcel: Parcel) -> None:
    parcel.__dict__["state"] = State.DELIVERED
    parcel.save()


def force_with_the_next_revision(parcel: Parcel) -> None:
    parcel.__dict__["state"] = State.DELIVERED
    parcel.revision += 1
    parcel.save()


def claim_an_older_line(parcel: Parcel) -> None:
    """The row says it is where an earlier line of its history led."""
    parcel.__dict__["state"] = State.NEW
    parcel.revision = 1
    parcel.save()


WAYS: dict[str, Callable[[Parcel], Any]] = {
    "setattr": set_attribute,
    "a transition method and save": move_and_save,
    "a transition method and save of the field": move_and_save_one_field,
    "the instance's dictionary and save": force_and_save,
    "the same with the next revision": force_with_the_next_revision,
    "an older line": claim_an_older_line,
    "update": lambda p: Parcel.objects.filter(pk=p.pk).update(state=State.DELIVERED),
    "update of the base rows": lambda p: Case.objects.filter(pk=p.pk).update(state=State.DELIVERED),
    "update past our queryset": lambda p: Case.objects.filter(pk=p.pk)._update(
        [(Case._meta.get_field("state"), None, "x")]
    ),
    "bulk_update": lambda p: Parcel.objects.bulk_update([p], ["state"]),
    "update of the step": lambda p: Parcel.objects.filter(pk=p.pk).update(step="printLabel"),
    "update of the revision": lambda p: Parcel.objects.filter(pk=p.pk).update(revision=99),
    "update of the version": lambda p: Parcel.objects.filter(pk=p.pk).update(workflow_version=2),
    "SQL": lambda p: sql("UPDATE workflow_case SET state = 'delivered' WHERE id = %s", p.pk),
    "SQL with the next revision": lambda p: sql(
        "UPDATE workflow_case SET state = 'delivered', revision = revision + 1 WHERE id = %s", p.pk
    ),
    "SQL that sets the revision back": lambda p: sql("UPDATE workflow_case SET revision = 1 WHERE id = %s", p.pk),
    "SQL that breaks the chain": lambda p: sql("UPDATE workflow_case SET head = 'x' WHERE id = %s", p.pk),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_but_the_engine_moves_a_case(way: str) -> None:
    parcel = start_parcel()
    before = Case.objects.filter(pk=parcel.pk).values().get()
    with pytest.raises((AttributeError, ValueError, DatabaseError)), transaction.atomic():
        WAYS[way](parcel)
    assert Case.objects.filter(pk=parcel.pk).values().get() == before


def insert_raw() -> None:
    Parcel(reference="PA-26-AAAAAA", workflow="parcel", state=State.DELIVERED).save()


BIRTHS: dict[str, Callable[[], Any]] = {
    "create": lambda: Parcel.objects.create(reference="PA-26-AAAAAA", workflow="parcel", state=State.DELIVERED),
    "save": insert_raw,
    "bulk_create of the base": lambda: Case.objects.bulk_create(
        [Case(reference="x", workflow="parcel", state="delivered")]
    ),
    "get_or_create": lambda: Parcel.objects.get_or_create(reference="y", defaults={"state": State.DELIVERED}),
}


@pytest.mark.parametrize("birth", BIRTHS)
def test_a_case_is_born_in_its_initial_state_only(birth: str) -> None:
    with pytest.raises(ValueError, match="begins in"), transaction.atomic():
        BIRTHS[birth]()
    assert not Case.objects.exists()


def test_the_engine_itself_still_moves() -> None:
    parcel = put_in(start_parcel(), State.INSPECTION)
    assert fire(parcel, "release", actor=chief()).state == State.LABELLING
    assert Parcel.objects.get(pk=parcel.pk).state == State.LABELLING


def test_a_copy_loaded_earlier_cannot_set_the_case_back() -> None:
    old_copy = start_parcel()
    fire(old_copy, "ask_sender", actor=chief())
    old_copy.title = "typed into an old form"
    with pytest.raises(DatabaseError), transaction.atomic():
        old_copy.save()
    assert Parcel.objects.get(pk=old_copy.pk).revision == 3


def test_other_fields_are_saved_as_ever() -> None:
    parcel = start_parcel()
    parcel.title = "A box"
    parcel.save()
    assert Parcel.objects.filter(title="A box", priority=0).update(priority=2) == 1


def test_a_deferred_state_is_read_and_still_guarded() -> None:
    parcel = Parcel.objects.only("title").get(pk=start_parcel().pk)
    assert parcel.state == State.RECEIVED
    with pytest.raises(AttributeError):
        parcel.state = State.DELIVERED


# -- the history ------------------------------------------------------------------------------------------------------


@pytest.fixture
def never_deleted() -> Iterator[None]:
    """The trigger that production has and that tests/conftest.py takes away to empty tables."""
    from importlib import import_module

    if connection.vendor == "sqlite":
        module = import_module("workflow.migrations.0002_history_guards_state")
        sql(next(statement for statement in module.SQLITE if "event_is_never_deleted" in statement))
    yield
    if connection.vendor == "sqlite":
        sql("DROP TRIGGER event_is_never_deleted")


def resave(event: Event) -> None:
    event.note = "never said"
    event.save()


FORGERIES: dict[str, Callable[[Event], Any]] = {
    "save": resave,
    "delete": lambda event: event.delete(),
    "update": lambda event: Event.objects.filter(pk=event.pk).update(note="never said"),
    "bulk_update": lambda event: Event.objects.bulk_update([event], ["note"]),
    "delete of a set": lambda event: Event.objects.filter(pk=event.pk).delete(),
    "SQL update": lambda event: sql("UPDATE workflow_event SET note = 'never said' WHERE id = %s", event.pk),
    "SQL delete": lambda event: sql("DELETE FROM workflow_event WHERE id = %s", event.pk),
    "a second line of the same number": lambda event: Event(
        case=event.case, seq=event.seq, kind="note", actor="x", actor_kind="officer", digest="x"
    ).save(),
}


@pytest.mark.parametrize("way", FORGERIES)
def test_a_line_of_history_stays_as_it_was_written(way: str, never_deleted: None) -> None:
    event = start_parcel().events.latest("seq")
    before = list(Event.objects.values())
    with pytest.raises((TypeError, DatabaseError)), transaction.atomic():
        FORGERIES[way](event)
    assert list(Event.objects.values()) == before

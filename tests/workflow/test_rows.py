"""The hot path's own SQL reads and writes what the ORM would."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.parcels.making import start_parcel, work_of
from tests.parcels.models import Parcel
from workflow import rows
from workflow.models import Event, Work, lease_end
from workflow.models.work import work_key

pytestmark = pytest.mark.django_db
MODELS: list[Any] = [Parcel, Event, Work]


def values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_locked_row_is_what_the_orm_reads(model: Any) -> None:
    start_parcel(title="naïve ☃", express=True, address="%s ' \" \\")
    expected = model.objects.first()
    assert values(rows.locked(model, expected.pk)) == values(expected)


def test_a_row_that_is_not_there_is_said_as_the_orm_says_it() -> None:
    with pytest.raises(Parcel.DoesNotExist):
        rows.locked(Parcel, 0)
    gone = Parcel(pk=0, title="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(gone, ["title"])


def test_an_inserted_row_is_read_back_by_the_orm_in_all_its_tables() -> None:
    parcel = Parcel(
        reference="PA-26-000001", workflow="parcel", title="naïve ☃", weight_g=7, facts={"a": [1, None]},
        latitude=41.5, asked_until=timezone.now(),
    )  # fmt: skip
    rows.insert(parcel)
    assert values(Parcel.objects.get(pk=parcel.pk)) == values(parcel)
    assert (parcel.pk, parcel._state.adding) == (parcel.case_ptr_id, False)


def test_a_column_at_its_database_default_gets_it_and_a_moment_is_the_databases() -> None:
    parcel = start_parcel()
    work = Work(case=parcel, step="x", visit=1, service="x", key=work_key("x", "x", 1))
    rows.insert(work, moments={"lease_until": timedelta(seconds=30)})
    assert Work.objects.filter(pk=work.pk, run_at__lte=lease_end(timedelta(seconds=1))).exists()
    near = {"lease_until__gt": lease_end(timedelta(seconds=28)), "lease_until__lt": lease_end(timedelta(seconds=32))}
    assert Work.objects.filter(pk=work.pk, **near).exists()


def test_an_update_writes_the_named_fields_only_in_whichever_table_they_are() -> None:
    parcel = start_parcel()
    parcel.title, parcel.facts, parcel.address = "A box", {"shelf": 3}, "not written"
    rows.update(parcel, ["title", "facts"])
    fresh = Parcel.objects.get(pk=parcel.pk)
    assert (fresh.title, fresh.facts, fresh.address) == ("A box", {"shelf": 3}, "1 Main Street")


def test_a_moment_of_the_hot_path_and_of_the_orm_are_written_alike() -> None:
    """Both are compared with each other, as text on SQLite."""
    work = work_of(start_parcel())
    text = f"UPDATE workflow_work SET lease_until = {rows.database_time(plus=True)} WHERE id = %s"
    rows.change(text, [rows.offset(timedelta(seconds=-1)), work.pk])
    assert work.pk in Work.objects.ready().values_list("pk", flat=True)
    rows.change(text, [rows.offset(timedelta(seconds=5)), work.pk])
    assert work.pk not in Work.objects.ready().values_list("pk", flat=True)

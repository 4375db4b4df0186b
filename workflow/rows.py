"""Rows of the hot path by SQL text that is put together once: insert, update, and read under lock.

Start, claim and complete write the same few columns of the same tables over and over; the ORM would compile each
statement anew, which costs several times what the database takes (docs/benchmarks.md). Values go through the fields as
in the ORM; there are no signals, no overridden ``save`` and no expressions. Everywhere else the ORM is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models.expressions import DatabaseDefault


def insert(row: Any, *, moments: Mapping[str, timedelta] | None = None) -> None:
    """Store a new row, its parents' tables first; its primary key is set. Database defaults are left to the database.

    ``moments``: columns that get the database's own time plus so much."""
    database = connections[DEFAULT_DB_ALIAS]  # the proxy would be asked anew for every value
    for table in _tables(_class_of(row)):
        values: dict[str, Any] = {}
        for field in table._meta.local_concrete_fields:
            value = field.pre_save(row, True)
            if (field.primary_key and value is None) or isinstance(value, DatabaseDefault):
                continue
            values[field.column] = field.get_db_prep_save(value, database)
        times = {table._meta.get_field(name).column: offset(after) for name, after in (moments or {}).items()}
        plain = {column: value for column, value in values.items() if column not in times}
        text = _insert_sql(table, database.vendor, tuple(plain), tuple(times))
        with database.cursor() as cursor:
            cursor.execute(text, [*plain.values(), *times.values()])
            key = cursor.fetchone()[0]
        _set_key(row, table, key)
    row._state.adding, row._state.db = False, connection.alias


def update(row: Any, names: Collection[str]) -> None:
    """Write these fields of a stored row, table by table. Raises DatabaseError when the row is gone."""
    database = connections[DEFAULT_DB_ALIAS]
    for table in _tables(_class_of(row)):
        fields = [field for field in table._meta.local_concrete_fields if field.name in names]
        if not fields:
            continue
        values = [field.get_db_prep_save(field.pre_save(row, False), database) for field in fields]
        with database.cursor() as cursor:
            cursor.execute(_update_sql(table, tuple(field.column for field in fields)), [*values, row.pk])
            if cursor.rowcount != 1:
                raise DatabaseError(f"{row} is no longer stored.")


def locked(model: Any, pk: int) -> Any:
    """The row as an instance of ``model``, locked until the transaction ends. Raises model.DoesNotExist."""
    text, converters = _locked_sql(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(text, [pk])
        found = cursor.fetchone()
    if found is None:
        raise model.DoesNotExist(f"There is no {model._meta.verbose_name} {pk}.")
    values = list(found)
    for position, (convert, expression) in converters.items():
        for one in convert:
            values[position] = one(values[position], expression, connection)
    return model.from_db(connection.alias, [field.attname for field in model._meta.concrete_fields], values)


def database_time(*, plus: bool = False) -> str:
    """SQL for the database's clock as the ORM's Now() reads it, with a place for an ``offset`` if ``plus``."""
    if connection.vendor == "sqlite":
        return f"STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'{', %s' if plus else ''})"
    return f"STATEMENT_TIMESTAMP(){' + %s::interval' if plus else ''}"


def offset(after: timedelta) -> str:
    """A span as both databases add it to a moment."""
    return f"{after.total_seconds():+.3f} seconds"


def fetch(text: str, values: Collection[Any]) -> Any:
    """Run one SELECT; answers its first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(text, list(values))
        return cursor.fetchone()


def change(text: str, values: Collection[Any]) -> int:
    """Run one UPDATE; answers how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(text, list(values))
        return int(cursor.rowcount)


def _class_of(row: Any) -> Any:
    return type(row)


@cache
def _tables(model: Any) -> tuple[Any, ...]:
    return (*model._meta.get_parent_list()[::-1], model)


def _set_key(row: Any, table: Any, key: Any) -> None:
    setattr(row, table._meta.pk.attname, key)
    for model in _tables(_class_of(row)):
        if (link := model._meta.parents.get(table)) is not None:
            setattr(row, link.attname, key)


@cache
def _insert_sql(table: Any, vendor: str, columns: tuple[str, ...], times: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in (*columns, *times))
    marks = ", ".join(["%s"] * len(columns) + [database_time(plus=True)] * len(times))
    key = quote(table._meta.pk.column)
    return f"INSERT INTO {quote(table._meta.db_table)} ({names}) VALUES ({marks}) RETURNING {key}"  # noqa: S608


@cache
def _update_sql(table: Any, columns: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(f"{quote(column)} = %s" for column in columns)
    return f"UPDATE {quote(table._meta.db_table)} SET {names} WHERE {quote(table._meta.pk.column)} = %s"  # noqa: S608


@cache
def _locked_sql(model: Any, vendor: str) -> tuple[str, dict[int, Any]]:
    compiler = model._base_manager.select_for_update().filter(pk=0).query.get_compiler(connection=connection)
    text, _ = compiler.as_sql()
    return text, compiler.get_converters([column[0] for column in compiler.select])

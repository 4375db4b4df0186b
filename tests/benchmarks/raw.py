"""The floor: the same rows and the same five durable commits as one parcel through four steps, by the bare driver."""

from __future__ import annotations

import sqlite3
import uuid
from typing import Any

import psycopg
from django.db import connection

CASE = ("workflow_case", "id")
PARCEL = ("parcels_parcel", "case_ptr_id")
EVENT = ("workflow_event", "id")
WORK = ("workflow_work", "id")


class Raw:
    """Replays the stored rows of one real case with another reference: start, then four results, a commit each."""

    def __init__(self, case_id: int) -> None:
        self.mark = "?" if connection.vendor == "sqlite" else "%s"
        self.case, self.parcel = self._read(CASE, "id", case_id)[0], self._read(PARCEL, "case_ptr_id", case_id)[0]
        self.events, self.work = self._read(EVENT, "case_id", case_id), self._read(WORK, "case_id", case_id)
        self.moves = [event for event in self.events if event["kind"] == "transition"]

    @staticmethod
    def _read(table: tuple[str, str], column: str, value: int) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            casts = "" if connection.vendor == "sqlite" else "t::text, "  # keeps SELECT in one shape for both
            cursor.execute(f"SELECT {casts and ''}* FROM {table[0]} WHERE {column} = %s ORDER BY {table[1]}", [value])
            names = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def connect(self) -> Any:
        """A connection of the bare driver with the settings of production."""
        if connection.vendor == "sqlite":
            database = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=20)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                database.execute(f"PRAGMA {pragma}")
            return database
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        given = {to: connection.settings_dict[name] for name, to in names.items() if connection.settings_dict[name]}
        return psycopg.connect(autocommit=True, **given)

    def run(self, database: Any) -> None:
        """One case: five transactions."""
        begin = "BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN"
        self._begin(database, begin)
        case = self._insert(database, CASE, {
            **self.case, "reference": uuid.uuid4().hex[:16], "state": "new", "revision": 1,
            "head": self.events[0]["digest"],
        })  # fmt: skip
        self._insert(database, PARCEL, {**self.parcel, "case_ptr_id": case})
        self._insert(database, EVENT, {**self.events[0], "case_id": case})
        self._move(database, case, 0)
        work = self._insert(database, WORK, {**self.work[0], "case_id": case, "outcome": "open"})
        database.execute("COMMIT")
        for number in range(1, len(self.moves)):
            self._begin(database, begin)
            self._set(database, WORK, work, {"outcome": "done", "result": "{}", "attempts": 1, "epoch": 1})
            self._move(database, case, number)
            if number < len(self.work):
                work = self._insert(database, WORK, {**self.work[number], "case_id": case, "outcome": "open"})
            database.execute("COMMIT")

    @staticmethod
    def _begin(database: Any, statement: str) -> None:
        database.execute(statement)

    def _move(self, database: Any, case: int, number: int) -> None:
        event = self.moves[number]
        self._insert(database, EVENT, {**event, "case_id": case})
        values = {name: self.case[name] for name in ("updated_at", "entered_at", "due_at", "step", "step_visit")}
        values |= {"state": event["to_state"], "revision": event["seq"], "head": event["digest"]}
        self._set(database, CASE, case, values)

    def _insert(self, database: Any, table: tuple[str, str], row: dict[str, Any]) -> int:
        values = {name: self._plain(value) for name, value in row.items() if name != "id"}
        marks = ", ".join([self.mark] * len(values))
        statement = f"INSERT INTO {table[0]} ({', '.join(values)}) VALUES ({marks}) RETURNING {table[1]}"
        return int(database.execute(statement, list(values.values())).fetchone()[0])

    def _set(self, database: Any, table: tuple[str, str], pk: int, values: dict[str, Any]) -> None:
        names = ", ".join(f"{name} = {self.mark}" for name in values)
        plain = [self._plain(value) for value in values.values()]
        database.execute(f"UPDATE {table[0]} SET {names} WHERE {table[1]} = {self.mark}", [*plain, pk])

    @staticmethod
    def _plain(value: Any) -> Any:
        if isinstance(value, dict | list):
            return psycopg.types.json.Jsonb(value)
        if connection.vendor == "sqlite" and hasattr(value, "isoformat"):
            return str(value)
        return value

"""A hundred thousand permits, made from one real one by SQL: rows as the application writes them, in all states."""

from __future__ import annotations

from django.db import connection

STATES = ("submitted", "info_requested", "in_review", "approved", "issued", "in_force", "active", "suspended", "closed")


def multiply(permit_id: int, count: int) -> None:
    """Insert ``count`` copies of a permit with their own references, states, places and deadlines."""
    state = "CASE " + " ".join(f"WHEN n.i % {len(STATES)} = {k} THEN '{s}'" for k, s in enumerate(STATES)) + " END"
    case = {
        "reference": _padded("RPB", "n.i"),
        "state": state,
        "due_at": _shifted("due_at"),
        "closed_at": f"CASE WHEN n.i % {len(STATES)} = {len(STATES) - 1} THEN c.created_at ELSE NULL END",
        "latitude": "40.6 + (n.i % 2900) * 0.001",
        "longitude": "-96.4 + (n.i % 6000) * 0.001",
    }
    permit = {"verify_token": _padded("bench", "n.i")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM workflow_case")
        (base,) = cursor.fetchone()
        case["id"] = permit["case_ptr_id"] = f"{base} + n.i"
        _insert(cursor, "workflow_case", "id", permit_id, count, case)
        _insert(cursor, "permits_roadpermit", "case_ptr_id", permit_id, count, permit)
        cursor.execute("ANALYZE")


def _insert(cursor, table: str, key: str, template: int, count: int, changed: dict[str, str]) -> None:
    cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [template])
    columns = [column[0] for column in cursor.description]
    values = ", ".join(changed.get(name, f'c."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO {table} ({names}) SELECT {values} FROM n, {table} c WHERE c.{key} = {template}"
    )


def _padded(prefix: str, number: str) -> str:
    if connection.vendor == "postgresql":
        return f"'{prefix}-' || LPAD({number}::text, 8, '0')"
    return f"'{prefix}-' || printf('%08d', {number})"


def _shifted(column: str) -> str:
    if connection.vendor == "postgresql":
        return f"c.{column} + make_interval(hours => (n.i % 2000)::int - 400)"
    return f"strftime('%Y-%m-%d %H:%M:%f', c.{column}, ((n.i % 2000) - 400) || ' hours')"

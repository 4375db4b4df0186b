"""A hundred thousand cases and their history, made from one real one by SQL: rows as the application writes them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

# Of ten reports, by state: most are open, as on a winter's day.
INCIDENT_STATES = ("triaged",) * 4 + ("scheduled", "in_progress", "resolved", "resolved", "closed", "rejected")


def multiply_incidents(
    incident_id: int, count: int, *, kinds: Sequence[tuple[str, str]], counties: Sequence[str]
) -> None:
    """Insert ``count`` copies of a report over the whole state and the last year, ``kinds`` (category, group) and
    counties in turns; three of five are open."""
    is_open = f"n.i % {len(INCIDENT_STATES)} < 6"
    ended = f"CASE WHEN {is_open} THEN NULL ELSE {_days_ago('n.i % 365')} END"
    case = {
        "reference": _padded("IR-26", "n.i", width=6),  # as the addresses of pages want it
        "state": _in_turns(INCIDENT_STATES),
        "category": _in_turns([code for code, _group in kinds], every=11),
        "category_group": _in_turns([group for _code, group in kinds], every=11),
        "county": _in_turns(counties, every=7),
        "route": _in_turns(("I-35", "I-80", "US-69", "IA-92", ""), every=3),
        "milepost": "CASE WHEN n.i % 2 = 0 THEN (n.i % 2190) * 0.1 ELSE NULL END",
        "due_at": _shifted("due_at"),
        "created_at": _days_ago("n.i % 365"),
        "updated_at": _days_ago("n.i % 365"),
        "closed_at": ended,
        # Steps without a common divisor, so that no two coordinates march together.
        "latitude": "40.6 + (n.i * 7919 % 28999) * 0.0001",
        "longitude": "-96.4 + (n.i * 10477 % 59999) * 0.0001",
    }
    incident = {
        "status": f"CASE WHEN {is_open} THEN 'open' ELSE 'closed' END",
        "reason_code": f"CASE WHEN {is_open} THEN '' ELSE 'fixed' END",
        "public_sentence": f"CASE WHEN {is_open} THEN '' ELSE 'The road is repaired.' END",
        "ended_at": ended,
    }
    _insert_both("incidents_incident", incident_id, count, case, incident)


def _insert_both(table: str, template: int, count: int, case: dict[str, str], own: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM workflow_case")
        (base,) = cursor.fetchone()
        _insert(cursor, "workflow_case", "id", template, count, {**case, "id": f"{base} + n.i"})
        _insert(cursor, table, "case_ptr_id", template, count, {**own, "case_ptr_id": f"{base} + n.i"})
        event = {"case_id": f"{base} + n.i", "at": _days_ago("n.i % 365")}
        _insert(cursor, "workflow_event", "case_id", template, count, event, leave="id")
        cursor.execute("ANALYZE")


def _insert(
    cursor, table: str, key: str, template: int, count: int, changed: dict[str, str], *, leave: str = ""
) -> None:
    """Copies of the rows of ``template``; ``leave``: the column that the database numbers itself."""
    cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [template])
    columns = [column[0] for column in cursor.description if column[0] != leave]
    values = ", ".join(changed.get(name, f'c."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO {table} ({names}) SELECT {values} FROM n, {table} c WHERE c.{key} = {template}"
    )


def _in_turns(words: Sequence[str], every: int = 1) -> str:
    """One word after another; with ``every``, each for some rows on end."""
    turn = f"(n.i / {every}) % {len(words)}"
    return "CASE " + " ".join(f"WHEN {turn} = {k} THEN '{word}'" for k, word in enumerate(words)) + " END"


def _padded(prefix: str, number: str, width: int = 8) -> str:
    if connection.vendor == "postgresql":
        return f"'{prefix}-' || LPAD({number}::text, {width}, '0')"
    return f"'{prefix}-' || printf('%0{width}d', {number})"


def _shifted(column: str) -> str:
    if connection.vendor == "postgresql":
        return f"c.{column} + make_interval(hours => (n.i % 2000)::int - 400)"
    return f"strftime('%Y-%m-%d %H:%M:%f', c.{column}, ((n.i % 2000) - 400) || ' hours')"


def _days_ago(days: str) -> str:
    if connection.vendor == "postgresql":
        return f"now() - make_interval(days => ({days})::int)"
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({days}) || ' days')"

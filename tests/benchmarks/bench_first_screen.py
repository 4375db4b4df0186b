"""The first screen and the queue over all kinds at 100,000 permits and as many reports, through the whole admin."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from incidents.categories import CATEGORIES
from permits.application.example import example
from tests.benchmarks.crowd import multiply, multiply_incidents
from tests.benchmarks.rows import Row, benchmark
from workflow import engine, worker
from workflow.actors import Actor
from workflow.contrib.places.counties import counties
from workflow.models import Team

EACH = 10_000 if os.environ.get("BENCH") == "short" else 100_000
ROUNDS = 7
ALL = "/admin/workflow/case/"
PAGES = {
    "first screen": ("/admin/", "at most 15", "400 ms"),
    "all work": (ALL, "at most 12", "300 ms"),
    "all work, overdue": (f"{ALL}?queue=overdue", "at most 12", "300 ms"),
    "all work, one county": (f"{ALL}?county=story", "at most 12", "300 ms"),
    "all work, by route": (f"{ALL}?q=I-35", "at most 12", "300 ms"),
}
REPORT = {
    "category": "pothole", "description": "Deep hole in the right lane.", "latitude": 42.0308, "longitude": -93.6319,
    "route": "US-69", "direction": "NB", "answers": {}, "channel": "form",
}  # fmt: skip


@benchmark
def officers_pages() -> Iterator[Row]:
    """As an officer of the team sees them, who may look at both kinds."""
    fill(EACH)
    officer = User.objects.create_superuser("bench", "bench@example.gov", "bench")
    Team.default().members.add(officer)
    client = Client()
    client.force_login(officer)
    for what, (address, most, aim) in PAGES.items():
        queries, milliseconds = _measure(client, address)
        words = f"{what}, {EACH:,} permits and {EACH:,} reports"
        yield Row(what=f"{words}: queries", value=queries, unit="queries", aim=most)
        yield Row(what=f"{words}: time", value=milliseconds, unit="ms", aim=aim)
    seconds, rows = _export(client, f"{ALL}export.csv")
    yield Row(what=f"export of all work, {rows:,} lines of CSV", value=seconds, unit="s")


def fill(each: int) -> None:
    """``each`` permits and ``each`` reports, begun over the last year."""
    permit = engine.start_workflow("roadPermit", example(), actor=Actor(kind="applicant", name="Bench")).case
    report = engine.start_workflow("incident", REPORT, actor=Actor(kind="applicant", name="Reporter")).case
    worker.drain()
    multiply(permit.pk, each)
    kinds = [(category.code, category.group) for category in CATEGORIES if not category.stop]
    multiply_incidents(report.pk, each, kinds=kinds, counties=[county.slug for county in counties()])
    _spread()


def _spread() -> None:
    """Permits begun over a year, as the reports are."""
    ago = {
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (id % 365) || ' days')",
        "postgresql": "now() - make_interval(days => (id % 365)::int)",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE workflow_case SET created_at = {ago} WHERE workflow = 'roadPermit'")
        cursor.execute(
            "UPDATE workflow_case SET closed_at = created_at WHERE workflow = 'roadPermit' AND closed_at IS NOT NULL"
        )
        cursor.execute("ANALYZE")


def _measure(client: Client, address: str) -> tuple[int, float]:
    queries = 0

    def count(execute: Any, *query: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*query)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - began) * 1000)
    return queries, statistics.median(times)


def _export(client: Client, address: str) -> tuple[float, int]:
    began = time.perf_counter()
    rows = sum(chunk.count(b"\r\n") for chunk in client.get(address))
    return time.perf_counter() - began, rows

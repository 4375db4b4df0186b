"""The officers' queue at 100,000 permits: queries and time of a page, through the whole admin."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from permits.application.example import example
from tests.benchmarks.crowd import multiply
from tests.benchmarks.rows import Row, benchmark
from workflow import engine, worker
from workflow.actors import Actor
from workflow.models import Team

PERMITS = 10_000 if os.environ.get("BENCH") == "short" else 100_000
ROUNDS = 7
QUEUE = "/admin/permits/roadpermit/"
PAGES = {
    "queue, all open": QUEUE,
    "queue, my teams": f"{QUEUE}?queue=teams",
    "queue, overdue": f"{QUEUE}?queue=overdue",
    "queue, in review": f"{QUEUE}?state=in_review",
    "queue, one county": f"{QUEUE}?county=story",
    "queue, search by reference": f"{QUEUE}?q=RPB-0000777",
    "first screen": "/admin/",
}


@benchmark
def queue_pages() -> Iterator[Row]:
    """Each page of the queue, as a reviewer of the team sees it."""
    started = engine.start_workflow("roadPermit", example(), actor=Actor(kind="applicant", name="Bench"))
    worker.drain()
    multiply(started.case.pk, PERMITS)
    officer = User.objects.create_superuser("bench", "bench@example.gov", "bench")
    Team.default().members.add(officer)
    client = Client()
    client.force_login(officer)
    pages = {**PAGES, "record": f"{QUEUE}{started.case.pk}/change/"}
    for what, address in pages.items():
        queries, milliseconds = _measure(client, address)
        aims = ("at most 12", "300 ms") if what.startswith("queue") else ("", "")
        yield Row(what=f"{what}, {PERMITS:,} permits: queries", value=queries, unit="queries", aim=aims[0])
        yield Row(what=f"{what}, {PERMITS:,} permits: time", value=milliseconds, unit="ms", aim=aims[1])


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

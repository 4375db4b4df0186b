"""Incident reports at 100,000: routing, the look for duplicates, the lists and maps that everybody reads."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from incidents import duplicates
from incidents.categories import CATEGORIES
from incidents.demo.rules import teams_and_rules
from incidents.models import Incident
from tests.benchmarks.crowd import multiply_incidents
from tests.benchmarks.rows import Row, benchmark
from workflow import engine, router, worker
from workflow.actors import Actor
from workflow.contrib.places.counties import bounds, counties, county_at
from workflow.models import Team

SHORT = os.environ.get("BENCH") == "short"
INCIDENTS = 10_000 if SHORT else 100_000
POINTS = 500 if SHORT else 10_000
LOOK_UPS = 50
ROUNDS = 7
MOST_FEATURES, MOST_REQUESTS = 2000, 1000
# Pages besides those with a promise of their own: what everybody reads, and what officers work with.
PUBLIC = {
    "public list": "/incidents/",
    "public list, one route stretch": "/incidents/?route=I-35&mile_from=80&mile_to=100",
    "public page of a report": "/incidents/{reference}/",
    "feed": "/incidents.atom",
}
QUEUE = "/admin/incidents/incident/"
OFFICERS = {
    "officers' queue": QUEUE,
    "officers' queue, my teams": f"{QUEUE}?queue=team",
    "officers' first screen": "/admin/",
}

KINDS = [(category.code, category.group) for category in CATEGORIES if not category.stop]
REPORT = {
    "category": "pothole",
    "description": "Deep hole in the right lane.",
    "latitude": 42.0308,
    "longitude": -93.6319,
    "route": "US-69",
    "direction": "NB",
    "answers": {},
    "channel": "form",
}


@benchmark
def routing() -> Iterator[Row]:
    """Random points of the state with every category, by the rules of the demo."""
    teams_and_rules()
    table = router.Table(router.active_rules())
    reports = [_report_at(*point) for point in random_points(POINTS)]
    began = time.perf_counter()
    for report in reports:
        for report.category, report.category_group in KINDS:
            table.route(report)
    decisions = len(reports) * len(KINDS)
    microseconds = (time.perf_counter() - began) * 1_000_000 / decisions
    yield Row(what=f"routing, {decisions:,} decisions: mean of one", value=microseconds, unit="µs")
    alone = _median(lambda: router.route(reports[0]), rounds=101)
    yield Row(what="routing, one report with the rules read afresh", value=alone, unit="ms")


@benchmark
def crowded() -> Iterator[Row]:
    """What is asked of a year's reports."""
    started = engine.start_workflow("incident", REPORT, actor=Actor(kind="applicant", name="Reporter"))
    worker.drain()
    multiply_incidents(started.case.pk, INCIDENTS, kinds=KINDS, counties=[county.slug for county in counties()])
    yield from look_for_duplicates()
    yield from public_pages()
    yield from other_pages(started.case.reference)
    yield from officers_pages()


def look_for_duplicates() -> Iterator[Row]:
    places = [{"latitude": latitude, "longitude": longitude} for latitude, longitude in random_points(LOOK_UPS)]
    known = list(Incident.objects.unsettled().exclude(latitude=None)[:LOOK_UPS])
    places += [{"latitude": one.latitude, "longitude": one.longitude, "direction": one.direction} for one in known]
    places += [{**place, "route": "US-69", "milepost": 120.5} for place in places[:LOOK_UPS]]
    statements = _statements(lambda: duplicates.near(category="pothole", **places[-1]))
    times = [_median(lambda place=place: duplicates.near(category="pothole", **place), rounds=1) for place in places]
    what = f"duplicates near a place, {INCIDENTS:,} reports"
    yield Row(what=f"{what}: queries", value=len(statements), unit="queries", aim="at most 3")
    whole = sum(read_whole(sql, values) for sql, values in statements)
    yield Row(what=f"{what}: tables read whole (EXPLAIN)", value=whole, unit="tables", aim="0")
    yield Row(what=f"{what}: time", value=statistics.median(times), unit="ms")
    yield Row(what=f"{what}: slowest of {len(times)}", value=max(times), unit="ms")


def public_pages() -> Iterator[Row]:
    """The Open311 list at its limit, and the map of the whole state."""
    one, full = ("/open311/v2/requests.json?page_size=1", f"/open311/v2/requests.json?page_size={MOST_REQUESTS}")
    few, _time, _answer = _page(one)
    queries, milliseconds, answer = _page(full)
    listed = len(answer.json())
    if queries != few:
        raise RuntimeError(f"The Open311 list asks {few} queries for one request and {queries} for {listed}")
    what = f"Open311 list of {listed:,} of {INCIDENTS:,} reports"
    yield Row(what=f"{what}: queries, as for one", value=queries, unit="queries")
    yield Row(what=f"{what}: time", value=milliseconds, unit="ms", aim="150 ms")

    queries, milliseconds, answer = _page("/incidents.geojson")
    features = len(answer.json()["features"])
    what = f"map of the state, {INCIDENTS:,} reports"
    yield Row(what=f"{what}: features", value=features, unit="features", aim=f"at most {MOST_FEATURES:,}")
    yield Row(what=f"{what}: queries", value=queries, unit="queries")
    yield Row(what=f"{what}: time", value=milliseconds, unit="ms", aim="300 ms")


def other_pages(reference: str) -> Iterator[Row]:
    for what, address in PUBLIC.items():
        yield from _rows(f"{what}, {INCIDENTS:,} reports", address.format(reference=reference), Client())


def officers_pages() -> Iterator[Row]:
    """The queue, and all reports of 90 days routed anew."""
    officer = User.objects.create_superuser("bench", "bench@example.gov", "bench")
    Team.objects.get(code="maintenance-central").members.add(officer)
    client = Client()
    client.force_login(officer)
    for what, address in OFFICERS.items():
        aims = ("at most 12", "300 ms") if "queue" in what else ("", "")
        yield from _rows(f"{what}, {INCIDENTS:,} reports", address, client, aims)
    yield from _rows(f"dry run of the rules, {INCIDENTS:,} reports", "/admin/workflow/routingrule/dry-run/", client)


def _rows(what: str, address: str, client: Client, aims: tuple[str, str] = ("", "")) -> Iterator[Row]:
    queries, milliseconds, _answer = _page(address, client)
    yield Row(what=f"{what}: queries", value=queries, unit="queries", aim=aims[0])
    yield Row(what=f"{what}: time", value=milliseconds, unit="ms", aim=aims[1])


def random_points(count: int) -> Iterator[tuple[float, float]]:
    """(latitude, longitude) in the state, always the same ones."""
    chance = random.Random(311)
    west, south, east, north = bounds()
    while count:
        latitude, longitude = chance.uniform(south, north), chance.uniform(west, east)
        if county_at(latitude, longitude) is not None:
            count -= 1
            yield latitude, longitude


def read_whole(sql: str, values: Any) -> int:
    """How many times the database would read all cases or all incidents to answer ``sql``."""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql, values)
        plan = [str(line[-1]).strip() for line in cursor.fetchall()]
    whole = (
        "SCAN workflow_case",
        "SCAN incidents_incident",
        "Seq Scan on workflow_case",
        "Seq Scan on incidents_incid",
    )
    return sum(any(mark in line for mark in whole) for line in plan)


def _report_at(latitude: float, longitude: float) -> Incident:
    county = county_at(latitude, longitude)
    assert county is not None
    return Incident(workflow="incident", county=county.slug, district=county.district, route="I-35", milepost=120.5)


def _statements(ask: Callable[[], Any]) -> list[tuple[str, Any]]:
    """Every query that ``ask`` sends, with its values."""
    found: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        found.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(keep):
        ask()
    return found


def _page(address: str, client: Client | None = None) -> tuple[int, float, Any]:
    """Queries, milliseconds and the answer of one address."""
    client = client or Client()
    answers: list[Any] = []
    queries = len(_statements(lambda: answers.append(client.get(address))))
    if answers[0].status_code != 200:
        raise RuntimeError(f"{address} answered {answers[0].status_code}")
    return queries, _median(lambda: client.get(address), ROUNDS), answers[0]


def _median(ask: Callable[[], Any], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)

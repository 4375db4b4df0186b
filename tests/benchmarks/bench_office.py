"""Officers' pages at 100,000 permits and as many reports: every filter of every queue, records, exports."""

from __future__ import annotations

import html
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import connection
from django.test import Client, RequestFactory

from incidents.models import Incident
from permits.models import RoadPermit
from tests.benchmarks import office
from tests.benchmarks.rows import Row, benchmark
from workflow.models import Case

SHORT = os.environ.get("BENCH") == "short"
EACH = 5_000 if SHORT else 100_000
ROUNDS = 7
SLOWEST = 3  # filtered pages that are measured again, of the many that are opened once
DEEP = 20  # pages from the first one, by the links
NEXT = re.compile(r'<a class="mp-button" href="([^"]+)">Next ')
QUEUES = {"permits": RoadPermit, "incidents": Incident, "all work": Case}
# Searches, which no filter's link holds; and what the map and the record of a county lead to.
ASKED = ("?q=I-35", "?q=US", "?q=RP-26-00000777", "?q=IR-26-00000777", "?q=nothing", "?county=story")
MOST = {"queue": ("at most 12", "300 ms"), "record": ("at most 20", "300 ms"), "first": ("at most 15", "400 ms")}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What one page took."""

    address: str
    queries: int
    milliseconds: float


@benchmark
def officers_pages() -> Iterator[Row]:
    made = office.fill(EACH, EACH, still_open=EACH)
    client = Client()
    client.force_login(made.officer)
    yield from rows_of(figures(client, made), f"{2 * EACH:,} cases")
    yield from exports()


def figures(client: Client, made: office.Office) -> Mapping[str, Page]:
    """What is measured, in words, to the page (of many filters the slowest, with the most queries of any)."""
    found = {"first screen": _page(client, "/admin/", ROUNDS)}
    for name, model in QUEUES.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        found[f"queue of {name}, all open"] = _page(client, address, ROUNDS)
        found[f"queue of {name}, page {DEEP}"] = _page(client, _deep(client, address), ROUNDS)
        links = sorted({*_links(model, address, made), *ASKED})
        filtered = sorted((_page(client, address + link, 1) for link in links), key=lambda page: page.milliseconds)
        again = [_page(client, page.address, ROUNDS) for page in filtered[-SLOWEST:]]
        slowest = max(again, key=lambda page: page.milliseconds)
        most = max(page.queries for page in filtered)
        words = f"queue of {name}, slowest of {len(links)} filters and searches"
        found[words] = Page(address=slowest.address, queries=most, milliseconds=slowest.milliseconds)
    found["record of a permit"] = _page(client, f"/admin/permits/roadpermit/{made.permit.pk}/change/", ROUNDS)
    found["record of a report"] = _page(client, f"/admin/incidents/incident/{made.report.pk}/change/", ROUNDS)
    return found


def rows_of(found: Mapping[str, Page], size: str) -> Iterator[Row]:
    for what, page in found.items():
        aims = MOST[what.split()[0]]
        named = f"{what} ({page.address.rpartition('/')[2]})" if "slowest" in what else what
        yield Row(what=f"{named}, {size}: queries", value=page.queries, unit="queries", aim=aims[0])
        yield Row(what=f"{named}, {size}: time", value=page.milliseconds, unit="ms", aim=aims[1])


def _links(model: Any, address: str, made: office.Office) -> list[str]:
    """Every link of every filter of a queue."""
    request = RequestFactory().get(address)
    request.user = made.officer
    page: ChangeList = admin.site._registry[model].get_changelist_instance(request)
    return [choice["query_string"] for spec in page.filter_specs for choice in spec.choices(page)]


def _deep(client: Client, address: str) -> str:
    """The address of a page far behind the first one, as an officer comes to it: from page to page."""
    here = address
    for _ in range(DEEP - 1):
        page = client.get(here).content.decode()
        link = NEXT.search(page)
        if link is None:
            raise RuntimeError(f"{here} has no link to the next page")
        here = address + html.unescape(link[1])
    return here


def _page(client: Client, address: str, rounds: int) -> Page:
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
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - began) * 1000)
    return Page(address=address, queries=queries, milliseconds=statistics.median(times))


# -- exports ----------------------------------------------------------------------------------------------------------


def exports() -> Iterator[Row]:
    """Each in a process of its own, so that its memory can be measured."""
    few, many = EACH // 10, EACH
    for ending in ("csv", "xlsx"):
        small, large = _export(ending, few), _export(ending, many)
        what = f"export of {large['rows']:,.0f} cases as {ending.upper()}"
        yield Row(what=f"{what}: time", value=large["seconds"], unit="s")
        yield Row(what=f"{what}: cases a second", value=large["rows"] / large["seconds"], unit="cases/s")
        yield Row(what=f"{what}: first byte after", value=large["first"] * 1000, unit="ms")
        yield Row(what=f"{what}: memory at most, beside {small['rows']:,.0f} cases", value=large["peak"],
                  unit="MB", beside=small["peak"], aim="ratio about 1")  # fmt: skip


def _export(ending: str, rows: int) -> Mapping[str, float]:
    """rows, seconds, first (seconds until the first byte), peak (MB of the process)."""
    command = [sys.executable, "-m", "tests.benchmarks.exporting", ending, str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {name: float(value) for name, value in (part.split("=") for part in done.stdout.split())}

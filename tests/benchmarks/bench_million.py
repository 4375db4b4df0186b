"""Officers' pages at 1,000,000 cases, each figure beside the one at 200,000 in the same database and run.

In both 100,000 cases are open: an office grows by what has ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.test import Client

from tests.benchmarks import office
from tests.benchmarks.bench_office import figures
from tests.benchmarks.rows import ROWS, Row, benchmark

ROWS.clear()  # those of the suite whose pages we measure
SHORT = os.environ.get("BENCH") == "short"
FEW, PERMITS, REPORTS = (2_500, 15_000, 10_000) if SHORT else (100_000, 600_000, 400_000)
AIM = "ratio at most 1.5"


@benchmark
def at_a_million() -> Iterator[Row]:
    made = office.fill(FEW, FEW, still_open=FEW)
    client = Client()
    client.force_login(made.officer)
    before = figures(client, made)
    office.grow(made, PERMITS - FEW, REPORTS - FEW)
    for what, page in figures(client, made).items():
        words = f"{what}, {PERMITS + REPORTS:,} cases beside {2 * FEW:,}"
        yield Row(what=f"{words}: queries", value=page.queries, unit="queries", beside=before[what].queries)
        yield Row(what=f"{words}: time", value=page.milliseconds, unit="ms", beside=before[what].milliseconds, aim=AIM)

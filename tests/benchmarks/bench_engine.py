"""The engine beside raw SQL: cases through four no-op service steps, and how soon the first service is called."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, connections

from tests.benchmarks.raw import Raw
from tests.benchmarks.rows import Row, benchmark
from tests.parcels.making import start_parcel
from tests.parcels.models import Parcel, State
from tests.parcels.services import stub
from workflow import orchestrator
from workflow.models import Team
from workflow.worker import Worker

SHORT = os.environ.get("BENCH") == "short"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3" if SHORT else "7"))
CASES = int(os.environ.get("BENCH_CASES", "20" if SHORT else "60"))
THREADS = 4


def drive() -> None:
    """One parcel from the counter to the door, in this thread: six commits, the claim of the first step among them."""
    start_parcel(express=True)
    claim = orchestrator.claim_next()
    assert claim is not None
    orchestrator.run(claim)


def per_second(action: Callable[[], Any], times: int = CASES) -> float:
    began = time.perf_counter()
    for _ in range(times):
        action()
    return times / (time.perf_counter() - began)


def model_case() -> Raw:
    Team.default()
    drive()
    parcel = Parcel.objects.latest("pk")
    assert parcel.state == State.DELIVERED
    return Raw(parcel.pk)


@benchmark
def engine_beside_raw_sql() -> Iterator[Row]:
    raw = model_case()
    bare = raw.connect()
    pairs = [(per_second(drive), per_second(lambda: raw.run(bare))) for _ in range(ROUNDS)]
    bare.close()
    ours, floor = (statistics.median(values) for values in zip(*pairs, strict=True))
    aim = "ratio >= 0.5" if connection.vendor == "sqlite" else "ratio >= 0.8"
    yield Row(what="cases through 4 steps, one thread; raw SQL", value=ours, unit="cases/s", beside=floor, aim=aim)


@benchmark
def worker_threads_beside_raw_sql() -> Iterator[Row]:
    raw = model_case()
    pairs = [(_with_workers(), _raw_in_threads(raw)) for _ in range(ROUNDS)]
    ours, floor = (statistics.median(values) for values in zip(*pairs, strict=True))
    what = f"cases through 4 steps, {THREADS} worker threads beside the one that starts; raw SQL, {THREADS} threads"
    yield Row(what=what, value=ours, unit="cases/s", beside=floor)


def _with_workers() -> float:
    worker = Worker(threads=THREADS, sweep=timedelta(milliseconds=100)).start()
    before = Parcel.objects.filter(state=State.DELIVERED).count()
    began = time.perf_counter()
    for _ in range(CASES):
        start_parcel(express=True)
    while Parcel.objects.filter(state=State.DELIVERED).count() < before + CASES:
        time.sleep(0.002)
    speed = CASES / (time.perf_counter() - began)
    worker.stop()
    return speed


def _raw_in_threads(raw: Raw) -> float:
    def body() -> None:
        bare = raw.connect()
        for _ in range(CASES // THREADS):
            raw.run(bare)
        bare.close()
        connections.close_all()

    threads = [threading.Thread(target=body) for _ in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CASES / (time.perf_counter() - began)


@benchmark
def first_service_called() -> Iterator[Row]:
    """From before submit to the moment the first service is called, with an idle embedded worker."""
    called, waits = threading.Event(), []
    moment = [0.0]

    def note(call: Any) -> dict[str, bool]:
        moment[0] = time.perf_counter()
        called.set()
        return {"done": True}

    stub.moods["parcelCheck"] = note
    worker = Worker(threads=THREADS, sweep=timedelta(seconds=1)).start()
    for _ in range(CASES):
        time.sleep(0.05)
        called.clear()
        began = time.perf_counter()
        start_parcel(express=True)
        assert called.wait(10)
        waits.append((moment[0] - began) * 1000)
    worker.stop()
    stub.moods.clear()
    yield Row(what="submit to first service called, p50", value=statistics.median(waits), unit="ms", aim="<= 20 ms")
    yield Row(what="submit to first service called, p95", value=statistics.quantiles(waits, n=20)[-1], unit="ms")

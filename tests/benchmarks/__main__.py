"""Run the benchmarks: `python -m tests.benchmarks [--write]`. SQLite always; PostgreSQL when DATABASE_URL names one.

`--million` measures officers' pages at 1,000,000 cases instead; with `--write` into its own part of the page.

Each database is measured in a process of its own, on a fresh database.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
COMMAND = "python -m tests.benchmarks --write"


# Each suite with the settings it runs under: the engine without permits, the others with everything.
SUITES = {
    "tests.benchmarks.bench_engine": "tests.lean",
    "tests.benchmarks.bench_incidents": "tests.settings",
    "tests.benchmarks.bench_office": "tests.settings",
}
MILLION = {"tests.benchmarks.bench_million": "tests.settings"}
MILLION_HEAD = "## At a million cases"
HEADS = ["| database | what | figure | beside | ratio | aim |", "|---|---|---|---|---|---|"]


def measure(suite: str) -> None:
    """In the child: the suite's rows on the database of DATABASE_URL, as JSON on the last line."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.benchmarks.rows import ROWS

    importlib.import_module(suite)  # its rows register themselves

    call_command("migrate", verbosity=0)
    rows = [dataclasses.asdict(row) for measure in ROWS for row in measure()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
        database = f"{name} {cursor.fetchone()[0].split()[0]}"
    print(json.dumps({"database": database, "rows": rows}))


def run_child(suite: str, url: str, folder: str) -> dict[str, Any]:
    environment = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": {**SUITES, **MILLION}[suite], "PARCEL_QUIET": "1",
        "PYTHONWARNINGS": "ignore", "VAR_DIR": folder,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.benchmarks", "--child", suite]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_all(suites: Iterable[str], url: str) -> list[dict[str, Any]]:
    found = []
    for suite in suites:
        with tempfile.TemporaryDirectory() as folder:
            found.append(run_child(suite, f"sqlite:///{folder}/bench.sqlite3", folder))
            if url.startswith("postgres"):
                found.append(on_postgresql(suite, url, folder))
    return found


def on_postgresql(suite: str, url: str, folder: str) -> dict[str, Any]:
    """The suite on a database of its own on the server of ``url``."""
    import psycopg

    name = f"bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            return run_child(suite, f"{url.rpartition('/')[0]}/{name}", folder)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


def page(results: list[dict[str, Any]]) -> str:
    lines = [
        "# Benchmarks",
        "",
        f"Measured on {date.today():%B %-d, %Y} with `{COMMAND}`, on {os.cpu_count()} cores ({platform.machine()}, "  # noqa: DTZ011
        f"{platform.system()} {platform.release().split('-')[0]}), Python {platform.python_version()}, "
        f"Django {version('django')}. Medians of several rounds; the raw figure is measured in the same run, in turns.",
        "",
        "The raw figure writes the same rows in five commits a case with the bare driver and nothing else: no guards,",
        "no permissions, no history digests, no claims. SQLite: WAL, synchronous FULL. PostgreSQL: its defaults.",
        "Memory is of a process of its own: beside stands what it takes for a tenth of the cases.",
        "",
        *table(results),
    ]
    return "\n".join(lines) + "\n"


def table(results: list[dict[str, Any]]) -> list[str]:
    lines = [*HEADS]
    for result in results:
        for row in result["rows"]:
            beside = f"{row['beside']:,.0f} {row['unit']}" if row["beside"] else ""
            ratio = f"{row['value'] / row['beside']:.2f}" if row["beside"] else ""
            value = f"{row['value']:,.1f} {row['unit']}"
            lines.append(f"| {result['database']} | {row['what']} | {value} | {beside} | {ratio} | {row['aim']} |")
    return lines


def million_part(results: list[dict[str, Any]]) -> str:
    words = f"Measured on {date.today():%B %-d, %Y} with `{COMMAND} --million`; 100,000 of the cases are open."  # noqa: DTZ011
    return "\n".join([MILLION_HEAD, "", words, "", *table(results)]) + "\n"


def merged(page_now: str, new: str, *, is_million: bool) -> str:
    """The page with one of its two parts written anew."""
    first, _, second = page_now.partition(MILLION_HEAD)
    if is_million:
        return f"{first.rstrip()}\n\n{new}"
    return f"{new}\n{MILLION_HEAD}{second}" if second else new


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite docs/benchmarks.md")
    parser.add_argument("--million", action="store_true", help="only officers' pages at 1,000,000 cases")
    parser.add_argument("--child", metavar="SUITE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measure(options.child)
        return
    found = run_all(MILLION if options.million else SUITES, os.environ.get("DATABASE_URL", ""))
    text = million_part(found) if options.million else page(found)
    print(text)
    if options.write:
        now = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(merged(now, text, is_million=options.million), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Run the benchmarks: `python -m tests.benchmarks [--write]`. SQLite always; PostgreSQL when DATABASE_URL names one.

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
    "tests.benchmarks.bench_queue": "tests.settings",
    "tests.benchmarks.bench_incidents": "tests.settings",
    "tests.benchmarks.bench_first_screen": "tests.settings",
}


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
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SUITES[suite], "PARCEL_QUIET": "1",
        "PYTHONWARNINGS": "ignore", "VAR_DIR": folder,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.benchmarks", "--child", suite]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_all(url: str) -> list[dict[str, Any]]:
    found = []
    for suite in SUITES:
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
        "",
        "| database | what | figure | raw | ratio | aim |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        for row in result["rows"]:
            beside = f"{row['beside']:.0f} {row['unit']}" if row["beside"] else ""
            ratio = f"{row['value'] / row['beside']:.2f}" if row["beside"] else ""
            value = f"{row['value']:.1f} {row['unit']}"
            lines.append(f"| {result['database']} | {row['what']} | {value} | {beside} | {ratio} | {row['aim']} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite docs/benchmarks.md")
    parser.add_argument("--child", metavar="SUITE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measure(options.child)
        return
    text = page(run_all(os.environ.get("DATABASE_URL", "")))
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

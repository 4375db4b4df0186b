"""One export in a process of its own: ``python -m tests.benchmarks.exporting csv 100000`` on the database of
DATABASE_URL. Prints rows, seconds, seconds until the first byte, and the most memory this process took in MB."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import django

ALL = "/admin/workflow/case/"


def export(ending: str, most: int) -> str:
    from django.contrib.admin.models import LogEntry
    from django.contrib.auth.models import User
    from django.test import Client

    from workflow.admin import export as exporting

    real = exporting._keys

    def fewer(*asked: Any) -> Any:
        keys = real(*asked)
        return keys and keys[:most]

    exporting._keys = fewer
    client = Client()
    client.force_login(User.objects.get(username="bench0"))
    client.get(ALL)  # what every process loads once
    began = time.perf_counter()
    answer = client.get(f"{ALL}export.{ending}")
    pieces = iter(answer)
    size = len(next(pieces))
    first = time.perf_counter() - began
    size += sum(map(len, pieces))
    seconds = time.perf_counter() - began
    rows = LogEntry.objects.latest("pk").change_message.split()[1].replace(",", "")
    return f"rows={rows} seconds={seconds:.3f} first={first:.3f} peak={peak_mb():.1f} bytes={size}"


def peak_mb() -> float:
    """The most this program took. Not ru_maxrss: that of a child begins with what its parent took."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    django.setup()
    print(export(sys.argv[1], int(sys.argv[2])))

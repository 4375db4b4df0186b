"""Do something for real and take all of it back: what would come of it can be read meanwhile, and nothing stays.

The transaction is rolled back with everything in it: rows, lines of history, work. What waits for a commit (the
doorbell, local steps) never hears of it. Not covered: files and calls to other systems; ``act`` must make none.
"""

from __future__ import annotations

from collections.abc import Callable

from workflow.writing import writing


class _TakenBack(Exception):
    """Only to leave the transaction without its changes."""


def rehearse[Found](act: Callable[[], Found]) -> Found:
    """What ``act`` answers. What it raises is passed on; nothing is written in any case."""
    found: list[Found] = []
    try:
        with writing():
            found.append(act())
            raise _TakenBack
    except _TakenBack:
        return found[0]

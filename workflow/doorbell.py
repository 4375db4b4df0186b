"""The doorbell: wakes whoever may do new work. It carries no state; a lost ring costs one sweep interval.

The database is the engine: a work row is done because it is there, not because a bell rang.
"""

import threading
from collections.abc import Callable

from django.db import transaction

from workflow.writing import outside_lane

_bell = threading.Condition()
_rung = 0
# Runs local, quick services in the request that made the work; wired in WorkflowConfig.ready.
run_inline: Callable[[int, int], None] | None = None


def ring() -> None:
    """Wake the workers of this process."""
    global _rung
    with _bell:
        _rung += 1
        _bell.notify_all()


def wait(seen: int, timeout_s: float) -> int:
    """Sleep until a ring later than ``seen`` or the time-out; answers the newest ring's number."""
    with _bell:
        _bell.wait_for(lambda: _rung != seen, timeout_s)
        return _rung


def ring_on_commit() -> None:
    transaction.on_commit(ring, robust=True)


def inline_on_commit(work_id: int, epoch: int) -> None:
    """Run this claimed work right after the commit, in this thread. A crash before leaves it to the lease."""
    if (run := run_inline) is not None:
        transaction.on_commit(lambda: outside_lane(lambda: run(work_id, epoch)), robust=True)

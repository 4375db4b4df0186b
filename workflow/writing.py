"""One way to open a write transaction."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

log = logging.getLogger(__name__)

# SQLite has one writer. Waiting for it inside SQLite is polling with sleeps; a lane in the process hands over at once.
_lane = threading.RLock()


class _Mine(threading.local):
    """What this thread will do once it has left the lane; None while it is not in it."""

    later: list[Callable[[], None]] | None = None


_mine = _Mine()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that writes: atomic, and on SQLite one at a time within this process."""
    # Inside a transaction SQLite's own write lock is ours already (BEGIN IMMEDIATE): to wait for the lane now could
    # be to wait for somebody who waits for that lock.
    if connection.vendor != "sqlite" or connection.in_atomic_block or _mine.later is not None:
        with transaction.atomic():
            yield
        return
    later: list[Callable[[], None]] = []
    _mine.later = later
    try:
        with _lane, transaction.atomic():
            yield
    finally:
        _mine.later = None
    for call in later:
        call()


def outside_lane(call: Callable[[], None]) -> None:
    """Run ``call`` as soon as this thread keeps no other from writing; its error is logged, for the commit stands."""

    def safely() -> None:
        try:
            call()
        except Exception:
            log.exception("What follows a commit failed; its lease gives the work to a worker")

    if _mine.later is None:
        safely()
    else:
        _mine.later.append(safely)

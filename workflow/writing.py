"""One way to open a write transaction."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

# SQLite has one writer. Waiting for it inside SQLite is polling with sleeps; a lane in the process hands over at once.
_lane = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that writes: atomic, and on SQLite one at a time within this process."""
    with _lane if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield

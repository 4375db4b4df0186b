"""Doing a case's work in a test as a worker would, in this thread and at once. For any kind of case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.models.functions import Now

from workflow import orchestrator
from workflow.claims import claim
from workflow.models import Work

LONGEST_WALK = 50  # works of one case


@contextmanager
def by_hand() -> Iterator[None]:
    """Inline work waits for ``drain``, so that it runs the same in and outside a transaction."""
    with mock.patch("workflow.doorbell.inline_on_commit"):
        yield


def drain(case: Any) -> None:
    """Do the due work of ``case`` until none is left."""
    for _ in range(LONGEST_WALK):
        due = Work.objects.filter(case_id=case.pk, outcome=Work.Outcome.OPEN, run_at__lte=Now())
        work = due.first()
        if work is None:
            return
        due.update(lease_until=None)  # inline work is claimed for the thread that committed
        with by_hand():
            orchestrator.run_one(claim(work.pk), gate=orchestrator.never)

"""Cases walked through the engine's own door when it would have happened."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from unittest.mock import patch

from django.contrib.auth.models import User
from django.utils import timezone

from workflow import engine, orchestrator
from workflow.actors import Actor, officer
from workflow.errors import PermanentFailure
from workflow.models import Work

SEED = 19
LOADING = timedelta(hours=1)  # longer than a demo takes to load


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """As if it were ``moment``: demo histories happened in the past."""
    with patch("django.utils.timezone.now", return_value=moment):
        yield


def office_hour(rng: random.Random, days: tuple[int, int]) -> datetime:
    """Some time between nine and two, so many days from today (negative: in the past)."""
    morning = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    return morning + timedelta(days=rng.randint(*days), minutes=rng.randint(0, 300))


@dataclass
class Walk:
    """One case on its way through the past; ``moment`` moves forward with each thing that happens."""

    case: Any
    moment: datetime
    officers: Mapping[str, User]
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - demo data

    @property
    def desk(self) -> Actor:
        """Who works on this case."""
        raise NotImplementedError

    def acts(self, login: str) -> Actor:
        return officer(self.officers[login])

    def later(self, days: float) -> Self:
        self.moment += timedelta(days=days)
        return self

    def do(self, transition: str, actor: Actor | None = None, **data: Any) -> Self:
        with at(self.moment):
            self.case = engine.fire(self.case, transition, actor=actor or self.desk, data=data)
        return self

    def change(self, kind: str, apply: Callable[[Any], Any], actor: Actor | None = None, **values: Any) -> Self:
        with at(self.moment):
            self.case = engine.change(self.case, kind, actor=actor or self.desk, apply=apply, **values)
        return self

    def take(self) -> Self:
        """The officer takes the case on."""
        actor = self.desk

        def mine(case: Any) -> dict[str, str]:
            case.assignee = actor.user
            return {"assignee": actor.name}

        return self.change("assigned", mine, actor)

    def work(self) -> Self:
        """Let the machines do what this case waits for, and nothing of other cases or of later."""
        with at(self.moment):
            while row := self.due().first():
                claim = orchestrator.claim(row.pk)
                if claim is None:
                    break
                orchestrator.run(claim)
        self.case.refresh_from_db()
        return self

    def fails(self, reason: str) -> Self:
        """The next machine step fails for good: the case is parked with its reason."""
        with at(self.moment):
            row = self.due().filter(kind=Work.Kind.STEP).first()
            claim = orchestrator.claim(row.pk) if row is not None else None
            if claim is not None:
                orchestrator.fail(claim, PermanentFailure(reason))
        self.case.refresh_from_db()
        return self

    def due(self) -> Any:
        """The machine work of now. By default work is due by the database's clock, which does not live in the past
        with us; what was put off, a reminder, waits for its own moment."""
        now, kinds = datetime.now(UTC), (Work.Kind.STEP, Work.Kind.TASK)
        open_now = Work.objects.filter(case_id=self.case.pk, outcome=Work.Outcome.OPEN, kind__in=kinds, run_at__lte=now)
        return open_now.exclude(run_at__gt=self.moment, run_at__lt=now - LOADING).order_by("pk")

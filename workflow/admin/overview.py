"""What there is to do, over every kind of case: counts that lead to queues, what came in and ended, how old work is.

Eight queries whatever the number of cases. Open cases are counted from one index that holds all it takes
(``open_at_a_glance``); of ended ones only the last ``DAYS_SHOWN`` days are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Any

from django.db.models import CharField, Count, Q, Value
from django.utils import timezone

from workflow.actors import Actor
from workflow.admin.queue import tonight, waits_for_citizen
from workflow.models import Case
from workflow.models.case import work_of, work_of_nobody

DAYS_SHOWN = 30
# (word of ?queue=, words on the screen; who is waited for differs by kind)
QUEUES = (
    ("mine", "Mine"),
    ("team", "My teams'"),
    ("unassigned", "Unassigned"),
    ("today", "Due today"),
    ("overdue", "Overdue"),
    ("escalated", "Escalated"),
    ("waiting", ""),
    ("parked", "Parked"),
)
AGES = (("Under 1 day", 0), ("1 to 7 days", 1), ("7 to 30 days", 7), ("30 to 90 days", 30), ("Over 90 days", 90))


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Open cases by ``queues`` (word of ``?queue=`` to number), by age (as ``AGES``), and by their clock."""

    queues: Mapping[str, int]
    ages: Sequence[int]
    running: int  # open with a deadline that is not paused
    late: int  # of those, past it

    @property
    def on_time(self) -> int:
        return self.running - self.late

    @property
    def on_time_share(self) -> float | None:
        """0 to 1; None when no clock runs."""
        return self.on_time / self.running if self.running else None

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            queues={name: number + other.queues[name] for name, number in self.queues.items()},
            ages=[one + another for one, another in zip(self.ages, other.ages, strict=True)],
            running=self.running + other.running,
            late=self.late + other.late,
        )


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One day: what came in, what ended."""

    day: date
    came: int
    ended: int


APART = ("parked", "escalated")
NOTHING = Counts(queues={name: 0 for name, _words in QUEUES}, ages=[0] * len(AGES), running=0, late=0)


def counts(workflows: Iterable[str], actor: Actor) -> dict[str, Counts]:
    """Workflow -> its counts, as this officer sees them. Four queries."""
    names = sorted(workflows)
    now = timezone.now()
    # Without a team it is a draft, which is still the applicant's.
    cases: Any = Case.objects.filter(workflow__in=names, team__isnull=False).order_by()
    rows = cases.filter(closed_at=None).values("workflow").annotate(**_queues(actor, names, now), **_ages(now))
    found, apart = {row["workflow"]: row for row in rows}, _apart()
    return {name: _read(found.get(name), {word: apart[word, name] for word in APART}) for name in names}


def _apart() -> Counter[tuple[str, str]]:
    """(queue, workflow) -> number, of the queues that hold few cases. Counted here and not grouped there: the database
    would leave their small indexes for it."""
    few = [queue.filter(team__isnull=False).order_by() for queue in (Case.objects.parked(), Case.objects.escalated())]
    named = [
        queue.values_list(Value(name, output_field=CharField()), "workflow")
        for name, queue in zip(APART, few, strict=True)
    ]
    return Counter(named[0].union(named[1], all=True))


def _queues(actor: Actor, names: Sequence[str], now: datetime) -> dict[str, Count]:
    """What the filters of the queue say, as counts."""
    is_running = Q(due_at__isnull=False, paused_at=None)
    conditions = {
        "mine": work_of(actor.user),
        "team": Q(team__in=sorted(actor.teams)),
        "unassigned": work_of_nobody(),
        "today": Q(due_at__gte=now, due_at__lt=tonight(), paused_at=None),
        "overdue": Q(due_at__lt=now, paused_at=None),
        "waiting": waits_for_citizen(names),
        "running": is_running,
    }
    return {name: Count("pk", filter=condition) for name, condition in conditions.items()}


def _ages(now: datetime) -> dict[str, Count]:
    """``older_0`` is every open case."""
    return {
        f"older_{days}": Count("pk", filter=Q(created_at__lte=now - timedelta(days=days))) if days else Count("pk")
        for _words, days in AGES
    }


def _read(row: Mapping[str, int] | None, apart: Mapping[str, int]) -> Counts:
    """``apart``: the queues that were counted by themselves."""
    if row is None:
        return Counts(queues={**NOTHING.queues, **apart}, ages=NOTHING.ages, running=0, late=0)
    older = [*(row[f"older_{days}"] for _words, days in AGES), 0]
    return Counts(
        queues={name: apart[name] if name in apart else row[name] for name, _words in QUEUES},
        ages=[more - fewer for more, fewer in pairwise(older)],
        running=row["running"],
        late=row["overdue"],
    )


def flow(workflows: Iterable[str]) -> dict[str, list[Flow]]:
    """Workflow -> the last ``DAYS_SHOWN`` days, oldest first, today last. Two queries."""
    names = sorted(workflows)
    days = [timezone.localdate() - timedelta(days=ago) for ago in reversed(range(DAYS_SHOWN))]
    came, ended = _per_day(names, days, "created_at"), _per_day(names, days, "closed_at")
    return {
        name: [Flow(day=day, came=came.get((name, day), 0), ended=ended.get((name, day), 0)) for day in days]
        for name in names
    }


def _per_day(names: Sequence[str], days: Sequence[date], column: str) -> dict[tuple[str, date], int]:
    """(workflow, day) -> number, from one range of an index."""
    since = {f"since_{number}": _midnight(day) for number, day in enumerate([*days, days[-1] + timedelta(days=1)])}
    cases: Any = Case.objects.filter(workflow__in=names, team__isnull=False, **{f"{column}__gte": since["since_0"]})
    counted = {name: Count("pk", filter=Q(**{f"{column}__gte": moment})) for name, moment in since.items()}
    found: dict[tuple[str, date], int] = {}
    for row in cases.order_by().values("workflow").annotate(**counted):
        for day, (more, fewer) in zip(days, pairwise(since), strict=True):
            found[row["workflow"], day] = row[more] - row[fewer]
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def together(kinds: Iterable[Counts]) -> Counts:
    """Everything in one."""
    *_, whole = accumulate(kinds, initial=NOTHING)
    return whole


def flow_together(kinds: Iterable[Sequence[Flow]]) -> list[Flow]:
    """The same days in one; empty for no kinds."""
    return [
        Flow(day=ones[0].day, came=sum(one.came for one in ones), ended=sum(one.ended for one in ones))
        for ones in zip(*kinds, strict=True)
    ]

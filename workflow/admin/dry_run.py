"""What the routing table would do to the cases of the last months, without doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from workflow import router
from workflow.models import Case, RoutingRule, Team

DAYS = 90
MOST_SHOWN = 100
AT_A_TIME = 2000  # rows in memory


@dataclass(frozen=True, kw_only=True)
class Move:
    """One case that would change hands; ``is_new``: only because of the rule that is tried."""

    case: Any  # a row with pk, reference, title, workflow
    before: str
    after: str
    why: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How many cases would go from one team to another."""

    before: str
    after: str
    count: int


@dataclass(kw_only=True)
class DryRun:
    """The outcome over the last ``days`` days: counts, and the first moves to look at."""

    days: int
    looked_at: int = 0
    new: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    new_moves: list[Move] = field(default_factory=list)
    old_moves: list[Move] = field(default_factory=list)

    def add(self, move: Move) -> None:
        self.new += move.is_new
        self.counts[move.before, move.after] += 1
        shown = self.new_moves if move.is_new else self.old_moves
        if len(shown) < MOST_SHOWN:
            shown.append(move)

    @property
    def moving(self) -> int:
        return self.counts.total()

    @property
    def old(self) -> int:
        return self.moving - self.new

    @property
    def staying(self) -> int:
        return self.looked_at - self.moving

    @property
    def flows(self) -> list[Flow]:
        """The largest first."""
        rows = [Flow(before=before, after=after, count=n) for (before, after), n in self.counts.items()]
        return sorted(rows, key=lambda flow: (-flow.count, flow.before, flow.after))

    @property
    def moves(self) -> list[Move]:
        """The first hundred: those that are new come first, the latest case of each first."""
        return [*self.new_moves, *self.old_moves][:MOST_SHOWN]


def dry_run(tried: RoutingRule | None = None, *, without: Team | None = None, now: datetime | None = None) -> DryRun:
    """Route every case opened in the last ``DAYS`` days by the rules in force; with ``tried`` (saved or not), as if it
    were saved as it is; ``without`` a team, as if no rule named it. Changes no case and no rule. At most four queries,
    whatever the number of cases."""
    in_force = router.active_rules()
    today = router.Table(in_force)
    proposed = with_rule(in_force, tried) if tried else [rule for rule in in_force if rule.team != without]
    table = router.Table(proposed) if tried or without else today
    teams = dict(Team.objects.values_list("pk", "name"))
    outcome = DryRun(days=DAYS)
    for row in _cases_since((now or timezone.now()) - timedelta(days=DAYS)):
        outcome.looked_at += 1
        answer = table.route(row)
        if answer.team.pk != row.team_id:
            is_new = table is not today and today.route(row).team.pk != answer.team.pk
            before = teams[row.team_id]
            outcome.add(Move(case=row, before=before, after=answer.team.name, why=answer.why, is_new=is_new))
    return outcome


def with_rule(rules: Sequence[RoutingRule], tried: RoutingRule) -> list[RoutingRule]:
    """The table as it would be if ``tried`` were saved: at its place by number, a new one after its equals."""
    others = [rule for rule in rules if rule.pk != tried.pk]
    found = [*others, tried] if tried.is_active else others
    return sorted(found, key=lambda rule: (rule.order, rule.pk is None, rule.pk or 0))


def _cases_since(moment: datetime) -> Any:
    # Without a team it is a draft, which is still the applicant's.
    cases = Case.objects.filter(created_at__gte=moment, team__isnull=False).order_by("-created_at", "-pk")
    rows: Any = cases.values_list("pk", "reference", "title", "team_id", *router.COLUMNS, named=True)
    return rows.iterator(chunk_size=AT_A_TIME)

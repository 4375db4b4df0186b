"""Case -> exactly one team, by ordered rules that officers edit; and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from workflow.models import RoutingRule, Team

# Which columns of a case a condition looks at: a rule may name a category or the group it belongs to.
LOOKS_AT = {
    **{name: (name,) for name in RoutingRule.CONDITIONS},
    "category": ("category", "category_group"),
}
COLUMNS = (*dict.fromkeys(column for columns in LOOKS_AT.values() for column in columns), "milepost")

type Seen = dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The answer: one team, and the sentence that says why."""

    team: Team
    why: str
    rule: RoutingRule | None


class Rule:
    """A rule made ready to be asked often."""

    def __init__(self, rule: RoutingRule) -> None:
        conditions = {name: frozenset(map(_plain, rule.wanted(name))) for name in RoutingRule.CONDITIONS}
        self.conditions = tuple((name, wanted) for name, wanted in conditions.items() if wanted)
        self.low, self.high = rule.milepost_from, rule.milepost_to
        self.answer = Routing(team=rule.team, why=f"Rule {rule.order}: {rule.in_words()}", rule=rule)

    def fits(self, seen: Seen, milepost: float | None) -> bool:
        for name, wanted in self.conditions:
            if wanted.isdisjoint(seen[name]):
                return False
        return (self.low is None and self.high is None) or self._on_stretch(milepost)

    def _on_stretch(self, milepost: float | None) -> bool:
        """Both ends included. Whose mile nobody knows is on no stretch."""
        if milepost is None:
            return False
        return (self.low is None or self.low <= milepost) and (self.high is None or milepost <= self.high)


class Table:
    """The whole routing table, read once and made ready: for many cases at a time. ``rules`` in their order."""

    def __init__(self, rules: Iterable[RoutingRule]) -> None:
        self._rules = tuple(map(Rule, rules))

    def route(self, case: Any) -> Routing:
        """The first rule that fits, else the default team."""
        seen, milepost = _seen(case), getattr(case, "milepost", None)
        for rule in self._rules:
            if rule.fits(seen, milepost):
                return rule.answer
        return self._by_default

    @cached_property
    def _by_default(self) -> Routing:
        return Routing(team=Team.default(), why="No rule fits: the default team", rule=None)


def active_rules() -> list[RoutingRule]:
    """The rules in force, in their order, as they are now. One query."""
    return list(RoutingRule.objects.filter(is_active=True).select_related("team"))


def fits(rule: RoutingRule, case: Any) -> bool:
    """Whether every filled condition of the rule fits the case; capitals, blanks and hyphens do not matter."""
    return Rule(rule).fits(_seen(case), getattr(case, "milepost", None))


def route(case: Any, rules: Iterable[RoutingRule] | None = None) -> Routing:
    """The first active rule that fits, else the default team. Two queries; reads the rules afresh each time, so that an
    edited rule holds for the next case."""
    return Table(active_rules() if rules is None else rules).route(case)


def _seen(case: Any) -> Seen:
    return {
        name: tuple(_plain(getattr(case, column, "") or "") for column in columns) for name, columns in LOOKS_AT.items()
    }


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    # "US 69" is US-69, and "Black Hawk" the county black-hawk.
    return "".join(letter for letter in text if letter.isalnum()).casefold()

"""Case -> exactly one team, by ordered rules that officers edit; and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workflow.models import RoutingRule, Team


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The answer: one team, and the sentence that says why."""

    team: Team
    why: str
    rule: RoutingRule | None


def fits(rule: RoutingRule, case: Any) -> bool:
    """Whether every filled condition of the rule equals the case's value; case and blanks do not matter."""
    return all(
        _plain(getattr(case, name, "")) == _plain(wanted)
        for name in RoutingRule.CONDITIONS
        if (wanted := getattr(rule, name))
    )


def route(case: Any, rules: Iterable[RoutingRule] | None = None) -> Routing:
    """The first active rule that fits, else the default team. Two queries; reads the rules afresh each time, so that an
    edited rule holds for the next case."""
    if rules is None:
        rules = RoutingRule.objects.filter(is_active=True).select_related("team")
    for rule in rules:
        if fits(rule, case):
            return Routing(team=rule.team, why=f"Rule {rule.order}: {rule.in_words()}", rule=rule)
    return Routing(team=Team.default(), why="No rule fits: the default team", rule=None)


def _plain(value: str | None) -> str:
    return "".join(str(value or "").split()).casefold()

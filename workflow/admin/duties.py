"""What a team is needed for: why it cannot be removed, and who is told when nobody is left in it."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.models import Case, RoutingRule, Team

MANY = 1000  # counted up to here: a page need not know more


def keep_it(team: Team) -> Iterator[str]:
    """Sentences: what would be left without a team, and what to do about it first. Two queries."""
    rules = list(RoutingRule.objects.filter(team=team))
    if rules:
        numbers = ", ".join(str(rule.order) for rule in rules)
        yield f"It is named by routing rule{_s(len(rules))} {numbers}: change that first."
    if count := _count(Case.objects.filter(team=team, closed_at=None)):
        yield f"{_many(count)} open case{_s(count)} {'is' if count == 1 else 'are'} with it: hand them over first."
    elif Case.objects.filter(team=team).exists():
        yield "Closed cases name it, and their history stays: take its members out and leave it empty."


def left_alone(team: Team) -> Iterator[str]:
    """Sentences when no active officer is in a team that has or gets work."""
    if team.members.filter(is_active=True).exists():
        return
    count = _count(Case.objects.filter(team=team, closed_at=None))
    gets = team.is_default or RoutingRule.objects.filter(team=team, is_active=True).exists()
    waits = f"{_many(count)} open case{_s(count)} wait{'s' if count == 1 else ''} with it" if count else ""
    more = "new cases still go to it" if gets else ""
    if said := " and ".join(filter(None, [waits, more])):
        yield f"Nobody is in {team}: {said}. Add a member, or change the routing rules."


def _count(found: object) -> int:
    return len(found.values_list("pk")[: MANY + 1])  # type: ignore[attr-defined]


def _many(count: int) -> str:
    return f"More than {MANY:,}" if count > MANY else f"{count:,}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"

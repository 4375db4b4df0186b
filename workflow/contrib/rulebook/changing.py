"""The one door for a change of a rule: lock, check for a colleague's change, write, log, tell every process."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from workflow.contrib.rulebook.book import book, parsed
from workflow.contrib.rulebook.models import Edition, Override, RuleChange
from workflow.contrib.rulebook.rules import Rule, rule_of

LONGEST_WHAT = 300


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A colleague changed the rule after the page was loaded."""

    rule: Rule
    theirs: Any
    change: RuleChange


class StaleRules(Exception):
    """Raised instead of overwriting what a colleague saved meanwhile."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        super().__init__("A colleague changed the same rule meanwhile.")
        self.conflicts = list(conflicts)


def newest_change() -> int:
    """The number of the newest line of the log: what a page was loaded with."""
    found = RuleChange.objects.order_by("-pk").values_list("pk", flat=True).first()
    return found or 0


def as_seen(keys: Iterable[str], seen: int) -> dict[str, Any]:
    """The values that a page loaded at line ``seen`` showed, by key, as stored JSON."""
    keys = list(keys)
    found = {key: original_of(rule_of(key)) for key in keys}
    found |= dict(Override.objects.filter(key__in=keys).values_list("key", "value"))
    later = RuleChange.objects.filter(area=RuleChange.Area.RULE, key__in=keys, pk__gt=seen).order_by("-pk")
    return found | dict(later.values_list("key", "before"))


def change(values: Mapping[str, Any], *, by: Any, seen: int) -> list[RuleChange]:
    """Give rules new values, by key. Only what differs from the value of now is written; answers those lines.

    ``seen``: line of the log the person's page was loaded at. Raises StaleRules when one of the rules was changed
    since, to something else than the new value.
    """
    with transaction.atomic():
        edition = Edition.locked()
        current = as_seen(values, newest_change())
        wanted = {key: rule_of(key).kind.store(value) for key, value in values.items()}
        changed = {key: new for key, new in wanted.items() if new != current[key]}
        if conflicts := conflicts_of(changed, seen):
            raise StaleRules(conflicts)
        lines = [_write(rule_of(key), current[key], new, by) for key, new in changed.items()]
        if lines:
            _next(edition)
    return lines


def conflicts_of(keys: Iterable[str], seen: int) -> list[Conflict]:
    """What colleagues did to these rules since line ``seen``: the newest change of each."""
    lines = RuleChange.objects.filter(area=RuleChange.Area.RULE, key__in=list(keys), pk__gt=seen).order_by("pk")
    newest = {line.key: line for line in lines.select_related("who")}
    return [Conflict(rule=rule_of(key), theirs=parsed(key, line.after), change=line) for key, line in newest.items()]


def original_of(rule: Rule) -> Any:
    """The original as stored JSON."""
    return rule.kind.store(rule.original)


def touch() -> None:
    """Something that every process keeps in memory was changed beside ``change``: tell them. In a transaction."""
    _next(Edition.locked())


def keep(*, area: str, key: str, what: str, before: Any, after: Any, by: Any) -> None:
    """Add a line to the log about anything that is a rule: teams, routing, categories, holidays."""
    known = area if area in RuleChange.Area.values else RuleChange.Area.OTHER
    RuleChange(
        who=by, name=name_of(by), area=known, key=key[:100], what=_short(what), before=before, after=after
    ).save()
    if known == RuleChange.Area.HOLIDAY:
        touch()


def name_of(user: Any) -> str:
    """Who it was, in words; nobody is Milepost itself."""
    return (user.get_full_name() or user.get_username())[:120] if user is not None else "Milepost"


def _write(rule: Rule, before: Any, after: Any, by: Any) -> RuleChange:
    if after == original_of(rule):  # without a row, it follows the code again
        Override.objects.filter(key=rule.key).delete()
    else:
        Override.objects.update_or_create(key=rule.key, defaults={"value": after})
    line = RuleChange(
        who=by, name=name_of(by), area=RuleChange.Area.RULE, key=rule.key,
        what=_short(f"{rule.group.title}: {rule.label}"), before=before, after=after,
    )  # fmt: skip
    line.save()
    return line


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WHAT else f"{text[: LONGEST_WHAT - 1]}…"


def _next(edition: Edition) -> None:
    edition.number, edition.token = edition.number + 1, secrets.token_hex(16)
    edition.save(update_fields=["number", "token"])
    token = edition.token
    book.begun(token)
    transaction.on_commit(lambda: book.committed(token))

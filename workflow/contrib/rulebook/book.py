"""The rules as they are now, for the code that obeys them: ``value(key)``, ``value_at(key, moment)``, ``own_days()``.

Each process keeps them in memory and looks at one small row at most every two seconds: a change by another process is
seen within that time, one of this process at once after its commit, and one that is rolled back never. Between two
looks there is no query.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow.contrib.rulebook.kinds import BadValue
from workflow.contrib.rulebook.models import Edition, Override, OwnDay, RuleChange
from workflow.contrib.rulebook.rules import every_rule, rule_of

LOOK_EVERY_S = 2.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The rules at one edition. ``past``: (moment, before, after) of what was changed, oldest first, for rules that
    are ``kept``, as stored JSON."""

    number: int = 0
    token: str = ""
    stored: Mapping[str, Any] = field(default_factory=dict)
    past: Mapping[str, Sequence[tuple[datetime, Any, Any]]] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    ready: dict[str, Any] = field(default_factory=dict)  # values made from this edition, by key

    def value(self, key: str) -> Any:
        """What an officer set, else the original; Raises KeyError when there is no such rule."""
        if key in self.ready:
            return self.ready[key]
        rule = rule_of(key)
        if key not in self.stored:
            return rule.original  # not remembered: it may come from a setting
        found = self.ready[key] = parsed(key, self.stored[key])
        return found

    def value_at(self, key: str, moment: datetime) -> Any:
        """What the rule was at ``moment``. Only for rules that are ``kept``."""
        lines = self.past.get(key, ())
        earlier = [after for at, _before, after in lines if at <= moment]
        later = [before for at, before, _after in lines if at > moment]
        if not earlier and not later:
            return self.value(key)
        stored = earlier[-1] if earlier else later[0]
        return parsed(key, stored)


def parsed(key: str, stored: Any) -> Any:
    """The value of stored JSON; the original, with a warning, when this version of the code cannot use it."""
    rule = rule_of(key)
    try:
        return rule.kind.parse(stored)
    except BadValue as error:
        log.warning("The rule %s keeps its original value, for the stored one is of no use: %s", key, error)
        return rule.original


class Book:
    """What one process knows. ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_look = float("-inf")
        self._known = Snapshot()
        self._uncommitted: set[str] = set()

    def now(self) -> Snapshot:
        """The newest edition this process has to know; one query when the last look was too long ago."""
        moment = self._clock()
        if moment >= self._next_look:
            self._next_look = moment + LOOK_EVERY_S
            try:
                self._look()
            except BaseException:
                self._next_look = moment  # nothing was learnt: whoever is next looks again
                raise
        return self._known

    def forget(self) -> None:
        """Look again when asked next."""
        self._next_look = float("-inf")

    def stand_still(self) -> None:
        """Originals only, and no look until ``forget``: for tests, which count queries."""
        self._known, self._next_look = Snapshot(), float("inf")

    def begun(self, token: str) -> None:
        """This process writes the edition ``token``; only its own transaction can read it now."""
        self._uncommitted.add(token)

    def committed(self, token: str) -> None:
        self._uncommitted.discard(token)
        self.forget()

    def _look(self) -> None:
        newest = Edition.objects.filter(pk=1).values_list("number", "token").first()
        if newest is None:
            return
        number, token = newest
        # An older number is read in a transaction that began before the change. A token that is not committed is read
        # by the transaction that writes it: it may still be rolled back.
        if token == self._known.token or number < self._known.number or token in self._uncommitted:
            return
        self._known = load(number, token)


def load(number: int, token: str) -> Snapshot:
    """Read every rule. Three queries."""
    kept = [key for key, rule in every_rule().items() if rule.kept]
    past: dict[str, list[tuple[datetime, Any, Any]]] = {}
    lines = RuleChange.objects.filter(area=RuleChange.Area.RULE, key__in=kept).order_by("pk")
    for key, at, before, after in lines.values_list("key", "at", "before", "after"):
        past.setdefault(key, []).append((at, before, after))
    days = list(OwnDay.objects.values_list("date", "is_open"))
    return Snapshot(
        number=number,
        token=token,
        stored=dict(Override.objects.filter(key__in=every_rule()).values_list("key", "value")),
        past=past,
        closed=frozenset(day for day, is_open in days if not is_open),
        opened=frozenset(day for day, is_open in days if is_open),
    )


book = Book()


def value(key: str) -> Any:
    """The value of a rule as it is now."""
    return book.now().value(key)


def value_at(key: str, moment: datetime | None) -> Any:
    """The value of a rule that is ``kept`` as it was at ``moment``; None: as it is now."""
    known = book.now()
    return known.value(key) if moment is None else known.value_at(key, moment)


def own_days() -> tuple[frozenset[date], frozenset[date]]:
    """Days on which the office is closed beside the state's holidays, and holidays on which it works."""
    known = book.now()
    return known.closed, known.opened

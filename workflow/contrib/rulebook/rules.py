"""The table of rules: apps register each rule in code, with the value it has until an officer changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.contrib.rulebook.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class Group:
    """One page of rules. ``effect`` says from when on a change holds; ``one_by_one``: a page for each rule."""

    slug: str
    title: str
    intro: str
    effect: str
    one_by_one: bool = False


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What one person would get: an e-mail with subject, text and HTML, or a text message (``sms``)."""

    to: str
    subject: str
    text: str
    html: str
    sms: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One value that officers may change. ``default`` is the original, from the code or a setting.

    ``check(value, others)`` answers a sentence when the value is wrong beside ``others(key)``, else "". ``kept``: what
    was decided keeps the words of its day (``book.value_at``). ``preview(value)``: what people would get.
    """

    key: str
    group: Group
    label: str
    kind: Kind
    default: Any
    section: str = ""
    help_text: str = ""
    source: str = ""
    kept: bool = False
    check: Callable[[Any, Callable[[str], Any]], str] | None = None
    preview: Callable[[Any], Iterable[Preview]] | None = None

    @property
    def original(self) -> Any:
        """The value without any change by an officer."""
        return self.default() if callable(self.default) else self.default

    def words(self, value: Any) -> str:
        return self.kind.words(value)


_rules: dict[str, Rule] = {}


def register(rules: Iterable[Rule]) -> None:
    """Add an app's rules. A key belongs to one rule; registered again, the same rule is taken once."""
    for rule in rules:
        if _rules.setdefault(rule.key, rule) is not rule:
            raise ValueError(f"There are two rules with the key {rule.key}.")


def rule_of(key: str) -> Rule:
    """Raises KeyError."""
    return _rules[key]


def every_rule() -> Mapping[str, Rule]:
    return dict(_rules)


def groups() -> Mapping[str, tuple[Group, tuple[Rule, ...]]]:
    """The pages with their rules, in the order of registration; by slug."""
    found: dict[str, tuple[Group, list[Rule]]] = {}
    for rule in _rules.values():
        found.setdefault(rule.group.slug, (rule.group, []))[1].append(rule)
    return {slug: (group, tuple(rules)) for slug, (group, rules) in found.items()}

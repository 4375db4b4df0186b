"""Lines of the log of changes in words."""

from __future__ import annotations

from typing import Any

from workflow.contrib.rulebook.book import parsed
from workflow.contrib.rulebook.models import RuleChange
from workflow.contrib.rulebook.rules import every_rule

NOTHING = "nothing"


def said_of(line: RuleChange) -> tuple[str, str]:
    """(before, after) in words; of a text only the parts that differ."""
    rule = every_rule().get(line.key) if line.area == RuleChange.Area.RULE else None
    if rule is None:
        return plain(line.before), plain(line.after)
    before, after = parsed(line.key, line.before), parsed(line.key, line.after)
    if isinstance(before, dict) and isinstance(after, dict):
        same = {name for name in before if before[name] == after.get(name)}
        before = {name: "" if name in same else text for name, text in before.items()}
        after = {name: "" if name in same else text for name, text in after.items()}
        # A part that became empty is said, or the line would end in nothing.
        return rule.words(before) or "(empty)", rule.words(after) or "(empty)"
    return rule.words(before), rule.words(after)


def plain(value: Any) -> str:
    """JSON as officers read it."""
    match value:
        case None | "" | [] | {}:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case dict():
            return "\n".join(f"{str(name).capitalize()}: {plain(inner)}" for name, inner in value.items())
        case list():
            return ", ".join(map(plain, value))
        case _:
            return str(value)

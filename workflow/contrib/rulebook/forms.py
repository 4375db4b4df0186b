"""The form of a page of rules: the inputs of each rule, its words beside them, and what a colleague did meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from workflow.contrib.rulebook.book import parsed
from workflow.contrib.rulebook.changing import Conflict, as_seen, conflicts_of, newest_change
from workflow.contrib.rulebook.models import RuleChange
from workflow.contrib.rulebook.rules import Rule, rule_of


@dataclass(kw_only=True)
class Line:
    """One rule on the page. ``theirs``: the sentence about a colleague's change, else empty."""

    rule: Rule
    inputs: Sequence[Any]
    current: str
    original: str
    last: RuleChange | None
    theirs: str = ""

    @property
    def is_changed(self) -> bool:
        return self.current != self.original


@dataclass(kw_only=True)
class Section:
    title: str
    lines: list[Line] = field(default_factory=list)


def input_name(rule: Rule, part: str) -> str:
    """The name of an input: the key, with the part of a text after a colon."""
    return f"{rule.key}:{part}" if part else rule.key


def first_values(rules: Sequence[Rule], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What the inputs show for the stored JSON values."""
    return {
        input_name(rule, part): typed
        for rule in rules
        for part, typed in rule.kind.typed(parsed(rule.key, stored[rule.key])).items()
    }


class RulesForm(forms.Form):
    """``seen``: the newest line of the log when the page was loaded."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: Sequence[Rule], is_open: bool = True, **kwargs: Any) -> None:
        self.rules = rules
        seen = newest_change()
        self.stored = as_seen([rule.key for rule in rules], seen)
        first = {"seen": seen, **first_values(rules, self.stored)}
        kwargs["initial"] = {**first, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        for rule in rules:
            for part, made in rule.kind.fields(rule.label, rule.help_text).items():
                made.disabled = not is_open
                self.fields[input_name(rule, part)] = made

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = dict(self._values(cleaned))
        for key, value in typed.items():
            rule = rule_of(key)
            if rule.check is None:
                continue
            if sentence := rule.check(value, lambda other: typed.get(other, self.current(other))):
                self.add_error(input_name(rule, self._parts(rule)[0]), forms.ValidationError(sentence, code="check"))
        return cleaned

    def current(self, key: str) -> Any:
        """The value of now of a rule that may be on another page."""
        stored = self.stored[key] if key in self.stored else as_seen([key], newest_change())[key]
        return parsed(key, stored)

    def _parts(self, rule: Rule) -> list[str]:
        return list(rule.kind.fields(rule.label, ""))

    def _values(self, cleaned: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """The value of each rule whose inputs are all in order."""
        for rule in self.rules:
            names = {part: input_name(rule, part) for part in self._parts(rule)}
            if all(name in cleaned for name in names.values()):
                yield rule.key, rule.kind.read({part: cleaned[name] for part, name in names.items()})

    def values(self) -> dict[str, Any]:
        """Every rule of the page as typed, by key. After ``is_valid``."""
        return dict(self._values(self.cleaned_data))

    def mine(self) -> dict[str, Any]:
        """Only what differs from what the page showed: a colleague's change of another rule is left alone."""
        shown = as_seen([rule.key for rule in self.rules], self.cleaned_data["seen"])
        return {key: value for key, value in self.values().items() if rule_of(key).kind.store(value) != shown[key]}

    def conflicts(self) -> list[Conflict]:
        """Where a colleague saved something else than what is typed here."""
        mine = self.mine()
        return [one for one in conflicts_of(mine, self.cleaned_data["seen"]) if one.theirs != mine[one.rule.key]]


def sections(form: RulesForm, conflicts: Sequence[Conflict] = ()) -> list[Section]:
    """The page, in the order of the rules. One query beside those of the form."""
    last = last_changes([rule.key for rule in form.rules])
    theirs = {one.rule.key: sentence_of(one) for one in conflicts}
    found: dict[str, Section] = {}
    for rule in form.rules:
        inputs = [form[input_name(rule, part)] for part in rule.kind.fields(rule.label, "")]
        line = Line(
            rule=rule, inputs=inputs, current=rule.words(form.current(rule.key)), original=rule.words(rule.original),
            last=last.get(rule.key), theirs=theirs.get(rule.key, ""),
        )  # fmt: skip
        found.setdefault(rule.section, Section(title=rule.section)).lines.append(line)
    return list(found.values())


def last_changes(keys: Sequence[str]) -> dict[str, RuleChange]:
    """The newest line of the log about each rule."""
    lines = RuleChange.objects.filter(area=RuleChange.Area.RULE, key__in=keys).order_by("pk")
    return {line.key: line for line in lines}


def sentence_of(conflict: Conflict) -> str:
    """What a colleague did meanwhile."""
    said = conflict.rule.words(conflict.theirs)
    return f"{conflict.change.name} changed this meanwhile to: {said}"

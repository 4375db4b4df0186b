"""The words of a message that officers may change: the subject, and plain text before and after the facts.

A person's text is never a template: a name in curly brackets, of a short list, stands for a fact of the case, and all
else is text. In HTML it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.contrib.notifications.delivery import LONGEST_SUBJECT, one_line
from workflow.contrib.rulebook.book import value
from workflow.contrib.rulebook.groups import MESSAGES
from workflow.contrib.rulebook.kinds import Part, Texts
from workflow.contrib.rulebook.rules import Preview, Rule

NAME = re.compile(r"\{([a-z_]+)\}")
LONGEST_WORDS = 2000
# What every message may name, whatever it is about.
COMMON = ("reference", "title", "name", "agency_name", "agency_email", "agency_phone")
KIND = Texts(
    named=False,
    parts=(
        Part(name="subject", label="Subject", most=LONGEST_SUBJECT),
        Part(name="opening", label="Words before the facts", most=LONGEST_WORDS, rows=4, required=False),
        Part(name="closing", label="Words after the facts", most=LONGEST_WORDS, rows=4, required=False),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The words around the facts of one message, still with their placeholders."""

    subject: str
    opening: str = ""
    closing: str = ""

    def filled(self, words: Mapping[str, Any]) -> dict[str, str]:
        """Subject, opening and closing with the facts of a case: what the templates print."""
        return {
            "subject": one_line(fill(self.subject, words)),
            "opening": fill(self.opening, words).strip(),
            "closing": fill(self.closing, words).strip(),
        }


def fill(text: str, words: Mapping[str, Any]) -> str:
    """Every placeholder replaced by its fact, once: what a citizen wrote is never looked at for placeholders."""
    return NAME.sub(lambda found: str(words.get(found[1], "")), text)


def wording_of(key: str) -> Wording:
    """The words of a message as they are now."""
    return Wording(**value(key))


def message_rule(
    *,
    key: str,
    label: str,
    section: str,
    subject: str,
    names: Iterable[str] = (),
    preview: Callable[[Wording], Iterable[Preview]],
) -> Rule:
    """The rule of one message; ``names`` are its placeholders beside the common ones."""
    allowed = (*COMMON, *names)
    said = ", ".join(f"{{{name}}}" for name in allowed)
    return Rule(
        key=key,
        group=MESSAGES,
        label=label,
        kind=KIND,
        default={"subject": subject, "opening": "", "closing": ""},
        section=section,
        help_text=f"You may use: {said}.",
        check=lambda typed, others: fault_of(typed, allowed),
        preview=lambda typed: preview(Wording(**typed)),
    )


def fault_of(typed: Mapping[str, str], allowed: Iterable[str]) -> str:
    """What is wrong with the placeholders in these texts, as a sentence; empty when nothing is."""
    allowed = tuple(allowed)
    said = ", ".join(f"{{{name}}}" for name in allowed)
    for text in typed.values():
        for name in NAME.findall(text):
            if name not in allowed:
                return f"There is no {{{name}}} in this message. You may use: {said}."
        if set(NAME.sub("", text)) & {"{", "}"}:
            return f"Curly brackets stand around names only. You may use: {said}."
    if any(letter in typed["subject"] for letter in "\n\r"):
        return "A subject is one line."
    return ""

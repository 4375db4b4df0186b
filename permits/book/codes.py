"""The words of conditions and refusals in officers' hands: the code is fixed, its label and text may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from permits.rules.codes import Coded, ConditionCode, RefusalCode
from workflow.contrib.rulebook.book import value_at
from workflow.contrib.rulebook.groups import CODES
from workflow.contrib.rulebook.kinds import Part, Texts
from workflow.contrib.rulebook.rules import Rule

LONGEST_LABEL, LONGEST_TEXT = 60, 500
PARTS = Texts(
    parts=(
        Part(name="label", label="In lists", most=LONGEST_LABEL),
        Part(name="text", label="In the letter or permit", most=LONGEST_TEXT, rows=2),
    )
)


@dataclass(frozen=True, kw_only=True)
class Worded:
    """A code with its words at some moment."""

    value: str
    label: str
    text: str


def worded(code: Coded, at: datetime | None = None) -> Worded:
    """A code in the words of the moment ``at``, None: of now."""
    words = value_at(_key(code), at)
    return Worded(value=code.value, label=words["label"], text=words["text"])


def worded_all(codes: type[Coded], chosen: Iterable[str], at: datetime | None = None) -> list[Worded]:
    """Stored codes in words. Raises ValueError when there is no such code."""
    return [worded(codes(code), at) for code in chosen]


def _key(code: Coded) -> str:
    kind = "conditions" if isinstance(code, ConditionCode) else "refusals"
    return f"permits.{kind}.{code.value}"


def _rule(code: Coded, section: str, source: str) -> Rule:
    return Rule(
        key=_key(code), group=CODES, label=code.value, kind=PARTS, default={"label": code.label, "text": code.text},
        section=section, source=source, kept=True,
    )  # fmt: skip


RULES = (
    *(_rule(code, "Conditions of a permit", "docs/rules.md#conditions") for code in ConditionCode),
    *(_rule(code, "Reasons for a refusal or revocation", "docs/rules.md#refusals") for code in RefusalCode),
)

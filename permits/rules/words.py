"""Small values that all rules share."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

type Answers = Mapping[str, Any]
"""The cleaned values of an application; a key that does not apply is missing, None, "" or []."""


class Labelled(StrEnum):
    """A stored word with the label people read: ``PAGE = "page", "One page"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Pairs of stored word and label, in the order of the table."""
        return [(member.value, member.label) for member in cls]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a value: a stable code for machines, a sentence that says what to do for people."""

    code: str
    sentence: str


def decimal_of(value: object) -> Decimal:
    """``value`` as a Decimal; missing counts as 0. Floats go through their text, so 0.1 stays 0.1."""
    if value is None or value == "":
        return Decimal(0)
    return value if isinstance(value, Decimal) else Decimal(str(value))

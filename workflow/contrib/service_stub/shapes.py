"""Checks of parsed JSON, for both ends of a contract: what is asked, what may come back, what is never believed."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

type Check = Callable[[Any], bool]
# Each member of an object: how it is checked, and the words for "must be ...".
type Members = Mapping[str, tuple[Check, str]]

MAX_LIST = 200
MAX_TEXT = 1000


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with a request: ``code`` for machines, ``sentence`` for people."""

    code: str
    sentence: str


class GarbageAnswer(ValueError):
    """An answer that must not be used, above all not as good news: a code, and a sentence with what was wrong."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def refuse_unless(condition: bool, code: str, sentence: str) -> None:
    """Raises GarbageAnswer if the condition does not hold."""
    if not condition:
        raise GarbageAnswer(code, sentence)


def refuse_without(answer: Any, members: Collection[str]) -> None:
    """Raises GarbageAnswer unless the answer is a JSON object with all these members."""
    refuse_unless(isinstance(answer, dict), "wrong_type", "The answer is not a JSON object.")
    missing = [name for name in members if name not in answer]
    refuse_unless(not missing, "missing_part", f"The answer has no {', '.join(missing)}.")


def faults_of(body: Any, members: Members) -> list[Fault]:
    """Everything that is wrong with a request; an empty list if it can be served. Every member is required, so that a
    forgotten one never reads as "nothing there"; unknown members are ignored."""
    if not isinstance(body, dict):
        return [Fault(code="wrong_type", sentence="The body must be a JSON object.")]
    faults = [Fault(code="missing_member", sentence=f'"{name}" is missing.') for name in members if name not in body]
    for name, (check, wanted) in members.items():
        if name in body and not check(body[name]):
            faults.append(Fault(code="wrong_value", sentence=f'"{name}" must be {wanted}.'))
    return faults


def is_int(value: Any) -> bool:
    return type(value) is int  # True is an int to isinstance


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def is_text(value: Any) -> bool:
    """Some text, not empty, not endless."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def is_uuid(value: Any) -> bool:
    """A UUID written the one way: small letters, hyphens."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def is_day(value: Any) -> bool:
    """YYYY-MM-DD."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_list(value: Any, item: Check) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LIST and all(item(one) for one in value)


def one_of(words: Collection[str]) -> Check:
    return lambda value: isinstance(value, str) and value in words


def between(low: int, high: int) -> Check:
    """A whole number within."""
    return lambda value: is_int(value) and low <= value <= high


def within(low: float, high: float) -> Check:
    """Any number within."""
    return lambda value: is_number(value) and low <= value <= high


def or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def object_with(checks: Mapping[str, Check]) -> Check:
    """An object that has all these members, each as checked."""
    return lambda value: (
        isinstance(value, dict) and all(name in value and check(value[name]) for name, check in checks.items())
    )

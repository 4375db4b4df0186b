"""The answers to a category's questions: read as the types of Open311 attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime

from incidents.models.catalogue import Datatype, Question
from workflow.errors import Reason

LONGEST_STRING, LONGEST_TEXT = 200, 2000
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?")


class Wrong(Exception):
    """An answer that cannot be taken: a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def check_answers(questions: Any, answers: Mapping[str, Any]) -> tuple[dict[str, Any], list[Reason]]:
    """The answers cleaned (list types: a key, or a list of keys; numbers and moments as text), and every fault with
    the field ``answers.CODE``. Answers to questions the category does not ask are left out."""
    cleaned: dict[str, Any] = {}
    faults: list[Reason] = []
    for question in questions:
        if not question.variable:
            continue
        given = answers.get(question.code)
        try:
            value = _read(question, given)
        except Wrong as wrong:
            faults.append(Reason(code=wrong.code, sentence=wrong.sentence, field=f"answers.{question.code}"))
            continue
        if value not in ("", []):
            cleaned[question.code] = value
    return cleaned, faults


def stops(question: Question, value: Any) -> str:
    """The sentence of an answer that ends the form, or empty."""
    chosen = value if isinstance(value, list) else [value]
    return next((one["stop"] for one in question.values if one["key"] in chosen and one.get("stop")), "")


def in_words(questions: Any, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(question, answer) as people read them."""
    rows = []
    for question in questions:
        if question.code in answers:
            value = answers[question.code]
            names = {one["key"]: one["name"] for one in question.values}
            chosen = value if isinstance(value, list) else [value]
            rows.append((question.text, ", ".join(str(names.get(one, one)) for one in chosen)))
    return rows


def left_over(questions: Any, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Answers to questions of the category it had before: their codes and keys in words, as far as they go."""
    asked = {question.code for question in questions}
    rows = ((code, value if isinstance(value, list) else [value]) for code, value in answers.items())
    return [
        (code.replace("_", " ").capitalize(), ", ".join(str(one).replace("_", " ") for one in chosen))
        for code, chosen in rows
        if code not in asked
    ]


def _read(question: Question, given: Any) -> Any:
    several = question.datatype == Datatype.MULTI
    given = _plain(given, several)
    if given in ("", []):
        if question.required:
            raise Wrong("answer_missing", f"Answer the question “{question.text}”.")
        return given
    value = _READERS[Datatype(question.datatype)](question, given)
    if stop := stops(question, value):
        raise Wrong("answer_stops", stop)
    return value


def _plain(given: Any, several: bool) -> Any:
    """A text, or a list of texts for several; blanks away."""
    values = given if isinstance(given, list | tuple) else [given]
    texts = [str(one).strip() for one in values if one is not None and not isinstance(one, Mapping)]
    texts = [text for text in dict.fromkeys(texts) if text]
    return texts if several else (texts[0] if texts else "")


def _text(question: Question, given: str) -> str:
    most = LONGEST_TEXT if question.datatype == Datatype.TEXT else LONGEST_STRING
    if len(given) > most:
        raise Wrong("text_too_long", f"“{question.text}”: write at most {most:,} characters.")
    return given


def _number(question: Question, given: str) -> str:
    if not _NUMBER.fullmatch(given.replace(",", "")):
        raise Wrong("answer_not_a_number", f"“{question.text}”: write a number, for example 12 or 2.5.")
    return given.replace(",", "")


def _moment(question: Question, given: str) -> str:
    try:
        moment = parse_datetime(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Wrong(
            "answer_bad_date", f"“{question.text}”: write date and time with its zone, like 2027-02-21T08:30:00-06:00."
        )
    return moment.isoformat()


def _one(question: Question, given: str) -> str:
    if given not in {one["key"] for one in question.values}:
        raise Wrong("answer_not_in_list", f"“{question.text}”: choose one of the list.")
    return given


def _many(question: Question, given: list[str]) -> list[str]:
    for one in given:
        _one(question, one)
    return given


_READERS: Mapping[Datatype, Callable[[Question, Any], Any]] = {
    Datatype.STRING: _text,
    Datatype.TEXT: _text,
    Datatype.NUMBER: _number,
    Datatype.DATETIME: _moment,
    Datatype.SINGLE: _one,
    Datatype.MULTI: _many,
}

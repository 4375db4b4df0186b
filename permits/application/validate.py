"""Checks a whole application, wherever it comes from. Never raises, whatever JSON it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from permits.application.base import complaints, given
from permits.application.sections import SECTIONS
from permits.application.stored import ALL_FIELDS, from_json, to_json
from permits.rules.words import Answers

__all__ = ["FieldError", "Verdict", "from_json", "minimum_notice", "to_json", "validate"]

type EarliestStart = Callable[[Answers], date]

LONGEST_NAME = 80  # characters of an unknown name that an error repeats


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """What is wrong with one answer. ``field`` leads to it (``impacts.0.direction``); empty: the whole application.

    ``section`` is the slug of its page, empty if no page asks for it.
    """

    field: str
    code: str
    sentence: str
    section: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Cleaned ``answers`` of the pages that apply, without those that have an error; and every error at once."""

    answers: dict[str, Any]
    errors: tuple[FieldError, ...]

    @property
    def is_valid(self) -> bool:
        return not self.errors


def validate(data: object, *, partial: bool = False, earliest_start: EarliestStart | None = None) -> Verdict:
    """Checks ``data``, a JSON object as a client sends it or as we stored it.

    ``partial``: a draft; errors at fields that have no answer yet are left out. ``earliest_start``: see
    ``minimum_notice``; without it the notice is not checked. Answers of pages that do not apply are ignored, so that a
    person may change the kind of permit without losing what was typed.
    """
    if not isinstance(data, Mapping):
        sentence = "Send the application as a JSON object."
        return Verdict(answers={}, errors=(FieldError(field="", code="not_an_object", sentence=sentence, section=""),))
    answers: dict[str, Any] = {}
    errors = [_unknown(name) for name in data if name not in ALL_FIELDS]
    for section in SECTIONS:
        if section.applies(answers):
            known = {name: value for name, value in data.items() if name in section.base_fields}
            form = section(data=known, answers=answers)
            errors += [
                FieldError(field=one.path, code=one.code, sentence=one.sentence, section=section.slug)
                for one in complaints(form)
            ]
            answers |= form.cleaned_data
    if earliest_start and (early := minimum_notice(answers, earliest_start)):
        errors.append(early)
    if partial:
        errors = [error for error in errors if error.field not in ALL_FIELDS or given(data.get(error.field))]
    return Verdict(answers=answers, errors=tuple(errors))


def minimum_notice(answers: Answers, earliest_start: EarliestStart) -> FieldError | None:
    """The error of an application that begins before ``earliest_start(answers)`` without a reason.

    ``earliest_start`` knows the class of the application and today; it answers a local day. An emergency needs no
    notice.
    """
    start = answers.get("start_at")
    if start is None or answers.get("is_emergency") or given(answers.get("early_start_reason")):
        return None
    earliest = earliest_start(answers)
    if start.date() >= earliest:
        return None
    sentence = f"We need time to review this: begin on {earliest:%m/%d/%Y} or later, or say why it cannot begin later."
    return FieldError(field="start_at", code="notice_too_short", sentence=sentence, section="time")


def _unknown(name: object) -> FieldError:
    short = str(name)[:LONGEST_NAME]
    sentence = f"“{short}” is not a field of the application. Remove it, or check its spelling in the API description."
    return FieldError(field=short, code="unknown_field", sentence=sentence, section="")

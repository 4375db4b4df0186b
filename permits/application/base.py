"""What every part of the application has in common: conditional rules, and errors with a code and a sentence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from permits.rules.words import Answers
from workflow.contrib.uswds.forms import UswdsForm

type Test = Callable[[Answers], object]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A rule over several answers. ``broken`` says whether it is broken; the error then stands at ``field``.

    ``sentence`` may name answers in braces: ``"The limit is {posted_speed_mph} mph."``
    """

    broken: Test
    field: str
    sentence: str
    code: str
    asks_for: bool = False  # an empty field is what breaks it

    def told(self, answers: Answers) -> str:
        """The sentence with the answers in it."""
        return self.sentence.format_map(answers)


def require(when: Test, field: str, sentence: str, code: str) -> Condition:
    """``field`` may not be empty when ``when(answers)`` is true."""

    def broken(answers: Answers) -> bool:
        return is_empty(answers.get(field)) and bool(when(answers))

    return Condition(broken=broken, field=field, sentence=sentence, code=code, asks_for=True)


def refuse(when: Test, field: str, sentence: str, code: str) -> Condition:
    """The answers are refused at ``field`` when ``when(answers)`` is true."""
    return Condition(broken=when, field=field, sentence=sentence, code=code)


def is_empty(value: object) -> bool:
    """Whether an answer is missing. 0 is an answer; False is none, since a box that is not ticked says nothing."""
    return value is None or value is False or value in ("", [], {})


def given(value: object) -> bool:
    return not is_empty(value)


class ConditionalForm(UswdsForm):
    """A form whose ``conditions`` may look at ``answers`` given elsewhere, too; all broken ones are reported."""

    conditions: ClassVar[tuple[Condition, ...]] = ()

    def __init__(self, *args: Any, answers: Answers | None = None, **kwargs: Any) -> None:
        self.answers: Answers = answers or {}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        # What this form asks counts only as given now: an older answer must not stand in for one that has an error.
        elsewhere = {key: value for key, value in self.answers.items() if key not in self.fields}
        answers = elsewhere | self.cleaned_data
        for condition in self.conditions:
            if condition.field in self.fields and condition.field not in self.errors and condition.broken(answers):
                self.add_error(condition.field, ValidationError(condition.told(answers), code=condition.code))
        return self.cleaned_data


class PathError(ValidationError):
    """An error inside a list: ``path`` leads to it, as in ``0.lanes.2.type``."""

    def __init__(self, message: str, *, code: str, path: str) -> None:
        super().__init__(message, code=code)
        self.path = path


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One error of a form. ``path`` is the field, or inside a list ``impacts.0.lanes.2.type``."""

    path: str
    code: str
    sentence: str


def complaints(form: forms.Form) -> Iterator[Complaint]:
    """Every error of a bound form, in the order of its fields."""
    found = form.errors.as_data()
    for name in sorted(found, key=list(form.fields).index):
        for error in found[name]:
            inner = getattr(error, "path", "")
            path = f"{name}.{inner}" if inner else name
            yield Complaint(path=path, code=str(error.code or "invalid"), sentence=str(error.messages[0]))


def known_part(form: type[forms.Form], data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What of ``data`` the form asks for, and the names it does not know (shortened)."""
    known = {name: value for name, value in data.items() if name in form.base_fields}
    return known, [str(name)[:80] for name in data if name not in form.base_fields]


class Section(ConditionalForm):
    """One page of the application. ``answers`` are the cleaned values of the other sections known so far."""

    slug: ClassVar[str]
    title: ClassVar[str]
    intro: ClassVar[str] = ""

    @classmethod
    def applies(cls, answers: Answers) -> bool:
        """Whether an applicant with these answers is asked this page."""
        return True

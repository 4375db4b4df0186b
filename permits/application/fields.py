"""Fields that read what a person types and what a JSON client sends with the same rules.

Each field says in ``accepts`` which Python types it may be given; anything else is ``wrong_type``, never a guess.
"""

import re
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from permits.application.widgets import Tick

LARGEST_NUMBER = 10**15  # beyond it no answer makes sense, and int and float conversions begin to fail
# Control characters (Django refuses NUL) and halves of surrogate pairs: JSON carries them, no database stores them.
_UNPRINTABLE = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NANP = re.compile(r"1?([2-9]\d{2}[2-9]\d{6})", re.ASCII)
_E164 = re.compile(r"[1-9]\d{7,14}", re.ASCII)
_LOOKS_LIKE_SSN = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}", re.ASCII)
_EIN = re.compile(r"\d{2}-\d{7}", re.ASCII)
_ZIP = re.compile(r"(\d{5})(?:-?(\d{4}))?", re.ASCII)


class Typed(forms.Field):
    """Refuses values of the wrong type before anything tries to read them."""

    accepts: ClassVar[tuple[type, ...]] = (str,)
    wanted: ClassVar[str] = "text"
    ask: ClassVar[str] = "Fill in “{label}”."
    default_error_messages = {"wrong_type": "This must be {wanted}."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if "required" not in (kwargs.get("error_messages") or {}):
            self.error_messages["required"] = self.ask.format(label=self.label)

    def clean(self, value: Any) -> Any:
        if value is not None and not self.may_be(value):
            sentence = str(self.error_messages["wrong_type"]).format(wanted=self.wanted)
            raise ValidationError(sentence, code="wrong_type")
        return super().clean(value)

    def may_be(self, value: Any) -> bool:
        """Whether the value has a type this field reads. To Python true is a number; to a person it is not."""
        return isinstance(value, self.accepts) and (bool in self.accepts or not isinstance(value, bool))


def printable(value: str) -> None:
    """Refuses characters that cannot be shown or stored."""
    if _UNPRINTABLE.search(value):
        raise ValidationError("Remove the characters that cannot be printed.", code="invalid_characters")


class TextField(Typed, forms.CharField):
    """Text. On one line, runs of blanks count as one; ``long=True`` keeps the lines."""

    default_error_messages = {
        "max_length": "Shorten this to %(limit_value)d characters; it has %(show_value)d now.",
        "min_length": "Say a little more: at least %(limit_value)d characters.",
        "null_characters_not_allowed": "Remove the characters that cannot be printed.",
    }
    default_validators = [printable]

    def __init__(self, *, max_length: int, long: bool = False, **kwargs: Any) -> None:
        self.long = long
        if long:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n") if self.long else " ".join(text.split())


class EmailField(Typed, forms.EmailField):
    default_error_messages = {"invalid": "Enter an e-mail address like name@example.com."}
    default_validators = [*forms.EmailField.default_validators, printable]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)


class PhoneField(Typed, forms.CharField):
    """A telephone number, stored as E.164 (``+15155550100``). Without a country code it is read as North American."""

    widget = forms.TelInput(attrs={"autocomplete": "tel"})
    default_error_messages = {
        "invalid": "Enter a phone number with its area code, like 515-555-0100; begin with + for other countries.",
    }

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if not text:
            return ""
        digits = re.sub(r"[\s().\-–]", "", text)
        abroad = digits.startswith("+") and not digits.startswith("+1")
        if abroad and _E164.fullmatch(digits[1:]):
            return digits
        home = _NANP.fullmatch(digits.removeprefix("+"))
        if abroad or not home:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return f"+1{home[1]}"


class ZipField(Typed, forms.CharField):
    """A ZIP code, ``50010`` or ``50010-1234``."""

    widget = forms.TextInput(attrs={"autocomplete": "postal-code"})
    default_error_messages = {"invalid": "Enter the ZIP code with five digits, like 50010, or with nine: 50010-1234."}

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        match = _ZIP.fullmatch(text)
        if text and not match:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return "-".join(part for part in match.groups() if part) if match else ""


class TaxIdField(Typed, forms.CharField):
    """A federal employer identification number, ``42-1234567``. What looks like a social security number is refused."""

    default_error_messages = {
        "invalid": "Enter the employer identification number as two digits, a dash, seven digits: 42-1234567.",
        "looks_like_ssn": "This looks like a social security number. We never keep those: "
        "enter the organization’s employer identification number, like 42-1234567.",
    }

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if not text or _EIN.fullmatch(text):
            return text
        code = "looks_like_ssn" if _LOOKS_LIKE_SSN.fullmatch(text) else "invalid"
        raise ValidationError(self.error_messages[code], code=code)


class ChoiceField(Typed, forms.ChoiceField):
    """One of a few words. ``radio=True`` shows them all; otherwise a list that opens, with an empty first line."""

    ask = "Choose an answer for “{label}”."

    def __init__(self, *, choices: Any, radio: bool = False, **kwargs: Any) -> None:
        if radio:
            kwargs.setdefault("widget", forms.RadioSelect)
        super().__init__(choices=partial(_offered, getattr(choices, "choices", choices), radio), **kwargs)

    def validate(self, value: Any) -> None:
        if value and value not in (words := self.words()):
            offered = ", ".join(list(words)[:20]) + (", …" if len(words) > 20 else "")
            raise ValidationError(f"Choose one of the answers offered: {offered}.", code="invalid_choice")
        super().validate(value)

    def words(self) -> dict[str, str]:
        """Stored word -> label, without the empty line."""
        offered: Any = self.choices
        return {str(value): str(label) for value, label in offered if value != ""}


def _offered(choices: Any, radio: bool) -> list[tuple[str, str]]:
    pairs = list(choices() if callable(choices) else choices)
    return pairs if radio else [("", "- Choose -"), *pairs]


class MultiChoiceField(Typed, forms.MultipleChoiceField):
    """Any of a few words, as a list in the order they are offered, each once."""

    accepts = (list, tuple)
    wanted = "a list of words"
    ask = "Tick at least one box under “{label}”."
    widget = forms.CheckboxSelectMultiple
    default_error_messages = {"invalid_choice": "Tick only boxes that are offered."}

    def __init__(self, *, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices=getattr(choices, "choices", choices), **kwargs)

    def may_be(self, value: Any) -> bool:
        return super().may_be(value) and all(isinstance(word, str) for word in value)

    def clean(self, value: Any) -> list[str]:
        ticked = set(super().clean(value))
        return [word for word in self.words() if word in ticked]

    def words(self) -> dict[str, str]:
        offered: Any = self.choices
        return {str(value): str(label) for value, label in offered}


class TickField(Typed, forms.BooleanField):
    """A box to tick; not ticked is False."""

    accepts = (bool, str)
    wanted = "true or false"
    ask = "Tick the box “{label}” to go on."
    widget = Tick
    _WORDS: ClassVar[dict[str, bool]] = {"on": True, "true": True, "": False, "false": False}

    def may_be(self, value: Any) -> bool:
        return super().may_be(value) and (isinstance(value, bool) or value in self._WORDS)

    def to_python(self, value: Any) -> bool:
        return self._WORDS[value] if isinstance(value, str) else bool(value)


class YesNoField(Typed, forms.ChoiceField):
    """A question that must be answered, yes or no; None until it is."""

    accepts = (bool, str)
    wanted = "true or false"
    ask = "Answer yes or no to “{label}”."
    widget = forms.RadioSelect
    _WORDS: ClassVar[dict[str, bool | None]] = {"yes": True, "no": False, "": None}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("yes", "Yes"), ("no", "No")], **kwargs)

    def may_be(self, value: Any) -> bool:
        return super().may_be(value) and (isinstance(value, bool) or value in self._WORDS)

    def to_python(self, value: Any) -> Any:
        return self._WORDS[value] if isinstance(value, str) else value

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


class _Number(Typed):
    """Numbers as JSON numbers or as typed: ``1,200`` and ``$1,200.50`` are understood."""

    accepts = (int, float, str)
    wanted = "a number"
    default_error_messages = {
        "invalid": "Enter a number in digits.",
        "min_value": "Enter %(limit_value)s or more.",
        "max_value": "Enter %(limit_value)s or less.",
        "max_digits": "This number has too many digits.",
        "max_decimal_places": "Enter at most %(max)s digits after the point.",
        "max_whole_digits": "This number is too large.",
        "step_size": "Enter a multiple of %(limit_value)s.",
        "too_large": "This number is too large.",
    }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        if isinstance(value, str):
            value = value.strip().removeprefix("$").replace(",", "").strip()
        return super().to_python(value)


class IntField(_Number, forms.IntegerField):
    """A whole number with the unit its name says. ``empty_value`` is what an empty field means."""

    widget = forms.NumberInput
    default_error_messages = {"invalid": "Enter a whole number in digits."}

    def __init__(self, *, empty_value: int | None = None, **kwargs: Any) -> None:
        self.empty_value = empty_value
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        number: int | None = super().clean(value)
        return self.empty_value if number is None else number


class DecimalField(_Number, forms.DecimalField):
    """An exact number."""


class MoneyField(DecimalField):
    """US dollars and cents, zero or more."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=0, **kwargs)


class FloatField(_Number, forms.FloatField):
    """A measured number."""

"""Dates and times that people type, read the same way in every language.

Django reads ``03/04/2027`` as April 3 on a Spanish page and as March 4 on an English one. A road permit may not
depend on that, so these fields fix the order: month, day, year; or the ISO order with the year first.
"""

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workflow.contrib.uswds.widgets import TypedDateInput, TypedDateTimeInput, TypedTimeInput

DATE_FORMATS = ("%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y")
TIME_FORMATS = ("%I:%M %p", "%I %p", "%H:%M")
_DATE_SHAPE = re.compile(r"\s*(\d{1,2}[/-]\d{1,2}[/-]\d{4}|\d{4}-\d{1,2}-\d{1,2})\s*", re.ASCII)
_HALF_DAY = re.compile(r"\s*([ap])\.?\s?m\.?\s*$", re.IGNORECASE)


class TypedDateField(forms.DateField):
    """``MM/DD/YYYY`` or ``YYYY-MM-DD``. Codes: ``required``, ``invalid`` (shape), ``no_such_day`` (February 30)."""

    widget = TypedDateInput
    default_error_messages = {
        "invalid": _("Enter the date as month/day/year, for example 11/23/2026."),
        "no_such_day": _("The calendar has no such day. Check the month and the day."),
        "incomplete": _("Enter the date too."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Month/day/year, for example 11/23/2026"))
        super().__init__(input_formats=DATE_FORMATS, **kwargs)

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except ValidationError:
            if isinstance(value, str) and _DATE_SHAPE.fullmatch(value):
                raise ValidationError(self.error_messages["no_such_day"], code="no_such_day") from None
            raise


class TypedTimeField(forms.TimeField):
    """``7:30 AM``, ``7 pm``, ``7:30 p.m.`` or ``19:30``. Codes: ``required``, ``invalid``."""

    widget = TypedTimeInput
    default_error_messages = {
        "invalid": _("Enter the time with AM or PM, for example 7:30 AM."),
        "incomplete": _("Enter the time too."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("For example 7:30 AM"))
        super().__init__(input_formats=TIME_FORMATS, **kwargs)

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, str):
            value = _HALF_DAY.sub(lambda half: f" {half[1]}m", value)
        return super().to_python(value)


class TypedDateTimeField(forms.MultiValueField):
    """A date and a time, read in the current time zone; answers an aware datetime or None.

    Codes: those of its parts, and ``no_such_time`` or ``time_happens_twice`` for the nights when the clocks change.
    """

    widget = TypedDateTimeInput
    default_error_messages = {
        "no_such_time": _("The clocks jump over that time on this day. Enter a time one hour later."),
        "time_happens_twice": _("The clocks go back on this day, so that time happens twice. Enter another hour."),
    }

    def __init__(self, **kwargs: Any) -> None:
        # Both parts stay required: a date without its time is a mistake even where the whole may be left out.
        super().__init__((TypedDateField(), TypedTimeField()), require_all_fields=False, **kwargs)

    def compress(self, data_list: Any) -> datetime | None:
        if not data_list:
            return None
        moment = datetime.combine(*data_list)  # noqa: DTZ — made aware in the next line
        try:
            aware: datetime = from_current_timezone(moment)
        except ValidationError as refused:
            code = "no_such_time" if _is_skipped(moment) else "time_happens_twice"
            raise ValidationError(self.error_messages[code], code=code) from refused
        return aware


def _is_skipped(moment: datetime) -> bool:
    """True in spring's missing hour: there, and only there, the offset before the change is the smaller one."""
    local = moment.replace(tzinfo=timezone.get_current_timezone())
    before, after = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    return before is not None and after is not None and before < after

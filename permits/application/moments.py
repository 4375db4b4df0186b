"""Dates and times in the state's time zone (``settings.TIME_ZONE``), typed by people or sent as ISO 8601."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError

from permits.application.fields import Typed
from permits.application.widgets import MomentInput
from workflow.contrib.uswds import fields as uswds

FIRST_YEAR, LAST_YEAR = 2000, 2100  # outside it is a slip of the hand, and arithmetic with zones may overflow

_NO_SUCH_TIME = "The clocks jump over that time on this day. Enter a time one hour later."
_YEAR = f"Check the year: it must be from {FIRST_YEAR} to {LAST_YEAR}."


def state_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


class TypedDateField(Typed, uswds.TypedDateField):
    """A day, ``MM/DD/YYYY`` or ISO."""

    accepts = (str, date)
    wanted = "a date like 2026-11-23"

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value.strip() if isinstance(value, str) else value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_YEAR, code="year_out_of_range")
        return day


class TypedTimeField(Typed, uswds.TypedTimeField):
    """A time of day: ``7:30 AM``, ``19:30`` or ISO with seconds."""

    accepts = (str, time)
    wanted = "a time like 07:30"

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, str) and value.count(":") == 2:
            try:
                return time.fromisoformat(value.strip()).replace(tzinfo=None)
            except ValueError:
                raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        return super().to_python(value)


class LocalDateTimeField(Typed):
    """A moment, aware and in the state's time zone.

    Takes the two inputs of its widget, or ISO text; without an offset it is local time. Codes: ``date_missing``,
    ``time_missing``, ``invalid``, ``nonexistent_time``, ``year_out_of_range`` and those of the two typed fields.
    A time that the clocks show twice is the first of the two; with ``fold=1`` the second, so that a window which
    ends then covers both.
    """

    accepts = (str, list, datetime)
    wanted = "a date and time like 2026-11-23T07:30"
    widget = MomentInput
    default_error_messages = {
        "invalid": "Enter the date and the time, for example 11/23/2026 and 7:30 AM.",
        "date_missing": "Enter the date too.",
        "time_missing": "Enter the time too, for example 7:30 AM.",
    }

    def __init__(self, *, fold: int = 0, **kwargs: Any) -> None:
        self.fold = fold
        self.day, self.hour = TypedDateField(label="Date"), TypedTimeField(label="Time")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, list):
            value = self._typed(value)
        elif isinstance(value, str):
            value = self._iso(value.strip())
        return self._local(value) if value else None

    def _typed(self, parts: list[Any]) -> datetime | None:
        if len(parts) != 2 or not all(isinstance(part, str | None) for part in parts):
            raise self._error("invalid")
        day, hour = ((part or "").strip() for part in parts)
        if not day and not hour:
            return None
        if not day or not hour:
            raise self._error("time_missing" if day else "date_missing")
        return datetime.combine(self.day.clean(day), self.hour.clean(hour))

    def _iso(self, text: str) -> datetime | None:
        if not text:
            return None
        if len(text) <= len("2026-11-23"):
            raise self._error("time_missing")
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise self._error("invalid") from None

    def _local(self, moment: datetime) -> datetime:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValidationError(_YEAR, code="year_out_of_range")
        zone = state_zone()
        if moment.tzinfo is not None:
            return moment.astimezone(zone)
        local = moment.replace(tzinfo=zone, fold=self.fold)
        # A time in the gap comes back from UTC as another one.
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            raise ValidationError(_NO_SUCH_TIME, code="nonexistent_time")
        return local

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)

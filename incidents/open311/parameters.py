"""Parameters of a query or a form: strict UTF-8, several values by comma or by repetition, empty is absent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from django.conf import settings

from incidents.open311.errors import Fault, Refusal, bad, refusal, unless_fine

SPAN = timedelta(days=90)  # the longest window
LONGEST_LIST = 1000
# Fractions are what JavaScript writes; a plus sign that was not escaped in the address arrives as a blank.
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+ -]\d\d:\d\d)", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?", re.ASCII)
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def read_pairs(raw: bytes) -> list[tuple[str, str]]:
    """What a query string or an urlencoded body says. Raises Refusal."""
    if raw.count(b"&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        raise refusal(400, "too_many_fields", f"Send at most {most:,} parameters.")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise unreadable() from None
    check_texts(text for pair in pairs for text in pair)
    return pairs


def check_texts(texts: Iterable[str]) -> None:
    """Raises Refusal for what no database can hold."""
    if any(_UNREADABLE.search(text) for text in texts):
        raise unreadable()


def unreadable() -> Refusal:
    return refusal(400, "unreadable_text", "The request has characters that cannot be read. Send UTF-8 without NUL.")


class Parameters:
    """What was sent, and the faults found while it is read; ``finish`` raises them all at once."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self.faults: list[Fault] = []
        self._values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            if value.strip():
                self._values.setdefault(name, []).append(value.strip())

    def text(self, name: str) -> str:
        return self._values.get(name, [""])[-1]

    def all(self, name: str) -> list[str]:
        """Every value in its order, whatever is in it."""
        return self._values.get(name, [])

    def several(self, name: str) -> list[str]:
        """The values of a list, each once."""
        parts = (part.strip() for value in self.all(name) for part in value.split(","))
        found = list(dict.fromkeys(part for part in parts if part))
        if len(found) > LONGEST_LIST:
            self.fault("too_many_values", f"Name at most {LONGEST_LIST:,} values in {name}.", name)
        return found

    def choice(self, name: str, offered: Sequence[str]) -> list[str]:
        """Some of ``offered``, in small letters."""
        found = [word.lower() for word in self.several(name)]
        if any(word not in offered for word in found):
            self.fault("unknown_value", f"{name} can be {' or '.join(offered)}.", name)
        return found

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1", "yes")

    def moment(self, name: str) -> datetime | None:
        """A moment with its zone, in UTC."""
        text = self.text(name)
        if not text:
            return None
        try:
            if found := _MOMENT.fullmatch(text):
                return datetime.fromisoformat(f"{found[1]}{found[2].replace(' ', '+')}".upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self._bad_date(name)
        return None

    def _bad_date(self, name: str) -> None:
        self.fault("bad_date", f"Write {name} with its time zone, like 2027-02-21T08:30:00-06:00 or …Z.", name)

    def number(self, name: str, *, least: float, most: float) -> float | None:
        text = self.text(name)
        if not text:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else None
        if value is None:
            self.fault("not_a_number", f"{name} must be a number, for example 41.5.", name)
        elif not least <= value <= most:
            self.fault("out_of_range", f"{name} lies between {least:g} and {most:g}.", name)
        else:
            return value
        return None

    def whole(self, name: str, *, most: int, otherwise: int) -> int:
        text = self.text(name)
        if not text:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
            self.fault("out_of_range", f"{name} is a whole number from 1 to {most:,}.", name)
            return otherwise
        return int(text)

    def window(self, since: str, until: str, *, now: datetime) -> tuple[datetime, datetime | None]:
        """The moments of two parameters, at most 90 days apart: with one of them the 90 days after or before it, with
        none the last 90. The first is included, the last is not; None where it is now."""
        start, end = self.moment(since), self.moment(until)
        if start and end:
            if not timedelta() <= end - start <= SPAN:
                self.fault("bad_window", f"{until} comes after {since}, at most 90 days later.", until)
            return start, end
        try:
            if start:
                return start, (start + SPAN if start + SPAN < now else None)
            return (end or now) - SPAN, end
        except OverflowError:
            self._bad_date(since if start else until)
            return now - SPAN, None

    def fault(self, reason: str, sentence: str, field: str) -> None:
        self.faults.append(bad(reason, sentence, field))

    def finish(self) -> None:
        unless_fine(self.faults)

"""Forgetting persons: what every kind of case shares. The history stays whole, for it never held them.

Each kind of case registers what it takes out and when (``registry.register_forgetting``); ``manage.py forget`` runs
all of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from workflow.registry import registry

REMOVED = "[removed]"
SHORTEST_NAME = 3  # letters: shorter parts of a name are words of every sentence
LOCAL_DIGITS = 10  # of a North American number


def forget(*, dry_run: bool = False) -> Iterator[str]:
    """Take out every person whose time is over; one line a piece. ``dry_run`` changes nothing."""
    yield from _old_sessions(dry_run)
    for forgetting in registry.forgettings:
        yield from forgetting(dry_run)


def _old_sessions(dry_run: bool) -> Iterator[str]:
    """What browsers left behind: a session may name a draft."""
    over = Session.objects.filter(expire_date__lt=timezone.now())
    count = over.count() if dry_run else over.delete()[0]
    if count:
        yield f"{count} sessions that ended"


def forget_log_of(rows: Iterable[models.Model], *, called: str) -> None:
    """The admin's log keeps what a row was called when somebody edited it: a person's name, too."""
    keys = defaultdict[ContentType, list[str]](list)
    for row in rows:
        keys[ContentType.objects.get_for_model(row)].append(str(row.pk))
    for kind, ids in keys.items():
        LogEntry.objects.filter(content_type=kind, object_id__in=ids).update(object_repr=called, change_message="")


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every text in it changed; keys stay."""
    match value:
        case str():
            return change(value)
        case list():
            return [each_text(one, change) for one in value]
        case Mapping():
            return {key: each_text(one, change) for key, one in value.items()}
    return value


class Scrubber:
    """Takes persons out of texts that others wrote: their names, e-mail addresses and phone numbers."""

    def __init__(self, *, names: Iterable[str] = (), emails: Iterable[str] = (), phones: Iterable[str] = ()) -> None:
        self.names, self.emails, self.phones = (
            sorted({value.strip() for value in values} - {""}, key=len, reverse=True)
            for values in (names, emails, phones)
        )

    def text(self, text: str) -> str:
        """``text`` with “[removed]” for each of them; the same again changes nothing."""
        return self._pattern.sub(REMOVED, text) if self._pattern is not None and text else text

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        found = [re.escape(email) for email in self.emails]
        found += [pattern for phone in self.phones if (pattern := _any_spelling(phone))]
        found += [_word(r"\s+".join(map(re.escape, name.split()))) for name in self.names]
        parts = {part for name in self.names for part in re.findall(r"[^\W\d_]+", name) if len(part) >= SHORTEST_NAME}
        found += [_word(re.escape(part)) for part in sorted(parts)]
        return re.compile("|".join(found), re.IGNORECASE) if found else None


def _word(pattern: str) -> str:
    return rf"(?<!\w){pattern}(?!\w)"


def _any_spelling(phone: str) -> str:
    """The digits of a number with anything between them, with or without its country code."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) < SHORTEST_NAME:
        return ""
    local, code = digits[-LOCAL_DIGITS:], digits[:-LOCAL_DIGITS]
    gap = r"[\s().\-–/]{0,3}"
    before = rf"(?:\+?{code or 1}{gap})?"
    return rf"(?<!\d)[+(]?{before}\(?{gap.join(local)}(?!\d)"

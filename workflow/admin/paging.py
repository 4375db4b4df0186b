"""Pages of a queue by position, not by number: "the 50 after this one". Nothing is counted, and a page costs the same
wherever in the list it is. A position is (deadline, key) of a row, so rows that come and go shift nothing.

The order is: nearest deadline first, then what has none, each by key. The two parts are two ranges of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core import signing
from django.db.models import Q, QuerySet
from django.db.models.expressions import Col, OrderBy
from django.http import HttpRequest

AFTER, BEFORE = "after", "before"  # parameters of an address, each with a position
LOST = (
    "The address of this page is damaged or out of date, so you see the first page of the list. "
    "Go on from here with the links below the list."
)
_SIGNER = signing.Signer(salt="workflow.admin.paging", sep="~")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Position:
    """Where a row stands in the list; ``due_at`` None: behind all that have a deadline."""

    due_at: datetime | None
    key: int

    def __str__(self) -> str:
        """As addresses carry it, signed: it is made by a page and by nobody else."""
        due = None if self.due_at is None else (self.due_at - _EPOCH) // _MICROSECOND
        return _SIGNER.sign_object([due, self.key])

    @classmethod
    def read(cls, text: str) -> Position | None:
        """None for what no page of ours has written."""
        try:
            due, key = _SIGNER.unsign_object(text)
        except (signing.BadSignature, ValueError):
            return None
        return cls(None if due is None else _EPOCH + timedelta(microseconds=due), key)


def rows_from(
    queryset: QuerySet[Any], key: str, most: int, position: Position | None = None, *, backwards: bool = False
) -> list[Any]:
    """At most ``most`` rows behind ``position`` (before it with ``backwards``), nearest first. One or two queries."""
    parts = [_with_deadline, _without]
    found: list[Any] = []
    for part in reversed(parts) if backwards else parts:
        if len(found) < most and (rows := part(queryset, key, position, backwards)) is not None:
            found += rows[: most - len(found)]
    return found


def _by(key: str, queryset: QuerySet[Any], backwards: bool) -> OrderBy:
    """By the key in the table that holds it: the child's copy of it would hide it from the index on the deadline."""
    field = queryset.model._meta.get_field(key) if key != "pk" else queryset.model._meta.pk
    return OrderBy(Col(field.model._meta.db_table, field), descending=backwards)


def _with_deadline(
    queryset: QuerySet[Any], key: str, position: Position | None, backwards: bool
) -> QuerySet[Any] | None:
    """The range with a deadline; None when the position leaves nothing of it."""
    rows = queryset.filter(due_at__isnull=False).order_by(
        "-due_at" if backwards else "due_at", _by(key, queryset, backwards)
    )
    if position is None:
        return rows
    if position.due_at is None:
        return rows if backwards else None
    beyond, same = ("lt", "lte") if backwards else ("gt", "gte")
    behind = Q(**{f"due_at__{beyond}": position.due_at}) | Q(**{f"{key}__{beyond}": position.key})
    # The first condition is what an index can begin at; the second leaves out what stands at the same moment.
    return rows.filter(**{f"due_at__{same}": position.due_at}).filter(behind)


def _without(queryset: QuerySet[Any], key: str, position: Position | None, backwards: bool) -> QuerySet[Any] | None:
    """The range without a deadline; None when the position leaves nothing of it."""
    rows = queryset.filter(due_at__isnull=True).order_by(_by(key, queryset, backwards))
    if position is None:
        return rows
    if position.due_at is not None:
        return None if backwards else rows
    return rows.filter(**{f"{key}__{'lt' if backwards else 'gt'}": position.key})


@dataclass(frozen=True)
class Page:
    """Rows of one page, and whether others stand before and behind them."""

    rows: Sequence[Any]
    has_before: bool
    has_after: bool


def page_of(
    queryset: QuerySet[Any], key: str, size: int, *, after: Position | None = None, before: Position | None = None
) -> Page:
    """At most four queries, none of which counts."""
    if before is not None:
        found = rows_from(queryset, key, size + 1, before, backwards=True)
        if len(found) > size:
            rows = found[:size][::-1]
            return Page(rows, has_before=True, has_after=bool(_beside(queryset, key, rows[-1], backwards=False)))
        after = None  # the beginning of the list, whole
    rows = rows_from(queryset, key, size + 1, after)
    has_before = after is not None and bool(
        _beside(queryset, key, rows[0], backwards=True) if rows else rows_from(queryset, key, 1)
    )
    return Page(rows[:size], has_before=has_before, has_after=len(rows) > size)


def _beside(queryset: QuerySet[Any], key: str, row: Any, *, backwards: bool) -> list[Any]:
    return rows_from(queryset, key, 1, position_of(row, key), backwards=backwards)


def position_of(row: Any, key: str) -> Position:
    return Position(row.due_at, getattr(row, key))


class Paged(ChangeList):
    """The admin's list with pages by position. Its ModelAdmin may name the key of its rows: ``page_key``."""

    page_key: ClassVar[str] = "pk"
    lost: str = ""  # what is said when the address of the page was no good

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        for name in (AFTER, BEFORE):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        key = getattr(self.model_admin, "page_key", self.page_key)
        asked = {name: text for name in (AFTER, BEFORE) if (text := request.GET.get(name))}
        read = {name: Position.read(text) for name, text in asked.items()}
        if len(read) > 1 or None in read.values():
            self.lost, read = LOST, {}
        page = page_of(self.queryset, key, self.list_per_page, after=read.get(AFTER), before=read.get(BEFORE))
        self.page = page
        self.result_list = self.shown(page.rows)
        self.result_count = len(self.result_list)  # of this page: nobody counts the rest
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(self.result_list)
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)
        self.links = self._links(page, read.get(AFTER), key)

    def shown(self, rows: Sequence[Any]) -> Any:
        """The rows as the page shows them."""
        return list(rows)

    def _links(self, page: Page, after: Position | None, key: str) -> list[tuple[str, str]]:
        """(words, address)."""
        found: list[tuple[str, str]] = []
        here: Callable[[Any], str] = lambda row: str(position_of(row, key))  # noqa: E731 - a short name for two lines
        if page.has_before:
            found.append(("First", self.get_query_string()))
            start = here(page.rows[0]) if page.rows else str(after)
            found.append((f"Previous {self.list_per_page}", self.get_query_string({BEFORE: start})))
        if page.has_after:
            found.append((f"Next {self.list_per_page}", self.get_query_string({AFTER: here(page.rows[-1])})))
        return found

    @property
    def taken_away(self) -> list[tuple[str, str]]:
        """What can be taken away when nothing fits: (words, address without it)."""
        found = []
        if self.query:
            found.append((f"search: “{self.query[:60]}”", self.get_query_string({SEARCH_VAR: None})))
        for spec in self.filter_specs:
            if isinstance(spec, SimpleListFilter) and (value := spec.value()):
                names = {str(key): str(words) for key, words in spec.lookup_choices}
                words = f"{spec.title}: {names.get(str(value), value)}"
                found.append((words, self.get_query_string({str(spec.parameter_name): None})))
        return found

    @property
    def where(self) -> str:
        """Where in the list one is, in words."""
        page, shown = self.page, len(self.page.rows)
        if not shown:
            return "Nothing follows here any more: the cases moved meanwhile." if page.has_before else ""
        match (page.has_before, page.has_after):
            case (False, True):
                return f"The first {shown} shown; more follow."
            case (True, True):
                return f"{shown} shown; more before and after them."
            case (True, False):
                return f"The last {shown} shown." if shown > 1 else "The last one."
        return f"{shown} shown: that is all." if shown > 1 else "1 shown: that is all."

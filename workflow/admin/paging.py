"""Pages of a queue by position, not by number: "the 50 after this one". Nothing is counted, and a page costs the same
wherever in the list it is. A position is (moment, key) of a row, so rows that come and go shift nothing.

The order is: nearest deadline first, then what has none, each by key. The two parts are two ranges of an index.
A list of ended cases has another: what ended last comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core import signing
from django.db.models import F, Q, QuerySet
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
    """Where a row stands in the list: by its deadline (None: behind all that have one), or by when it ended."""

    moment: datetime | None
    key: int

    def __str__(self) -> str:
        """As addresses carry it, signed: it is made by a page and by nobody else."""
        moment = None if self.moment is None else (self.moment - _EPOCH) // _MICROSECOND
        return _SIGNER.sign_object([moment, self.key])

    @classmethod
    def read(cls, text: str) -> Position | None:
        """None for what no page of ours has written."""
        try:
            moment, key = _SIGNER.unsign_object(text)
        except (signing.BadSignature, ValueError):
            return None
        return cls(None if moment is None else _EPOCH + timedelta(microseconds=moment), key)


type Part = Callable[[QuerySet[Any], str, Position | None, bool], QuerySet[Any] | None]


@dataclass(frozen=True)
class Order:
    """The order of a list: the ranges it is read in, one after the other, and the moment a row stands at."""

    parts: Sequence[Part]
    moment: str

    def position_of(self, row: Any, key: str) -> Position:
        return Position(getattr(row, self.moment), getattr(row, key))


def rows_from(
    queryset: QuerySet[Any],
    key: str,
    most: int,
    position: Position | None = None,
    *,
    order: Order,
    backwards: bool = False,
) -> list[Any]:
    """At most ``most`` rows behind ``position`` (before it with ``backwards``), nearest first. One or two queries."""
    found: list[Any] = []
    for part in reversed(order.parts) if backwards else order.parts:
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
    if position.moment is None:
        return rows if backwards else None
    beyond, same = ("lt", "lte") if backwards else ("gt", "gte")
    behind = Q(**{f"due_at__{beyond}": position.moment}) | Q(**{f"{key}__{beyond}": position.key})
    # The first condition is what an index can begin at; the second leaves out what stands at the same moment.
    return rows.filter(**{f"due_at__{same}": position.moment}).filter(behind)


def _without(queryset: QuerySet[Any], key: str, position: Position | None, backwards: bool) -> QuerySet[Any] | None:
    """The range without a deadline; None when the position leaves nothing of it."""
    rows = queryset.filter(due_at__isnull=True).order_by(_by(key, queryset, backwards))
    if position is None:
        return rows
    if position.moment is not None:
        return None if backwards else rows
    return rows.filter(**{f"{key}__{'lt' if backwards else 'gt'}": position.key})


def _ended(queryset: QuerySet[Any], key: str, position: Position | None, backwards: bool) -> QuerySet[Any]:
    """What ended, the last first."""
    rows = queryset.filter(closed_at__isnull=False).order_by(
        "closed_at" if backwards else "-closed_at", _by(key, queryset, not backwards)
    )
    if position is None or position.moment is None:
        return rows
    beyond, same = ("gt", "gte") if backwards else ("lt", "lte")
    behind = Q(**{f"closed_at__{beyond}": position.moment}) | Q(**{f"{key}__{beyond}": position.key})
    return rows.filter(**{f"closed_at__{same}": position.moment}).filter(behind)


def _few(queryset: QuerySet[Any], key: str, position: Position | None, backwards: bool) -> QuerySet[Any]:
    """Both ranges at once, of a set that is small anyway: what a search found."""
    due = F("due_at").desc(nulls_first=True) if backwards else F("due_at").asc(nulls_last=True)
    rows = queryset.order_by(due, _by(key, queryset, backwards))
    if position is None:
        return rows
    at, same = position.moment, Q(**{f"{key}__{'lt' if backwards else 'gt'}": position.key})
    if at is None:
        last = Q(due_at__isnull=True) & same
        return rows.filter(Q(due_at__isnull=False) | last if backwards else last)
    near = Q(due_at=at) & same
    return rows.filter(near | Q(due_at__lt=at) if backwards else near | Q(due_at__gt=at) | Q(due_at__isnull=True))


FOUND = Order((_few,), "due_at")
BY_DEADLINE = Order((_with_deadline, _without), "due_at")
ENDED_LAST_FIRST = Order((_ended,), "closed_at")


@dataclass(frozen=True)
class Page:
    """Rows of one page, and whether others stand before and behind them."""

    rows: Sequence[Any]
    has_before: bool
    has_after: bool


def page_of(
    queryset: QuerySet[Any],
    key: str,
    size: int,
    *,
    order: Order = BY_DEADLINE,
    after: Position | None = None,
    before: Position | None = None,
) -> Page:
    """At most four queries, none of which counts."""
    if before is not None:
        found = rows_from(queryset, key, size + 1, before, order=order, backwards=True)
        if len(found) > size:
            rows = found[:size][::-1]
            return Page(rows, has_before=True, has_after=bool(_beside(queryset, key, rows[-1], order=order)))
        after = None  # the beginning of the list, whole
    rows = rows_from(queryset, key, size + 1, after, order=order)
    has_before = after is not None and bool(
        _beside(queryset, key, rows[0], order=order, backwards=True)
        if rows
        else rows_from(queryset, key, 1, order=order)
    )
    return Page(rows[:size], has_before=has_before, has_after=len(rows) > size)


def _beside(queryset: QuerySet[Any], key: str, row: Any, *, order: Order, backwards: bool = False) -> list[Any]:
    return rows_from(queryset, key, 1, order.position_of(row, key), order=order, backwards=backwards)


def _order_of(*, ended: bool, searched: bool) -> Order:
    if ended:
        return ENDED_LAST_FIRST
    return FOUND if searched else BY_DEADLINE


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
        self.order = _order_of(ended=request.GET.get("queue") == "closed", searched=bool(self.query.strip()))
        page = page_of(
            self.queryset, key, self.list_per_page, order=self.order, after=read.get(AFTER), before=read.get(BEFORE)
        )
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
        here: Callable[[Any], str] = lambda row: str(self.order.position_of(row, key))  # noqa: E731 - a short name for two lines
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

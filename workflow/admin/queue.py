"""The queue of any kind of case: filters, bounded paging, bulk work. No query here grows with the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest
from django.utils import timezone

from workflow.actors import Actor, officer
from workflow.errors import WorkflowError
from workflow.models import Team
from workflow.models.case import ALPHABET
from workflow.registry import registry

MOST_LISTED = 1000  # cases an officer can page through; whoever looks for more narrows the list
MOST_AT_ONCE = 100  # cases of one bulk action
MOST_FOUND = 500  # cases of one search
ENDING = 6  # characters that end a reference
YEARS_BACK = 12  # of references found by their ending
CITIZEN = "You"  # whom a step awaits, in the citizen's words


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than ``MOST_LISTED``, so that a page costs the same at any size of the table."""

    @cached_property
    def _seen(self) -> int:
        queryset: Any = self.object_list
        return int(queryset.order_by().values("pk")[: MOST_LISTED + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._seen, MOST_LISTED)

    @property
    def has_more(self) -> bool:
        return self._seen > MOST_LISTED


class QueueFilter(admin.SimpleListFilter):
    """Whose work: without a choice every open case; closed ones only when asked for."""

    title = "queue"
    parameter_name = "queue"
    ALL: str = "Open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("mine", "Mine"),
            ("team", "My teams'"),
            ("unassigned", "Unassigned"),
            ("today", "Due today"),
            ("overdue", "Overdue"),
            ("escalated", "Escalated"),
            ("waiting", waiting_for(model_admin.citizen)),
            ("parked", "Parked"),
            ("closed", "Closed"),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        return iter([{**first, "display": self.ALL}, *others])

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {
            "mine": lambda: queryset.mine(request.user),
            "team": lambda: queryset.open().filter(team__in=officer(request.user).teams),
            "unassigned": queryset.unassigned,
            "today": lambda: queryset.open().filter(due_at__gte=timezone.now(), due_at__lt=tonight(), paused_at=None),
            "overdue": queryset.overdue,
            "escalated": queryset.escalated,
            "waiting": lambda: queryset.open().filter(waits_for_citizen(one.name for one in registry)),
            "parked": queryset.parked,
            "closed": lambda: queryset.exclude(closed_at=None),
        }.get(self.value() or "")
        if chosen is not None:
            return chosen()
        # Who asks for a state or for a reference wants it even when the case is closed.
        return queryset if {"state", "q"} & request.GET.keys() and request.GET.get("q") != "" else queryset.open()


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        model = model_admin.model
        return [(word, model_admin.state_name(word)) for word in model.State.values if word != model.initial_state]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ClockFilter(admin.SimpleListFilter):
    title = "clock"
    parameter_name = "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("over", "Overdue"),
            ("today", "Due today"),
            ("week", "Due within 7 days"),
            ("paused", "Paused"),
            ("none", "No deadline"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        conditions = {
            "over": Q(due_at__lt=now, paused_at=None),
            "today": Q(due_at__gte=now, due_at__lt=tonight(), paused_at=None),
            "week": Q(due_at__gte=now, due_at__lt=tonight() + timedelta(days=6), paused_at=None),
            "paused": Q(paused_at__isnull=False),
            "none": Q(due_at=None),
        }
        chosen = conditions.get(self.value() or "")
        return queryset.filter(chosen) if chosen is not None else queryset


class TeamFilter(admin.SimpleListFilter):
    title = "team"
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Team.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(team=self.value()) if self.value() in known else queryset


def tonight() -> datetime:
    """When today ends here."""
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time()))


def waiting_for(citizen: str) -> str:
    """ "The reporter" -> "Waiting for the reporter"."""
    return f"Waiting for {citizen[:1].lower()}{citizen[1:]}"


def waits_for_citizen(workflows: Iterable[str]) -> Q:
    """Cases of these workflows that stand where the next word is the applicant's or the reporter's."""
    chosen = frozenset(workflows)
    states = {
        (one.name, state)
        for one in registry
        if one.name in chosen
        for state, step in one.by_state.items()
        if step.awaits == CITIZEN
    }
    named = sorted({name for name, _state in states})
    found = Q(pk__in=[])
    for name in named:
        found |= Q(workflow=name, state__in=sorted(state for known, state in states if known == name))
    return found


def references_ending(text: str) -> list[str]:
    """The references that may end with these six characters ("7k3qxm"), of any kind and of the last years: few enough
    to ask the index for each. Empty for what is no such ending."""
    ending = text.upper()
    if len(ending) != ENDING or not set(ending) <= set(ALPHABET):
        return []
    year = timezone.localdate().year
    kinds = sorted({one.prefix for one in registry})
    return [f"{kind}-{(year - back) % 100:02d}-{ending}" for kind in kinds for back in range(-1, YEARS_BACK)]


def begins_with(queryset: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
    """Rows whose ``name`` begins with ``text``, in any case: as a range, which an index on UPPER(name) can answer."""
    low = text.upper()
    if not low:
        return queryset.none()
    high = low[:-1] + chr(min(ord(low[-1]) + 1, 0x10FFFF))
    found: QuerySet[Any] = queryset.annotate(_begins=Upper(name)).filter(_begins__gte=low, _begins__lt=high)
    return found


def by_deadline() -> list[Any]:
    """Nearest deadline first; without one last."""
    return [F("due_at").asc(nulls_last=True), "pk"]


def each(request: HttpRequest, queryset: QuerySet[Any], do: Callable[[Any, Actor], Any], done: str) -> None:
    """Do the same to every chosen case, each in a transaction of its own, and say of each what came of it."""
    actor = officer(request.user)
    chosen = list(queryset[: MOST_AT_ONCE + 1])
    for case in chosen[:MOST_AT_ONCE]:
        try:
            do(case, actor)
        except WorkflowError as error:
            messages.error(request, f"{case.reference}: {error.sentence}")
        else:
            messages.success(request, f"{case.reference}: {done}.")
    if len(chosen) > MOST_AT_ONCE:
        messages.warning(request, f"At most {MOST_AT_ONCE} at once: the others are as they were.")

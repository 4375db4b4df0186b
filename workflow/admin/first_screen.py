"""What the first screen shows: counts that lead to the queues, by kind and in all, and the charts with their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from workflow.actors import Actor, officer
from workflow.admin import absences, drawing, overview
from workflow.admin.all_work import Kind, kinds_seen, workflows_of
from workflow.admin.cases import CaseAdmin
from workflow.admin.overview import Counts, Flow
from workflow.admin.queue import waiting_for
from workflow.admin.saved_lists import shown


def first_screen(site: AdminSite, request: HttpRequest) -> dict[str, Any]:
    """The context of the template; empty for who may look at no kind of case. Ten queries."""
    kinds = kinds_seen(site, request)
    if not kinds:
        return {}
    names, actor = workflows_of(kinds), officer(request.user)
    counted = overview.counts(names, actor)
    days = overview.flow(names)
    by_kind = [
        (kind, overview.together(counted[name] for name in kind.workflows),
         overview.flow_together([days[name] for name in kind.workflows]))
        for kind in kinds
    ]  # fmt: skip
    whole = overview.together(found for _kind, found, _days in by_kind)
    queues = [
        {"title": kind.title, "url": kind.url, "triage": _triage(kind), "counts": _queues(found, kind.queue.citizen)}
        for kind, found, _days in by_kind
    ]
    everything = {
        "title": "All work",
        "url": reverse("admin:workflow_case_changelist"),
        "counts": _queues(whole, "The citizen"),
    }
    return {
        "queues": queues,
        "all_work": everything if len(kinds) > 1 else None,
        "further": _further(site, request, actor),
        "charts": _charts(by_kind, whole),
        "my_lists": shown(request.user, _seen(site, request)),
        **absences.banner(request.user),
    }


def _seen(site: AdminSite, request: HttpRequest) -> list[CaseAdmin]:
    """Every queue this officer may look at, *All work* too."""
    return [one for one in site._registry.values() if isinstance(one, CaseAdmin) and one.has_view_permission(request)]


def _further(site: AdminSite, request: HttpRequest, actor: Actor) -> list[Mapping[str, Any]]:
    """Lists of other work: what an admin class with ``on_first_screen`` returns, in the shape of a queue."""
    asked = [getattr(kind, "on_first_screen", None) for kind in site._registry.values()]
    return [found for ask in asked if ask is not None and (found := ask(request, actor))]


def _queues(found: Counts, citizen: str) -> list[tuple[str, str, int]]:
    """(filter, words, number)."""
    return [(name, words or waiting_for(citizen), found.queues[name]) for name, words in overview.QUEUES]


def _triage(kind: Kind) -> str:
    """The address of the kind's page for deciding one by one, where it has one."""
    try:
        return kind.queue.address("triage")
    except NoReverseMatch:
        return ""


def _charts(by_kind: Sequence[tuple[Kind, Counts, Sequence[Flow]]], whole: Counts) -> dict[str, Any]:
    """What the screen draws, each with the rows of the table beside it."""
    days = overview.flow_together([days for _kind, _found, days in by_kind])
    ages = [(words, number) for (words, _days), number in zip(overview.AGES, whole.ages, strict=True)]
    shares = [(kind.title, found) for kind, found, _days in by_kind]
    shares = [*shares, ("All", whole)] if len(shares) > 1 else shares
    return {
        "titles": [kind.title for kind, _found, _days in by_kind],
        "flow": drawing.mirrored(days),
        "flow_rows": [
            (day.day, day.came, day.ended, [per[number] for _kind, _found, per in by_kind])
            for number, day in reversed(list(enumerate(days)))
        ],
        "came": sum(day.came for day in days),
        "ended": sum(day.ended for day in days),
        "days": overview.DAYS_SHOWN,
        "ages": drawing.bars([(words, number, f"{number:,}") for words, number in ages]),
        "age_rows": [
            (words, whole.ages[number], [found.ages[number] for _kind, found, _days in by_kind])
            for number, (words, _days) in enumerate(overview.AGES)
        ],
        "shares": drawing.bars([(title, found.on_time_share or 0, _percent(found)) for title, found in shares], most=1),
        "share_rows": [(title, found, _percent(found)) for title, found in shares],
        "on_time": _percent(whole),
    }


def _percent(found: Counts) -> str:
    """Rounded down, so that 100% means all of them."""
    return "no clock" if found.on_time_share is None else f"{int(found.on_time_share * 100)}%"

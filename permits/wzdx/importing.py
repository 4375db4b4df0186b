"""Files the work zones of a feed as applications: every feature in exactly one, however often it is imported."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.dateformat import format as format_date
from shapely.geometry import LineString

from permits import applications
from permits.application.moments import state_zone
from permits.application.validate import Verdict, minimum_notice, validate
from permits.models import UpstreamFeature
from permits.opening import UPSTREAM
from permits.rules.deadlines import classify
from permits.rules.words import Answers
from permits.wzdx.answers import answers_of
from permits.wzdx.features import upstream_of
from permits.wzdx.feed import DETOUR, WORK_ZONE, Event, Feed
from permits.wzdx.grouping import Group, families, groups_of, works_of_detours
from workflow import engine
from workflow.actors import Actor
from workflow.contrib.places.counties import county_at, county_of, inside_state
from workflow.errors import KeyReused, WorkflowError

WZDX_IMPORT = Actor(kind="system", name="WZDx import")
WORKFLOW = "roadPermit"


class Result(StrEnum):
    """What became of features."""

    # A new application was filed.
    FILED = "filed"
    # They stand in an application since an earlier import.
    KNOWN = "known"
    # Nothing was filed, for the reason given.
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of some features of a feed. ``reference`` and ``status`` (the step) of their application, if any."""

    result: Result
    feature_ids: tuple[str, ...]
    work_zones: int
    about: str
    reference: str = ""
    county: str = ""
    status: str = ""
    reason: str = ""


def import_feed(feed: Feed) -> Iterator[Outcome]:
    """File what can be filed, one application after the other, each in a transaction of its own.

    Interrupted, it goes on where it stopped when it is run again.
    """
    for one in feed.skipped:
        yield Outcome(
            result=Result.SKIPPED, feature_ids=(one.feature_id,), work_zones=0, about=one.about, reason=one.reason
        )
    filed = _filed(feed)
    yield from _known(feed.events, filed)
    works = []
    for event in (event for event in feed.events if event.kind == WORK_ZONE and event.id not in filed):
        if reason := _why_not(event, timezone.now()):
            yield _skipped([event], reason)
        else:
            works.append(event)
    groups = groups_of(works)
    yield from _join_detours(feed, groups, filed)
    family_of = families(feed.events)
    for group in groups:
        family = {event.id for event in feed.events if family_of[event.id] == family_of[group.lead.id]}
        yield _file(group, feed, family)


def _filed(feed: Feed) -> dict[str, str]:
    """The features of this feed that stand in an application, with its reference."""
    rows = UpstreamFeature.objects.filter(feed=feed.publisher)
    return dict(rows.values_list("feature_id", "permit__reference"))


def _known(events: Sequence[Event], filed: dict[str, str]) -> Iterator[Outcome]:
    """One outcome an application, with those of its features that the file has."""
    together: dict[str, list[Event]] = {}
    for event in events:
        if event.id in filed:
            together.setdefault(filed[event.id], []).append(event)
    for reference, there in together.items():
        yield _outcome(Result.KNOWN, there, reference=reference)


def _why_not(event: Event, now: datetime) -> str:
    """Why a work zone is not filed, as the end of a sentence; empty if it can be."""
    if event.end_at <= now:
        return f"it lies in the past: it ended on {_day(event.end_at)}"
    if event.start_at.astimezone(state_zone()).date() < timezone.localdate(now):
        return f"it is under way since {_day(event.start_at)}, and an application is for work to come"
    if not inside_state(LineString(event.line)):
        reaches_in = any(county_at(latitude, longitude) for longitude, latitude in event.line)
        return f"it lies {'partly ' if reaches_in else ''}outside {settings.STATE_NAME}"
    return ""


def _day(moment: datetime) -> str:
    return format_date(moment.astimezone(state_zone()), "F j, Y")


def _join_detours(feed: Feed, groups: Sequence[Group], filed: dict[str, str]) -> Iterator[Outcome]:
    """Put each detour to its work; those without one are skipped."""
    group_of = {event.id: group for group in groups for event in group.works}
    works_of = works_of_detours(feed.events)
    for event in (event for event in feed.events if event.kind == DETOUR and event.id not in filed):
        works = works_of[event.id]
        if host := next((group_of[work] for work in works if work in group_of), None):
            host.detours.append(event)
        else:
            yield _skipped([event], _why_no_host(works, filed))


def _why_no_host(works: Sequence[str], filed: dict[str, str]) -> str:
    if reference := next((filed[work] for work in works if work in filed), None):
        return f"its work is filed already without it, as {reference}; ask there for the detour"
    if works:
        return f"its work {works[0]} is skipped or not in this file"
    return "it names no work zone that it belongs to"


def _file(group: Group, feed: Feed, family: set[str]) -> Outcome:
    """File the group in one transaction. What the rules refuse is skipped with their reasons. ``family``: all that
    the feed relates to it."""
    events = [*group.works, *group.detours]
    answers = answers_of(group, feed)
    if _too_early(answers):
        answers["early_start_reason"] = "The agency has published these dates in its work-zone feed."
    here = {event.id for event in events}
    data = {**answers, UPSTREAM: upstream_of(feed.publisher, events, related=family - here)}
    digest = hashlib.sha256("\n".join(sorted(here)).encode()).hexdigest()[:32]
    try:
        started = engine.start_workflow(WORKFLOW, data, actor=WZDX_IMPORT, key=f"wzdx:{feed.publisher}:{digest}")
    except (IntegrityError, KeyReused):
        return _outrun(events, _filed(feed))
    except WorkflowError as error:
        sentences = " ".join(reason.sentence for reason in error.reasons) or error.sentence
        return _skipped(events, f"the application is refused: {sentences}")
    result = Result.KNOWN if started.replayed else Result.FILED
    return _outcome(result, events, reference=started.id, status=started.status)


def _outrun(events: Sequence[Event], filed: dict[str, str]) -> Outcome:
    """Another import of the same features was quicker, with all of them or with some."""
    references = {filed.get(event.id) for event in events}
    if len(references) == 1 and (reference := references.pop()):
        return _outcome(Result.KNOWN, events, reference=reference)
    return _skipped(events, "another import is filing parts of it at this moment; run the import again")


def _too_early(answers: dict[str, Any]) -> bool:
    """Whether the work begins before the notice that its class of permit needs."""
    verdict: Verdict = validate(answers)

    def earliest(cleaned: Answers) -> Any:
        return applications.first_start(classify(cleaned, applications.index_of(cleaned)))

    return verdict.is_valid and minimum_notice(verdict.answers, earliest) is not None


def _skipped(events: Sequence[Event], reason: str) -> Outcome:
    return _outcome(Result.SKIPPED, events, reason=reason)


def _outcome(result: Result, events: Sequence[Event], **said: str) -> Outcome:
    works = [event for event in events if event.kind == WORK_ZONE]
    shown = works or list(events)
    roads = " / ".join(dict.fromkeys(road for event in shown for road in event.roads))
    directions = " and ".join(dict.fromkeys(event.direction for event in shown))
    county = county_of(LineString(shown[0].line))
    return Outcome(
        result=result,
        feature_ids=tuple(event.id for event in events),
        work_zones=len(works),
        about=f"{roads}, {directions}",
        county=county.name if county else "",
        **said,
    )

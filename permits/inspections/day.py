"""An inspector's day: where to drive today, in an order that one can drive. Read on a phone beside the road."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from permits.application.validate import from_json
from permits.inspections import desk
from permits.inspections.models import Inspection
from permits.lifecycle import State as S
from permits.models import RoadPermit
from permits.record import STATE_TONES
from permits.sheet import county_name, hours, where
from workflow.actors import Actor, officer
from workflow.admin.pages import sees_persons
from workflow.admin.record import tone_of
from workflow.desk import name_of

if TYPE_CHECKING:
    from permits.inspections.admin import InspectionAdmin

MOST = 300  # stops of one day; who has more narrows the list by county
COLUMNS = (
    "reference", "title", "route", "milepost", "county", "state", "start_at", "end_at", "actual_start_at",
    "actual_end_at", "latitude", "longitude", "application", "team", "overrun",
)  # fmt: skip
RUNNING = (S.IN_FORCE, S.ACTIVE)


@dataclass(kw_only=True)
class Stop:
    """One place to go to. ``why``: what for, in words; ``contact``: name and phone, for roles that see persons."""

    permit: Any
    place: str
    tone: str
    hours: str
    why: list[tuple[str, str]] = field(default_factory=list)  # (words, tone)
    planned: list[Inspection] = field(default_factory=list)
    contact: str = ""
    phone: str = ""
    is_mine: bool = False
    suspends: bool = False
    resumes: bool = False
    inspects: bool = False

    @property
    def map_url(self) -> str:
        """The place on a public map, opened by the reader's own press."""
        lat, lon = self.permit.latitude, self.permit.longitude
        return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=16/{lat}/{lon}" if lat is not None else ""


def today_page(request: HttpRequest, kind: InspectionAdmin) -> HttpResponse:
    """``…/inspection/today/``, narrowed by ``?county=`` and ``?whose=mine``."""
    if not kind.has_view_permission(request):
        raise PermissionDenied
    actor = officer(request.user)
    county, mine = request.GET.get("county", "")[:40], request.GET.get("whose") == "mine"
    found = stops(actor, with_persons=sees_persons(request))
    counties = sorted({stop.permit.county for stop in found})
    shown = [stop for stop in found if (not county or stop.permit.county == county) and (not mine or stop.is_mine)]
    request.current_app = kind.admin_site.name
    context = {
        **kind.admin_site.each_context(request),
        "opts": kind.opts,
        "title": "Inspections today",
        "today": timezone.localdate(),
        "groups": [(county_name(slug), list(group)) for slug, group in groupby(shown, key=lambda s: s.permit.county)],
        "count": len(shown),
        "is_cut": len(found) >= MOST,
        "counties": [(slug, county_name(slug)) for slug in counties],
        "county": county,
        "mine": mine,
        "with_persons": sees_persons(request),
        "is_inspector": actor.has(desk.INSPECT),
        "list_url": reverse("admin:permits_inspection_changelist"),
    }
    return TemplateResponse(request, "admin/permits/inspection/today.html", context)


def stops(actor: Actor, *, with_persons: bool) -> Sequence[Stop]:
    """Where to drive, by county, route and milepost. Two queries, whatever the number."""
    permits = _permits(actor)
    planned: dict[int, list[Inspection]] = {}
    rows = Inspection.objects.filter(permit_id__in=[p.pk for p in permits], state=Inspection.State.PLANNED)
    for row in rows.select_related("inspector").order_by("planned_for", "pk"):
        planned.setdefault(row.permit_id, []).append(row)
    found = [_stop(permit, planned.get(permit.pk, []), actor, with_persons=with_persons) for permit in permits]
    return sorted((stop for stop in found if stop.why), key=_by_place)


def _permits(actor: Actor) -> list[Any]:
    """Work on the road today, work that waits for its inspection, work that is stopped. Who inspects sees the own
    teams'; who only looks sees all."""
    now = timezone.now()
    tomorrow = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time()))
    on_the_road = Q(state__in=RUNNING, start_at__lt=tomorrow, end_at__gt=now) | Q(state=S.ACTIVE)
    asked = Q(inspections__state=Inspection.State.PLANNED, inspections__planned_for__lte=timezone.localdate())
    wanted = RoadPermit.objects.filter(closed_at=None, state__in=desk.WITH_WORK)
    wanted = wanted.filter(on_the_road | Q(state__in=(S.COMPLETED, S.SUSPENDED)) | Q(pk__in=_planned_today(asked)))
    if actor.has(desk.INSPECT) and not actor.everywhere:
        wanted = wanted.filter(team_id__in=actor.teams)
    return list(wanted.only(*COLUMNS).order_by("county", "route", "milepost", "pk")[:MOST])


def _planned_today(asked: Q) -> Any:
    return RoadPermit.objects.filter(asked).values("pk")


def _stop(permit: Any, planned: list[Inspection], actor: Actor, *, with_persons: bool) -> Stop:
    answers = from_json(permit.application)
    today = timezone.localdate()
    mine = [row for row in planned if row.inspector_id is not None and row.inspector_id == getattr(actor.user, "pk", 0)]
    stop = Stop(
        permit=permit,
        place=where(answers) if answers else permit.route,
        tone=tone_of(permit.state, STATE_TONES),
        hours=hours(answers) if answers else "",
        planned=planned,
        is_mine=bool(mine),
        inspects=desk.may_inspect(permit, actor),
        suspends=permit.state in RUNNING and desk.may(permit, actor),
        resumes=permit.state == S.SUSPENDED and desk.may(permit, actor),
    )
    if with_persons:
        stop.contact, stop.phone = str(answers.get("onsite_name") or ""), str(answers.get("onsite_phone") or "")
    stop.why = [*_asked(planned, today), *_going_on(permit, planned)]
    return stop


def _asked(planned: Iterable[Inspection], today: Any) -> list[tuple[str, str]]:
    said = []
    for row in planned:
        who = f", {name_of(row.inspector)}" if row.inspector else ""
        if row.planned_for > today and row.kind != Inspection.Kind.FINAL:
            continue  # its day comes; only finished work that nobody has looked at yet is shown before
        late = row.planned_for < today
        when = "due today" if row.planned_for == today else f"{'was ' if late else ''}due {row.planned_for:%b %-d}"
        said.append((f"{row.get_kind_display()} {when}{who}", "stopped" if late else "waiting"))
        if row.owes:
            said.append(("Fee of the reinspection is open: it cannot pass yet", "stopped"))
    return said


def _going_on(permit: Any, planned: Sequence[Inspection]) -> list[tuple[str, str]]:
    if permit.state == S.SUSPENDED:
        return [("Suspended: is the place safe, is the cause cleared?", "stopped")]
    if permit.state == S.COMPLETED:
        return [] if planned else [("Work is finished: final inspection", "waiting")]
    if permit.state == S.ACTIVE:
        over = [("Past its last day", "stopped")] if permit.overrun else []
        return [("Work under way", "moving"), *over]
    if permit.starts_on == timezone.localdate():
        return [("May start today", "moving")]
    return [("In force, work not started", "over")] if permit.start_at and permit.start_at <= timezone.now() else []


def _by_place(stop: Stop) -> tuple[Any, ...]:
    mile = stop.permit.milepost
    if mile is None:
        mile = stop.permit.application.get("from_milepost")
    try:
        at = float(mile) if mile is not None else float("inf")
    except (TypeError, ValueError):
        at = float("inf")
    return (stop.permit.county, stop.permit.route, at, stop.permit.reference)

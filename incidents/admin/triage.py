"""One report at a time: the next that nobody has decided on, with what is around it and the buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from incidents.admin.record import reported
from incidents.lifecycle import State
from incidents.models import Incident
from workflow.actors import Actor, officer
from workflow.admin.pages import frame, sees_persons

if TYPE_CHECKING:
    from incidents.admin.queue import IncidentAdmin

MOST_SKIPPED = 50
MOST_COUNTED = 1000
# What of the desk's work belongs to triage; the record has the rest.
AT_TRIAGE = frozenset({"claim", "release", "retry", "assign", "recategorise", "hand_to", "note"})
UNTRIAGED = (State.SUBMITTED, State.TRIAGED)


def triage_page(request: HttpRequest, kind: IncidentAdmin) -> HttpResponse:
    """The untriaged report of my teams with the nearest deadline; ``?skip=7,9`` passes over those two."""
    if not kind.has_view_permission(request):
        raise PermissionDenied
    actor, passed = officer(request.user), skipped(request)
    waiting = _waiting(actor)
    count = waiting.values("pk")[: MOST_COUNTED + 1].count()
    incident = kind.whole(waiting.exclude(pk__in=passed).select_related(*kind.related)).by_deadline().first()
    context = {
        **frame(request, kind),
        "title": "Triage",
        "count": min(count, MOST_COUNTED),
        "is_many": count > MOST_COUNTED,
        "skipped": len(passed),
    }
    if incident is not None:
        context |= _shown(request, kind, incident, actor, passed)
    return TemplateResponse(request, "admin/incidents/incident/triage.html", context)


def _waiting(actor: Actor) -> Any:
    free = Q(assignee=None) | Q(assignee=actor.user)
    waiting = Incident.objects.open().filter(free, state__in=UNTRIAGED, team__isnull=False)
    return waiting if actor.everywhere else waiting.filter(team__in=actor.teams)


def _shown(
    request: HttpRequest, kind: IncidentAdmin, incident: Incident, actor: Actor, passed: Sequence[int]
) -> dict[str, Any]:
    persons = sees_persons(request)
    desk = kind.counter.desk_for(incident, actor)
    back = skipping(passed)
    return {
        **kind.head(incident, with_persons=persons),
        **reported(incident, with_persons=persons),
        "incident": incident,
        "decisions": kind.counter.decisions_for(incident, actor),
        "desk": [act for act in desk if act.name in AT_TRIAGE],
        "at": {act.name: act for act in desk},
        "then": f"?then=triage{back.replace('?', '&')}",
        "next": skipping([*passed, incident.pk]),
    }


def skipped(request: HttpRequest) -> list[int]:
    """The reports to pass over, as the address names them; what is no number is left out."""
    words = request.GET.get("skip", "").split(",")[-MOST_SKIPPED:]
    return [int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 19]


def skipping(keys: Sequence[int]) -> str:
    """The query string that passes over these reports; empty for none."""
    return f"?skip={','.join(map(str, keys[-MOST_SKIPPED:]))}" if keys else ""

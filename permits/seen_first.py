"""What an officer reads above the form of a decision: which revision it is about, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from permits import moves
from permits.application.stored import ALL_FIELDS
from permits.models import Conflict, RoadPermit
from permits.second_approval import FIRST_APPROVAL
from permits.technical import reviews
from permits.technical.specialties import Recommendation
from workflow.models import Event


def decided_on(permit: RoadPermit) -> Mapping[str, Any]:
    """The revision, when it was filed, and what differs from the one that was first reviewed. Two queries."""
    revisions = list(permit.revisions.defer("application").order_by("number"))
    if not revisions:
        return {"what": "the application", "changed": ()}
    newest = revisions[-1]
    filed = timezone.localtime(newest.created_at)
    reviewed_from = _first_review(permit)
    later = [one for one in revisions if reviewed_from is not None and one.created_at > reviewed_from]
    changed = {name for one in later for name in one.changed}
    return {
        "what": f"revision {newest.number} of the application, as filed on {filed:%B %-d, %Y, %H:%M}",
        "changed": [str(ALL_FIELDS[name].label) if name in ALL_FIELDS else name for name in sorted(changed)],
    }


def _first_review(permit: RoadPermit) -> Any:
    """When an officer first had it for review; None before."""
    accepted = Event.objects.filter(case_id=permit.pk, transition="accept").order_by("seq")
    return accepted.values_list("at", flat=True).first()


def seen_first(permit: RoadPermit, name: str) -> Mapping[str, Any]:
    """What stands beside the form of one act."""
    if name == "approve":
        return {"objections": moves.objections(permit), "refusals": _refusals(permit), "first": _first(permit)}
    if name == "settle_conflict":
        open_ones = Conflict.objects.filter(permit=permit, settled_because="").select_related("other")
        return {"conflicts": list(open_ones)}
    return {}


def _refusals(permit: RoadPermit) -> list[Any]:
    return [task for task in reviews.tasks_once(permit) if task.recommendation == Recommendation.REFUSE]


def _first(permit: RoadPermit) -> Event | None:
    """The line of the first of two approvals, with the reason it gave, while it stands."""
    if permit.first_approved_by_id is None:
        return None
    return Event.objects.filter(case_id=permit.pk, kind=FIRST_APPROVAL).order_by("-seq").first()

"""The tracking page of a request."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from permits.book.codes import worded_all
from permits.models import RoadPermit
from permits.rules.codes import ConditionCode, RefusalCode
from permits.sheet import verify_url
from permits.views import act, doors, story
from permits.views.documents import files_of
from permits.views.steps import resume_url, track_url
from workflow.contrib.notifications.models import Message
from workflow.tracker import timeline, tracking_url


@doors.by_link
@require_safe
def tracking(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """Where the request stands: now, the steps, what you can do, documents, messages, history."""
    if permit.state == RoadPermit.State.DRAFT:
        return redirect(resume_url(permit).removeprefix(settings.SITE_URL))
    history = timeline(permit, public_only=True)
    context = {
        "permit": permit,
        "now": story.now_of(permit),
        "milestones": story.milestones_of(permit, history),
        "lines": story.lines_of(permit, history),
        "actions": act.actions_of(permit),
        "files": files_of(permit),
        "files_url": "" if permit.closed_at else track_url(permit, "files"),
        "messages_sent": Message.objects.filter(case_id=permit.pk, role="applicant").order_by("-pk")[:50],
        "tracking_url": tracking_url(permit),
        "owes": story.owes(permit),
        "invoice": permit.invoice.get("lines", []),
        "verify_url": verify_url(permit) if permit.issued_at else "",
        **_decision(permit),
    }
    return render(request, "permits/track/tracking.html", context)


def _decision(permit: RoadPermit) -> dict[str, Any]:
    return {
        "conditions": [(c.value, c.text) for c in worded_all(ConditionCode, permit.conditions, permit.decided_at)],
        "reasons": [(c.value, c.text) for c in worded_all(RefusalCode, permit.reasons, permit.decided_at)],
    }

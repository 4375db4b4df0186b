"""What an officer's act on a report would send, with what goes to followers later: for the preview.

Only within ``workflow.rehearsal``: the task that plans the messages of followers is done at once here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from incidents import messages
from workflow import engine
from workflow.admin.preview import Letter
from workflow.contrib.notifications.notices import notice_of
from workflow.contrib.notifications.preview import planned
from workflow.models import Event, Work


def tells(name: str) -> bool:
    """Whether the act of this name sends a message."""
    return name in messages.NOTICES or name == "message"


def letters(incident: Any, *, since: int) -> Sequence[Letter]:
    """The messages of the lines of history after ``since``, those to followers among them (at most the first fifty)."""
    for event in Event.objects.filter(case_id=incident.pk, seq__gt=since).order_by("seq"):
        notice = messages.NOTICES.get(notice_of(event))
        if notice is not None and notice.followers and _is_planned_later(event):
            messages.plan_for_followers(engine.lock(incident.pk), {"seq": event.seq, "part": 1})
    return planned(incident, since=since)


def _is_planned_later(event: Event) -> bool:
    tasks = Work.objects.filter(case_id=event.case_id, service=messages.TELL_FOLLOWERS)
    return tasks.filter(step=f"task:followers-{event.seq}-1").exists()

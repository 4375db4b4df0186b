"""The questions an incident's moves ask: each one sentence for the user and a source in docs/incidents.md#guards."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from workflow.definition import Guard

SOURCE = "docs/incidents.md#guards"
UNMERGE = timedelta(days=7)


def _guard(code: str, sentence: str, holds: Any) -> Guard:
    return Guard(code, sentence, f"{SOURCE}:{code}", holds)


def _place_known(incident: Any) -> bool:
    return incident.latitude is not None or bool(incident.address) or bool(incident.route)


def _reachable(incident: Any) -> bool:
    return any(one.role == "reporter" and (one.email or one.phone) for one in incident.contacts.all())


def _fix_shown(incident: Any) -> bool:
    exempt = incident.photo_exempt_because
    if not exempt and incident.attempt is not None:
        exempt = str(incident.attempt.data.get("photo_exempt_because") or "").strip()
    return bool(exempt) or any(photo.kind == "repair" for photo in incident.photos.all())


def _open_jobs(incident: Any) -> list[Any]:
    # Few; a page that shows them all has them already.
    return [job for job in incident.jobs.all() if job.done_at is None and job.cancelled_at is None]


def _within_unmerge(incident: Any) -> bool:
    merge = incident.merged_by.filter(undone_at=None).order_by("-pk").first()
    return merge is not None and timezone.now() - merge.merged_at <= UNMERGE


PLACE_KNOWN = _guard(
    "place_known",
    "We do not know where it is: give a point on the map, an address, or route and mile marker.",
    _place_known,
)
REPORTER_REACHABLE = _guard(
    "reporter_reachable",
    "The reporter left no address: there is nobody to ask.",
    _reachable,
)
ANSWER_OVERDUE = _guard(
    "answer_overdue",
    "The time to answer is not over yet.",
    lambda incident: bool(incident.info_due_at and incident.info_due_at <= timezone.now()),
)
WORK_ORDERED = _guard(
    "work_ordered",
    "The work-order service has not taken every job yet: wait for it, or retry it if the case is parked.",
    lambda incident: all(job.order_number for job in _open_jobs(incident)),
)
FIX_SHOWN = _guard(
    "fix_shown",
    "“Fixed” needs a photo of the repair: add one, or say why there is none.",
    _fix_shown,
)
JOBS_DONE = _guard(
    "jobs_done",
    "Other crews still have jobs here: mark each as done or cancel it first.",
    lambda incident: len(_open_jobs(incident)) <= 1,
)
NOTHING_ORDERED = _guard(
    "nothing_ordered",
    "Work is ordered for this report: cancel its jobs first, or join the other report with this one.",
    lambda incident: not _open_jobs(incident),
)
WITHIN_UNMERGE = _guard(
    "within_unmerge",
    f"Reports can be taken apart within {UNMERGE.days} days only.",
    _within_unmerge,
)
WITHIN_REOPENING = _guard(
    "within_reopening",
    "This report ended more than 30 days ago: report the problem anew.",
    lambda incident: bool(incident.reopen_until and timezone.now() <= incident.reopen_until),
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Guard))

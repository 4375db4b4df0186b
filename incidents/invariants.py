"""What must be true of every stored incident: ``check_invariants`` asks it beside the checks of the workflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery

from incidents import photos
from incidents.lifecycle import ENDED
from incidents.lifecycle import State as S
from incidents.models import Category, Incident, Inquiry, Job, Merge, Photo
from incidents.reasons import Reason
from workflow.contrib.storage import path_of
from workflow.invariants import Finding, missing_triggers
from workflow.models import Work

TRIGGERS = {
    "sqlite": frozenset({"one_level_of_duplicates", "one_level_of_new_duplicates"}),
    "postgresql": frozenset({"one_level_of_duplicates"}),
}
# The reason that each end has, where only one fits.
REASON_OF = {S.RESOLVED: Reason.FIXED, S.DUPLICATE: Reason.JOINED}


def _each(code: str, incidents: Any, sentence: str) -> Iterator[Finding]:
    found = incidents.order_by("pk").values_list("reference", flat=True).distinct()
    return (Finding(code=code, reference=reference, sentence=sentence) for reference in found.iterator())


def status_agrees_with_state() -> Iterator[Finding]:
    ended = Q(state__in=ENDED)
    odd = Incident.objects.filter((ended & Q(status="open")) | (~ended & Q(status="closed")))
    return _each("status_differs", odd, "what Open311 reads as its status is not what its state says")


def an_end_has_its_reason() -> Iterator[Finding]:
    """Closed: why, in words, and when. Open: nothing of an earlier end is left."""
    closed = Incident.objects.filter(status="closed")
    bare = Q(public_sentence="") | Q(ended_at=None) | ~Q(reason_code__in=Reason.values)
    yield from _each("end_without_reason", closed.filter(bare), "it has ended, but why or when is not on record")
    for state, reason in REASON_OF.items():
        odd = closed.filter(Q(state=state) ^ Q(reason_code=reason))
        yield from _each("reason_differs", odd, f"the reason {reason} and the state {state} belong together")
    left = ~Q(reason_code="", public_sentence="") | Q(ended_at__isnull=False) | Q(reopen_until__isnull=False)
    again = Incident.objects.filter(left, status="open")
    yield from _each("end_left_behind", again, "it is open, but still carries the reason of an end")


def every_report_has_an_owner() -> Iterator[Finding]:
    """Exactly one team from the moment it is filed, and a category that exists."""
    lone = Incident.objects.filter(team=None)
    yield from _each("no_team", lone, "no team owns it")
    known = Category.objects.filter(code=OuterRef("category"))
    yield from _each("no_category", Incident.objects.filter(~Exists(known)), "its category does not exist")


def votes_are_counted() -> Iterator[Finding]:
    return _each("votes_negative", Incident.objects.filter(votes__lt=0), "fewer than no people said: me too")


# -- joined reports ---------------------------------------------------------------------------------------------------


def joined_reports_point_at_one_that_stands() -> Iterator[Finding]:
    pointing = Q(duplicate_of__isnull=False)
    odd = Incident.objects.filter(Q(state=S.DUPLICATE) ^ pointing)
    yield from _each("joined_or_not", odd, "it is joined and points nowhere, or points somewhere and is not joined")
    chained = Incident.objects.filter(pointing, duplicate_of__duplicate_of__isnull=False)
    yield from _each("joined_twice", chained, "the report it is joined with is itself joined with another")
    itself = Incident.objects.filter(duplicate_of=F("pk"))
    yield from _each("joined_with_itself", itself, "it is joined with itself")


def joins_are_on_record() -> Iterator[Finding]:
    """One record that is not undone for each joined report: without it nobody could take them apart."""
    standing = Exists(Merge.objects.filter(duplicate=OuterRef("pk"), undone_at=None))
    lost = Incident.objects.filter(~standing, state=S.DUPLICATE)
    yield from _each("join_lost", lost, "nothing says what moved when it was joined")
    ghost = Incident.objects.filter(standing).exclude(state=S.DUPLICATE)
    yield from _each("join_left_behind", ghost, "it is not joined, but a record says so")


def joins_of_survivors() -> Iterator[Finding]:
    """A report that is joined through others ends where they end."""
    latest = Merge.objects.filter(duplicate=OuterRef("pk"), undone_at=None).order_by("-pk")
    joined = Incident.objects.filter(state=S.DUPLICATE).annotate(into=Subquery(latest.values("survivor")[:1]))
    onward = Incident.objects.filter(pk=OuterRef("into"))
    joined = joined.annotate(next=Subquery(onward.values("duplicate_of")[:1]))
    odd = joined.exclude(duplicate_of=F("into")).filter(next=None)
    return _each("joined_elsewhere", odd, "it points at another report than the one it was joined with")


# -- work, questions, photos ------------------------------------------------------------------------------------------


def crews_at_work_have_orders() -> Iterator[Finding]:
    """Or their order is on its way: another crew's, added while the first is at work."""
    coming = Work.objects.filter(
        case_id=OuterRef("incident"), service="orderJob", outcome__in=[Work.Outcome.OPEN, Work.Outcome.PARKED]
    )
    bare = Job.objects.filter(done_at=None, cancelled_at=None, order_number="", incident__state=S.IN_PROGRESS)
    odd = Incident.objects.filter(pk__in=bare.filter(~Exists(coming)).values("incident"))
    return _each("job_without_order", odd, "a crew is at work without an order number, and none is on its way")


def ended_reports_have_no_open_jobs() -> Iterator[Finding]:
    going = Job.objects.filter(done_at=None, cancelled_at=None, incident__state__in=ENDED)
    odd = Incident.objects.filter(pk__in=going.values("incident"))
    return _each("job_after_end", odd, "it has ended, but a crew still has a job there")


def plans_have_a_day() -> Iterator[Finding]:
    odd = Incident.objects.filter(state=S.SCHEDULED, planned_for=None)
    return _each("plan_without_day", odd, "its repair is planned for no day")


def questions_have_an_end() -> Iterator[Finding]:
    """Waiting for an answer: there is a question, a day by which, and the place it goes back to."""
    asked = Exists(Inquiry.objects.filter(incident=OuterRef("pk"), answered_at=None))
    back = Q(info_due_at__isnull=False, return_state__in=[S.TRIAGED, S.SCHEDULED])
    odd = Incident.objects.filter(state=S.NEEDS_INFO).filter(~back | ~asked)
    return _each("question_without_end", odd, "it waits for an answer that nobody was asked for, or for ever")


def photos_have_their_files() -> Iterator[Finding]:
    """The row's two files are there, the large one as long as it was written."""
    rows = Photo.objects.select_related("incident").only("token", "size", "incident__reference").order_by("pk")
    for photo in rows.iterator():
        if fault := _photo_fault(photo):
            reference = photo.incident.reference if photo.incident else str(photo)
            yield Finding(code="photo_file", reference=reference, sentence=fault)


def _photo_fault(photo: Any) -> str:
    try:
        large, small = (path_of(name).stat().st_size for name in photos.names_of(photo.token))
    except OSError as error:
        return f"the file of photo {photo.token[:8]} cannot be read ({type(error).__name__})"
    return "" if large == photo.size and small else f"the file of photo {photo.token[:8]} is not as it was written"


def triggers_are_there() -> Iterable[Finding]:
    return missing_triggers(TRIGGERS[connection.vendor], "no longer refuses chains of joined reports", "incidents 0002")


CHECKS = (
    status_agrees_with_state,
    an_end_has_its_reason,
    every_report_has_an_owner,
    votes_are_counted,
    joined_reports_point_at_one_that_stands,
    joins_are_on_record,
    joins_of_survivors,
    crews_at_work_have_orders,
    ended_reports_have_no_open_jobs,
    plans_have_a_day,
    questions_have_an_end,
    photos_have_their_files,
    triggers_are_there,
)

"""What an inspection brings about on its permit. All of it under the permit's lock, inside a move or a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from permits.book.fees import schedule
from permits.inspections import checklist, photos
from permits.inspections.models import Inspection
from permits.rules.fees import reinspection_fee
from permits.rules.inspections import FINAL_INSPECTION_DAYS, REINSPECTION_DAYS
from workflow.clock import WorkingDays, due_at
from workflow.errors import Reason, Refused
from workflow.models import Document, Event
from workflow.tracker import calendar

SHORTEST_DEFECTS = 20  # characters
LONGEST_TEXT = 4000
LATEST_AGAIN = timedelta(days=180)
PLANNED, DONE, CANCELLED = Inspection.State.PLANNED, Inspection.State.DONE, Inspection.State.CANCELLED
PASS, FAIL = Inspection.Result.PASS, Inspection.Result.FAIL
WITH_WORK = ("in_force", "active", "suspended", "completed")  # where inspections can be planned
SOURCE = "docs/rules.md#inspections"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an inspector found. ``photos``: ids of kept photos; none named: all that wait."""

    result: str
    remarks: str = ""
    defects: str = ""
    checklist: Sequence[Mapping[str, Any]] = ()
    photos: Sequence[int] = ()
    latitude: float | None = None
    longitude: float | None = None
    again_on: str = ""  # ISO date of the reinspection


def refuse(code: str, sentence: str, *, field: str) -> Refused:
    return Refused([Reason(code=code, sentence=sentence, field=field, source=SOURCE)])


# -- plans ------------------------------------------------------------------------------------------------------------


def working_day_in(days: int) -> date:
    """The local day so many business days ahead."""
    return timezone.localtime(due_at(timezone.now(), WorkingDays(days), calendar())).date()


def planned_final(permit: Any) -> Inspection | None:
    """The inspection that would end the work, where one is planned."""
    found = Inspection.objects.filter(permit_id=permit.pk, state=PLANNED, kind__in=Inspection.ENDS_WORK)
    return found.select_related("inspector").first()


def follow(permit: Any, event: Event) -> None:
    """Finished work is inspected within days; what no longer stands is not inspected any more."""
    if event.kind != "transition":
        return
    if event.transition == "stop_work":
        plans = {"kind": Inspection.Kind.FINAL, "planned_for": working_day_in(FINAL_INSPECTION_DAYS)}
        Inspection.objects.create(permit_id=permit.pk, **plans)
        _cancel(permit, Inspection.Kind.ROUTINE, Inspection.Kind.HOLD_POINT)
    elif event.transition == "revert_stop":
        _cancel(permit, *Inspection.ENDS_WORK)
    elif permit.closed_at is not None and event.from_state in WITH_WORK:
        _cancel(permit, *Inspection.Kind.values)


def _cancel(permit: Any, *kinds: str) -> None:
    Inspection.objects.filter(permit_id=permit.pk, state=PLANNED, kind__in=kinds).update(state=CANCELLED)


# -- results ----------------------------------------------------------------------------------------------------------


def passes(permit: Any, found: Found) -> Inspection:
    """The final inspection is passed. Raises Refused when the checklist says otherwise."""
    rows = _rows(found)
    if wrong := checklist.says_no(rows):
        sentence = f"Answered with No: {'; '.join(wrong)}. Fail the inspection, or change the answer."
        raise refuse("checklist_says_no", sentence, field="checklist")
    return _finish(permit, _final(permit), found, rows)


def fails(permit: Any, found: Found) -> Inspection:
    """The final inspection found defects: it is planned again, at the holder's cost. Raises Refused."""
    _need_defects(found.defects)
    done = _finish(permit, _final(permit), found, _rows(found))
    fee = fee_of(permit)
    Inspection.objects.create(
        permit_id=permit.pk,
        kind=Inspection.Kind.REINSPECTION,
        planned_for=_again_on(found.again_on),
        inspector=done.done_by,
        follows=done,
        fee=fee,
        # A holder with an agreement pays with the next account: nothing is waited for.
        fee_settled_at=timezone.now() if fee and permit.answer("billing") == "deferred" else None,
    )
    return done


def on_the_way(permit: Any, inspection: Inspection | None, kind: str, found: Found) -> Inspection:
    """A routine inspection or hold point is done, planned or not. Raises Refused."""
    if found.result == FAIL:
        _need_defects(found.defects)
        if not photo_ids(permit, found.photos):
            raise refuse("photo_of_defect", "A failed inspection needs a photo of the defect.", field="photos")
    inspection = inspection or Inspection(permit_id=permit.pk, kind=kind, planned_for=timezone.localdate())
    return _finish(permit, inspection, found, _rows(found))


def fee_of(permit: Any) -> Decimal:
    """What a reinspection costs this holder: agencies pay nothing."""
    return Decimal(0) if permit.answer("applicant_kind") == "agency" else reinspection_fee(schedule()).total


def photo_ids(permit: Any, named: object) -> list[int]:
    """The photos an inspection takes: those named, as far as they wait; without a name all that wait."""
    there = list(photos.waiting(permit).values_list("pk", flat=True))
    wanted = [pk for pk in named if isinstance(pk, int)] if isinstance(named, list | tuple) else []
    return [pk for pk in there if pk in wanted] if wanted else there


def owes(permit: Any) -> bool:
    """Whether the fee of a reinspection is open."""
    return Inspection.objects.filter(permit_id=permit.pk, fee__gt=0, fee_settled_at=None).exists()


def inspected_since(permit: Any, moment: datetime | None) -> bool:
    """Whether the finished work was inspected since then."""
    finished = (Inspection.Kind.FINAL, Inspection.Kind.REINSPECTION)
    done = Inspection.objects.filter(permit_id=permit.pk, kind__in=finished, state=Inspection.State.DONE)
    return moment is not None and done.filter(done_at__gte=moment).exists()


def _final(permit: Any) -> Inspection:
    """The planned one; a permit finished before there were plans gets its row now."""
    planned = planned_final(permit)
    today = timezone.localdate()
    return planned or Inspection(permit_id=permit.pk, kind=Inspection.Kind.FINAL, planned_for=today)


def _finish(permit: Any, inspection: Inspection, found: Found, rows: list[checklist.Row]) -> Inspection:
    actor = permit.attempt.actor if permit.attempt is not None else None
    inspection.state, inspection.result, inspection.checklist = DONE, found.result, rows
    inspection.remarks, inspection.defects = _text(found.remarks, "remarks"), _text(found.defects, "defects")
    inspection.latitude, inspection.longitude = found.latitude, found.longitude
    inspection.done_at, inspection.done_by = timezone.now(), actor.user if actor is not None else None
    taken = photo_ids(permit, found.photos)
    inspection.save()
    inspection.photos.set(taken)
    # From now on they are part of the record, and the holder sees what was found.
    Document.objects.filter(pk__in=taken).update(public=True)
    return inspection


def _rows(found: Found) -> list[checklist.Row]:
    if fault := checklist.fault_of(found.checklist):
        raise refuse("checklist_unreadable", fault, field="checklist")
    return checklist.rows_of(found.checklist)


def _need_defects(text: object) -> None:
    if not isinstance(text, str) or len(text.strip()) < SHORTEST_DEFECTS:
        sentence = f"Write at least {SHORTEST_DEFECTS} characters: the applicant will read this."
        raise refuse("text_too_short", sentence, field="defects")


def _text(text: object, field: str) -> str:
    kept = str(text).strip()
    if len(kept) > LONGEST_TEXT:
        raise refuse("text_too_long", f"Write at most {LONGEST_TEXT:,} characters.", field=field)
    return kept


def _again_on(text: str) -> date:
    if not text:
        return working_day_in(REINSPECTION_DAYS)
    try:
        day = parse_date(str(text))
    except ValueError:
        day = None
    today = timezone.localdate()
    if day is None or not today <= day <= today + LATEST_AGAIN:
        raise refuse("again_on", f"Inspect again today or within {LATEST_AGAIN.days} days.", field="again_on")
    return day

"""A report while it is written: what was typed, word for word, and the data it becomes when it is filed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from incidents.catalogue import Catalogue
from incidents.models import Incident, Report
from incidents.report.forms import DetailsForm
from incidents.reporting import PLACE_FIELDS
from workflow import engine
from workflow.actors import Actor
from workflow.contrib.citizens.typed import as_posted, typed_part
from workflow.errors import WorkflowError
from workflow.models import StartKey
from workflow.writing import writing

WHAT, PLACE, DETAILS, CHECK = "what", "place", "details", "check"
PERSON = ("name", "email", "phone")
JOINED = "joined"  # reference of the report it was a “me too” of
REPORTER = Actor(kind="applicant", name="Reporter")


def keep(report: Report, page: str, names: Iterable[str], posted: QueryDict) -> Report:
    """Store one page as it was typed, unless the report has been sent meanwhile."""
    with writing():
        fresh = locked(report)
        if fresh.incident_id is None and not is_joined(fresh):
            fresh.typed = fresh.typed | {page: typed_part(names, posted)}
            fresh.save(update_fields=["typed", "updated_at"])
    return fresh


def join(report: Report, reference: str) -> None:
    """Note that it became a “me too” of ``reference``; what was typed is not needed any more, and not kept."""
    typed = {JOINED: {"reference": [reference]}}
    Report.objects.filter(pk=report.pk, incident=None).update(typed=typed, photo_place=None)


def locked(report: Report) -> Report:
    """The report as it is now, its row locked until the transaction ends."""
    return Report.objects.select_for_update().get(pk=report.pk)


def is_joined(report: Report) -> bool:
    """Whether it became a “me too” of another report."""
    return JOINED in report.typed


def keep_photo_place(report: Report, place: tuple[float, float] | None) -> None:
    """Where the newest photo that knows it was taken; offered on page 2, and dropped when the report is sent."""
    if place is not None:
        latitude, longitude = place
        report.photo_place = {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}
        report.save(update_fields=["photo_place", "updated_at"])


def forget_photo_place(report: Report) -> None:
    """With the last photo its place goes, too."""
    if not report.photos.exists():
        Report.objects.filter(pk=report.pk).update(photo_place=None)


def posted(report: Report, page: str) -> QueryDict:
    """A page as the browser sent it."""
    return as_posted(report.typed.get(page, {}))


def category_of(report: Report) -> str:
    return str(posted(report, WHAT).get("category") or "")


def place_of(report: Report) -> dict[str, Any]:
    """The place as typed; the photo's own place where that was chosen."""
    typed = posted(report, PLACE)
    values = {name: typed.get(name, "") for name in PLACE_FIELDS}
    if typed.get("use_photo") and report.photo_place:
        values |= {**report.photo_place, "place_source": "photo"}
    return values


def details_form(report: Report, known: Catalogue) -> DetailsForm:
    form = DetailsForm(posted(report, DETAILS), questions=known.questions_of(category_of(report)))
    form.full_clean()
    return form


def data_of(report: Report, known: Catalogue) -> dict[str, Any]:
    """What incidents.reporting checks and the workflow starts with."""
    person = posted(report, CHECK)
    return {
        "category": category_of(report),
        **place_of(report),
        "description": posted(report, DETAILS).get("description", ""),
        "answers": details_form(report, known).answers(),
        **{name: person.get(name, "") for name in PERSON},
        "photos": list(report.photos.values_list("token", flat=True)),
        "channel": "form",
    }


def file(report: Report, known: Catalogue) -> Incident:
    """File it; sent twice, also at the same moment, the second finds what the first filed. The report's token is the
    key. Raises InvalidData, Refused."""
    if (filed := filed_as(report)) is not None:
        return filed
    try:
        started = engine.start_workflow("incident", data_of(report, known), actor=REPORTER, key=report.token)
        incident: Incident = started.case
    except WorkflowError:
        if (filed := filed_as(report)) is None:
            raise
        incident = filed
    # What was typed is the incident's now; a name or an address is not kept twice.
    Report.objects.filter(pk=report.pk).update(incident=incident, typed={}, photo_place=None)
    return incident


def filed_as(report: Report) -> Incident | None:
    """The incident it became, if it did. At most two queries."""
    if report.incident is not None:
        return report.incident
    known = StartKey.objects.filter(owner=REPORTER.kind, key=report.token).first()
    found = Incident.objects.filter(pk=known.case_id).first() if known else None
    return found if isinstance(found, Incident) else None

"""One report walked through its steps, told as it happens: from the road to the repair."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from incidents import catalogue, desk, duplicates, photos, places
from incidents.demo import pictures
from incidents.demo.people import office
from incidents.demo.roads import spot
from incidents.models import Incident
from workflow import engine
from workflow.actors import Actor, officer
from workflow.contrib.demo.telling import Teller
from workflow.contrib.notifications.models import Message

REPORTER = Actor(kind="applicant", name="Reporter")
MILE = 113.6


def tell(write: Callable[[str], Any]) -> Incident:
    """Walk one report to its end; answers it. Raises when a step does not go on."""
    teller = Teller(write)
    office()
    incident = _report(teller)
    incident = _triage(teller, incident)
    incident = _dispatch(teller, incident)
    incident = _repair(teller, incident)
    _notify(teller, incident)
    incident = Incident.objects.get(pk=incident.pk)
    if incident.state != Incident.State.RESOLVED:
        raise RuntimeError(f"The walk stopped in {incident.state}: {incident.parked_reason or 'no reason was given'}")
    teller.history(incident, "report")
    write(f"     public  {settings.SITE_URL}/incidents/{incident.reference}/")
    return incident


def _report(teller: Teller) -> Incident:
    place = spot("US-69", MILE, "NB")
    kept = photos.keep(pictures.photo(random.Random(7), "pothole")).photo  # noqa: S311 - a drawing
    data = {
        "category": "pothole",
        "description": "Deep hole in the wheel path, right after the bridge.",
        "answers": {"lane": "right", "size": "tire"},
        "latitude": place.latitude,
        "longitude": place.longitude,
        "route": place.route,
        "direction": place.direction,
        "milepost": place.milepost,
        "name": "Ruth Abernathy",
        "email": "ruth@mail.example",
        "photos": [kept.token],
        "channel": "form",
    }
    teller.step("submitReport", "Somebody drives by, stops safely and reports a pothole with a photo.")
    began = time.perf_counter()
    started = engine.start_workflow("incident", data, actor=REPORTER)
    teller.line(f"engine.start_workflow answered id {started.id}, status {started.status}", time.perf_counter() - began)
    incident: Incident = Incident.objects.get(pk=started.case.pk)
    teller.line(f"public title: {incident.title}; place: {places.where(incident)}")
    teller.line(f"routed to {incident.team} ({incident.routed_because})")
    nearby = ", ".join(incident.seen_nearby) or "none"
    teller.line(f"checkReport: open reports of the same kind nearby: {nearby}")
    return incident


def _triage(teller: Teller, incident: Incident) -> Incident:
    actor = officer(office()["tess"])
    due = timezone.localtime(incident.due_at)
    days = catalogue.category(incident.category).first_action_days
    teller.step("triage", f"An officer looks at it by {due:%A, %B %-d, %H:%M}, in {days} working days.")

    def take(case: Any) -> dict[str, str]:
        case.assignee = actor.user
        return {"assignee": actor.name}

    incident = engine.change(incident, "assigned", actor=actor, apply=take)
    teller.line(f"{actor.name} claims the report")
    photo = incident.photos.get()
    incident = desk.moderate(incident, photo=photo, is_public=True, actor=actor)
    teller.line(f"{actor.name} looks at the photo: nobody is in it, everybody may see it")
    incident = duplicates.me_too(incident, actor=REPORTER, email="walter@mail.example")
    teller.line(f"somebody else says “me too”: {incident.votes} vote, no second report")
    return incident


def _dispatch(teller: Teller, incident: Incident) -> Incident:
    actor = officer(office()["devi"])
    where = settings.WORK_ORDER_URL or "taken in this process"
    teller.step("dispatchCrew", f"A dispatcher sends a crew; Milepost orders the work ({where}).")
    data = {"crew": "Ames garage", "task": "Fill the pothole, check the bridge joint"}
    incident = engine.fire(incident, "dispatch", actor=actor, revision=incident.revision, data=data)
    teller.line(f"{actor.name} sends {data['crew']}")
    teller.work(incident, "orderWork")
    incident.refresh_from_db()
    job = incident.jobs.get()
    teller.line(f"order {job.order_number} for job {str(job.uid)[:8]}…; the report is {incident.state_label.lower()}")
    return incident


def _repair(teller: Teller, incident: Incident) -> Incident:
    actor = officer(office()["carl"])
    teller.step("repair", "The crew fills the hole and sends a photo.")
    drawn = pictures.photo(random.Random(8), "pothole", repaired=True)  # noqa: S311 - a drawing
    repaired = photos.keep(drawn, incident=incident, kind="repair").photo
    incident = desk.moderate(incident, photo=repaired, is_public=True, actor=actor)
    sentence = "We filled the hole with hot mix and sealed the bridge joint."
    incident = engine.fire(incident, "resolve", actor=actor, revision=incident.revision, data={"sentence": sentence})
    teller.line(f"{actor.name}: {sentence}")
    return incident


def _notify(teller: Teller, incident: Incident) -> None:
    teller.step("notifyReporter", "Milepost tells the reporter and everybody who said “me too”.")
    teller.work(incident, "notifyReporter")
    teller.work(incident, "tellFollowers")
    teller.work(incident, "all that is left")
    for message in Message.objects.filter(case_id=incident.pk, status="sent").order_by("pk"):
        teller.line(f"{message.channel} to {message.address}: {message.subject}")

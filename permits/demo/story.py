"""One application walked through its four steps, told as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from permits import applications, files
from permits.application.example import example
from permits.demo.history import SPECIALISTS
from permits.demo.papers import paper
from permits.demo.people import office
from permits.models import RoadPermit
from permits.rules.documents import Before, required_documents
from permits.sheet import verify_url
from permits.technical import reviews
from workflow import engine
from workflow.actors import Actor, applicant, officer
from workflow.contrib.demo.telling import Teller, shown
from workflow.contrib.notifications.models import Message


def tell(write: Callable[[str], Any]) -> RoadPermit:
    """Walk one application from the form to the permit in force; answers it. Raises when a step does not go on."""
    teller = Teller(write)
    permit = _submit(teller)
    _add_documents(teller, permit)
    _review(teller, permit)
    permit = _decide(teller, permit)
    _issue_and_tell(teller, permit)
    permit = RoadPermit.objects.get(pk=permit.pk)
    if permit.state != RoadPermit.State.IN_FORCE:
        raise RuntimeError(f"The walk stopped in {permit.state}: {permit.parked_reason or 'no reason was given'}")
    _ending(teller, permit)
    return permit


def _submit(teller: Teller) -> Any:
    data = example(timezone.localdate())
    who = Actor(kind="applicant", name=data["contact_name"])
    teller.step(
        "submitApplication", f"{data['contact_name']} ({data['organisation']}) applies for work on {data['road_name']}."
    )
    began = time.perf_counter()
    started = engine.start_workflow("roadPermit", data, actor=who)
    teller.line(f"engine.start_workflow answered id {started.id}, status {started.status}", time.perf_counter() - began)
    permit = RoadPermit.objects.get(pk=started.case.pk)
    fee = applications.money(permit.fee_total)
    teller.line(f"checkApplication: complete; revision {permit.application_revision} frozen, fee {fee}")
    parts = ", ".join(part["name"].replace("_", " ") + f" {part['points']}" for part in permit.impact_parts)
    teller.line(f"impact index {permit.impact_index} of 5 ({parts}): class {permit.permit_class}")
    due = f"decision due {timezone.localtime(permit.due_at):%B %-d, %Y}"
    teller.line(f"routed to {permit.team} ({permit.routed_because}); {due}")
    return permit


def _add_documents(teller: Teller, permit: Any) -> None:
    """The applicant's papers, as an integrator sends them after filing."""
    who = applicant(permit, permit.answer("contact_name"))
    needed = required_documents(applications.answers_of(permit))
    kinds = [document for document in needed if document.before is Before.SUBMISSION]

    def add(case: Any) -> dict[str, list[str]]:
        for document in kinds:
            upload = SimpleUploadedFile(f"{document.kind}.pdf", paper(case.reference, document.kind.label))
            files.store_upload(case, upload, kind=document.kind, added_by=who.name)
        return {"kinds": [str(document.kind) for document in kinds]}

    engine.change(permit, "document", actor=who, apply=add, public=True)
    teller.line(
        f"{who.name} adds {len(kinds)} documents: {', '.join(document.kind.label.lower() for document in kinds)}"
    )


def _review(teller: Teller, permit: Any) -> None:
    where = settings.SAFETY_SERVICE_URL or "the same rules in this process"
    teller.step("reviewSafety", f"Milepost asks the safety service ({where}), then a person decides.")
    teller.work(permit, "safetyService")
    permit.refresh_from_db()
    teller.line(f"verdict: {permit.safety.get('verdict')} (rules {permit.safety.get('rules_version')})")
    for finding in permit.safety.get("findings", []):
        teller.line(f"{finding['severity']}: {finding['sentence']}")


def _advise(teller: Teller, permit: Any, users: Mapping[str, User]) -> None:
    """Each specialist who was asked gives a recommendation; the last one opens the decision."""
    for task in reviews.tasks_of(permit):
        specialist = officer(users[SPECIALISTS[task.specialty]])
        reviews.recommend(permit, task=task.pk, recommendation="approve", actor=specialist)
        teller.line(f"{specialist.name} ({task.get_specialty_display().lower()}) recommends to approve")
    permit.refresh_from_db()


def _decide(teller: Teller, permit: Any) -> Any:
    users = office()
    reviewer = officer(users["olga"])
    _advise(teller, permit, users)

    def take(case: Any) -> dict[str, str]:
        case.assignee = reviewer.user
        return {"assignee": reviewer.name}

    def settle(case: Any) -> dict[str, str]:
        case.fee_settled_at = case.fee_settled_at or timezone.now()
        case.conflicts.filter(settled_because="").update(settled_because="The crews agreed on their days")
        return {"how": "check no. 1182"}

    permit = engine.change(permit, "assigned", actor=reviewer, apply=take)
    teller.line(f"{reviewer.name} claims the case and looks at the finding")
    open_conflicts = permit.conflicts.filter(settled_because="").count()
    permit = engine.change(permit, "payment", actor=reviewer, apply=settle, public=True)
    settled = f" and settles {open_conflicts} conflicts" if open_conflicts else ""
    teller.line(f"{reviewer.name} records the payment of {applications.money(permit.fee_total)}{settled}")
    began = time.perf_counter()
    permit = engine.fire(
        permit, "approve", actor=reviewer, revision=permit.revision, data={"message": "Welcome on US-69."}
    )
    teller.line(
        f"{reviewer.name} approves revision {permit.application_revision} under {', '.join(permit.conditions)}",
        time.perf_counter() - began,
    )
    return permit


def _issue_and_tell(teller: Teller, permit: Any) -> None:
    teller.step("issuePermit", "Milepost sets the permit from the frozen revision and issues it.")
    teller.work(permit, "makePermitPdf")
    permit.refresh_from_db()
    if permit.permit_document is not None:
        teller.line(f"PDF: {shown(files.path_of(permit.permit_document.storage_name))}")
        teller.line(f"SHA-256 {permit.permit_document.sha256}")
    teller.step("notifyApplicant", "Milepost tells the applicant; then the permit is in force.")
    teller.work(permit, "notifyApplicant")
    for message in Message.objects.filter(case_id=permit.pk, status="sent").order_by("pk"):
        teller.line(f"{message.channel} to {message.address}: {message.subject}")


def _ending(teller: Teller, permit: Any) -> None:
    teller.history(permit, "permit")
    teller.write(f"     verify  {verify_url(permit)}")

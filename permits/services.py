"""The services of the workflow roadPermit: what machines do at each step."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from permits import applications, files, messages
from permits.models import RoadPermit
from permits.rules.safety import assess
from permits.rules.safety_contract import check_answer, safety_request
from permits.sheet import document_bytes
from workflow import following
from workflow.contrib.notifications.delivery import RETRY
from workflow.contrib.service_stub.shapes import GarbageAnswer
from workflow.definition import Call, Result, Retry, Service
from workflow.errors import PermanentFailure, UnusableAnswer
from workflow.models import Document, Event
from workflow.outside import post_json
from workflow.registry import registry

# -- submitApplication ------------------------------------------------------------------------------------------------


def check_application(call: Call) -> Result:
    """Check a filed application for completeness; note twins (same holder, place and time) for the reviewer."""
    permit = RoadPermit.objects.get(pk=call.case_id)
    faults = [
        {"field": e.field, "code": e.code, "sentence": e.sentence} for e in applications.verdict_of(permit).errors
    ]
    twins = list(applications.twins_of(permit).values_list("reference", flat=True)[:5])
    # A program has Idempotency-Keys against sending twice; a person has only us, so an officer looks at a twin first.
    sent_twice = permit.source == "form" and bool(twins)
    return {
        "green": not faults and not sent_twice,
        "revision": permit.application_revision,
        "faults": faults,
        "twins": twins,
        "conflicts": permit.conflicts.count(),
    }


def accept_check(permit: Any, result: Result) -> bool:
    permit.checklist = dict(result)
    return bool(result["green"])


CHECK_APPLICATION = Service(
    name="checkApplication",
    call=check_application,
    accept=accept_check,
    inline=True,
    doing="checks that the application is complete",
)

# -- reviewSafety -----------------------------------------------------------------------------------------------------


def ask_safety_service(call: Call) -> Result:
    """Ask the safety service by URL, or the same rules in this process; only an exact answer to our question counts."""
    permit = RoadPermit.objects.get(pk=call.case_id)
    answers = applications.answers_of(permit)
    kinds = set(permit.documents.filter(replaced_at=None).values_list("kind", flat=True))
    # One key for one question: another revision of the application is another question.
    key = uuid.uuid5(call.key, str(permit.application_revision))
    index = applications.index_of(answers)
    request = safety_request(answers, case=permit.reference, key=key, documents=kinds, index=index)
    if settings.SAFETY_SERVICE_URL:
        url = f"{settings.SAFETY_SERVICE_URL}/v1/assessments"
        answer = post_json(url, request, key=str(key), deadline=call.deadline, service="The safety service")
    else:
        answer = assess(request)
    try:
        found = check_answer(answer, request)
    except GarbageAnswer as error:
        raise UnusableAnswer(f"The safety service's answer cannot be used: {error}") from error
    return {
        "revision": permit.application_revision,
        "verdict": str(found.verdict),
        "rules_version": found.rules_version,
        "findings": [
            {"code": f.code, "severity": str(f.severity), "sentence": f.sentence, "source": f.source}
            for f in found.findings
        ],
    }


def accept_assessment(permit: Any, result: Result) -> bool:
    """Put the finding on the reviewer's desk. A person decides; no verdict approves by itself."""
    permit.safety = dict(result)
    return False


SAFETY_SERVICE = Service(
    name="safetyService",
    call=ask_safety_service,
    accept=accept_assessment,
    deadline=settings.SAFETY_SERVICE_DEADLINE,
    retry=Retry(attempts=settings.SAFETY_SERVICE_ATTEMPTS, base=timedelta(seconds=1), cap=timedelta(minutes=2)),
    doing="asks the safety service",
)


def ask_again(permit: Any, event: Event) -> None:
    """A document that arrives during the review is looked at: the finding on the desk is of what is there now."""
    if event.kind == "document" and permit.state == RoadPermit.State.IN_REVIEW:
        following.again(permit, registry.get(permit.workflow, permit.workflow_version))


# -- issuePermit ------------------------------------------------------------------------------------------------------


def make_permit_pdf(call: Call) -> Result:
    """Set the permit from its frozen revision and store the file; the same key writes the same file again."""
    permit = RoadPermit.objects.get(pk=call.case_id)
    name = f"{permit.reference}-r{permit.application_revision}.pdf"
    return files.store_made(document_bytes(permit), name=name, key=str(call.key))


def accept_pdf(permit: Any, result: Result) -> bool:
    permit.permit_document = add_made(permit, "permit", result)
    return True


def add_made(permit: Any, kind: str, made: Mapping[str, Any]) -> Document:
    """The row of a file that a service made."""
    document, _ = Document.objects.get_or_create(
        storage_name=made["storage_name"],
        defaults={
            "case": permit,
            "kind": kind,
            "name": made["name"],
            "content_type": "application/pdf",
            "size": made["size"],
            "sha256": made["sha256"],
            "public": True,
            "revision": permit.application_revision,
            "added_by": "Milepost",
        },
    )
    return document


MAKE_PERMIT_PDF = Service(
    name="makePermitPdf",
    call=make_permit_pdf,
    accept=accept_pdf,
    deadline=timedelta(seconds=30),
    doing="sets the permit as a PDF",
)

# -- notifyApplicant --------------------------------------------------------------------------------------------------


def notify_applicant(call: Call) -> Result:
    """Deliver the messages of the issue: one row a message, each delivered once."""
    sent = messages.deliver_issue(call.case_id)
    if not sent:
        raise PermanentFailure("There is nobody to tell: the application has no address we can write to.")
    return {"sent": sent}


NOTIFY_APPLICANT = Service(
    name="notifyApplicant",
    call=notify_applicant,
    deadline=timedelta(seconds=40),
    retry=RETRY,
    doing="sends the permit to the applicant",
)

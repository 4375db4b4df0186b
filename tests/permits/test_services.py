"""What the machines do at each step of a permit: check, ask, make, send; repeated, refused and broken."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone

from permits import files, services
from permits.models import RoadPermit
from permits.pdf import PdfError
from permits.sheet import document_bytes
from tests.permits import factories as make
from tests.permits.move_data import DATA
from workflow import engine, orchestrator
from workflow.claims import claim
from workflow.contrib.notifications.models import Message
from workflow.errors import PermanentFailure
from workflow.models import Contact, Document, Event, Work, lease_end

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "mail"}}}
    return tmp_path


def work_of(permit: RoadPermit, step: str) -> Work:
    return Work.objects.filter(case_id=permit.pk, step=step).latest("pk")


def run(permit: RoadPermit, step: str) -> RoadPermit:
    """One attempt of a step as a worker makes it, and nothing after it."""
    work = work_of(permit, step)
    Work.objects.filter(pk=work.pk).update(run_at=lease_end(timedelta(seconds=-1)), lease_until=None)
    mine = claim(work.pk)
    assert mine is not None
    with mock.patch("workflow.doorbell.inline_on_commit"):
        orchestrator.run_one(mine, gate=orchestrator.never)
    return make.fresh(permit)


def put(permit: RoadPermit, **values: Any) -> None:
    RoadPermit.objects.filter(pk=permit.pk).update(**values)


# -- submitApplication ------------------------------------------------------------------------------------------------


def test_a_complete_application_is_accepted_in_the_request_itself(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        case = engine.start_workflow("roadPermit", make.application(), actor=make.integrator()).case
    permit = make.fresh(case)
    assert permit.state == "in_review"
    assert permit.checklist == {"green": True, "revision": 1, "faults": [], "twins": [], "conflicts": 0}
    assert [event.actor for event in permit.events.filter(transition="accept")] == ["Milepost"]


def test_an_application_with_a_fault_waits_for_an_officer() -> None:
    permit = make.filed(checked=False)
    put(permit, application={**permit.application, "contact_email": "nobody"})
    permit = run(permit, "submitApplication")
    assert (permit.state, permit.parked_at) == ("submitted", None)
    assert [fault["field"] for fault in permit.checklist["faults"]] == ["contact_email"]
    assert permit.events.latest("seq").kind == "finding"
    assert make.fire(permit, "accept").state == "in_review"


def test_the_same_application_sent_twice_is_shown_to_the_reviewer() -> None:
    first, second = make.filed(), make.filed()
    assert (first.checklist["twins"], second.checklist["twins"]) == ([], [first.reference])
    assert second.checklist["conflicts"] == 1
    assert make.filed(**make.at(3)).checklist["twins"] == []


def test_a_form_sent_twice_waits_for_an_officer() -> None:
    make.filed()
    permit = make.filed(checked=False)
    put(permit, source="form")
    permit = run(permit, "submitApplication")
    assert (permit.state, permit.checklist["green"]) == ("submitted", False)
    assert len(permit.checklist["twins"]) == 1


# -- reviewSafety -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "verdict"), [({}, "fail"), ({"pedestrian_access": "not_affected"}, "pass")])
def test_a_finding_lies_on_the_desk_and_decides_nothing(answers: dict[str, Any], verdict: str) -> None:
    permit = make.filed(**answers)
    assert (permit.state, permit.safety["verdict"], permit.safety["revision"]) == ("in_review", verdict, 1)
    assert permit.safety["rules_version"]
    blocking = [finding for finding in permit.safety["findings"] if finding["severity"] == "blocking"]
    assert bool(blocking) is (verdict == "fail")
    assert all(finding["sentence"] and finding["source"] for finding in permit.safety["findings"])
    assert permit.decided_at is None
    assert work_of(permit, "reviewSafety").outcome == Work.Outcome.DONE


# -- issuePermit ------------------------------------------------------------------------------------------------------


def test_the_permit_is_made_from_the_frozen_revision_and_filed_with_its_digest() -> None:
    permit = run(make.approved(), "issuePermit")
    document = permit.permit_document
    content = files.path_of(document.storage_name).read_bytes()
    assert content.startswith(b"%PDF")
    assert (document.sha256, document.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (document.kind, document.name, document.public) == ("permit", f"{permit.reference}-r1.pdf", True)
    assert (permit.state, document.revision, document.content_type) == ("issued", 1, "application/pdf")
    assert permit.issued_at is not None


def test_the_same_permit_gives_the_same_bytes_whenever_it_is_made() -> None:
    permit = make.approved()
    first = document_bytes(permit)
    put(permit, application={**permit.application, "road_name": "Elm Street"})  # not frozen: not in the document
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=3)):
        assert document_bytes(make.fresh(permit)) == first


def test_made_twice_it_is_one_file_and_one_row(folder: Path) -> None:
    permit = make.approved()
    held = claim(work_of(permit, "issuePermit").pk)
    assert held is not None
    first, second = orchestrator.perform(held), orchestrator.perform(held)
    assert first == second
    with transaction.atomic():
        rows = {services.add_made(permit, "permit", first).pk, services.add_made(permit, "permit", second).pk}
    assert len(rows) == 1
    assert [path.name for path in (folder / "files" / "made").rglob("*.*")] == [f"{held.key}.pdf"]


def test_a_late_worker_neither_adds_a_row_nor_changes_the_file() -> None:
    permit = make.approved()
    work = work_of(permit, "issuePermit")
    late = claim(work.pk)
    assert late is not None
    permit = run(permit, "issuePermit")  # its lease is over and another has done it
    revision = permit.revision
    assert orchestrator.complete(late, orchestrator.perform(late)) is None
    assert make.fresh(permit).revision == revision
    assert permit.documents.filter(kind="permit").count() == 1
    content = files.path_of(permit.permit_document.storage_name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == permit.permit_document.sha256


@pytest.mark.parametrize(
    "error", [PdfError("pdf_engine_failed", "The engine stopped."), OSError(28, "No space left on device")]
)
def test_a_document_that_cannot_be_made_leaves_it_approved_and_is_tried_again(error: Exception, folder: Path) -> None:
    permit = make.approved()
    with mock.patch("permits.services.document_bytes", side_effect=error):
        permit = run(permit, "issuePermit")
    work = work_of(permit, "issuePermit")
    assert (permit.state, permit.parked_at, work.outcome, work.attempts) == ("approved", None, Work.Outcome.OPEN, 1)
    assert type(error).__name__ in work.error
    assert not permit.documents.filter(kind="permit").exists()
    assert run(permit, "issuePermit").state == "issued"


def test_a_full_disk_leaves_no_half_file(folder: Path) -> None:
    with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")), pytest.raises(OSError, match="28"):
        files.store_made(make.PDF, name="permit.pdf", key="ab" * 16)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_permit_whose_check_bounced_is_parked_until_it_is_paid() -> None:
    permit = make.approved()
    put(permit, fee_settled_at=None)
    permit = run(permit, "issuePermit")
    assert permit.state == "approved"
    assert "The fee is open" in permit.parked_reason
    assert permit.permit_document is None
    permit = make.paid(permit)
    orchestrator.retry(permit, actor=make.officer("olga"))
    permit = run(permit, "issuePermit")
    assert (permit.state, permit.parked_at) == ("issued", None)
    assert permit.documents.filter(kind="permit").count() == 1


def test_an_officer_issues_by_hand_only_what_is_made() -> None:
    permit = make.approved()
    put(permit, fee_settled_at=None)
    permit = make.paid(run(permit, "issuePermit"))
    with pytest.raises(engine.Refused) as refused:
        make.fire(permit, "issue")
    assert [reason.code for reason in refused.value.reasons] == ["document_made"]


# -- notifyApplicant --------------------------------------------------------------------------------------------------


def mails(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted((folder / "mail").glob("*.eml"))]


def test_the_permit_is_in_force_once_the_applicant_has_been_told(folder: Path) -> None:
    permit = run(run(make.approved(), "issuePermit"), "notifyApplicant")
    assert permit.state == "in_force"
    (message,) = Message.objects.filter(case=permit, event__transition="issue", role="applicant")
    assert (message.status, message.attachments) == ("sent", [permit.permit_document_id])
    (mail,) = [mail for mail in mails(folder) if "the permit is issued" in mail]
    assert f"To: {message.address}" in mail
    assert permit.permit_document.name in mail


def test_a_mail_server_that_is_down_keeps_it_issued_and_is_tried_again(folder: Path) -> None:
    permit = run(make.approved(), "issuePermit")
    with mock.patch("workflow.contrib.notifications.delivery._send", side_effect=ConnectionRefusedError()):
        permit = run(permit, "notifyApplicant")
    assert (permit.state, permit.parked_at) == ("issued", None)
    assert work_of(permit, "notifyApplicant").outcome == Work.Outcome.OPEN
    assert run(permit, "notifyApplicant").state == "in_force"
    assert len([mail for mail in mails(folder) if "the permit is issued" in mail]) == 1


def test_a_message_that_went_out_before_the_worker_died_does_not_go_out_again(folder: Path) -> None:
    permit = run(make.approved(), "issuePermit")
    held = claim(work_of(permit, "notifyApplicant").pk)
    assert held is not None
    orchestrator.perform(held)  # and then nothing: killed before its result was kept
    assert make.fresh(permit).state == "issued"
    assert run(permit, "notifyApplicant").state == "in_force"
    assert len([mail for mail in mails(folder) if "the permit is issued" in mail]) == 1


def test_with_nobody_to_tell_it_is_parked_for_an_officer() -> None:
    permit = make.approved()
    Contact.objects.filter(case=permit, role="applicant").update(email="", phone="")
    permit = run(run(permit, "issuePermit"), "notifyApplicant")
    assert permit.state == "issued"
    assert "nobody to tell" in permit.parked_reason


def test_a_permit_that_was_withdrawn_meanwhile_is_not_sent() -> None:
    permit = run(make.approved(), "issuePermit")
    held = claim(work_of(permit, "notifyApplicant").pk)
    assert held is not None
    make.fire(permit, "cancel", make.actors.applicant(permit), **DATA["cancel"])
    assert orchestrator.complete(held, orchestrator.perform(held)) is None
    assert make.fresh(permit).state == "cancelled"


def test_what_a_run_leaves_behind_is_one_of_each() -> None:
    permit = make.drain(make.approved())
    steps = Work.objects.filter(case_id=permit.pk, kind=Work.Kind.STEP).exclude(outcome=Work.Outcome.CANCELLED)
    assert sorted(steps.values_list("step", "outcome")) == [
        ("issuePermit", "done"), ("notifyApplicant", "done"), ("reviewSafety", "done"), ("submitApplication", "done"),
    ]  # fmt: skip
    moves = Event.objects.filter(case_id=permit.pk, kind="transition").order_by("seq")
    assert [*moves.values_list("transition", flat=True)] == ["submit", "accept", "approve", "issue", "take_effect"]
    assert Document.objects.filter(case_id=permit.pk, kind="permit").count() == 1


def test_a_document_that_arrives_in_review_is_looked_at() -> None:
    permit = make.filed()
    assert permit.safety["verdict"] == "fail"
    permit = make.with_documents(permit)
    assert work_of(permit, "reviewSafety").outcome == Work.Outcome.OPEN
    permit = make.drain(permit)
    assert permit.safety["verdict"] == "pass"
    assert permit.at_step == "reviewSafety"


def test_a_document_that_arrives_while_the_check_is_parked_sends_it_on() -> None:
    permit = make.filed(checked=False)
    permit = run(permit, "submitApplication")
    orchestrator.fail(claim(work_of(permit, "reviewSafety").pk), PermanentFailure("The service says no."))
    assert make.fresh(permit).parked_at is not None
    permit = make.drain(make.with_documents(make.fresh(permit)))
    assert (permit.parked_at, permit.safety["verdict"]) == (None, "pass")

"""Messages: one row a message, fixed when planned, delivered once, visible when they cannot be."""

import email
import email.policy
import hashlib
import socketserver
import threading
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from tests.parcels.making import chief, end_lease, make_due, start_parcel, work_of
from workflow import orchestrator
from workflow.claims import claim
from workflow.contrib.notifications import delivery
from workflow.contrib.notifications.backends import ConsoleSms, OutboxEmailBackend, file_name, get_sms_backend
from workflow.contrib.notifications.delivery import DELIVER_MESSAGE, deliver_message, plan_message
from workflow.contrib.notifications.models import Message
from workflow.errors import PermanentFailure, TemporaryFailure
from workflow.models import Document, Event, Work
from workflow.registry import registry
from workflow.worker import Worker

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def outbox(settings, tmp_path):
    """The folder that mails are written to."""
    folder = tmp_path / "outbox"
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": folder}}}
    settings.MEDIA_ROOT = tmp_path / "files"
    return folder


class SmtpStub(socketserver.ThreadingTCPServer):
    """A mail server that answers ``answers[verb]`` where a test says so, and keeps the mails it took."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _SmtpTalk)
        self.answers, self.mails = {}, []


class _SmtpTalk(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 stub")
        for line in self.rfile:
            verb = line[:4].decode().upper().strip()
            self._say(self.server.answers.get(verb) or {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 OK"))
            if verb == "DATA" and "DATA" not in self.server.answers:
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(email.message_from_bytes(mail, policy=email.policy.default))
                self._say("250 taken")
            if verb == "QUIT":
                return

    def _say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def smtp(settings):
    server = SmtpStub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {"host": "127.0.0.1", "port": server.server_address[1], "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": options}}
    yield server
    server.shutdown()
    server.server_close()


def planned(parcel=None, **changes):
    """A planned message to the sender of a parcel about its newest event."""
    parcel = parcel or start_parcel()
    event = Event.objects.filter(case_id=parcel.pk).latest("seq")
    values = {"role": "applicant", "channel": "email", "address": "ada@example.org"} | changes
    return plan_message(parcel, event, **({"subject": "Your parcel", "text": "It is on its way.\n"} | values))


def work_for(message):
    return Work.objects.get(case_id=message.case_id, step=f"task:message-{message.pk}")


def attempt(message):
    """One try by a worker; answers the work as it then is."""
    Work.objects.filter(pk=work_for(message).pk).update(lease_until=None)
    make_due(message.case)
    got = claim(work_for(message).pk)
    if got is not None:
        orchestrator.run_one(got)
    message.refresh_from_db()
    return work_for(message)


def mails_in(folder):
    files = sorted(Path(folder).iterdir()) if Path(folder).exists() else []
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]


def test_a_message_is_one_row_and_one_piece_of_work():
    message = planned()
    work = work_for(message)
    assert (message.status, message.attempts, message.sent_at) == ("planned", 0, None)
    assert (work.kind, work.service, work.argument) == ("task", "deliverMessage", {"message": message.pk})
    assert registry.service("deliverMessage") is DELIVER_MESSAGE


def test_planning_the_same_again_answers_the_first_and_its_words_stay():
    first = planned()
    again = planned(first.case, text="Something else")
    assert (again.pk, again.text) == (first.pk, first.text)
    assert Work.objects.filter(case_id=first.case_id, step__startswith="task:").count() == 1


def test_the_database_refuses_a_second_message_for_event_role_and_channel():
    message = planned()
    message.pk, message.message_id = None, "0" * 32
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


def test_each_role_and_channel_of_an_event_has_its_own_stable_id():
    parcel = start_parcel()
    made = [planned(parcel), planned(parcel, role="contractor"), planned(parcel, channel="sms", address="+15155550142")]
    ids = [message.message_id for message in made]
    assert len(set(ids)) == 3
    assert ids[0] == delivery.message_id_of(made[0].event, "applicant", "email")


@pytest.mark.parametrize("address", ["", "  ", "\r\n"])
def test_without_an_address_nothing_is_planned(address):
    assert planned(address=address) is None
    assert not Message.objects.exists()


def test_a_message_a_step_delivers_has_no_work_of_its_own():
    message = planned(deliver=False)
    assert not Work.objects.filter(case_id=message.case_id, step__startswith="task:").exists()


def test_a_delivered_mail_has_text_html_attachment_and_its_id(outbox, settings):
    parcel, content = start_parcel(), b"%PDF-1.4 label"
    (settings.MEDIA_ROOT / "made").mkdir(parents=True)
    (settings.MEDIA_ROOT / "made" / "label.pdf").write_bytes(content)
    label = Document.objects.create(
        case_id=parcel.pk, kind="label", name="label.pdf", storage_name="made/label.pdf", size=len(content),
        content_type="application/pdf", sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    message = planned(parcel, html="<p>It is on its way.</p>", documents=[label])
    assert attempt(message).outcome == "done"
    (mail,) = mails_in(outbox)
    assert (message.status, message.attempts, message.error) == ("sent", 1, "")
    assert message.sent_at is not None
    assert mail["Message-ID"] == f"<{message.message_id}@localhost>"
    assert (outbox / f"{message.message_id}.eml").exists()
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == ("ada@example.org", "Your parcel", "auto-generated")
    assert mail.get_body(("plain",)).get_content().split() == ["It", "is", "on", "its", "way."]
    assert "<p>" in mail.get_body(("html",)).get_content()
    (part,) = mail.iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
        "label.pdf",
        "application/pdf",
        content,
    )


@pytest.mark.parametrize(("content", "failure"), [(None, TemporaryFailure), (b"changed", PermanentFailure)])
def test_an_attachment_that_is_gone_or_changed_is_never_sent(outbox, settings, content, failure):
    parcel = start_parcel()
    paper = Document.objects.create(
        case_id=parcel.pk, kind="label", name="label.pdf", storage_name="label.pdf", size=5,
        content_type="application/pdf", sha256=hashlib.sha256(b"as made").hexdigest(),
    )  # fmt: skip
    if content is not None:
        settings.MEDIA_ROOT.mkdir()
        (settings.MEDIA_ROOT / "label.pdf").write_bytes(content)
    message = planned(parcel, documents=[paper])
    with pytest.raises(failure):
        deliver_message(message.pk)
    message.refresh_from_db()
    assert message.status == "failed"
    assert mails_in(outbox) == []


@contextmanager
def dying_after_sending():
    """The worker dies between the mail server's yes and the mark in the row."""
    send = delivery._send

    def die(message):
        send(message)
        raise SystemExit("killed")

    with mock.patch.object(delivery, "_send", die), pytest.raises(SystemExit):
        yield


def test_a_redelivery_after_a_crash_writes_no_second_file(outbox):
    message = planned()
    with dying_after_sending():
        attempt(message)
    message.refresh_from_db()
    assert (message.status, len(mails_in(outbox))) == ("sending", 1)
    before = [path.stat().st_mtime_ns for path in outbox.iterdir()]
    end_lease(work_for(message))
    assert attempt(message).outcome == "done"
    assert (message.status, message.attempts) == ("sent", 2)
    assert [path.stat().st_mtime_ns for path in outbox.iterdir()] == before


def test_a_redelivery_by_smtp_after_a_crash_is_the_same_mail(smtp):
    message = planned()
    with dying_after_sending():
        attempt(message)
    assert attempt(message).outcome == "done"
    first, second = smtp.mails
    assert first["Message-ID"] == second["Message-ID"] == message.header_id
    assert (first["Date"], first["Subject"]) == (second["Date"], second["Subject"])


def test_what_is_sent_or_taken_back_is_not_sent_again(outbox):
    message = planned()
    assert deliver_message(message.pk)
    assert deliver_message(message.pk)
    other = planned(role="contractor")
    Message.objects.filter(pk=other.pk).update(status="suppressed")
    assert not deliver_message(other.pk)
    assert len(mails_in(outbox)) == 1
    assert Message.objects.get(pk=message.pk).attempts == 1


def test_a_mail_server_that_is_down_is_tried_again_then_parked_in_sight(smtp):
    smtp.shutdown()
    smtp.server_close()
    message = planned()
    for number in range(1, DELIVER_MESSAGE.retry.attempts):
        assert attempt(message).outcome == "open"
        assert (message.status, message.attempts) == ("failed", number)
    assert attempt(message).outcome == "parked"
    parcel = type(start_parcel()).objects.get(pk=message.case_id)
    assert (parcel.state, parcel.step) == ("received", "checkParcel")  # the case itself goes on
    assert "could not be handed over (ConnectionRefusedError)" in parcel.parked_reason
    assert "ada@example.org" not in parcel.parked_reason
    assert message.error == parcel.parked_reason


def test_an_officer_sends_a_parked_message_on(smtp):
    smtp.answers["RCPT"] = "550 no such user"
    message = planned()
    assert attempt(message).outcome == "parked"
    smtp.answers.clear()
    orchestrator.retry(message.case, actor=chief())
    assert attempt(message).outcome == "done"
    assert (message.status, message.error, len(smtp.mails)) == ("sent", "", 1)


@pytest.mark.parametrize(
    ("verb", "answer", "outcome"),
    [
        ("RCPT", "550 no such user ada@example.org", "parked"),
        ("RCPT", "451 greylisted", "open"),
        ("DATA", "554 looks like spam", "parked"),
        ("DATA", "452 disk full", "open"),
        ("MAIL", "530 log in first", "open"),
        ("EHLO", "421 busy", "open"),
    ],
)
def test_a_server_that_says_no_for_good_is_not_asked_again(smtp, verb, answer, outcome):
    smtp.answers |= {verb: answer, "HELO": answer} if verb == "EHLO" else {verb: answer}
    message = planned()
    work = attempt(message)
    assert (work.outcome, message.status, smtp.mails) == (outcome, "failed", [])
    assert message.error
    assert "ada@" not in message.error


@pytest.mark.parametrize("address", ["not an address", "ada@example.org, eve@example.org", "ada@"])
def test_a_broken_address_reaches_nobody_and_is_parked(smtp, address):
    message = planned(address=address)
    assert attempt(message).outcome == "parked"
    assert (message.status, smtp.mails) == ("failed", [])


def test_no_header_can_be_injected(outbox):
    message = planned(
        subject="Your parcel\r\nBcc: eve@example.net\x00\x1b[2J", address="ada@example.org\nBcc:eve@example.net"
    )
    assert message.subject == "Your parcel Bcc: eve@example.net[2J"
    assert "\n" not in message.address
    attempt(message)
    assert all(mail["Bcc"] is None for mail in mails_in(outbox))


def test_a_text_message_goes_through_the_backend_with_its_id(capsys, settings):
    message = planned(channel="sms", address="+15155550142", text="Your parcel\nis on its way.")
    assert attempt(message).outcome == "done"
    assert capsys.readouterr().out == (f"SMS to +15155550142 [{message.message_id}]: Your parcel is on its way.\n")
    assert isinstance(get_sms_backend(), ConsoleSms)


def test_a_half_written_mail_leaves_nothing_behind(outbox):
    backend, mail = OutboxEmailBackend(file_path=outbox), EmailMessage("Subject", "Text", to=["ada@example.org"])
    with (
        mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")),
        pytest.raises(OSError, match="space"),
    ):
        backend.send_messages([mail])
    assert list(outbox.iterdir()) == []


@pytest.mark.parametrize("message_id", ["<../../etc/passwd@x>", "<@x>", "", "<" + "a" * 300 + "@x>"])
def test_a_message_id_never_leads_out_of_the_outbox(message_id):
    assert file_name(message_id) == hashlib.sha256(message_id.encode()).hexdigest()


def test_a_worker_delivers_what_is_due_with_everything_else(outbox):
    message = planned()
    worker = Worker(threads=1)
    while worker.once():
        pass
    message.refresh_from_db()
    assert message.status == "sent"
    assert work_of(message.case, f"task:message-{message.pk}").outcome == "done"

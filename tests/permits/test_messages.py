"""Who is told what of a permit: every row of the table, walked through the real engine and read back."""

import email
import email.policy
import html
import re
from datetime import timedelta
from types import SimpleNamespace
from unittest import mock

import pytest
from django.utils import timezone

from permits import messages
from permits.desk import write_to_applicant
from permits.lifecycle import State
from permits.messages import MESSAGE, NOTICES, deliver_issue, notice_of, remind_at
from permits.models import RoadPermit
from permits.neighbours import tell
from tests.permits import factories as make
from workflow import actors, escalation
from workflow.actors import SYSTEM
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import DELIVER_MESSAGE
from workflow.contrib.notifications.models import Message
from workflow.errors import PermanentFailure, TemporaryFailure
from workflow.models import Contact, Document, Event, Work
from workflow.nearby import Sighting
from workflow.registry import lifecycle_of, registry
from workflow.tracker import calendar, tracking_token, tracking_url

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
# Moves that nobody is written to about: the person made them, or hears of what follows.
SILENT = {"accept", "provide_information", "approve", "deem", "take_effect"}
SILENT |= {"start_work", "revert_start", "stop_work", "revert_stop"}
SHARED = [key for key, notice in NOTICES.items() if "contractor" in notice.roles]
GROUNDS = "The new plan keeps a path for people on foot."


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}
    settings.SITE_URL = "https://permits.dot.example.gov"
    return tmp_path / "outbox"


def over(permit, name):
    """Let a date of the permit be past."""
    RoadPermit.objects.filter(pk=permit.pk).update(**{name: timezone.now() - timedelta(minutes=1)})
    return make.fresh(permit)


def reminded(**changes):
    permit = make.info_requested(**changes)
    Work.objects.filter(case_id=permit.pk, service="remindApplicant").update(run_at=timezone.now())
    return make.drain(permit)


def reported_nearby(**changes):
    permit = make.active(**changes)
    link = "https://permits.dot.example.gov/incidents/IR-26-7K3QXM/"
    tell(permit.pk, Sighting(reference="IR-26-7K3QXM", title="Pothole on US-69", link=link))
    return make.fresh(permit)


def reopened(**changes):
    permit = make.in_state(State.REFUSED, **changes)
    return make.fire(permit, "reopen", make.officer("mona", team=permit.team), grounds=GROUNDS)


def written_to(permit):
    write_to_applicant(permit, text="Please call us about the detour.", actor=make.officer("olga", team=permit.team))
    return make.drain(permit)


def late(**changes):
    permit = over(make.filed(**changes), "due_at")
    escalation.sweep()
    return make.drain(permit)


WAYS = {
    MESSAGE: lambda **c: written_to(make.filed(**c)),
    "submit": lambda **c: make.filed(checked=False, **c),
    "request_information": make.info_requested,
    "reminded": reminded,
    "escalated": late,
    "lapse": lambda **c: make.fire(over(make.info_requested(**c), "info_due_at"), "lapse", SYSTEM),
    "issue": make.in_force,
    "refuse": lambda **c: make.drain(make.in_state(State.REFUSED, **c)),
    "revoke": lambda **c: make.drain(make.in_state(State.REVOKED, **c)),
    "suspend": lambda **c: make.in_state(State.SUSPENDED, **c),
    "resume": lambda **c: make.fire(make.in_state(State.SUSPENDED, **c), "resume", reason="Signs are up again."),
    "cancel": lambda **c: make.in_state(State.CANCELLED, **c),
    "expire": lambda **c: make.in_state(State.EXPIRED, **c),
    "reopen": reopened,
    "pass_inspection": lambda **c: make.in_state(State.CLOSED, **c),
    "fail_inspection": lambda **c: make.fire(
        make.in_state(State.COMPLETED, **c), "fail_inspection", defects="The trench settled by two inches."
    ),
    "mark_overrun": lambda **c: make.fire(over(make.active(**c), "end_at"), "mark_overrun", SYSTEM),
    "report_nearby": reported_nearby,
}


def told(permit, key):
    """The messages about the newest event of that kind, by role; not what our own people get."""
    rows = Message.objects.filter(case_id=permit.pk).exclude(role="team").select_related("event").order_by("pk")
    events = [row.event for row in rows if notice_of(row.event) == key]
    return {row.role: row for row in rows if events and row.event_id == events[-1].pk}


def mails_in(folder):
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]


def words_of(text):
    return set(re.findall(r"[A-Za-z0-9$]{2,}", text))


def seen_in_html(markup):
    body = re.sub(r'<a href="([^"]*)"', r" \1 <a", markup.split("<body")[1].partition(">")[2])
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


def test_each_move_of_a_permit_is_in_the_table_or_silent_on_purpose():
    moves = {edge.name for edge in lifecycle_of(RoadPermit)}
    assert NOTICES.keys() & moves | SILENT == moves
    assert not NOTICES.keys() & SILENT
    assert NOTICES.keys() - moves == {"reminded", "escalated", "report_nearby", MESSAGE}
    assert WAYS.keys() == NOTICES.keys()


def test_the_services_the_table_needs_are_registered():
    names = (messages.MAKE_LETTER, messages.REMIND_APPLICANT.name, DELIVER_MESSAGE.name)
    assert [registry.service(name).name for name in names] == list(names)


@pytest.mark.parametrize("key", NOTICES)
def test_each_notice_goes_to_its_people_with_all_its_words(key):
    permit = WAYS[key]()
    rows = told(permit, key)
    assert rows.keys() == set(NOTICES[key].roles)
    assert tracking_url(permit) in rows["applicant"].text
    assert tracking_url(permit) in rows["applicant"].html
    for row in rows.values():
        assert row.subject.startswith(f"{permit.reference}: ")
        if row.channel == "sms":
            continue  # as short as its subject
        for text in (row.text, row.html):
            assert not re.search(r"\{\{|\{%|None|\(\)|  \.|: *\n\n\n", text)
        assert "Iowa Department of Transportation" in row.text
        assert "\n\n\n" not in row.text
        link_words = {"https", "See", "Check", "here", "at", "any", "time", "this", "Answer", "now", "link"}
        both = words_of(row.text) ^ words_of(seen_in_html(row.html))
        assert both - link_words - words_of(row.subject) <= {"and", "tel", "mailto"} | {w for w in both if w.isdigit()}


@pytest.mark.parametrize("key", SHARED)
def test_a_contractor_never_gets_the_link_that_acts_for_the_applicant(key):
    permit = WAYS[key]()
    contractor = told(permit, key)["contractor"]
    assert tracking_token(permit) not in contractor.text + contractor.html
    assert f"/verify/{permit.verify_token}/" in contractor.text
    assert f"/verify/{permit.verify_token}/" in contractor.html
    assert not Document.objects.filter(pk__in=contractor.attachments, kind="letter").exists()  # it prints that link


@pytest.mark.parametrize("key", SHARED)
def test_no_event_tells_one_address_twice(key):
    permit = WAYS[key](contractor_email="Dana.Whitfield@example.com")
    assert told(permit, key).keys() == {"applicant"}


@pytest.mark.parametrize("key", NOTICES)
def test_hostile_text_is_escaped_in_html_and_kept_in_text(key):
    hostile = '<img src=x onerror="alert(1)">'
    permit = WAYS[key](contact_name=f"Dana {hostile}", road_name=f"Duff {hostile}")
    row = told(permit, key)["applicant"]
    assert "<img" not in row.html
    assert "&lt;img" in row.html
    assert f"Hello Dana {hostile}," in row.text


def test_silent_moves_write_nothing():
    permit = make.in_state(State.COMPLETED)
    assert {notice_of(row.event) for row in Message.objects.filter(case_id=permit.pk)} == {"submit", "issue"}
    tasks = Work.objects.filter(case_id=permit.pk, kind=Work.Kind.TASK).values_list("service", flat=True)
    assert set(tasks) == {"deliverMessage", "technicalDeadline"}


def test_a_draft_that_is_thrown_away_writes_nothing():
    permit = make.draft()
    permit = make.fire(permit, "cancel", actors.applicant(permit))
    assert not Message.objects.filter(case_id=permit.pk).exists()


def test_a_draft_that_is_filed_reaches_the_applicant():
    permit = make.with_documents(make.draft(**make.soon()))
    permit = make.fire(permit, "submit", actors.applicant(permit))
    assert told(permit, "submit")["applicant"].address == "dana.whitfield@example.com"


def test_a_permit_comes_into_force_once_the_applicant_has_it(outbox):
    permit = make.in_force()
    assert permit.state == State.IN_FORCE
    rows = told(permit, "issue")
    assert [row.status for row in rows.values()] == ["sent", "sent"]
    (mail,) = [mail for mail in mails_in(outbox) if mail["Message-ID"] == rows["applicant"].header_id]
    (part,) = mail.iter_attachments()
    assert part.get_filename() == permit.permit_document.name
    assert part.get_content().startswith(b"%PDF")
    assert deliver_issue(permit.pk) == [rows["applicant"].pk]
    assert len(mails_in(outbox)) == len({mail["Message-ID"] for mail in mails_in(outbox)}) == 3


def broken_for(address, failure):
    send = notices.deliver_message

    def deliver(pk):
        if Message.objects.get(pk=pk).address == address:
            raise failure
        return send(pk)

    return mock.patch.object(notices, "deliver_message", deliver)


def test_a_permit_waits_while_its_message_cannot_be_handed_over():
    permit = make.issued()
    with broken_for("dana.whitfield@example.com", TemporaryFailure("down")), pytest.raises(TemporaryFailure):
        deliver_issue(permit.pk)
    with broken_for("dana.whitfield@example.com", PermanentFailure("no such user")), pytest.raises(PermanentFailure):
        deliver_issue(permit.pk)
    assert make.fresh(permit).state == State.ISSUED
    assert make.drain(permit).state == State.IN_FORCE


def test_a_bad_address_of_the_contractor_keeps_no_permit_back():
    permit = make.issued()
    Message.objects.filter(case_id=permit.pk, role="contractor").update(address="nobody at all")
    with mock.patch("workflow.contrib.notifications.delivery._send") as send:
        send.side_effect = lambda row: (
            (_ for _ in ()).throw(PermanentFailure("no")) if row.role == "contractor" else None
        )
        permit = make.drain(permit)
    assert permit.state == State.IN_FORCE
    assert Work.objects.filter(case_id=permit.pk, service="deliverMessage", outcome="parked").count() == 1


def test_a_text_message_counts_when_the_mail_is_refused_for_good(settings):
    settings.SMS_APPLICANTS = True
    permit = make.issued()
    with broken_for("dana.whitfield@example.com", PermanentFailure("no such user")):
        sent = deliver_issue(permit.pk)
    assert [Message.objects.get(pk=pk).channel for pk in sent] == ["sms"]


@pytest.mark.parametrize(("allowed", "channels"), [(True, ["email", "sms"]), (False, ["email"])])
def test_urgent_news_goes_by_text_message_only_where_the_office_wants_it(settings, allowed, channels):
    settings.SMS_APPLICANTS = allowed
    permit = make.info_requested()
    rows = Message.objects.filter(case_id=permit.pk)
    assert [row.channel for row in rows if notice_of(row.event) == "request_information"] == channels
    assert [row.channel for row in rows if notice_of(row.event) == "submit"] == ["email"]


def test_who_gave_only_a_phone_number_gets_text_messages():
    permit = make.filed()
    Contact.objects.filter(case_id=permit.pk, role="applicant").update(email="")
    permit = make.fire(permit, "request_information", items=[{"field": "", "text": "Which day?"}])
    row = told(permit, "request_information")["applicant"]
    assert (row.channel, row.address, row.html) == ("sms", "+15155550142", "")
    assert row.text == f"Iowa Department of Transportation: {row.subject}. {tracking_url(permit)}"
    assert re.fullmatch(r"RP-\S+: please answer one question by [A-Z][a-z]+ \d+", row.subject)


@pytest.mark.parametrize(("key", "state"), [("refuse", State.REFUSED), ("revoke", State.REVOKED)])
def test_the_letter_goes_with_the_message(key, state, outbox):
    permit = make.in_state(state)
    assert "applicant" not in told(permit, key)  # it waits for the letter
    permit = make.drain(permit)
    row = told(permit, key)["applicant"]
    letter = Document.objects.get(case_id=permit.pk, kind="letter")
    assert (row.status, row.attachments) == ("sent", [letter.pk])
    mail = mails_in(outbox)[-1]
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"{permit.reference}-letter.pdf"]


def test_a_letter_that_an_appeal_overtook_is_not_sent():
    permit = make.drain(reopened())
    assert not Document.objects.filter(case_id=permit.pk, kind="letter").exists()
    assert "applicant" not in told(permit, "refuse")
    assert "applicant" in told(permit, "reopen")


def test_a_reminder_is_due_at_opening_three_working_days_before_the_answer():
    permit = make.info_requested()
    work = Work.objects.get(case_id=permit.pk, service="remindApplicant")
    assert work.run_at == remind_at(permit.info_due_at)
    monday = timezone.datetime(2026, 12, 7, 16, 30, tzinfo=calendar().time_zone)
    assert f"{remind_at(monday):%a %b %d %H:%M}" == "Wed Dec 02 08:00"


def test_an_answered_request_is_not_reminded_of():
    permit = make.info_requested()
    first = Work.objects.get(case_id=permit.pk, service="remindApplicant")
    permit = make.fire(permit, "provide_information", actors.applicant(permit), answers={"0": "The office number."})
    permit = make.fire(permit, "request_information", items=[{"field": "", "text": "And the fax?"}])
    Work.objects.filter(pk=first.pk).update(run_at=timezone.now())
    permit = make.drain(permit)
    assert Work.objects.get(pk=first.pk).outcome == Work.Outcome.DONE
    assert not Event.objects.filter(case_id=permit.pk, kind="reminded").exists()


def test_a_note_of_the_office_stands_in_the_message():
    contact = Contact(role="applicant", name="Dana", email="dana@example.com")
    permit = make.filed(checked=False)
    event = Event.objects.filter(case_id=permit.pk).latest("seq")
    event.note = "Bring <two> copies."
    words = messages.words_of(permit, event, contact) | {"subject": "S"}
    assert "A note from the permit office: Bring <two> copies." in notices.render("permits/messages/submit.txt", words)
    assert "Bring &lt;two&gt; copies." in notices.render("permits/messages/submit.html", words)


def test_plan_ignores_what_is_no_news():
    messages.plan(SimpleNamespace(), Event(kind="note"))
    assert not Message.objects.exists()

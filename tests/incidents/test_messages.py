"""Who is told what of a report: every row of the table, walked through the real engine and read back."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.book import MOST_RECEIPTS_AN_HOUR
from incidents.desk import write_to_reporter
from incidents.lifecycle import State
from incidents.messages import MESSAGE, NOTICES, REMIND_REPORTER, deliver_end, followers_of
from incidents.models import Incident, Subscriber
from tests.incidents import factories as make
from tests.permits.test_messages import mails_in
from tests.workflow.test_notifications import smtp  # noqa: F401 - a fixture
from workflow.contrib.notifications.delivery import DELIVER_MESSAGE, mail_of
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.notices import notice_of
from workflow.errors import TemporaryFailure
from workflow.models import Event, Work
from workflow.registry import lifecycle_of, registry
from workflow.tracker import calendar, tracking_token, tracking_url

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
# Moves that nobody is written to about: they made the move, hear of what follows, or read it on the tracking page.
SILENT = {"hand_over", "answer", "give_up_waiting", "dispatch", "start_work", "put_back"}
AGES_AGO = timezone.now() - timedelta(days=1)
OTHERS = [key for key, notice in NOTICES.items() if notice.followers]


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}
    settings.SITE_URL = "https://roads.dot.example.gov"
    return tmp_path / "outbox"


def reminded(**changes):
    incident = make.in_state("needs_info", **changes)
    Work.objects.filter(case_id=incident.pk, service=REMIND_REPORTER.name).update(run_at=AGES_AGO)
    return make.drain(incident)


WAYS = {
    "submit": make.filed,
    "ask": lambda **c: make.in_state("needs_info", **c),
    "reminded": reminded,
    "schedule": lambda **c: make.in_state("scheduled", **c),
    "resolve": lambda **c: make.in_state("resolved", **c),
    "reject": lambda **c: make.in_state("rejected", **c),
    "close": lambda **c: make.in_state("closed", **c),
    "merge": lambda **c: make.in_state("duplicate", **c),
    "unmerge": lambda **c: make.fire(make.in_state("duplicate", **c), "unmerge"),
    "reopen": lambda **c: make.fire(make.in_state("rejected", **c), "reopen"),
    MESSAGE: lambda **c: written_to(make.filed(**c)),
}


def written_to(incident):
    write_to_reporter(incident, text="The crew comes in the morning.", actor=make.officer(team=incident.team))
    return make.drain(incident)


def told(incident, key):
    """The messages about the newest event of that kind, by role."""
    rows = list(Message.objects.filter(case_id=incident.pk).select_related("event").order_by("pk"))
    events = [row.event for row in rows if notice_of(row.event) == key]
    return {row.role: row for row in rows if events and row.event_id == events[-1].pk}


def words_of(text):
    return set(re.findall(r"[A-Za-z0-9]{2,}", text))


def seen(markup):
    body = re.sub(r'<a href="([^"]*)"', r" \1 <a", markup.split("<body")[1].partition(">")[2])
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


# -- the table --------------------------------------------------------------------------------------------------------


def test_each_move_of_a_report_is_in_the_table_or_silent_on_purpose():
    moves = {edge.name for edge in lifecycle_of(Incident)}
    assert NOTICES.keys() & moves | SILENT == moves
    assert not NOTICES.keys() & SILENT
    assert NOTICES.keys() - moves == {"reminded", MESSAGE}
    assert WAYS.keys() == NOTICES.keys()


@pytest.mark.parametrize("key", NOTICES)
def test_each_notice_reaches_the_reporter_with_the_same_words_in_text_and_html(key):
    incident = WAYS[key]()
    row = told(incident, key)["reporter"]
    assert (row.address, row.status) == (make.EMAIL, "sent")
    assert row.subject.startswith(f"{incident.reference}: ")
    assert tracking_url(incident) in row.text
    assert tracking_url(incident) in row.html
    for text in (row.text, row.html):
        assert not re.search(r"\{\{|\{%|None|\(\)|  \.|: *\n\n\n", text)
        assert "Iowa Department of Transportation" in text
        assert incident.title in html.unescape(text)
    links = {"https", "See", "Answer", "here", "now", "on", "its", "public", "page", "tel"}
    both = words_of(row.text) ^ words_of(seen(row.html))
    assert {w for w in both if not w.isdigit()} - links - words_of(row.subject) == set()


@pytest.mark.parametrize("key", NOTICES)
def test_a_hostile_name_is_in_no_message(key):
    row = told(WAYS[key](name='Walt <img src=x onerror="alert(1)">'), key)["reporter"]
    assert "<img" not in row.html + row.text
    assert "onerror" not in row.html
    assert row.text.startswith("Hello,")


@pytest.mark.parametrize("key", NOTICES)
def test_a_report_without_any_address_tells_nobody_and_goes_on(key):
    if key in ("ask", "reminded", MESSAGE):
        pytest.skip("nobody can be asked: the guard reporter_reachable")
    incident = WAYS[key](name="", email="", phone="")
    assert not Message.objects.filter(case_id=incident.pk).exists()
    assert not Work.objects.filter(case_id=incident.pk, outcome__in=["open", "parked"]).exists()


@pytest.mark.parametrize("key", NOTICES)
def test_who_left_only_a_phone_number_gets_text_messages(key):
    incident = WAYS[key](email="")
    row = told(incident, key)["reporter"]
    assert (row.channel, row.html) == ("sms", "")
    assert row.text == f"Iowa Department of Transportation: {row.subject}. {tracking_url(incident)}{NOTICES[key].page}"


@pytest.mark.parametrize("key", NOTICES)
def test_history_and_work_hold_nothing_about_the_reporter(key):
    incident = WAYS[key]()
    rows = [str(vars(event)) for event in Event.objects.filter(case_id=incident.pk)]
    rows += [str(vars(work)) for work in Work.objects.filter(case_id=incident.pk)]
    assert not [row for row in rows if re.search(r"walter|hale|5550147|555 0147", row, re.IGNORECASE)]


# -- what each says ---------------------------------------------------------------------------------------------------


def test_the_receipt_says_the_short_code_the_place_and_by_when():
    incident = make.filed(route="I-35", milepost=120.5)
    text = told(incident, "submit")["reporter"].text
    assert f"Its short code is {incident.reference}." in text
    assert "Where: I-35 northbound, mile 120.5, Story County" in text
    due = timezone.localtime(incident.expected_at)
    assert f"we look at it by {due:%A, %B} {due.day}." in text
    assert "911" not in text


def test_the_receipt_of_something_dangerous_names_the_hour_and_911():
    incident = make.filed(category="signal_dark", answers={"shows": "dark", "danger": "none"})
    text = told(incident, "submit")["reporter"].text
    assert re.search(r"we look at it by [A-Z][a-z]+, [A-Z][a-z]+ \d+, \d+:\d\d [AP]M\.", text)
    assert "Is somebody in danger right now? Call 911." in text


def test_the_end_says_what_was_done_and_how_to_say_that_it_is_not():
    incident = make.in_state("resolved")
    text = told(incident, "resolve")["reporter"].text
    until = timezone.localtime(incident.reopen_until)
    assert "What was done: The hole is patched." in text
    assert f"Not fixed? Tell us by {until:%B} {until.day}" in text
    assert f"{tracking_url(incident)}not-fixed/" in text


def test_a_rejection_says_why_in_the_words_of_its_reason():
    assert "Not a road of ours. This is a county road." in told(make.in_state("rejected"), "reject")["reporter"].text


def test_a_join_names_the_other_report_and_never_a_link_that_acts_for_its_reporter():
    survivor = make.filed(email="other@example.net", name="Olga Other")
    incident = make.fire(make.filed(), "merge", into=survivor.reference)
    row = told(incident, "merge")["reporter"]
    assert row.subject == f"{incident.reference}: joined with report {survivor.reference}"
    assert f"https://roads.dot.example.gov/incidents/{survivor.reference}/" in row.text
    assert tracking_token(survivor) not in row.text + row.html
    assert "Olga" not in row.text + row.html


def test_a_plan_is_told_again_only_when_the_day_moves():
    day = timezone.localdate() + timedelta(days=5)
    incident = make.fire(make.filed(), "schedule", planned_for=day.isoformat(), crew="Ames patching crew")
    incident = make.fire(incident, "schedule", planned_for=day.isoformat(), crew="Boone patching crew")
    later = day + timedelta(days=2)
    incident = make.fire(incident, "schedule", planned_for=later.isoformat())
    rows = [row for row in Message.objects.filter(case_id=incident.pk) if notice_of(row.event) == "schedule"]
    assert [f"{d:%A, %B} {d.day}" in row.subject for d, row in zip((day, later), rows, strict=True)] == [True, True]


# -- a question -------------------------------------------------------------------------------------------------------


def test_a_reminder_comes_once_three_working_days_after_the_question():
    incident = make.in_state("needs_info")
    work = Work.objects.get(case_id=incident.pk, service=REMIND_REPORTER.name)
    office = calendar()
    assert f"{work.run_at.astimezone(office.time_zone):%H:%M}" == "08:00"
    between = [incident.entered_at + timedelta(days=n) for n in range(1, 20)]
    days = [moment for moment in between if office.is_working_day(office.local_day(moment)) and moment < work.run_at]
    assert len(days) in (2, 3)  # a question after closing time counts from the next working day
    Work.objects.filter(pk=work.pk).update(run_at=AGES_AGO)
    incident = make.drain(incident)
    assert incident.inquiries.get().reminded_at is not None
    assert "Which lane is it, please?" in told(incident, "reminded")["reporter"].text
    assert Event.objects.filter(case_id=incident.pk, kind="reminded").count() == 1


def test_an_answered_question_is_not_reminded_of():
    incident = make.in_state("needs_info")
    work = Work.objects.get(case_id=incident.pk, service=REMIND_REPORTER.name)
    incident = make.fire(incident, "answer", actor=make.reporter(incident), text="The right one.")
    Work.objects.filter(pk=work.pk).update(run_at=AGES_AGO)
    make.drain(incident)
    work.refresh_from_db()
    assert work.outcome == Work.Outcome.DONE
    assert not Event.objects.filter(case_id=incident.pk, kind="reminded").exists()


def test_a_question_that_cannot_be_delivered_waits_for_an_officer():
    incident = make.fire(make.filed(), "ask", question="Which lane is it, please?")
    works = Work.objects.filter(case_id=incident.pk, kind=Work.Kind.TASK).exclude(service="remindReporter")
    assert list(works.values_list("service", flat=True)) == ["deliverNews", DELIVER_MESSAGE.name]


# -- followers --------------------------------------------------------------------------------------------------------


def follow(incident, *addresses):
    return [Subscriber.objects.create(incident=incident, email=address) for address in addresses]


END = {
    "schedule": {"planned_for": (timezone.localdate() + timedelta(days=5)).isoformat(), "crew": "Ames crew"},
    "resolve": {"sentence": "The hole is patched.", "photo_exempt_because": "Camera broken"},
    "reject": {"reason_code": "not_ours", "sentence": "This is a county road."},
    "close": {"reason_code": "nothing_found", "sentence": "We found no hole there."},
}


@pytest.mark.parametrize("key", OTHERS)
def test_a_follower_hears_of_plan_and_end_with_a_way_out_of_their_own(key):
    incident = make.filed()
    ada, bob, ended, _silent = follow(incident, "ada@example.net", "bob@example.net", "eve@example.net", "")
    Subscriber.objects.filter(pk=ended.pk).update(unsubscribed_at=timezone.now())
    incident = make.fire(incident, key, **END[key])
    rows = told(incident, key)
    assert rows.keys() == {"reporter", f"subscriber-{ada.pk}", f"subscriber-{bob.pk}"}
    row = rows[f"subscriber-{ada.pk}"]
    assert (row.address, row.status) == ("ada@example.net", "sent")
    assert f"https://roads.dot.example.gov/incidents/{incident.reference}/" in row.text
    assert tracking_token(incident) not in row.text + row.html
    assert row.unsubscribe_url in row.text
    assert row.unsubscribe_url in row.html
    assert row.unsubscribe_url != rows[f"subscriber-{bob.pk}"].unsubscribe_url
    assert "Walter" not in row.text + row.html


def test_a_mail_program_can_end_it_with_one_post(client):
    incident = make.filed()
    (ada,) = follow(incident, "ada@example.net")
    incident = make.fire(incident, "reject", **END["reject"])
    mail = mail_of(told(incident, "reject")[f"subscriber-{ada.pk}"]).message()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].strip("<>")
    assert url.startswith("https://roads.dot.example.gov/incidents/follow/")
    path = url.removeprefix("https://roads.dot.example.gov")
    assert "Yes, stop" in client.get(path).content.decode()
    ada.refresh_from_db()
    assert ada.unsubscribed_at is None
    client.handler.enforce_csrf_checks = True
    assert client.post(path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded").status_code == 200
    ada.refresh_from_db()
    assert ada.unsubscribed_at is not None
    assert client.get(path[:-2] + "x/").status_code == 404


def test_the_end_of_a_joined_report_tells_every_reporter_and_follower_exactly_once(outbox):
    survivor = make.filed(name="Sam Survivor", email="sam@example.net")
    same = make.filed(name="Sam Again", email="Sam@Example.net")
    twice = [make.filed(name="Tess Twice", email="tess@example.net") for _ in range(2)]
    phone = make.filed(name="Phil", email="", phone="515 555 0199")
    follow(twice[0], "tess@example.net", "ada@example.net")
    follow(survivor, "ada@example.net", "bob@example.net", "sam@example.net")
    for report in (same, *twice, phone):
        make.fire(report, "merge", into=survivor.reference)
    before = set(Message.objects.values_list("pk", flat=True))
    make.fire(make.fresh(survivor), "resolve", **END["resolve"])
    rows = list(Message.objects.exclude(pk__in=before).order_by("pk"))
    assert sorted(row.address.lower() for row in rows) == [
        "+15155550199", "ada@example.net", "bob@example.net", "sam@example.net", "tess@example.net",
    ]  # fmt: skip
    assert {row.status for row in rows} == {"sent"}
    tess = next(row for row in rows if row.address == "tess@example.net")
    assert tracking_url(twice[0]) in tess.text
    assert f"Your report {twice[0].reference} is joined with report {survivor.reference}" in tess.text
    assert tracking_token(survivor) not in tess.text
    assert "not-fixed" not in tess.text
    sent = [str(mail["To"]).lower() for mail in mails_in(outbox) if "it is fixed" in str(mail["Subject"])]
    assert sorted(sent) == ["ada@example.net", "bob@example.net", "sam@example.net", "tess@example.net"]


def test_many_followers_are_told_in_several_pieces_of_work(monkeypatch):
    monkeypatch.setattr("incidents.messages.AT_ONCE", 3)
    incident = make.filed()
    follow(incident, *(f"neighbour{number}@example.net" for number in range(8)))
    incident = make.fire(incident, "reject", **END["reject"])
    assert len(told(incident, "reject")) == 9
    assert Work.objects.filter(case_id=incident.pk, service="tellFollowers", outcome="done").count() == 3


def test_news_that_is_no_longer_true_is_not_told():
    incident = make.filed()
    follow(incident, "ada@example.net")
    with make.walking.by_hand():
        incident = make.engine.fire(incident, "reject", actor=make.officer(team=incident.team), data=END["reject"])
        incident = make.engine.fire(incident, "reopen", actor=make.reporter(incident))
    incident = make.drain(incident)
    assert told(incident, "reject").keys() == {"reporter"}
    assert [person.role.partition("-")[0] for person in followers_of(incident)] == ["subscriber"]


# -- the step at the end ----------------------------------------------------------------------------------------------


def test_the_end_is_delivered_by_its_step_and_once():
    incident = make.in_state("resolved")
    row = told(incident, "resolve")["reporter"]
    assert not Work.objects.filter(case_id=incident.pk, step=f"task:message-{row.pk}").exists()
    assert Work.objects.get(case_id=incident.pk, step="notifyReporter").result == {"sent": [row.pk]}
    assert deliver_end(incident.pk) == [row.pk]
    assert deliver_end(make.in_state("resolved", name="", email="", phone="").pk) == []


def test_a_mail_server_that_is_down_is_tried_again(settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    incident = make.filed()
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "file" / "outbox"}}}
    incident = make.fire(make.fire(incident, "dispatch", crew="Ames crew"), "resolve", **END["resolve"])
    assert incident.state == State.RESOLVED
    with pytest.raises(TemporaryFailure):
        deliver_end(incident.pk)
    step = Work.objects.get(case_id=incident.pk, step="notifyReporter")
    assert (step.outcome, step.attempts) == ("open", 1)


def test_a_wrong_address_parks_no_report(smtp):  # noqa: F811
    smtp.answers["RCPT"] = "550 no such user"
    incident = make.fire(make.fire(make.filed(), "dispatch", crew="Ames crew"), "resolve", **END["resolve"])
    assert incident.parked_at is None
    assert {row.status for row in Message.objects.filter(case_id=incident.pk)} == {"failed"}
    assert not Work.objects.filter(case_id=incident.pk).exclude(outcome="done").exists()


def test_the_services_of_the_table_are_registered():
    for name in ("remindReporter", "tellFollowers", "deliverNews", "deliverMessage"):
        assert registry.service(name).name == name


# -- strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "greeted"),
    [
        ("Walter Hale", "Hello Walter Hale,"),
        ("J. O’Brien-Núñez", "Hello J. O’Brien-Núñez,"),
        ("You won at evil.example", "Hello,"),
        ("call 515 555 0199", "Hello,"),
        ("https://evil", "Hello,"),
    ],
)
def test_a_name_that_is_none_is_not_sent_to_the_mailbox_somebody_named(typed, greeted):
    case = make.filed(name=typed, address="Buy at evil.example now")
    [receipt] = Message.objects.filter(case_id=case.pk)
    assert receipt.text.startswith(greeted)
    assert "evil" not in receipt.text + receipt.html + receipt.subject


def test_nobody_fills_a_mailbox_by_way_of_us_and_the_reports_are_filed_all_the_same():
    for number in range(MOST_RECEIPTS_AN_HOUR + 3):
        make.filed(latitude=41.5 + number / 100)
    assert Incident.objects.count() == MOST_RECEIPTS_AN_HOUR + 3
    assert Message.objects.filter(event__transition="submit").count() == MOST_RECEIPTS_AN_HOUR

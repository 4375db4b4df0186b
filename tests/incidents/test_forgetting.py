"""Forgetting: 90 days after the end nothing names a person, and the report is still there to read."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from incidents import desk, forgetting, photos
from incidents.models import Incident, Open311Update, Photo, Report, Subscriber, Watch
from tests.incidents import factories as make
from workflow.contrib.notifications.models import Message
from workflow.invariants import findings
from workflow.models import ApiKey, Contact, Event
from workflow.registry import registry
from workflow.tracker import tracking_url

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
DAYS = 91
TOLD = (
    "Walter Hale here. I live beside it: call 515-555-0147 or (515) 555 0147, mail Walter.Hale@Example.net or "
    "w.hale@work.example.com. Regards, Walter"
)
PERSON = re.compile(r"walter|hale\b|555.{0,3}0147|5550147|@example\.net|@work\.example", re.IGNORECASE)


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}
    settings.SITE_URL = "https://roads.dot.example.gov"


def forget(*options):
    out = StringIO()
    call_command("forget", *options, stdout=out)
    return out.getvalue().splitlines()


def long_ago(*incidents, days=DAYS):
    """Their end lies so many days back."""
    for incident in incidents:
        Incident.objects.filter(pk=incident.pk).update(ended_at=timezone.now() - timedelta(days=days))
    return make.fresh(incidents[0])


def everything():
    """Table -> its rows as one text: every column of every table of the database."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = "\n".join(repr(row) for row in cursor.fetchall())
    return found


def naming(pattern=PERSON):
    """The tables that hold somebody, with what they hold."""
    found = {table: sorted(set(pattern.findall(text))) for table, text in everything().items()}
    return {table: hits for table, hits in found.items() if hits}


def full(**changes):
    """A report with its person in every place that may hold one, ended as fixed."""
    incident = make.filed(description=TOLD, address="Hale farm, call 515 555 0147", **changes)
    incident = make.fire(incident, "ask", question="Which lane is it, Walter Hale?")
    incident = make.fire(incident, "answer", actor=make.reporter(incident), text="The right one. Walter, 515 555 0147")
    Subscriber.objects.create(incident=incident, email="neighbour@example.net")
    Report.objects.create(incident=incident, typed={"send": {"name": make.NAME, "email": make.EMAIL}})
    key, _ = ApiKey.issue("partner", ["open311:write"])
    Open311Update.objects.create(
        key=key, update_id="7", incident=incident, status="OPEN", description=TOLD, updated_datetime=timezone.now()
    )
    contact = Contact.objects.get(case_id=incident.pk)
    LogEntry.objects.create(
        user=make.user(), content_type=ContentType.objects.get_for_model(Contact), object_id=str(contact.pk),
        object_repr=str(contact), action_flag=CHANGE, change_message=f"Changed to {make.EMAIL}",
    )  # fmt: skip
    incident = make.fire(incident, "dispatch", crew="Ames crew", task="Fill the hole at the drive of Walter Hale")
    incident = make.fire(incident, "resolve", sentence="The hole is patched. Thank you, Walter Hale.",
                         photo_exempt_because="Mr. Hale saw it")  # fmt: skip
    return make.drain(incident)


def contradictions():
    """What check_invariants finds; one trigger is missing in every test (tests/conftest.py)."""
    return [str(finding) for finding in findings() if finding.code != "trigger_missing"]


# -- nothing names the person -----------------------------------------------------------------------------------------


def test_before_the_day_every_place_that_may_hold_a_person_does():
    full()
    assert naming().keys() >= {
        "workflow_contact", "incidents_incident", "incidents_subscriber", "incidents_inquiry", "incidents_report",
        "incidents_open311update", "incidents_job", "notifications_message", "django_admin_log",
    }  # fmt: skip


def test_afterwards_no_column_of_any_table_holds_the_person():
    incident = long_ago(full())
    # What officers themselves wrote into the history stays: it is sealed. See docs/operations.md.
    assert naming().keys() - {"workflow_event"} != set()
    assert forget() == [f"Forgot the persons of {incident.reference}."]
    left = naming()
    officers = {"workflow_event"} & left.keys()
    assert left.keys() == officers
    rows = Event.objects.filter(case_id=incident.pk)
    assert {event.transition for event in rows if PERSON.search(str(vars(event)))} <= {"resolve", "dispatch"}


def test_a_report_whose_officers_named_nobody_leaves_no_trace_at_all():
    incident = make.filed(description=TOLD)
    incident = make.fire(incident, "reject", reason_code="not_ours", sentence="This is a county road.")
    assert naming()
    long_ago(incident)
    forget()
    assert naming() == {}


def test_what_is_left_can_still_be_read(client):
    incident = long_ago(full())
    before = client.get(f"/track/{tracking_url(incident).split('/track/')[1]}")
    forget()
    incident = make.fresh(incident)
    assert incident.forgotten_at is not None
    assert incident.description.startswith("[removed] here. I live beside it: call [removed] or [removed], mail")
    assert incident.public_sentence == "The hole is patched. Thank you, [removed]."
    assert incident.title == "Pothole on US-69 northbound"
    after = client.get(f"/track/{tracking_url(incident).split('/track/')[1]}")
    public = client.get(f"/incidents/{incident.reference}/")
    assert (before.status_code, after.status_code) == (200, 200)
    assert public.status_code in (200, 404)  # 404 while there are no public pages
    for page in (after, public):
        shown = re.sub(r'<input type="hidden"[^>]*>', "", page.content.decode())
        assert not PERSON.search(shown)


def test_that_somebody_was_told_stays():
    incident = long_ago(full())
    before = list(Message.objects.filter(case_id=incident.pk).values_list("event", "role", "status"))
    forget()
    assert list(Message.objects.filter(case_id=incident.pk).values_list("event", "role", "status")) == before
    assert set(Message.objects.filter(case_id=incident.pk).values_list("address", "subject", "text", "html")) == {
        ("", "[removed]", "", "")
    }


def test_a_message_that_was_never_sent_is_not_sent_any_more():
    incident = make.filed()
    Message.objects.filter(case_id=incident.pk).update(status="failed")
    long_ago(make.fire(incident, "reject", reason_code="not_ours", sentence="This is a county road."))
    forget()
    assert set(Message.objects.values_list("status", flat=True)) == {"suppressed", "sent"}


# -- the history ------------------------------------------------------------------------------------------------------


def test_the_history_gets_one_line_that_names_nobody_and_stays_whole():
    incident = long_ago(full())
    lines = Event.objects.filter(case_id=incident.pk).count()
    forget()
    last = Event.objects.filter(case_id=incident.pk).latest("seq")
    assert (last.kind, last.actor, last.data, last.note) == ("forgotten", "Milepost", {}, "")
    assert Event.objects.filter(case_id=incident.pk).count() == lines + 1
    assert contradictions() == []
    call_command("verify_audit", stdout=StringIO())


def test_once_more_there_is_nothing_to_forget():
    long_ago(full())
    forget()
    before = everything()
    assert forget() == ["Nothing to forget."]
    assert everything() == before


def test_a_dry_run_says_what_it_would_do_and_changes_nothing():
    incident = long_ago(full())
    Watch.objects.create(email="w@example.net", kind="county", created_at=timezone.now() - timedelta(days=8))
    old_draft()
    before = everything()
    said = forget("--dry-run")
    assert everything() == before
    assert said == [
        f"Would forget the persons of {incident.reference}.",
        "Would forget 1 drafts.",
        "Would forget 1 watches.",
    ]
    assert forget() == [line.replace("Would forget", "Forgot") for line in said]


# -- when it is not time ----------------------------------------------------------------------------------------------


def kept(incident):
    return Contact.objects.filter(case_id=incident.pk, email=make.EMAIL).exists()


def test_a_report_that_ended_less_than_90_days_ago_keeps_its_persons():
    incident = long_ago(make.in_state("rejected"), days=89)
    assert forget() == ["Nothing to forget."]
    assert kept(incident)


def test_the_number_of_days_is_a_setting(settings):
    settings.KEEP_CONTACTS_DAYS = 10
    incident = long_ago(make.in_state("rejected"), days=11)
    forget()
    assert not kept(incident)


@pytest.mark.parametrize("state", ["triaged", "needs_info", "scheduled", "in_progress"])
def test_an_open_report_keeps_its_persons_however_old(state):
    incident = make.in_state(state)
    long_ago(incident, days=1000)
    forget()
    assert kept(incident)


def test_a_legal_hold_keeps_everything_until_it_is_released():
    incident = full()
    incident = desk.hold(incident, because="Claim 2026-118", actor=make.officer(team=incident.team))
    before = everything()
    long_ago(incident)
    assert forget() == ["Nothing to forget."]
    assert everything().keys() == before.keys()
    assert kept(incident)
    desk.release_hold(make.fresh(incident), actor=make.officer(team=incident.team))
    forget()
    assert not kept(incident)


def test_a_report_that_was_reopened_after_all_is_not_forgotten():
    incident = make.in_state("rejected")
    reopened = make.fire(incident, "reopen", actor=make.reporter(incident))
    long_ago(reopened)
    forget()
    assert kept(reopened)


def test_words_that_came_after_the_forgetting_go_in_their_turn():
    incident = long_ago(full())
    forget()
    update = Open311Update.objects.get()
    Open311Update.objects.filter(pk=update.pk).update(description=TOLD)
    assert forget() == ["Nothing to forget."]
    Open311Update.objects.filter(pk=update.pk).update(created_at=timezone.now() - timedelta(days=DAYS))
    assert forget() == ["Forgot the words of 1 late updates."]
    assert incident.pk


# -- joined reports ---------------------------------------------------------------------------------------------------


def test_joined_reports_keep_their_reporters_until_the_one_that_stands_has_ended_long_ago():
    survivor = make.filed(name="Sam Survivor", email="sam@example.org")
    joined = make.fire(make.filed(), "merge", into=survivor.reference)
    long_ago(joined)
    forget()
    assert kept(joined)  # or nobody could tell them how it ended
    survivor = make.fire(make.fresh(survivor), "reject", reason_code="not_ours", sentence="This is a county road.")
    Incident.objects.filter(pk=joined.pk).update(legal_hold="Claim 2026-118")
    long_ago(survivor)
    forget()
    assert kept(joined)
    Incident.objects.filter(pk=joined.pk).update(legal_hold="")
    assert forget() == [f"Forgot the persons of {survivor.reference}."]
    assert naming(re.compile(PERSON.pattern + "|sam@|survivor", re.IGNORECASE)) == {}
    assert contradictions() == []


def test_news_told_by_a_report_it_was_joined_with_for_a_while_is_forgotten_too():
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    survivor = make.filed(name="Sam Survivor", email="sam@example.org", phone="")
    joined = make.fire(make.filed(), "merge", into=survivor.reference)
    make.fire(make.fresh(survivor), "schedule", planned_for=day, crew="Ames crew")
    assert Message.objects.filter(case_id=survivor.pk, address=make.EMAIL).exists()
    joined = make.fire(make.fire(joined, "unmerge"), "reject", reason_code="not_ours", sentence="A county road.")
    long_ago(joined)
    forget()
    assert naming() == {}
    assert Contact.objects.filter(case_id=survivor.pk, email="sam@example.org").exists()


# -- drafts, watches, followers ---------------------------------------------------------------------------------------


def old_draft(**values):
    draft = Report.objects.create(typed={"send": {"email": make.EMAIL}}, **values)
    Report.objects.filter(pk=draft.pk).update(updated_at=timezone.now() - timedelta(days=8))
    return draft


def test_a_draft_goes_after_a_week_with_its_photos_and_their_files(settings):
    draft, fresh = old_draft(), Report.objects.create(typed={"send": {"email": "other@example.org"}})
    photo = make.photo(report=draft)
    names = photos.names_of(photo.token)
    for name in names:
        (settings.MEDIA_ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.MEDIA_ROOT / name).write_bytes(b"x")
    forget()
    assert list(Report.objects.values_list("pk", flat=True)) == [fresh.pk]
    assert not Photo.objects.exists()
    assert naming() == {}


def test_the_photos_of_a_report_that_was_sent_stay():
    incident = make.filed()
    photo = make.photo(report=old_draft(incident=incident), incident=incident)
    forget()
    photo.refresh_from_db()
    assert (photo.incident_id, photo.report_id) == (incident.pk, None)
    assert not Report.objects.exists()


WATCHES = [
    ({}, 6, None, True),
    ({}, 8, None, False),
    ({"confirmed_at": timezone.now()}, 800, None, True),
    ({"confirmed_at": timezone.now()}, 800, 29, True),
    ({"confirmed_at": timezone.now()}, 800, 31, False),
]


@pytest.mark.parametrize(("values", "age", "ended", "stays"), WATCHES)
def test_a_watch_goes_when_nobody_confirmed_it_or_it_ended_a_month_ago(values, age, ended, stays):
    now = timezone.now()
    values = values | {"unsubscribed_at": now - timedelta(days=ended)} if ended else values
    Watch.objects.create(email="w@example.org", kind="county", created_at=now - timedelta(days=age), **values)
    forget()
    assert Watch.objects.exists() == stays


def test_who_ended_a_subscription_a_month_ago_is_forgotten_while_the_report_is_open():
    incident = make.filed(name="", email="", phone="")
    ended = timezone.now() - timedelta(days=31)
    follower = Subscriber.objects.create(incident=incident, email=make.EMAIL)
    watch = Watch.objects.create(email=make.EMAIL, kind="county", county="story", confirmed_at=ended)
    make.fire(incident, "schedule", planned_for=timezone.localdate().isoformat(), crew="Ames crew")
    Subscriber.objects.filter(pk=follower.pk).update(unsubscribed_at=ended)
    Watch.objects.filter(pk=watch.pk).update(unsubscribed_at=ended)
    assert naming()
    forget()
    assert naming() == {}
    assert make.fresh(incident).subscribers.count() == 1  # the vote is still there


def test_every_piece_is_registered():
    assert set(forgetting.FORGETTINGS) <= set(registry.forgettings)

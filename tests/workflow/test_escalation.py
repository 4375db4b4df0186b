"""A deadline that passes, and one that is near: who is told, once, whatever workers do. Over both kinds of case."""

import re
import threading
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from tests import admin_pages
from tests.incidents import factories as incidents
from tests.incidents.test_admin_queue import copies
from tests.permits import factories as permits
from tests.workflow.both_kinds import both, permit, report
from workflow import absences, desk, escalation
from workflow.actors import officer
from workflow.contrib.notifications import digest
from workflow.contrib.notifications.models import Message
from workflow.models import Case, Event, Team, Work
from workflow.registry import registry
from workflow.worker import Worker

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/Chicago")
ALL = "/admin/workflow/case/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def put(case, **values):
    Case.objects.filter(pk=case.pk).update(**values)
    return case


def late(case, **values):
    return put(case, due_at=timezone.now() - timedelta(hours=1), **values)


def lines(case, kind="escalated"):
    return Event.objects.filter(case_id=case.pk, kind=kind)


def mails(case, role=""):
    return Message.objects.filter(case_id=case.pk, role__startswith=role)


# -- late --------------------------------------------------------------------------------------------------------------


def test_a_late_case_goes_before_the_manager_and_its_state_stays():
    case = late(report())
    before = incidents.fresh(case)
    assert escalation.sweep() == 1
    after = incidents.fresh(case)
    assert after.state == before.state
    assert after.escalated_at is not None
    assert after.priority >= escalation.PRIORITY
    line = lines(case).get()
    assert (line.seq, line.actor, line.public) == (after.revision, "Milepost", True)
    assert line.data["deadline"] == timezone.localtime(after.due_at).date().isoformat()


def test_it_is_told_once_a_deadline_and_again_after_the_next_one():
    case = late(report())
    assert (escalation.sweep(), escalation.sweep()) == (1, 0)
    case = incidents.fire(incidents.fresh(case), "dispatch", crew="Ames patching crew")
    assert case.escalated_at is None
    assert case.due_at > timezone.now()
    assert escalation.sweep() == 0
    late(case)
    assert escalation.sweep() == 1
    assert lines(case).count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"paused_at": timezone.now()},
        {"closed_at": timezone.now()},
        {"due_at": None},
        {"due_at": timezone.now() + timedelta(days=3)},
        {"team": None},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_stands_still_is_closed_or_has_time_left_is_let_be(values):
    case = put(late(report()), **values)
    assert escalation.sweep() == 0
    assert not escalation.escalate(incidents.fresh(case))
    assert not lines(case).exists()


def test_a_pause_that_ends_with_a_new_deadline_begins_anew():
    case = late(report(), escalated_at=timezone.now(), reminded_at=timezone.now())
    asked = incidents.fire(case, "ask", question="Which lane is it, please?")
    assert asked.escalated_at is not None
    put(asked, paused_at=timezone.now() - timedelta(days=4))
    answered = incidents.fire(asked, "answer", incidents.reporter(asked), text="The left one.")
    assert (answered.escalated_at, answered.reminded_at) == (None, None)


def test_the_managers_of_the_team_get_a_mail_with_what_to_do():
    manager = incidents.user("mona", permissions=("view", "manage"))
    incidents.user("tara", permissions=("view", "change", "triage"))
    incidents.user("max", permissions=("view", "manage"), team=Team.objects.create(code="west", name="West"))
    case = late(report())
    escalation.sweep()
    mail = mails(case, "manager-").get()
    assert mail.address == manager.email
    assert mail.subject == f"{case.reference} is late and before you: {case.title}"
    assert f"http://localhost:8000/admin/workflow/case/{case.pk}/change/" in mail.text
    assert "nobody has claimed it" in mail.text
    assert "{" not in mail.text + mail.html
    work = Work.objects.get(step=f"task:message-{mail.pk}")
    assert work.service == "deliverNews"  # a wrong address of ours parks no citizen's case


def test_who_stands_in_for_a_manager_is_told_instead():
    manager = incidents.user("mona", permissions=("view", "manage"))
    deputy = incidents.user("dora", permissions=("view", "change"))
    today = timezone.localdate()
    absences.arrange(absent=manager, substitute=deputy, first_day=today, last_day=today, actor=officer(manager))
    case = late(report())
    escalation.sweep()
    assert [mail.address for mail in mails(case, "manager-")] == [deputy.email]


@pytest.mark.parametrize(("email", "address"), [("desk@dot.example.gov", "desk@dot.example.gov"), ("", None)])
def test_without_a_manager_the_team_is_told_else_the_agency(settings, email, address):
    case = late(report())
    Team.objects.filter(pk=case.team_id).update(email=email)
    escalation.sweep()
    assert mails(case, "team").get().address == (address or settings.AGENCY_EMAIL)


def test_one_case_that_cannot_be_looked_at_keeps_no_other_waiting(caplog):
    broken, sound = late(report()), late(report(latitude=42.4))
    put(broken, due_at=timezone.now() - timedelta(days=2))
    Case._base_manager.filter(pk=broken.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_case SET workflow_version = 99 WHERE id = %s", [broken.pk])
    assert escalation.sweep() == 1
    assert lines(sound).exists()
    assert "nothing could be done about it" in caplog.text


def test_many_late_cases_are_found_in_bounded_pieces(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(escalation, "AT_ONCE", 2)
    monkeypatch.setattr(escalation, "MOST", 4)
    for number in range(5):
        late(report(latitude=41.5 + number / 5))
    assert (escalation.sweep(), escalation.sweep()) == (4, 1)
    with django_assert_max_num_queries(1):
        escalation.sweep()


def test_the_tile_and_the_filter_show_it(client):
    client.force_login(both())
    case, other = late(report()), report(latitude=42.5)
    escalation.sweep()
    assert admin_pages.shown(client, ALL, queue="escalated") == [case.reference]
    counts = client.get("/admin/").context["all_work"]["counts"]
    assert ("escalated", "Escalated", 1) in counts
    assert "before the manager" in client.get(admin_pages.record_url(case)).content.decode()
    assert "before the manager" not in client.get(admin_pages.record_url(other)).content.decode()


def test_the_command_does_it_now():
    late(report())
    said = StringIO()
    call_command("look_at_deadlines", stdout=said)
    assert "escalated: 1" in said.getvalue()
    assert "reminded: " in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_find_the_same_cases_tell_each_once():
    cases = [late(report(latitude=41.6 + number / 5)) for number in range(4)]
    barrier, done = threading.Barrier(2), []

    def run():
        barrier.wait()
        done.append(escalation.sweep())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 4
    assert [lines(case).count() for case in cases] == [1] * 4


def test_a_worker_looks_when_it_is_time_and_a_failing_sweep_does_not_stop_it(monkeypatch, caplog):
    ran = []

    def fails():
        raise ValueError("no")

    monkeypatch.setattr(registry, "sweeps", {"bad": fails, "good": lambda: ran.append(1) or 1})
    worker = Worker(threads=1, look=timedelta(0))
    worker._look()
    worker._look()
    assert len(ran) == 2
    assert "The sweep “bad” met an error" in caplog.text
    ran.clear()
    Worker(threads=1)._look()
    assert ran == []


# -- near --------------------------------------------------------------------------------------------------------------

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
TUESDAY_CLOSE = datetime(2026, 3, 3, 16, 30, tzinfo=ZONE)


@pytest.fixture
def monday(monkeypatch):
    """Nine o'clock on a Monday in March."""
    monkeypatch.setattr(timezone, "now", lambda: MONDAY.astimezone(ZoneInfo("UTC")))


@pytest.fixture
def sam(db):
    return both("sam")


def near(case, to=None, due=TUESDAY_CLOSE):
    return put(case, due_at=due, assignee=to)


def test_an_officer_gets_one_mail_a_day_with_all_that_is_due(sam):
    cases = [report(latitude=41.6 + number / 5) for number in range(2)] + [permit()]
    for number, case in enumerate(cases):
        near(case, sam, TUESDAY_CLOSE - timedelta(hours=number))
    near(report(latitude=42.9), sam, TUESDAY_CLOSE + timedelta(days=1))
    assert digest.sweep(MONDAY) == 1
    mail = Message.objects.get(role=f"officer-{sam.pk}")
    assert mail.address == sam.email
    assert re.fullmatch("3 cases are due by .+, 4:30 PM", mail.subject)
    for case in cases:
        assert f"http://localhost:8000/admin/workflow/case/{case.pk}/change/" in mail.text
        assert case.reference in mail.html
        line = lines(case, "deadline_near").get()
        assert (line.public, line.data) == (False, {"told": "Sam Berg"})
        assert Case.objects.get(pk=case.pk).reminded_at is not None
    assert mail.case_id == cases[2].pk  # the first that is due
    assert "{" not in mail.text + mail.html
    assert (digest.sweep(MONDAY), digest.sweep(MONDAY + timedelta(hours=3))) == (0, 0)


def test_what_comes_later_that_day_is_in_tomorrows_mail(sam):
    near(report(), sam)
    digest.sweep(MONDAY)
    second = near(report(latitude=42.5), sam)
    assert digest.sweep(MONDAY + timedelta(hours=1)) == 0
    assert digest.sweep(MONDAY + timedelta(days=1)) == 1
    assert Message.objects.filter(case_id=second.pk, role=f"officer-{sam.pk}").exists()


@pytest.mark.parametrize(
    "moment", [MONDAY.replace(hour=7, minute=59), MONDAY - timedelta(days=1)], ids=["before opening", "Sunday"]
)
def test_nobody_is_reminded_outside_working_days_or_before_the_office_opens(sam, moment):
    near(report(), sam)
    assert digest.sweep(moment) == 0


def test_on_a_friday_what_is_due_by_monday_is_told(sam, settings):
    friday = datetime(2026, 3, 6, 8, 30, tzinfo=ZONE)
    near(report(), sam, datetime(2026, 3, 9, 16, 30, tzinfo=ZONE))
    assert digest.sweep(friday) == 1
    settings.REMIND_OFFICERS_DAYS = 2
    near(report(latitude=42.6), sam, datetime(2026, 3, 11, 16, 30, tzinfo=ZONE))
    assert digest.sweep(MONDAY + timedelta(days=7)) == 1


@pytest.mark.parametrize("values", [{"paused_at": MONDAY}, {"closed_at": MONDAY}, {"reminded_at": MONDAY}])
def test_what_stands_still_is_over_or_was_told_is_let_be(sam, values):
    put(near(report(), sam), **values)
    assert digest.sweep(MONDAY) == 0


def test_what_nobody_has_or_somebody_who_left_is_told_to_the_team(sam):
    first, second = near(report()), near(report(latitude=42.5), sam)
    User.objects.filter(pk=sam.pk).update(is_active=False)
    Team.objects.filter(pk=first.team_id).update(email="desk@dot.example.gov")
    assert digest.sweep(MONDAY) == 1
    mail = Message.objects.get(role=f"team-{first.team_id}")
    assert mail.address == "desk@dot.example.gov"
    assert first.reference in mail.text
    assert second.reference in mail.text


def test_a_team_without_a_mailbox_gets_nothing_and_the_cases_are_not_marked(sam):
    case = near(report())
    assert digest.sweep(MONDAY) == 0
    assert Case.objects.get(pk=case.pk).reminded_at is None


def test_who_stands_in_is_reminded_instead(sam, monday):
    olga = both("olga")
    case, own = report(), report(latitude=42.5)
    absences.arrange(
        absent=olga, substitute=sam, first_day=MONDAY.date(), last_day=MONDAY.date() + timedelta(days=3),
        actor=officer(olga),
    )  # fmt: skip
    near(case, olga)
    near(own, sam)
    assert digest.sweep(MONDAY) == 1
    mail = Message.objects.get(role=f"officer-{sam.pk}")
    assert case.reference in mail.text
    assert own.reference in mail.text
    assert mail.subject == "2 cases are due by tomorrow, 4:30 PM"


def test_a_mail_names_fifty_and_says_how_many_more(sam, monkeypatch):
    monkeypatch.setattr(digest, "MOST_NAMED", 2)
    for number in range(3):
        near(report(latitude=41.6 + number / 5), sam)
    digest.sweep(MONDAY)
    mail = Message.objects.get(role=f"officer-{sam.pk}")
    assert mail.subject.startswith("3 cases are due by")
    assert "And 1 more." in mail.text
    assert Case.objects.filter(reminded_at__isnull=False).count() == 2


def test_a_mail_that_another_worker_wrote_first_leaves_no_line_of_ours(sam, monkeypatch):
    case = near(report(), sam)
    reader = digest.Reader(role=f"officer-{sam.pk}", name="Sam Berg", address=sam.email)
    first = Event.objects.filter(case_id=case.pk).first()
    Message.objects.create(
        event=first, case_id=case.pk, role="x", channel="email", address="a@b.example", subject="s", text="t",
        message_id=digest.digest_id(reader, MONDAY.date()),
    )  # fmt: skip
    theirs = digest._readers(digest._near(MONDAY, TUESDAY_CLOSE))[reader]
    assert not digest._write(reader, theirs, now=MONDAY, until=TUESDAY_CLOSE, today=MONDAY.date())
    assert Case.objects.get(pk=case.pk).reminded_at is None
    assert not lines(case, "deadline_near").exists()


def test_a_digest_is_delivered_as_other_messages_are(sam, mailoutbox):
    case = near(report(), sam)
    digest.sweep(MONDAY)
    incidents.drain(case)
    assert [mail.to for mail in mailoutbox if mail.to == [sam.email]] == [[sam.email]]
    assert Message.objects.get(role=f"officer-{sam.pk}").status == "sent"


def test_looking_for_what_is_near_takes_few_queries_however_much_there_is(sam, django_assert_max_num_queries):
    one = near(report(), sam)
    copies(one, 30)
    digest.sweep(MONDAY)
    with django_assert_max_num_queries(6):
        digest.sweep(MONDAY)


def test_desk_work_does_not_move_a_deadline(sam):
    case = late(report(), escalated_at=timezone.now())
    assert desk.claim(case, actor=officer(sam)).escalated_at is not None
    assert permits.fresh(permit()).escalated_at is None

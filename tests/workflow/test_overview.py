"""The first screen: counts over both kinds that lead to their queues, and charts with their numbers in tables."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.incidents import factories as incidents
from tests.permits import factories as permits
from tests.workflow.both_kinds import both, permit, report
from workflow import desk
from workflow.actors import officer
from workflow.admin import drawing, overview
from workflow.admin.overview import Flow
from workflow.models import Case, Team

pytestmark = pytest.mark.django_db
QUEUES = {"roadPermit": "/admin/permits/roadpermit/", "incident": "/admin/incidents/incident/"}
ALL = "/admin/workflow/case/"
COUNTED = {
    "mine": "closed_at IS NULL AND assignee_id = {user}",
    "team": "closed_at IS NULL AND team_id = {team}",
    "unassigned": "closed_at IS NULL AND assignee_id IS NULL",
    "today": "closed_at IS NULL AND paused_at IS NULL AND due_at >= %s AND due_at < %s",
    "overdue": "closed_at IS NULL AND paused_at IS NULL AND due_at < %s",
    "escalated": "closed_at IS NULL AND escalated_at IS NOT NULL",
    "waiting": "closed_at IS NULL AND state IN ('info_requested', 'needs_info')",
    "parked": "parked_at IS NOT NULL",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def berit(client):
    made = both()
    client.force_login(made)
    return made


def some_of_everything(user):
    now = timezone.now()
    mine = permit()
    desk.claim(mine, actor=officer(user))
    permits.in_state("draft")
    permits.info_requested(**permits.at(3))
    permits.in_state("refused", **permits.at(4))
    late, tonight = report(), report(latitude=42.2)
    report(latitude=42.3)
    other = report(latitude=42.4)
    incidents.in_state("needs_info", latitude=42.6)
    incidents.in_state("rejected", latitude=42.7)
    Case.objects.filter(pk=late.pk).update(due_at=now - timedelta(hours=30), escalated_at=now)
    Case.objects.filter(pk=tonight.pk).update(due_at=now + timedelta(seconds=20))
    west = Team.objects.create(code="west", name="West")
    Case.objects.filter(pk=other.pk).update(team=west, parked_at=now, created_at=now - timedelta(days=12))


def recount(name, user, workflows):
    """The same by SQL of our own."""
    condition = COUNTED[name].format(user=user.pk, team=Team.default().pk)
    now, midnight = timezone.now(), timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [now, midnight + timedelta(days=1)][: condition.count("%s")]
    marks = ", ".join(["%s"] * len(workflows))
    sql = f"SELECT COUNT(*) FROM workflow_case WHERE team_id IS NOT NULL AND workflow IN ({marks}) AND {condition}"
    with connection.cursor() as cursor:
        adapted = [connection.ops.adapt_datetimefield_value(moment) for moment in moments]
        cursor.execute(sql, [*workflows, *adapted])
        return cursor.fetchone()[0]


def linked_counts(page):
    """Address -> the number that stands at it."""
    found = re.findall(r'<a href="([^"]+\?queue=\w+)"><b>(\d+)</b>', page.content.decode())
    return {address: int(number) for address, number in found}


def test_every_count_equals_a_recount_and_leads_to_as_many_cases(client, berit):
    some_of_everything(berit)
    shown = linked_counts(client.get("/admin/"))
    assert len(shown) == 3 * len(COUNTED)
    for name in COUNTED:
        for workflows, url in [*(([one], url) for one, url in QUEUES.items()), (list(QUEUES), ALL)]:
            address = f"{url}?queue={name}"
            assert shown[address] == recount(name, berit, workflows), address
            assert len(client.get(address).context["cl"].result_list) == shown[address], address
    assert {name: shown[f"{ALL}?queue={name}"] for name in COUNTED} == {
        "mine": 1, "team": 6, "unassigned": 6, "today": 1, "overdue": 1, "escalated": 1, "waiting": 2,
        "parked": 1,
    }  # fmt: skip


def test_the_number_of_queries_does_not_grow(client, berit, django_assert_max_num_queries):
    report()
    client.get("/admin/")
    with django_assert_max_num_queries(15) as few:
        client.get("/admin/")
    some_of_everything(berit)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get("/admin/")


def test_days_ages_and_the_share_on_time_are_told_in_tables_too(client, berit):
    some_of_everything(berit)
    page = client.get("/admin/")
    charts = page.context["charts"]
    assert charts["came"] == Case.objects.filter(team__isnull=False).count() == 9
    assert charts["ended"] == 2
    assert [number for _words, number, _kinds in charts["age_rows"]] == [6, 0, 1, 0, 0]
    (_title, whole, percent) = charts["share_rows"][-1]
    assert (whole.running - whole.on_time, percent) == (1, f"{int(100 * whole.on_time / whole.running)}%")
    text = page.content.decode()
    assert text.count('<svg class="mp-drawn') == text.count("<details") == 3
    assert len(re.findall(r"<title id=", text)) == len(re.findall(r"<desc id=", text)) == 3
    assert "style=" not in text


def test_inflow_and_outflow_are_counted_by_local_days(berit):
    yesterday, long_ago = report(), report(latitude=42.3)
    day = timezone.localtime().replace(hour=0, minute=30) - timedelta(days=1)
    Case.objects.filter(pk=yesterday.pk).update(created_at=day, closed_at=day)
    Case.objects.filter(pk=long_ago.pk).update(created_at=day - timedelta(days=60), closed_at=None)
    days = overview.flow(["incident", "roadPermit"])
    assert [len(one) for one in days.values()] == [overview.DAYS_SHOWN] * 2
    assert [one for one in days["incident"] if one.came or one.ended] == [Flow(day=day.date(), came=1, ended=1)]
    assert overview.flow_together(days.values())[-2] == Flow(day=day.date(), came=1, ended=1)


def test_who_sees_one_kind_reads_nothing_of_the_other(client):
    client.force_login(both("ida", kinds=("incidents",)))
    permit()
    page = client.get("/admin/").content.decode()
    assert "Road permits" not in page
    assert f"{QUEUES['incident']}?queue=mine" in page
    assert f"{QUEUES['incident']}triage/" in page
    assert f"{ALL}?queue=mine" not in page


def test_who_sees_no_kind_has_a_first_screen_all_the_same(client):
    client.force_login(both("nora", kinds=()))
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "mp-drawn" not in page.content.decode()
    assert client.get(ALL).status_code == 403


def test_nothing_to_count_is_drawn_without_a_fault(client, berit):
    page = client.get("/admin/").content.decode()
    assert "none has a deadline now" in page
    assert "NaN" not in page


def test_bars_fill_their_room_and_what_is_not_nothing_is_seen():
    today = timezone.localdate()
    chart = drawing.mirrored([Flow(day=today, came=1000, ended=1), Flow(day=today, came=0, ended=0)])
    assert [bar.height for bar in chart.came] == [drawing.HALF]
    assert [bar.height for bar in chart.ended] == [drawing.LEAST]
    lines = drawing.bars([("all", 0.5, "50%"), ("none", 0, "0%")], most=1).lines
    assert [line.width for line in lines] == [lines[0].room / 2, 0]

"""Every count of the first screen against SQL written by hand, for several officers over a random busy office."""

import random
import re
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template.response import TemplateResponse
from django.test import Client
from django.utils import timezone

from tests.workflow.both_kinds import both, permit, report
from workflow.admin.cases import CaseAdmin
from workflow.admin.overview import QUEUES
from workflow.models import Case, Delegation, Team

pytestmark = pytest.mark.django_db
ALL = "/admin/workflow/case/"
ADDRESSES = {"/admin/permits/roadpermit/": ["roadPermit"], "/admin/incidents/incident/": ["incident"],
             ALL: ["roadPermit", "incident"]}  # fmt: skip
CASES = 60  # of each kind
STATES = {
    "roadPermit": ("submitted", "in_review", "in_review", "info_requested", "in_force", "active", "refused", "closed"),
    "incident": ("triaged", "triaged", "needs_info", "scheduled", "in_progress", "resolved", "rejected"),
}
ENDED = ("refused", "closed", "resolved", "rejected")

FROM = "SELECT COUNT(*) FROM workflow_case c WHERE c.workflow IN ({workflows}) AND c.team_id IS NOT NULL AND "
OPEN = "c.closed_at IS NULL AND "
COUNTS = {
    "mine": OPEN + "(c.assignee_id = {user} OR c.assignee_id IN (SELECT d.absent_id FROM workflow_delegation d WHERE "
    "d.substitute_id = {user} AND d.first_day <= '{today}' AND d.last_day >= '{today}' AND d.ended_at IS NULL))",
    "team": OPEN + "c.team_id IN (SELECT m.team_id FROM workflow_team_members m WHERE m.user_id = {user})",
    "unassigned": OPEN + "(c.assignee_id IS NULL OR EXISTS (SELECT 1 FROM auth_user u WHERE u.id = c.assignee_id AND "
    "NOT u.is_active))",
    "today": OPEN + "c.paused_at IS NULL AND c.due_at >= '{now}' AND c.due_at < '{midnight}'",
    "overdue": OPEN + "c.paused_at IS NULL AND c.due_at < '{now}'",
    "escalated": OPEN + "c.escalated_at IS NOT NULL",
    "waiting": OPEN + "c.state IN ('info_requested', 'needs_info')",
    "parked": "c.parked_at IS NOT NULL",
}


def test_every_count_has_sql_of_its_own() -> None:
    missing = {name for name, _words in QUEUES} - set(COUNTS)
    assert not missing, f"Write in COUNTS, by hand, how {sorted(missing)} is counted in the tables."


def recount(name: str, user: User, workflows: list[str], now: datetime) -> int:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    values = {
        "user": user.pk,
        "today": timezone.localdate().isoformat(),
        "now": connection.ops.adapt_datetimefield_value(now),
        "midnight": connection.ops.adapt_datetimefield_value(midnight),
        "workflows": ", ".join(f"'{one}'" for one in workflows),
    }
    with connection.cursor() as cursor:
        cursor.execute((FROM + COUNTS[name]).format(**values))
        return int(cursor.fetchone()[0])


# -- the office -------------------------------------------------------------------------------------------------------


def staff(west: Team) -> dict[str, User]:
    """Anna stands in for olga today, and did for otto last week; gus left; ida sees reports only; sam is in no team."""
    people = {name: both(name) for name in ("anna", "olga", "otto", "gus")}
    people["wim"] = both("wim", team=west)
    west.members.add(people["anna"])
    people["ida"] = both("ida", kinds=("incidents",))
    people["sam"] = both("sam")
    people["sam"].milepost_teams.clear()
    User.objects.filter(pk=people["gus"].pk).update(is_active=False)
    absence(people["olga"], people["anna"], -1, 3)
    absence(people["otto"], people["anna"], -9, -2)
    absence(people["wim"], people["olga"], 0, 0, ended_at=timezone.now())
    return people


def absence(absent: User, substitute: User, first: int, last: int, **more: Any) -> None:
    days = [timezone.localdate() + timedelta(days=number) for number in (first, last)]
    Delegation.objects.create(
        absent=absent, substitute=substitute, first_day=days[0], last_day=days[1], made_by=absent, **more
    )


def populate(chance: random.Random, people: dict[str, User], teams: list[Team]) -> None:
    """Copies of one real case of each kind, at every place a case can be; drafts too. Written past the engine."""
    for real in (permit(), report()):
        for number in range(CASES):
            state = chance.choice(STATES[real.workflow])
            came = timezone.now() - timedelta(hours=chance.randrange(24 * 100))
            copy(
                real,
                number,
                state=state,
                team_id=chance.choice(teams).pk if chance.random() > 0.1 else None,
                assignee_id=chance.choice([None, None, *(user.pk for user in people.values())]),
                created_at=came,
                closed_at=came + timedelta(hours=1) if state in ENDED else None,
                due_at=chance.choice([None, *moments()]),
                paused_at=came if state in ("info_requested", "needs_info") or chance.random() < 0.05 else None,
                parked_at=came if chance.random() < 0.1 else None,
                escalated_at=came if chance.random() < 0.15 else None,
            )


def moments() -> list[datetime]:
    """Long over, over, tonight, tomorrow, next week. (No moment that the test itself may run into.)"""
    now = timezone.now()
    tonight = timezone.localtime().replace(hour=23, minute=59, second=50)
    return [now - timedelta(days=9), now - timedelta(minutes=5), tonight, tonight + timedelta(seconds=20),
            now + timedelta(days=7)]  # fmt: skip


def copy(real: Any, number: int, **values: Any) -> None:
    """Both rows of a case once more; only so may a case begin in any state."""
    key = Case.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    plain = {
        name: connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
    case = {"id": key, "reference": f"{real.reference[:6]}{number:06d}", **plain}
    insert("workflow_case", "id", real.pk, case)
    own = {"case_ptr_id": key} | ({"verify_token": f"copy-{number}"} if hasattr(real, "verify_token") else {})
    insert(real._meta.db_table, "case_ptr_id", real.pk, own)


def insert(table: str, key: str, like: int, changed: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [like])
        columns = [column[0] for column in cursor.description]
        values = ", ".join("%s" if name in changed else f'"{name}"' for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        given = [changed[name] for name in columns if name in changed]
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {key} = %s", [*given, like])


# -- the proof --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_every_count_equals_a_recount_and_its_link_leads_to_as_many_rows(
    seed: int, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    west = Team.objects.create(code="west", name="West")
    people = staff(west)
    populate(random.Random(seed), people, [Team.default(), west])
    told = set()
    for name in ("anna", "olga", "wim", "ida", "sam"):
        client = Client()
        client.force_login(people[name])
        told |= {(name, number) for number in check(client, people[name]).values()}
    assert len(told) > 20  # a busy office, and not many times the same few


def check(client: Client, user: User) -> dict[str, int]:
    """Every count that this officer reads, against the tables and against the list behind its link."""
    now = timezone.now()
    page = client.get("/admin/").content.decode()
    shown = {
        address: int(number.replace(",", ""))
        for address, number in re.findall(r'<a href="([^"]+\?queue=\w+)"><b>([\d,]+)</b>', page)
    }
    kinds = [url for url in ADDRESSES if f'href="{url}?queue=' in page]
    assert set(shown) == {f"{url}?queue={name}" for url in kinds for name, _words in QUEUES}
    assert kinds == (["/admin/incidents/incident/"] if user.username == "ida" else list(ADDRESSES))
    for address, number in shown.items():
        url, name = address.split("?queue=")
        assert number == recount(name, user, ADDRESSES[url], now), f"{address} for {user.username}"
        assert number == rows_of(client, address), f"{address} for {user.username}"
    return shown


def rows_of(client: Client, address: str) -> int:
    one_page = mock.patch.object(CaseAdmin, "list_per_page", 1000)
    unread = mock.patch.object(TemplateResponse, "rendered_content", "")
    with one_page, unread:
        found = client.get(address).context_data["cl"].result_list
    keys = {case.pk for case in found}
    assert len(keys) == len(found)
    return len(keys)


def test_the_office_has_drafts_that_nobody_counts(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    people = staff(Team.objects.create(code="west", name="West"))
    populate(random.Random(0), people, [Team.default()])
    assert Case.objects.filter(team=None, closed_at=None).exists()

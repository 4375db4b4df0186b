"""The first screen says what waits for a specialist, and what a district manager was told of."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from permits.models import TechnicalTask
from tests.permits import factories as make
from workflow.models import Team
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db
LIST = "/admin/permits/technicaltask/"


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def signed_in(role: str, team: Team, username: str = "tess") -> Client:
    sync_roles()
    user = make.user(username, permissions=[], team=team)
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client


def counts(client: Client) -> dict[str, int]:
    page = client.get("/admin/").content.decode()
    found = re.findall(rf'href="{LIST}\?queue=(\w+)"><b>(\d+)</b>', page)
    return {word: int(number) for word, number in found}


def team_of(specialty: str) -> Team:
    return Team.objects.get_or_create(code=f"technical-{specialty}", defaults={"name": specialty})[0]


def test_a_specialist_sees_own_reviews_and_the_late_ones_and_each_count_is_its_list() -> None:
    tess = signed_in("Specialist", team_of("traffic"))
    late, other = make.filed(**make.at(1)), make.filed(**make.at(2))
    tasks = TechnicalTask.objects.filter(specialty="traffic")
    assert set(tasks.values_list("owner__username", flat=True)) == {"tess"}
    tasks.filter(process__permit=late).update(due_at=timezone.now() - timedelta(hours=1))
    assert counts(tess) == {"mine": 2, "specialty": 2, "late": 1, "mine_late": 1, "escalated": 0}
    for word, number in counts(tess).items():
        page = tess.get(f"{LIST}?queue={word}")
        assert page.context["cl"].result_count == number, word
    mine = tess.get(f"{LIST}?queue=mine_late").content.decode()
    assert late.reference in mine
    assert other.reference not in mine


def test_a_district_manager_sees_what_was_escalated_on_the_permits_of_the_district() -> None:
    permit = make.filed()
    mara = signed_in("District manager", permit.team, "mara")
    far = signed_in("District manager", Team.objects.create(code="far", name="Far"), "fay")
    TechnicalTask.objects.filter(process__permit=permit, specialty="traffic").update(
        due_at=timezone.now() - timedelta(hours=1), late_at=timezone.now()
    )
    assert counts(mara)["escalated"] == 1
    assert counts(far)["escalated"] == 0
    assert permit.reference in mara.get(f"{LIST}?queue=escalated").content.decode()
    record = mara.get(f"/admin/permits/roadpermit/{permit.pk}/change/").content.decode()
    assert "The deadline passed: the district manager was told on" in record


def test_who_has_nothing_to_do_with_reviews_is_not_shown_them() -> None:
    inspector = signed_in("Inspector", Team.default(), "ina")
    assert counts(inspector) == {}


def test_the_counts_cost_one_query_whatever_there_is(django_assert_max_num_queries: Any) -> None:
    tess = signed_in("Specialist", team_of("traffic"))
    make.filed(**make.at(1))
    tess.get("/admin/")
    with django_assert_max_num_queries(15):
        tess.get("/admin/")

"""A specialist's day in the officers' admin: the list, the recommendation, and what the reviewer reads of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from viewflow.workflow.models import Process, Task

from permits.models import RoadPermit, TechnicalTask
from tests.permits import factories as make
from tests.permits.move_data import WORDS
from workflow.models import Event, Team
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db

LIST = "/admin/permits/technicaltask/"


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def signed_in(specialty: str = "traffic", username: str = "tess", role: str = "Specialist") -> Client:
    """Somebody with the role as ``sync_roles`` writes it, in the team of a specialty."""
    sync_roles()
    team, _ = Team.objects.get_or_create(code=f"technical-{specialty}", defaults={"name": specialty})
    user = make.user(username, permissions=[], team=team)
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client


def page_of(client: Client, address: str = LIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def do(permit: RoadPermit, specialty: str) -> str:
    return reverse("admin:permits_roadpermit_desk", args=[permit.pk, f"recommend_{specialty}"])


def record(permit: RoadPermit) -> str:
    return reverse("admin:permits_roadpermit_change", args=[permit.pk])


def test_the_list_shows_what_is_mine_of_my_specialty_late_and_done() -> None:
    tess = signed_in()
    mine, colleague = make.filed(**make.at(1)), make.filed(**make.at(2))
    cal = make.user("cal", team=Team.objects.get(code="technical-traffic"))
    TechnicalTask.objects.filter(process__permit=colleague, specialty="traffic").update(owner=cal)
    assert page_of(tess).count(f"/{mine.pk}/desk/recommend_") == 2  # traffic and utilities: without a choice all
    own = page_of(tess, f"{LIST}?queue=mine")
    assert do(mine, "traffic") in own
    assert do(colleague, "traffic") not in own
    ours = page_of(tess, f"{LIST}?queue=specialty")
    assert do(colleague, "traffic") in ours
    assert "recommend_utilities" not in ours
    assert do(mine, "traffic") not in page_of(tess, f"{LIST}?queue=late")
    TechnicalTask.objects.filter(process__permit=mine).update(due_at=timezone.now() - timedelta(hours=1))
    late = page_of(tess, f"{LIST}?queue=late&specialty=traffic")
    assert do(mine, "traffic") in late
    assert do(mine, "utilities") not in late
    assert "Late</span>" in late
    make.advised(mine)
    done = page_of(tess, f"{LIST}?queue=done")
    assert record(mine) in done
    assert "Approve</span>" in done


def test_the_list_costs_the_same_however_long(django_assert_max_num_queries: Any) -> None:
    tess = signed_in()
    for place in range(4):
        make.filed(**make.at(place))
    with django_assert_max_num_queries(12):
        page_of(tess)


def test_a_specialist_gives_a_recommendation_on_the_permits_page() -> None:
    tess, permit = signed_in(), make.filed()
    page = page_of(tess, record(permit))
    assert "Traffic recommendation" in page
    assert "Utilities recommendation" not in page
    form = page_of(tess, do(permit, "traffic"))
    task = TechnicalTask.objects.get(process__permit=permit, specialty="traffic")
    assert f'name="task" value="{task.pk}"' in form
    said = {"revision": permit.revision, "task": task.pk, "recommendation": "approve_with_conditions"}
    answer = tess.post(do(permit, "traffic"), {**said, "comment": "short", "conditions": ["C06"]})
    assert answer.status_code == 422
    assert "Say why in at least 10 characters" in answer.content.decode()
    answer = tess.post(do(permit, "traffic"), {**said, "comment": WORDS, "conditions": ["C06"]})
    assert answer.status_code == 302
    after = page_of(tess, record(permit))
    assert "Approve with conditions" in after
    assert WORDS in after
    assert do(permit, "traffic") not in after
    assert tess.post(do(permit, "traffic"), {**said, "comment": WORDS}).status_code == 422  # once is enough


def test_two_specialists_who_look_at_the_same_page_do_not_get_into_each_others_way() -> None:
    permit = make.filed()
    tess, uma = signed_in(), signed_in("utilities", "uma")
    tasks = {task.specialty: task for task in make.open_tasks(permit)}
    for client, specialty in ((tess, "traffic"), (uma, "utilities")):  # both with the revision they looked at
        said = {"revision": permit.revision, "task": tasks[specialty].pk, "recommendation": "approve"}
        assert client.post(do(permit, specialty), said).status_code == 302
    assert permit.technical_reviews.get().status == "DONE"


@pytest.mark.parametrize(
    ("specialty", "role", "status"),
    [("traffic", "Specialist", 302), ("utilities", "Specialist", 403), ("traffic", "Inspector", 403)],
)
def test_only_the_specialist_of_the_team_gets_through(specialty: str, role: str, status: int) -> None:
    permit = make.filed()
    task = TechnicalTask.objects.get(process__permit=permit, specialty="traffic")
    client = signed_in(specialty, "nora", role)
    said = {"revision": permit.revision, "task": task.pk, "recommendation": "approve"}
    assert client.post(do(permit, "traffic"), said).status_code == status
    assert Event.objects.filter(case=permit, kind="technical_advice").exists() is (status == 302)


def test_the_reviewer_finds_asked_conditions_ticked_and_every_branch_with_its_state() -> None:
    permit = make.paid(make.with_documents(make.filed()))
    client = Client()
    client.force_login(make.user("olga", team=permit.team))
    page = page_of(client, record(permit))
    assert "Not every specialist has given a recommendation yet" in page
    assert page.count("Waiting</span>") == 2
    make.advised(permit, "approve_with_conditions", comment=WORDS, conditions=["C12"])
    form = page_of(client, reverse("admin:permits_roadpermit_do", args=[permit.pk, "approve"]))
    box = form[: form.index(">", form.index('value="C12"'))].rpartition("<input")[2]
    assert "checked" in box


def test_a_task_is_edited_added_and_deleted_nowhere() -> None:
    permit = make.filed()
    client = Client()
    client.force_login(make.user("root", is_superuser=True))
    task = make.open_tasks(permit)[0]
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{task.pk}/delete/").status_code == 403
    answer = client.get(f"{LIST}{task.pk}/change/")
    assert (answer.status_code, answer["Location"]) == (302, do(permit, "traffic"))
    assert client.get(f"{LIST}4711/change/")["Location"] == LIST


def test_who_sees_no_permits_sees_no_reviews() -> None:
    client = Client()
    client.force_login(make.user("sam", permissions=[]))
    assert client.get(LIST).status_code == 403


def test_viewflows_own_pages_are_not_in_the_admin() -> None:
    assert TechnicalTask in site._registry
    assert not {Process, Task} & set(site._registry)

"""Work on many reports at once: plan their repair for one day, give them to another team."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.models import Incident
from tests.bulk_pages import actions, choose, send, ticked, told
from tests.incidents.factories import filed, fresh, in_state, officer, user
from workflow import desk
from workflow.models import Event, Team
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db
QUEUE = "/admin/incidents/incident/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def tara(client: Client) -> Any:
    made = user("tara")
    client.force_login(made)
    return made


def reports(count: int) -> list[Incident]:
    return [filed(latitude=42.03 + number / 50) for number in range(count)]


def boxes(*incidents: Incident) -> list[str]:
    return [f"{one.pk}:{one.revision}" for one in incidents]


def friday() -> str:
    return (timezone.localdate() + timedelta(days=4)).isoformat()


def why(page: Any, incident: Incident) -> str:
    return " ".join(next(line.why for line in page.context["lines"] if line.case.pk == incident.pk))


def test_repairs_are_planned_for_one_day_and_one_crew(client: Client, tara: Any) -> None:
    few = reports(3)
    page = choose(client, "schedule", *few)
    done, refused = told(send(client, page, planned_for=friday(), crew="Ames patching crew"))
    assert (set(done), refused) == ({one.reference for one in few}, {})
    for one in few:
        after = fresh(one)
        assert (after.state, after.planned_for.isoformat()) == ("scheduled", friday())
        assert [job.crew for job in after.jobs.all()] == ["Ames patching crew"]


def test_without_a_crew_only_reports_that_have_one_are_planned(client: Client, tara: Any) -> None:
    bare, planned = filed(), in_state("scheduled", latitude=42.5)
    page = choose(client, "schedule", bare, planned)
    done, refused = told(send(client, page, planned_for=friday(), crew=""))
    assert (set(done), refused) == ({planned.reference}, {bare.reference: "Say which crew does it."})
    assert [job.crew for job in fresh(planned).jobs.all()] == ["Ames patching crew"]


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01"])
def test_a_day_that_is_none_is_asked_for_again_with_what_was_typed(client: Client, tara: Any, day: str) -> None:
    first, second = reports(2)
    page = choose(client, "schedule", first, second)
    again = send(client, page, boxes=boxes(second), planned_for=day, crew="Ames patching crew")
    assert again.status_code == 422
    assert 'value="Ames patching crew"' in again.content.decode()
    assert ticked(again) == boxes(second)
    assert {fresh(one).state for one in (first, second)} == {"triaged"}


def test_a_mixture_ends_with_one_result_for_each(client: Client, tara: Any) -> None:
    good, moved, foreign, ended = filed(), filed(latitude=42.2), filed(latitude=42.3), in_state("closed", latitude=42.4)
    west = Team.objects.create(code="west", name="West")
    Incident.objects.filter(pk=foreign.pk).update(team=west)
    page = choose(client, "schedule", good, moved, foreign, ended)
    assert len(ticked(page)) == 2
    assert why(page, ended) == "It is closed (Closed)."
    assert "officers of the team West" in why(page, foreign)
    desk.claim(moved, actor=officer("milo"))
    sent = boxes(good, moved, foreign, ended)
    done, refused = told(send(client, page, boxes=sent, planned_for=friday(), crew="Ames patching crew"))
    assert set(done) == {good.reference}
    assert "changed while you were looking (Milo Nolan: " in refused[moved.reference]
    assert "a dispatcher of the team" in refused[foreign.reference]
    assert "not possible while the request is closed" in refused[ended.reference]
    assert {fresh(one).planned_for for one in (moved, foreign)} == {None}


def test_reports_go_to_another_team_once(client: Client, tara: Any) -> None:
    few, west = reports(2), Team.objects.create(code="west", name="West")
    page = choose(client, "hand_to", *few)
    done, _refused = told(send(client, page, team=west.pk))
    assert done == {one.reference: "is with the team West now" for one in few}
    _done, refused = told(send(client, page, team=west.pk))
    assert set(refused) == {one.reference for one in few}
    for one in few:
        assert fresh(one).team == west
        assert Event.objects.filter(case_id=one.pk, kind="team_changed").count() == 1


def test_a_team_that_has_the_report_already_is_told_for_that_report(client: Client, tara: Any) -> None:
    incident = filed()
    page = choose(client, "hand_to", incident)
    _done, refused = told(send(client, page, team=incident.team_id))
    assert refused == {incident.reference: f"{incident.team} has it already."}


def test_no_end_of_a_report_is_offered_for_many(client: Client, tara: Any) -> None:
    filed()
    assert [name for name, _words in actions(client, QUEUE)] == ["bulk_hand_over", "bulk_schedule", "bulk_hand_to"]
    for name in ("resolve", "reject", "close", "merge", "nothing"):
        assert client.post(f"{QUEUE}bulk/{name}/", {"case": "1:1"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("Triage officer", {"bulk_hand_over", "bulk_hand_to"}),
        ("Dispatcher", {"bulk_hand_over", "bulk_schedule", "bulk_hand_to"}),
        ("Crew leader", set()),
        ("Auditor", set()),
    ],
)
def test_each_role_is_offered_what_it_may_do_and_gets_no_further(client: Client, role: str, offered: set[str]) -> None:
    sync_roles()
    someone = user("sam", permissions=())
    someone.user_permissions.clear()
    someone.groups.set(Group.objects.filter(name=role))
    client.force_login(someone)
    incident = filed()
    assert {name for name, _words in actions(client, QUEUE)} == offered
    for name in ("hand_over", "schedule", "hand_to"):
        answer = client.post(f"{QUEUE}bulk/{name}/", {"case": boxes(incident)})
        assert (answer.status_code == 403) == (f"bulk_{name}" not in offered)
    assert fresh(incident).revision == incident.revision


def test_a_report_that_waits_for_triage_is_handed_to_its_team(client: Client, tara: Any) -> None:
    incident = filed()
    page = choose(client, "hand_over", incident)
    assert "not possible while the report stands at" in why(page, incident)
    assert ticked(page) == []


def test_planning_again_moves_the_day(client: Client, tara: Any) -> None:
    incident = in_state("scheduled")
    assert incident.planned_for.isoformat() != friday()
    send(client, choose(client, "schedule", incident), planned_for=friday(), crew="")
    assert fresh(incident).planned_for.isoformat() == friday()


def test_the_page_costs_little_for_each_report(client: Client, tara: Any) -> None:
    few = reports(20)

    def queries(number: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(choose(client, "schedule", *few[:number]).context["lines"]) == number
        return len(captured)

    queries(1)
    assert queries(20) - queries(2) <= 18

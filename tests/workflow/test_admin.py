"""The management layer's own tables in the admin: teams, rules, keys; history and work to look at only."""

import pytest
from django.contrib.auth.models import User

from workflow.admin.teams import faults
from workflow.models import ApiKey, Event, RoutingRule, Team, Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    made = User.objects.create_superuser("chief", "chief@dot.example.gov", "x")
    client.force_login(made)
    return made


def rule(order, team, **conditions):
    return RoutingRule.objects.create(order=order, team=team, **conditions)


def test_the_default_team_cannot_be_deleted(client, chief):
    default, other = Team.default(), Team.objects.create(code="west", name="West")
    assert client.post(f"/admin/workflow/team/{default.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/workflow/team/{other.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Team.objects.all()) == [default]


def test_the_table_of_rules_warns_when_nothing_catches_the_rest(client, chief):
    rule(10, Team.default(), county="story")
    page = client.get("/admin/workflow/routingrule/").content.decode()
    assert "No rule catches everything: what fits none goes to the default team, Front desk." in page
    rule(900, Team.default())
    assert "No rule catches everything" not in client.get("/admin/workflow/routingrule/").content.decode()


@pytest.mark.parametrize(
    ("first", "later", "hidden"),
    [
        ({}, {"county": "story"}, True),
        ({"county": "story"}, {"county": "Story", "route": "US-69"}, True),
        ({"county": "story", "route": "US-69"}, {"county": "story"}, False),
        ({"county": "polk"}, {"county": "story"}, False),
    ],
)
def test_a_rule_that_never_comes_to_its_turn_is_named(first, later, hidden):
    team = Team.default()
    rules = [rule(10, team, **first), rule(20, team, **later)]
    assert any("Rule 20" in sentence and "never reached" in sentence for sentence in faults(rules)) is hidden


def test_a_rule_that_is_switched_off_hides_nothing(client, chief):
    RoutingRule.objects.create(order=10, team=Team.default(), is_active=False)
    rule(20, Team.default(), county="story")
    assert "never reached" not in client.get("/admin/workflow/routingrule/").content.decode()


def test_a_key_is_shown_once_and_works_until_it_is_revoked(client, chief):
    answer = client.post(
        "/admin/workflow/apikey/add/", {"name": "City of Ames", "scopes": ["permits:submit"]}, follow=True
    )
    key = ApiKey.objects.get()
    text = next(word for word in answer.content.decode().split() if word.startswith("mp_live_"))
    assert key.fits(text.removeprefix(f"mp_live_{key.prefix}_"))
    assert "mp_live_" not in client.get(f"/admin/workflow/apikey/{key.pk}/change/").content.decode()
    assert key.is_alive
    client.post("/admin/workflow/apikey/", {"action": "revoke", "_selected_action": [key.pk], "index": "0"})
    key.refresh_from_db()
    assert not key.is_alive


def test_a_key_is_neither_changed_nor_deleted(client, chief):
    key, _text = ApiKey.issue("Ames", ["permits:submit"])
    for path in ("change", "delete"):
        answer = client.post(f"/admin/workflow/apikey/{key.pk}/{path}/", {"name": "x", "post": "yes"})
        assert answer.status_code == 403
    key.refresh_from_db()
    assert key.name == "Ames"


@pytest.mark.parametrize("model", [Event, Work])
def test_history_and_work_are_to_look_at_only(client, chief, model):
    name = model._meta.model_name
    assert client.get(f"/admin/workflow/{name}/").status_code == 200
    assert client.get(f"/admin/workflow/{name}/", {"q": "RP-26-AAAAAA"}).status_code == 200
    assert client.post(f"/admin/workflow/{name}/add/", {}).status_code == 403

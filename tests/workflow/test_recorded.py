"""Teams, routing rules and categories: every way to change them leaves a line with before and after."""

import pytest
from django.contrib.auth.models import User

from incidents.categories import load
from incidents.models import Category, Question
from tests.parcels.making import start_parcel
from workflow.contrib.rulebook.models import RuleChange
from workflow.models import RoutingRule, Team

pytestmark = pytest.mark.django_db
TEAMS, RULES = "/admin/workflow/team/", "/admin/workflow/routingrule/"


@pytest.fixture(autouse=True)
def signed_in(admin_client):
    """Everybody here is the administrator."""


def lines():
    return [(line.what, line.before, line.after) for line in RuleChange.objects.order_by("pk")]


def send(client, url, **values):
    """The form of a team as a browser sends it."""
    seen = client.get(url).context["adminform"].form["seen"].value()
    return client.post(url, {"seen": seen, **values}, follow=True)


def test_members_in_and_out_are_recorded(admin_client):
    ann, bob = (User.objects.create(username=name, first_name=name.capitalize()) for name in ("ann", "bob"))
    team = Team.objects.create(code="north", name="North")
    team.members.add(ann)
    send(admin_client, f"{TEAMS}{team.pk}/change/", name="North", email="", members=[bob.pk])
    assert lines() == [("Team changed: North", {"members": ["Ann"]}, {"members": ["Bob"]})]
    assert RuleChange.objects.get().who == User.objects.get(username="admin")
    assert RuleChange.objects.get().area == "team"


def test_a_form_saved_without_a_change_leaves_no_line(admin_client):
    team = Team.objects.create(code="north", name="North")
    send(admin_client, f"{TEAMS}{team.pk}/change/", name="North", email="")
    assert lines() == []


def test_a_team_is_added_and_removed_with_a_line_each(admin_client):
    admin_client.post(f"{TEAMS}add/", {"name": "North", "code": "north", "email": ""})
    admin_client.post(f"{TEAMS}{Team.objects.get(code='north').pk}/delete/", {"post": "yes"})
    (added, _none, after), (removed, before, none) = lines()
    assert (added, removed, _none, none) == ("Team added: North", "Team removed: North", None, None)
    assert before == after
    assert after["name"] == "North"


def test_a_routing_rule_switched_off_in_the_list_is_recorded(admin_client):
    rule = RoutingRule.objects.create(order=5, team=Team.default(), route="US-69")
    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": rule.pk, "_save": "Save"}
    admin_client.post(RULES, form)  # a box that is not ticked is not sent
    rule.refresh_from_db()
    assert not rule.is_active
    (line,) = lines()
    assert line[0].startswith("Routing rule changed: 5")
    assert line[1:] == ({"is active": True}, {"is active": False})


def test_routing_rules_removed_as_a_bulk_are_recorded_one_by_one(admin_client):
    rules = [RoutingRule.objects.create(order=n, team=Team.default()) for n in (1, 2)]
    chosen = {"action": "delete_selected", "_selected_action": [rule.pk for rule in rules], "post": "yes"}
    admin_client.post(RULES, chosen)
    assert not RoutingRule.objects.exists()
    assert [what.split(":")[0] for what, _before, _after in lines()] == ["Routing rule removed"] * 2


def test_a_question_of_a_category_is_recorded_with_it(admin_client):
    load(Category, Question)  # a test with real transactions has emptied the table, if one ran before
    category = Category.objects.prefetch_related("questions").exclude(questions=None).first()
    url = f"/admin/incidents/category/{category.pk}/change/"
    page = admin_client.get(url)
    form, formset = page.context["adminform"].form, page.context["inline_admin_formsets"][0].formset
    bound = [*form, *formset.management_form, *(field for one in formset.forms for field in one)]
    data = {field.html_name: field.value() for field in bound if field.value() not in (None, False)}
    question = category.questions.first()
    data |= {"repair_days": 33, "questions-0-text": "Where exactly?"}
    assert admin_client.post(url, data).status_code == 302
    (line,) = lines()
    assert line[1]["repair days"] == category.repair_days
    assert line[2]["repair days"] == 33
    assert line[2][f"question “{question.code}”"]["text"] == "Where exactly?"


def test_two_who_edit_the_members_of_a_team_do_not_undo_each_other_unseen(admin_client):
    ann = User.objects.create(username="ann", first_name="Ann")
    team = Team.objects.create(code="north", name="North")
    url = f"{TEAMS}{team.pk}/change/"
    seen = admin_client.get(url).context["adminform"].form["seen"].value()
    team.members.add(ann)
    page = admin_client.post(url, {"name": "North side", "email": "", "seen": seen})
    assert "A colleague saved this page meanwhile" in page.content.decode()
    assert list(team.members.all()) == [ann]


def test_a_team_with_rules_or_cases_stays_and_the_dry_run_is_offered(admin_client):
    team = Team.objects.create(code="north", name="North")
    RoutingRule.objects.create(order=7, team=team)
    case = start_parcel()
    type(case).objects.filter(pk=case.pk).update(team=team)
    page = admin_client.post(f"{TEAMS}{team.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert Team.objects.filter(pk=team.pk).exists()
    assert "North cannot be removed. It is named by routing rule 7: change that first." in page
    assert "1 open case is with it: hand them over first." in page
    assert "as if no rule named the team <strong>North</strong>" in page


def test_a_team_that_loses_its_last_member_is_told(admin_client):
    team = Team.default()
    team.members.add(User.objects.create(username="ann"))
    page = send(admin_client, f"{TEAMS}{team.pk}/change/", name=team.name, email="").content.decode()
    assert f"Nobody is in {team.name}: new cases still go to it." in page


def test_the_code_of_a_team_stays(admin_client):
    team = Team.objects.create(code="technical-traffic", name="Traffic")
    send(admin_client, f"{TEAMS}{team.pk}/change/", name="Traffic", code="other", email="")
    team.refresh_from_db()
    assert team.code == "technical-traffic"

"""Bad input at the desk: told clearly, nothing lost. Many at once over a mixture, who left, and teams that go away.

Pages that a colleague overtook are in test_buttons.py of each kind: every button, with what was typed.
"""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.admin_pages import press
from tests.incidents import factories as incidents
from tests.workflow.both_kinds import both, permit, report
from workflow import desk
from workflow.actors import officer
from workflow.models import Case, RoutingRule, Team

pytestmark = pytest.mark.django_db
ALL = "/admin/workflow/case/"
RULE = "/admin/workflow/routingrule/add/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def berit(client: Any) -> User:
    made = both()
    client.force_login(made)
    return made


def mixture(berit: User) -> dict[str, Any]:
    """Of both kinds: free, mine, a colleague's, of one who left, another team's, ended."""
    olga, gus = both("olga"), both("gus")
    free, mine, taken, left, far = (
        permit(),
        report(),
        report(latitude=42.3),
        report(latitude=42.4),
        report(latitude=42.5),
    )
    ended = incidents.in_state("rejected", latitude=42.6)
    for case, user in ((mine, berit), (taken, olga), (left, gus)):
        desk.claim(case, actor=officer(user))
    User.objects.filter(pk=gus.pk).update(is_active=False)
    Case.objects.filter(pk=far.pk).update(team=Team.objects.create(code="west", name="West"))
    return {"free": free, "mine": mine, "taken": taken, "left": left, "far": far, "ended": ended}


# Action -> what is done to whom; everybody else hears why not.
DONE = {"claim": {"free", "left"}, "release": {"mine"}, "retry": set(), "hand_over": {"free", "mine", "taken", "left"}}


@pytest.mark.parametrize("action", DONE)
def test_many_at_once_over_a_mixture_says_of_each_what_came_of_it(client: Any, berit: User, action: str) -> None:
    cases = mixture(berit)
    before = {name: Case.objects.get(pk=case.pk).revision for name, case in cases.items()}
    to = {"to": both("anna").pk} if action == "hand_over" else {}
    data = {"action": action, "_selected_action": [case.pk for case in cases.values()], "index": "0", **to}
    page = client.post(f"{ALL}?q=-26-", data, follow=True)  # who searches sees ended cases beside open ones
    assert page.status_code == 200
    told = [str(message) for message in page.context["messages"]]
    for name, case in cases.items():
        (line,) = [line for line in told if case.reference in line]
        done = Case.objects.get(pk=case.pk).revision > before[name]
        assert done == (name in DONE[action]), f"{name}: {line}"
        assert line.endswith("."), line


def test_a_colleague_who_left_since_the_page_was_opened_is_refused_by_name_and_nothing_moves(
    client: Any, berit: User
) -> None:
    case, gus = report(), both("gus")
    User.objects.filter(pk=gus.pk).update(is_active=False)
    answer = press(client, case, "assign", to=gus.pk)
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode() or "choose somebody else" in answer.content.decode()
    assert incidents.fresh(case).assignee is None


def test_the_case_of_somebody_who_left_is_there_for_everybody(client: Any, berit: User) -> None:
    case, gus = report(), both("gus")
    desk.claim(case, actor=officer(gus))
    User.objects.filter(pk=gus.pk).update(is_active=False)
    page = client.get(f"{ALL}?queue=unassigned").content.decode()
    assert case.reference in page
    assert press(client, incidents.fresh(case), "claim").status_code == 302
    assert incidents.fresh(case).assignee == berit


# -- no edit leaves a report without a team ---------------------------------------------------------------------------


@pytest.fixture
def chief(client: Any) -> User:
    made = User.objects.create_superuser("chief", "chief@dot.example.gov", "correct horse battery")
    client.force_login(made)
    return made


def rule(**values: Any) -> RoutingRule:
    west = Team.objects.get_or_create(code="west", defaults={"name": "West"})[0]
    return RoutingRule.objects.create(**{"order": 1, "team": west, "workflow": "incident", **values})


@pytest.mark.parametrize("edit", ["none", "off", "deleted", "elsewhere"])
def test_whatever_becomes_of_the_rules_a_report_has_exactly_one_team(chief: User, edit: str) -> None:
    made = rule(route="I-99" if edit == "elsewhere" else "")
    if edit == "off":
        RoutingRule.objects.update(is_active=False)
    elif edit == "deleted":
        made.delete()
    filed = report()
    assert filed.team is not None
    assert filed.team.code == ("west" if edit == "none" else Team.default().code)


def test_a_team_that_a_rule_or_a_case_needs_is_not_taken_away(client: Any, chief: User) -> None:
    made = rule()
    case = report()
    answer = client.post(f"/admin/workflow/team/{made.team_id}/delete/", {"post": "yes"}, follow=True)
    assert "West cannot be removed" in answer.content.decode()
    assert Team.objects.filter(pk=made.team_id).exists()
    assert incidents.fresh(case).team_id == made.team_id


def test_the_default_team_stays(client: Any, chief: User) -> None:
    answer = client.post(f"/admin/workflow/team/{Team.default().pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert report().team == Team.default()


def test_a_rule_for_a_team_that_was_removed_meanwhile_says_so_and_keeps_what_was_typed(
    client: Any, chief: User
) -> None:
    typed = {"order": "7", "team": "987654", "is_active": "on", "county": "story", "route": "US-69 typed"}
    answer = client.post(RULE, typed)
    page = answer.content.decode()
    assert answer.status_code in (200, 422)
    assert "errorlist" in page or "errornote" in page
    assert "US-69 typed" in page
    assert not RoutingRule.objects.exists()

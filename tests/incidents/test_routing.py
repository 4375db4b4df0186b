"""A report has exactly one owner at once, by rules that officers edit."""

import random
from collections import Counter

import pytest

from incidents import opening, reporting
from incidents.categories import CATEGORIES
from incidents.demo.rules import RULES, TEAMS, teams_and_rules
from incidents.models import Incident
from tests.incidents.factories import anonymous
from workflow import router
from workflow.contrib.places.counties import bounds
from workflow.models import RoutingRule, Team

pytestmark = pytest.mark.django_db

POINTS = 10_000
ROUTES = ("", "I-35", "I-80", "US-69", "IA-92")
AMES = {"latitude": 42.0308, "longitude": -93.6319}
DES_MOINES = {"latitude": 41.6005, "longitude": -93.6091}
SIOUX_CITY = {"latitude": 42.4963, "longitude": -96.4049}


@pytest.fixture(autouse=True)
def demo_rules():
    return teams_and_rules()


def place(**data):
    """An incident at a place, read as from the form; nothing is saved."""
    values, errors = reporting.check_place(data)
    assert not errors
    incident = Incident(workflow="incident")
    opening.set_place(incident, values)
    return incident


def random_places(count):
    """Points in the state, some with a road and a mile."""
    chance = random.Random(311)
    west, south, east, north = bounds()
    found = 0
    while found < count:
        point = {"latitude": chance.uniform(south, north), "longitude": chance.uniform(west, east)}
        route = chance.choice(ROUTES)
        road = {"route": route, "milepost": round(chance.uniform(0, 219), 1)} if route else {}
        if not reporting.check_place(point)[1]:
            found += 1
            yield place(**point, **road)


def test_ten_thousand_points_and_every_category_have_exactly_one_team():
    table, teams = router.Table(router.active_rules()), set(Team.objects.values_list("pk", flat=True))
    owners = Counter()
    for incident in random_places(POINTS):
        assert incident.district
        for category in CATEGORIES:
            incident.category, incident.category_group = category.code, category.group
            routing = table.route(incident)
            assert routing.team.pk in teams
            assert routing.why
            owners[routing.team.code] += 1
    assert owners.total() == POINTS * len(CATEGORIES)
    everybody = {code for code, _name in TEAMS}
    assert set(owners) == everybody - {"incident-desk"}  # a point always has a county


def test_many_at_a_time_are_routed_as_one_by_one():
    table = router.Table(router.active_rules())
    for incident in random_places(40):
        category = random.Random(incident.latitude).choice(CATEGORIES)
        incident.category, incident.category_group = category.code, category.group
        assert table.route(incident).team == router.route(incident).team


@pytest.mark.parametrize(
    ("data", "team"),
    [
        ({**AMES}, "maintenance-central"),
        ({**DES_MOINES}, "maintenance-metro"),
        ({**SIOUX_CITY}, "maintenance-northwest"),
        ({**SIOUX_CITY, "category": "signal_mistimed"}, "signals"),
        ({**AMES, "category": "culvert"}, "structures"),
        ({"address": "Somewhere along the river", **dict.fromkeys(("latitude", "longitude"))}, "incident-desk"),
    ],
)
def test_a_filed_report_is_with_its_team_at_once(data, team):
    incident = anonymous(**{"route": "", "direction": "", **data})
    assert incident.team.code == team
    assert incident.routed_because.startswith("Rule ")


@pytest.mark.parametrize(
    ("milepost", "team"),
    [
        (86.9, "maintenance-metro"),
        (87, "metro-freeways"),
        (90.5, "metro-freeways"),
        (93, "metro-freeways"),
        (93.1, "maintenance-metro"),
        (None, "maintenance-metro"),
    ],
)
def test_both_ends_of_a_route_stretch_belong_to_it(milepost, team):
    incident = anonymous(**DES_MOINES, route="i 35", milepost=milepost)
    assert incident.team.code == team


def test_the_same_mile_of_another_route_is_not_on_the_stretch():
    assert anonymous(**DES_MOINES, route="US-69", milepost=90).team.code == "maintenance-metro"


def test_an_edited_rule_holds_for_the_next_report_without_a_restart():
    assert anonymous(**DES_MOINES).team.code == "maintenance-metro"
    rule = RoutingRule.objects.get(county="polk")
    rule.team = Team.objects.get(code="incident-desk")
    rule.save()
    late = anonymous(**{**DES_MOINES, "latitude": 41.65})
    assert (late.team.code, late.routed_because) == ("incident-desk", f"Rule {rule.order}: {rule.in_words()}")


def test_a_rule_may_name_a_group_of_categories():
    team = Team.objects.create(code="trees", name="Forestry")
    RoutingRule.objects.create(order=1, workflow="incident", category="vegetation, litter", team=team)
    assert {anonymous(category=code).team.code for code in ("mowing", "litter")} == {"trees"}
    assert anonymous(category="pothole").team.code != "trees"


def test_the_rules_of_the_demo_are_written_once():
    teams_and_rules()
    assert RoutingRule.objects.count() == len(RULES)


def test_every_category_a_demo_rule_names_exists():
    known = {category.code for category in CATEGORIES} | {category.group for category in CATEGORIES}
    for rule in RoutingRule.objects.all():
        rule.full_clean()
        assert set(rule.wanted("category")) <= known

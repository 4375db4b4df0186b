"""Any case gets exactly one team, by rules that officers edit, and is told why."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.parcels.making import start_parcel
from workflow.admin.teams import faults
from workflow.models import RoutingRule, Team
from workflow.router import Table, active_rules, fits, route

pytestmark = pytest.mark.django_db

STRETCH = {"route": "I-35", "milepost_from": 87.0, "milepost_to": 93.0}
VALUES: dict[str, list[str]] = {
    "workflow": ["parcel", "letter"],
    "category": ["gift", "book"],
    "district": ["1", "4"],
    "county": ["polk", "story", "dallas"],
    "route": ["US-69", "I-35"],
}


def a_case(**values: Any) -> Any:
    return SimpleNamespace(**{**dict.fromkeys(VALUES, ""), **values})


def rule(order: int, code: str, **conditions: Any) -> RoutingRule:
    team, _ = Team.objects.get_or_create(code=code, defaults={"name": code.title()})
    return RoutingRule.objects.create(order=order, team=team, **conditions)


def test_the_first_rule_that_fits_wins_whatever_the_order_of_writing() -> None:
    rule(20, "wide", workflow="parcel")
    rule(10, "narrow", workflow="parcel", county="polk")
    assert route(a_case(workflow="parcel", county="polk")).team.code == "narrow"
    assert route(a_case(workflow="parcel", county="story")).team.code == "wide"


def test_of_two_rules_with_one_number_the_older_wins() -> None:
    rule(10, "older", county="polk")
    rule(10, "newer", county="polk")
    assert route(a_case(county="polk")).team.code == "older"


def test_a_rule_holds_only_if_every_filled_condition_does() -> None:
    both = rule(1, "both", county="polk", route="US-69")
    assert fits(both, a_case(county="polk", route="US-69"))
    assert not fits(both, a_case(county="polk", route="I-35"))
    assert not fits(both, a_case(county="polk"))


def test_capitals_and_blanks_in_a_rule_do_not_matter() -> None:
    assert fits(rule(1, "x", county=" Polk ", route="us-69"), a_case(county="polk", route="US-69"))


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("route", "US 69"),
        ("route", "us69"),
        ("county", "Black Hawk"),
        ("county", "black-hawk"),
        ("county", "BLACKHAWK"),
    ],
)
def test_hyphens_do_not_matter_either(condition: str, value: str) -> None:
    case = a_case(route="US-69", county="black-hawk")
    assert fits(rule(1, "x", **{condition: value}), case)


@pytest.mark.parametrize("name", ["category", "county", "district"])
def test_a_rule_may_list_several_values(name: str) -> None:
    several = rule(1, "several", **{name: "Polk, story ,, dallas,"})
    for value in ("polk", "story", "dallas"):
        assert fits(several, a_case(**{name: value}))
    assert not fits(several, a_case(**{name: "boone"}))
    assert not fits(several, a_case())


def test_a_list_of_nothing_is_no_condition() -> None:
    assert fits(rule(1, "x", county=" , "), a_case(county="polk"))


def test_a_category_is_meant_by_itself_or_by_its_group() -> None:
    lights = rule(1, "lights", category="lighting, signal_dark")
    assert fits(lights, a_case(category="light_out", category_group="lighting"))
    assert fits(lights, a_case(category="signal_dark", category_group="traffic_control"))
    assert not fits(lights, a_case(category="sign_missing", category_group="traffic_control"))


@pytest.mark.parametrize(
    ("stretch", "inside", "outside"),
    [
        (STRETCH, (87, 87.0, 90.25, 93), (86.99, 93.01, 0, None)),
        ({**STRETCH, "milepost_to": None}, (87, 500), (86.9, None)),
        ({**STRETCH, "milepost_from": None}, (0, 93), (93.1, None)),
        ({**STRETCH, "milepost_from": 0.0, "milepost_to": 0.0}, (0, 0.0), (0.1, None)),
        ({**STRETCH, "milepost_from": None, "milepost_to": None}, (0, 300, None), ()),
    ],
)
def test_a_stretch_holds_from_mile_to_mile_both_included(stretch: Any, inside: Any, outside: Any) -> None:
    on_it = rule(1, "freeway", **stretch)
    assert all(fits(on_it, a_case(route="I-35", milepost=mile)) for mile in inside)
    assert not any(fits(on_it, a_case(route="I-35", milepost=mile)) for mile in outside)
    assert not any(fits(on_it, a_case(route="I-80", milepost=mile)) for mile in inside)


def test_a_stretch_without_a_route_or_backward_cannot_be_stored() -> None:
    for wrong in ({"milepost_from": 87.0}, {**STRETCH, "milepost_to": 80.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rule(1, "x", **wrong)


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({}, "everything"),
        ({"county": "polk,story, dallas"}, "county polk, story or dallas"),
        (STRETCH, "route I-35 mile 87 to 93"),
        ({**STRETCH, "milepost_to": None}, "route I-35 from mile 87"),
        ({**STRETCH, "milepost_from": None, "milepost_to": 93.5}, "route I-35 up to mile 93.5"),
    ],
)
def test_a_rule_is_said_in_words(conditions: Any, words: str) -> None:
    assert rule(1, "x", **conditions).in_words() == words


def test_a_reason_too_long_for_its_column_is_cut() -> None:
    rule(1, "many", county=", ".join(["polk", *(f"county-{n}" for n in range(30))]))
    assert start_parcel(county="polk").routed_because.startswith("Rule 1: county polk, county-0")


def test_a_decision_reads_rules_and_default_in_two_queries(django_assert_num_queries: Any) -> None:
    Team.default()
    for number in range(20):
        rule(number, f"team-{number}", county="polk")
    with django_assert_num_queries(2):
        route(a_case(county="story"))


def test_a_table_is_read_once_for_many_cases(django_assert_num_queries: Any) -> None:
    Team.default()
    rule(1, "north", county="polk")
    with django_assert_num_queries(2):
        table = Table(active_rules())
        teams = [table.route(a_case(county=county)).team.code for county in ("polk", "story", "polk", "dallas")]
    assert teams == ["north", "front-desk", "north", "front-desk"]


@pytest.mark.parametrize(
    ("first", "later", "hidden"),
    [
        ({"county": "polk, story"}, {"county": "Story"}, True),
        ({"county": "story"}, {"county": "polk, story"}, False),
        ({"route": "I 35"}, STRETCH, True),
        (STRETCH, {"route": "I-35"}, False),
        (STRETCH, {**STRETCH, "milepost_from": 88.0}, True),
        (STRETCH, {**STRETCH, "milepost_to": 94.0}, False),
        (STRETCH, {**STRETCH, "milepost_to": None}, False),
        ({**STRETCH, "milepost_to": None}, {**STRETCH, "milepost_to": None}, True),
    ],
)
def test_a_rule_is_called_hidden_only_when_it_is(first: Any, later: Any, hidden: bool) -> None:
    rules = [rule(10, "one", **first), rule(20, "two", **later)]
    assert any("Rule 20" in sentence for sentence in faults(rules)) is hidden


def test_a_rule_without_conditions_takes_everything_after_it() -> None:
    rule(5, "all")
    rule(6, "never", county="polk")
    assert route(a_case(county="polk")).team.code == "all"


def test_an_inactive_rule_is_passed_over() -> None:
    rule(1, "asleep", county="polk", is_active=False)
    assert route(a_case(county="polk")).rule is None


def test_the_answer_says_why() -> None:
    rule(10, "des-moines", workflow="parcel", county="polk")
    assert route(a_case(workflow="parcel", county="polk")).why == "Rule 10: workflow parcel, county polk"
    assert route(a_case()).why == "No rule fits: the default team"


def test_without_any_team_a_front_desk_is_made_once() -> None:
    assert not Team.objects.exists()
    first, second = route(a_case()), route(a_case())
    assert first.team == second.team == Team.objects.get()
    assert first.team.is_default


def test_the_default_team_that_officers_chose_is_used() -> None:
    chosen = Team.objects.create(code="hq", name="Headquarters", is_default=True)
    assert route(a_case()).team == chosen


def test_a_rule_edited_holds_for_the_next_case_at_once() -> None:
    first = rule(1, "north", county="polk")
    assert start_parcel(county="polk").team.code == "north"
    first.team = Team.objects.create(code="south", name="South")
    first.save()
    late = start_parcel(county="polk")
    assert (late.team.code, late.routed_because) == ("south", "Rule 1: county polk")


def test_a_routed_case_keeps_its_team_when_rules_change() -> None:
    rule(1, "north", county="polk")
    parcel = start_parcel(county="polk")
    RoutingRule.objects.update(county="story")
    parcel.refresh_from_db()
    assert parcel.team.code == "north"


conditions = st.fixed_dictionaries({}, optional={name: st.sampled_from(["", *found]) for name, found in VALUES.items()})


class AnyCaseGetsExactlyOneTeam(TestCase):
    @given(
        rules=st.lists(st.tuples(st.integers(0, 5), conditions, st.booleans()), max_size=6),
        values=st.fixed_dictionaries({name: st.sampled_from(["", *found]) for name, found in VALUES.items()}),
    )
    def test_the_lowest_fitting_active_rule_or_the_default(self, rules: Any, values: dict[str, str]) -> None:
        made = [rule(n, f"team-{i}", is_active=on, **c) for i, (n, c, on) in enumerate(rules)]
        answer = route(a_case(**values))
        fitting = [
            r for r in made
            if r.is_active and all(getattr(r, name) in ("", values[name]) for name in VALUES)
        ]  # fmt: skip
        expected = min(fitting, key=lambda r: (r.order, r.pk)).team if fitting else Team.default()
        assert answer.team == expected
        assert answer.why

"""Any case gets exactly one team, by rules that officers edit, and is told why."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.parcels.making import start_parcel
from workflow.models import RoutingRule, Team
from workflow.router import fits, route

pytestmark = pytest.mark.django_db

VALUES: dict[str, list[str]] = {
    "workflow": ["parcel", "letter"],
    "category": ["gift", "book"],
    "district": ["1", "4"],
    "county": ["polk", "story", "dallas"],
    "route": ["US-69", "I-35"],
}


def a_case(**values: str) -> Any:
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

"""Who gets which report in the demo: teams of an invented agency, and the ordered rules that lead to them."""

from __future__ import annotations

from typing import Any

from workflow.models import RoutingRule, Team

WORKFLOW = "incident"

# code, name
TEAMS = (
    ("signals", "Traffic Signals"),
    ("structures", "Bridges and Structures"),
    ("metro-freeways", "Metro Freeways"),
    ("maintenance-metro", "Maintenance Des Moines"),
    ("maintenance-central", "Maintenance District 1, Central"),
    ("maintenance-northeast", "Maintenance District 2, Northeast"),
    ("maintenance-northwest", "Maintenance District 3, Northwest"),
    ("maintenance-southwest", "Maintenance District 4, Southwest"),
    ("maintenance-southeast", "Maintenance District 5, Southeast"),
    ("maintenance-east", "Maintenance District 6, East"),
    ("incident-desk", "Incident Desk"),
)
# Team and conditions, in order: what needs a trade first, then exceptions of place, then the districts, then the rest.
RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("signals", {"category": "signal_dark, signal_mistimed, message_board"}),
    ("structures", {"category": "bridge_deck, bridge_hit, retaining_wall, culvert"}),
    ("metro-freeways", {"route": "I-35", "milepost_from": 87.0, "milepost_to": 93.0}),
    ("maintenance-metro", {"county": "polk"}),
    ("maintenance-central", {"district": "central"}),
    ("maintenance-northeast", {"district": "northeast"}),
    ("maintenance-northwest", {"district": "northwest"}),
    ("maintenance-southwest", {"district": "southwest"}),
    ("maintenance-southeast", {"district": "southeast"}),
    ("maintenance-east", {"district": "east"}),
    ("incident-desk", {}),  # a report whose county nobody knows
)
FIRST_ORDER = 200  # behind the rules of other kinds of case


def teams_and_rules() -> dict[str, Team]:
    """Make the teams, and the rules where there are none for incidents yet; answers the teams by code. May run again.

    A default team is made too: it gets what somebody leaves without a rule later.
    """
    Team.default()
    teams = {code: Team.objects.get_or_create(code=code, defaults={"name": name})[0] for code, name in TEAMS}
    if not RoutingRule.objects.filter(workflow=WORKFLOW).exists():
        RoutingRule.objects.bulk_create(
            RoutingRule(workflow=WORKFLOW, order=order, team=teams[code], **conditions)
            for order, (code, conditions) in zip(range(FIRST_ORDER, 1000, 10), RULES, strict=False)
        )
    return teams

"""Who works on permits and who applies in the demo: invented names, 555-01xx numbers, example domains."""

from typing import Any

from django.contrib.auth.models import User

from permits.technical.reviews import team_of
from permits.technical.specialties import Specialty
from workflow.contrib.demo.office import staff
from workflow.models import RoutingRule, Team
from workflow.roles import sync_roles

# code, name, districts whose cases it gets
TEAMS = (
    ("permits-west", "Permits West", ("northwest", "southwest")),
    ("permits-central", "Permits Central", ("central",)),
    ("permits-east", "Permits East", ("northeast", "east", "southeast")),
    ("events", "Special Events", ()),
)
# log-in, first name, last name, groups, teams
OFFICERS = (
    ("olga", "Olga", "Reyes", ("Safety reviewer", "Intake officer", "Issuing officer"), ("permits-central", "events")),
    ("sam", "Sam", "Okafor", ("Safety reviewer", "Intake officer", "Issuing officer"), ("permits-west",)),
    ("mei", "Mei", "Lindqvist", ("Safety reviewer", "Intake officer", "Issuing officer"), ("permits-east",)),
    ("ivan", "Ivan", "Petrov", ("Inspector",), ("permits-west", "permits-central", "permits-east", "events")),
    ("noa", "Noa", "Nakamura", ("Specialist",), ("technical-traffic",)),
    ("bo", "Bo", "Achterberg", ("Specialist",), ("technical-structures",)),
    ("uma", "Uma", "Castellanos", ("Specialist",), ("technical-utilities",)),
    ("eli", "Eli", "Brandvold", ("Specialist",), ("technical-environment",)),
    ("dora", "Dora", "Whitman", ("District manager",),
     ("permits-west", "permits-central", "permits-east", "events")),
    ("ana", "Ana", "Duarte", ("Auditor",), ()),
)  # fmt: skip

APPLICANTS: tuple[dict[str, Any], ...] = (
    {"applicant_kind": "utility", "organisation": "Prairie Fiber Cooperative", "tax_id": "42-0000018",
     "contact_name": "Dana Whitfield", "contact_email": "dana@prairiefiber.example", "billing": "deferred",
     "billing_reason": "Agreement 2025-114"},
    {"applicant_kind": "company", "organisation": "Skunk River Boring LLC", "tax_id": "42-0000025",
     "contact_name": "Luis Ortega", "contact_email": "luis@skunkriver.example", "billing": "pay_now"},
    {"applicant_kind": "agency", "organisation": "City of Marshalltown Public Works", "tax_id": "42-0000031",
     "contact_name": "Priya Natarajan", "contact_email": "priya@marshalltown.example", "billing": "exempt",
     "billing_reason": "Government agency"},
    {"applicant_kind": "company", "organisation": "Tallgrass Builders", "tax_id": "42-0000044",
     "contact_name": "Hank Olsen", "contact_email": "hank@tallgrass.example", "billing": "pay_now"},
    {"applicant_kind": "utility", "organisation": "Loess Hills Rural Water", "tax_id": "42-0000050",
     "contact_name": "Ruth Abernathy", "contact_email": "ruth@loesswater.example", "billing": "deferred",
     "billing_reason": "Agreement 2024-077"},
    {"applicant_kind": "company", "organisation": "Maple Leaf Paving Inc.", "tax_id": "42-0000063",
     "contact_name": "Tomás Herrera-Lindgren", "contact_email": "tomas@mapleleaf.example", "billing": "pay_now"},
)  # fmt: skip


def office() -> dict[str, User]:
    """Make teams, routing rules, roles and officers; answers the officers by log-in. May run again."""
    sync_roles()
    teams = {}
    for code, name, _ in TEAMS:
        teams[code], _made = Team.objects.get_or_create(code=code, defaults={"name": name})
    teams |= {specialty.team_code: team_of(specialty) for specialty in Specialty}
    Team.default()
    _rules(teams)
    return staff(OFFICERS, teams)


def _rules(teams: dict[str, Team]) -> None:
    if RoutingRule.objects.filter(workflow="roadPermit").exists():
        return
    RoutingRule.objects.create(order=10, workflow="roadPermit", category="special_event", team=teams["events"])
    order = 20
    for code, _name, districts in TEAMS:
        for district in districts:
            RoutingRule.objects.create(order=order, workflow="roadPermit", district=district, team=teams[code])
            order += 10

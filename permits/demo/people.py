"""Who works and who applies in the demo. Every name is invented; 555-01xx numbers and example domains reach nobody."""

from typing import Any

from django.contrib.auth.models import Group, User

from permits.roles import sync_roles
from workflow.models import RoutingRule, Team

PASSWORD = "milepost-demo"  # noqa: S105 - printed by `make demo`; no other installation has these users

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
    ("dora", "Dora", "Whitman", ("District manager",),
     ("permits-west", "permits-central", "permits-east", "events")),
    ("ana", "Ana", "Duarte", ("Auditor",), ()),
)  # fmt: skip
ADMINISTRATOR = "admin"

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
    Team.default()
    _rules(teams)
    users = {
        login: _officer(login, first, last, groups, [teams[t] for t in of])
        for login, first, last, groups, of in OFFICERS
    }
    admin, made = User.objects.get_or_create(
        username=ADMINISTRATOR,
        defaults={"is_staff": True, "is_superuser": True, "first_name": "Alex", "last_name": "Admin"},
    )
    if made:
        _set_password(admin)
    return {**users, ADMINISTRATOR: admin}


def _rules(teams: dict[str, Team]) -> None:
    if RoutingRule.objects.exists():
        return
    RoutingRule.objects.create(order=10, workflow="roadPermit", category="special_event", team=teams["events"])
    order = 20
    for code, _name, districts in TEAMS:
        for district in districts:
            RoutingRule.objects.create(order=order, workflow="roadPermit", district=district, team=teams[code])
            order += 10


def _officer(login: str, first: str, last: str, groups: tuple[str, ...], teams: list[Team]) -> User:
    user, made = User.objects.get_or_create(
        username=login,
        defaults={"first_name": first, "last_name": last, "email": f"{login}@dot.example.gov", "is_staff": True},
    )
    if made:
        _set_password(user)
    user.groups.set(Group.objects.filter(name__in=groups))
    for team in teams:
        team.members.add(user)
    return user


def _set_password(user: User) -> None:
    user.set_password(PASSWORD)
    user.save()

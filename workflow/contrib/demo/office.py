"""Officers for a demo. Every name is invented; all have the same password, which `make demo` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.models import Group, User

from workflow.models import Team

PASSWORD = "milepost-demo"  # noqa: S105 - printed by `make demo`; no other installation has these users
ADMINISTRATOR = "admin"

# log-in, first name, last name, groups, codes of teams
type Row = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]


def staff(rows: Iterable[Row], teams: Mapping[str, Team]) -> dict[str, User]:
    """Make the officers and the administrator; answers them by log-in. May run again."""
    users = {}
    for login, first, last, groups, of in rows:
        users[login] = _officer(login, first, last, groups, [teams[code] for code in of])
    admin, made = User.objects.get_or_create(
        username=ADMINISTRATOR,
        defaults={"is_staff": True, "is_superuser": True, "first_name": "Alex", "last_name": "Admin"},
    )
    if made:
        _set_password(admin)
    return {**users, ADMINISTRATOR: admin}


def _officer(login: str, first: str, last: str, groups: Sequence[str], teams: Sequence[Team]) -> User:
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

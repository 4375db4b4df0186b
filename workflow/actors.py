"""Who acts, and who may: an ``Actor`` is the same value for a citizen, an officer, an API key and the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow.models import Case


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody who asks for a change. ``name`` is what the history shows."""

    kind: str  # system | officer | applicant | integrator
    name: str
    user: Any = None  # the Django user of an officer, or of a signed-in citizen
    key_id: int | None = None  # the API key of an integrator
    case_id: int | None = None  # the one case an applicant's tracking link opens
    scopes: frozenset[str] = frozenset()
    teams: frozenset[int] = frozenset()
    addresses: frozenset[str] = field(
        default=frozenset()
    )  # e-mail addresses, lower case: nobody decides on their own case

    def has(self, permission: str) -> bool:
        """Whether a Django permission (officers) or an API scope (integrators) is held."""
        if self.user is not None:
            return bool(self.user.is_active and self.user.has_perm(permission))
        return permission in self.scopes

    @property
    def everywhere(self) -> bool:
        """Superusers act for every team."""
        return bool(self.user is not None and self.user.is_active and self.user.is_superuser)


SYSTEM = Actor(kind="system", name="Milepost")


def name_of(user: Any) -> str:
    """A user as colleagues and the history name them; empty for nobody."""
    return str(user.get_full_name() or user.get_username()) if user is not None else ""


def officer(user: Any) -> Actor:
    """The actor of a signed-in officer. One query for the teams."""
    return Actor(
        kind="officer",
        name=name_of(user),
        user=user,
        teams=frozenset(user.milepost_teams.values_list("pk", flat=True)),
        addresses=frozenset({user.email.lower()} - {""}),
    )


def applicant(case: Case, name: str = "") -> Actor:
    """The actor behind a case's tracking link (a capability: whoever holds the link acts for the applicant)."""
    return Actor(kind="applicant", name=name or "Applicant", case_id=case.pk)


@dataclass(frozen=True)
class Permission:
    """Who may make a move: ``who`` in words, ``allows`` as the test. The engine asks ``permission(case, actor)``."""

    who: str
    allows: Callable[[Case, Actor], bool]

    def __call__(self, case: Case, actor: Actor) -> bool:
        return self.allows(case, actor)

    def __or__(self, other: Permission) -> Permission:
        return Permission(f"{self.who} or {other.who}", lambda case, actor: self(case, actor) or other(case, actor))


BY_SYSTEM = Permission("Milepost itself", lambda case, actor: actor.kind == "system")


def by_officer(permission: str, who: str) -> Permission:
    """Officers of the case's team who hold ``permission``; superusers anywhere."""

    def allows(case: Case, actor: Actor) -> bool:
        return actor.kind == "officer" and actor.has(permission) and (actor.everywhere or case.team_id in actor.teams)

    return Permission(who, allows)


def by_applicant(scope: str, who: str = "the applicant") -> Permission:
    """Whoever holds the case's tracking link, or the API key that filed it, with ``scope``."""

    def allows(case: Case, actor: Actor) -> bool:
        if actor.kind == "integrator":
            return scope in actor.scopes and case.filed_with_id == actor.key_id
        return actor.kind == "applicant" and actor.case_id == case.pk

    return Permission(who, allows)

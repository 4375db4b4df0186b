"""Makes parcels, people and states for tests, chaos and benchmarks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User

from tests.parcels.models import Parcel, State
from workflow.actors import SYSTEM, Actor, applicant, officer
from workflow.engine import start_workflow
from workflow.models import ApiKey, Team, Work, lease_end
from workflow.tracker import record

GOOD = {"sender_email": "ada@example.org", "address": "1 Main Street", "weight_g": 900}


def start_parcel(*, workflow: str = "parcel", key: str = "", actor: Actor = SYSTEM, **data: Any) -> Parcel:
    return start_workflow(workflow, {**GOOD, **data}, actor=actor, key=key).case


def put_in(parcel: Parcel, state: str) -> Parcel:
    """Bring a parcel to any state with a line of history that says so, past the engine."""
    event = record(
        parcel, kind="transition", actor=SYSTEM, transition="placed", from_state=parcel.state, to_state=state
    )
    assert event.seq == parcel.revision
    parcel.__dict__["state"] = state
    parcel.save()
    return parcel


def clerk(name: str = "clerk", *, team: Team | None = None, permissions: tuple[str, ...] = ("handle_parcel",)) -> Actor:
    """An officer who may handle parcels of ``team`` (the default team when None)."""
    user, _ = User.objects.get_or_create(username=name, defaults={"email": f"{name}@dot.example.gov"})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    (team or Team.default()).members.add(user)
    return officer(User.objects.get(pk=user.pk))


def chief(name: str = "chief") -> Actor:
    user, _ = User.objects.get_or_create(username=name, defaults={"is_superuser": True})
    return officer(user)


def integrator(*scopes: str) -> Actor:
    row, _ = ApiKey.issue("a carrier", list(scopes))
    return Actor(kind="integrator", name="A carrier", key_id=row.pk, scopes=frozenset(scopes))


def sender(parcel: Parcel) -> Actor:
    return applicant(parcel)


def work_of(parcel: Parcel, step: str = "") -> Work:
    """The newest work of a parcel, or of one of its steps."""
    rows = Work.objects.filter(case_id=parcel.pk)
    return rows.filter(step=step).latest("pk") if step else rows.latest("pk")


def end_lease(work: Work) -> None:
    Work.objects.filter(pk=work.pk).update(lease_until=lease_end(timedelta(seconds=-1)))


def make_due(parcel: Parcel) -> None:
    """Let all waiting work of a parcel be due now: back-off over, timers run down."""
    Work.objects.filter(case_id=parcel.pk, outcome=Work.Outcome.OPEN).update(run_at=lease_end(timedelta(seconds=-1)))


__all__ = [
    "GOOD",
    "State",
    "chief",
    "clerk",
    "end_lease",
    "integrator",
    "make_due",
    "put_in",
    "sender",
    "start_parcel",
    "work_of",
]

"""Incidents for tests, filed and walked through the real engine: nothing here writes a state by hand."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.auth.models import User
from django.utils import timezone

from incidents.models import Incident, Photo
from tests import walking
from workflow import actors, engine
from workflow.actors import Actor
from workflow.models import ApiKey, Team

DESK = ("view", "change", "triage", "dispatch", "repair", "manage")
REPORTER = Actor(kind="applicant", name="Reporter")
# In Ames, Story County, Iowa.
LATITUDE, LONGITUDE = 42.0308, -93.6319
EMAIL, NAME, PHONE = "walter.hale@example.net", "Walter Hale", "515 555 0147"


def report(**changes: Any) -> dict[str, Any]:
    """A whole report as a door hands it over; ``changes`` replace values."""
    return {
        "category": "pothole",
        "description": "Deep hole in the right lane.",
        "latitude": LATITUDE,
        "longitude": LONGITUDE,
        "route": "US-69",
        "direction": "NB",
        "answers": {},
        "name": NAME,
        "email": EMAIL,
        "phone": PHONE,
        "channel": "form",
    } | changes


def filed(*, actor: Actor = REPORTER, key: str = "", **changes: Any) -> Incident:
    """A report as it is filed: routed, checked, and handed to its team (TRIAGED)."""
    with walking.by_hand():
        case = engine.start_workflow("incident", report(**changes), actor=actor, key=key).case
    return drain(case)


def anonymous(**changes: Any) -> Incident:
    """A report whose reporter left nothing."""
    return filed(**({"name": "", "email": "", "phone": ""} | changes))


def drain(case: Any) -> Incident:
    """Do the case's due work as a worker would, until none is left."""
    walking.drain(case)
    return fresh(case)


def fresh(case: Any) -> Incident:
    return Incident.objects.select_related("team", "assignee").get(pk=case.pk)


def user(username: str = "tara", *, permissions: Iterable[str] = DESK, team: Team | None = None) -> User:
    """A user of the admin with desk permissions (``triage`` is incidents.triage_incident), in ``team``."""
    made, created = User.objects.get_or_create(
        username=username,
        defaults={
            "is_staff": True,
            "first_name": username.capitalize(),
            "last_name": "Nolan",
            "email": f"{username}@dot.example.gov",
        },
    )
    if created:
        made.set_password("correct horse battery")
        made.save()
    codes = [f"{name}_incident" for name in permissions]
    made.user_permissions.set(
        DjangoPermission.objects.filter(content_type__app_label="incidents", codename__in=codes)
        | DjangoPermission.objects.filter(
            content_type__app_label="workflow", codename__in=["retry_work", "view_contact"]
        )
    )
    (team or Team.default()).members.add(made)
    return User.objects.get(pk=made.pk)  # without the permissions it remembers


def officer(username: str = "tara", **values: Any) -> Actor:
    """The actor of ``user(...)``."""
    return actors.officer(user(username, **values))


def integrator(*scopes: str) -> Actor:
    """The actor of an API key that reports incidents."""
    wanted = list(scopes or ["incidents:submit"])
    key = ApiKey.objects.filter(name="incident tests").first() or ApiKey.issue("incident tests", wanted)[0]
    return Actor(kind="integrator", name="Tests", key_id=key.pk, scopes=frozenset(wanted))


def reporter(case: Any) -> Actor:
    """Whoever holds the tracking link of ``case``."""
    return actors.applicant(case, name="Reporter")


def photo(*, incident: Any = None, report: Any = None, kind: str = "report", **values: Any) -> Photo:
    """The row of a photo without its file."""
    number = Photo.objects.count() + 1
    defaults = {"sha256": "0" * 64, "size": 1000, "width": 800, "height": 600}
    return Photo.objects.create(
        incident=incident, report=report, kind=kind, token=f"{number:032x}", **(defaults | values)
    )


def fire(case: Any, move: str, actor: Actor | None = None, **data: Any) -> Incident:
    """A move, and the work that follows it."""
    with walking.by_hand():
        moved = engine.fire(case, move, actor=actor or officer(team=case.team), data=data)
    return drain(moved)


def in_state(state: str, **changes: Any) -> Incident:
    """A report walked to ``state`` by the moves people make."""
    case = filed(**changes)
    match state:
        case "needs_info":
            return fire(case, "ask", question="Which lane is it, please?")
        case "scheduled":
            later = timezone.localdate() + timedelta(days=5)
            return fire(case, "schedule", planned_for=later.isoformat(), crew="Ames patching crew")
        case "in_progress":
            return fire(case, "dispatch", crew="Ames patching crew")
        case "resolved":
            return fire(in_state("in_progress", **changes | {"latitude": 42.5}), "resolve",
                        sentence="The hole is patched.", photo_exempt_because="Camera broken")  # fmt: skip
        case "rejected":
            return fire(case, "reject", reason_code="not_ours", sentence="This is a county road.")
        case "closed":
            return fire(case, "close", reason_code="nothing_found", sentence="We found no hole there.")
        case "duplicate":
            survivor = filed(**changes)
            return fire(case, "merge", into=survivor.reference)
        case _:
            return case

"""A whole office in a database: permits and reports of years, most of them ended, with persons, teams and officers.

Made from one real case of each kind by SQL, in bulk: the indexes are built after the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from incidents.categories import CATEGORIES
from permits.application.example import example
from tests.benchmarks import crowd
from workflow import engine, worker
from workflow.actors import Actor
from workflow.contrib.places.counties import counties
from workflow.models import Case, Contact, Event, Team

TEAMS, OFFICERS = 20, 60
# Over the whole state; steps without a common divisor, so that no two coordinates march together.
LATITUDE, LONGITUDE = "40.6 + (n.i * 7919 % 28999) * 0.0001", "-96.4 + (n.i * 10477 % 59999) * 0.0001"
ROUTES = ("I-35", "I-80", "I-29", "US-69", "US-30", "US-20", "IA-92", "IA-14", "IA-3", "")
# States of open cases and of ended ones, in turns.
PERMIT_OPEN = ("submitted", "info_requested", "in_review", "in_review", "in_review", "approved", "issued", "in_force",
               "in_force", "active", "suspended")  # fmt: skip
PERMIT_ENDED = ("closed", "closed", "closed", "refused", "cancelled")
REPORT_OPEN = ("triaged", "triaged", "triaged", "needs_info", "scheduled", "in_progress")
REPORT_ENDED = ("closed", "closed", "resolved", "rejected")
REPORT = {
    "category": "pothole", "description": "Deep hole in the right lane.", "latitude": 42.0308, "longitude": -93.6319,
    "route": "US-69", "direction": "NB", "answers": {}, "channel": "form",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Office:
    """What was made: officers, the first of whom sees everything, and one real case of each kind."""

    officers: Sequence[User]
    permit: Any
    report: Any

    @property
    def officer(self) -> User:
        return self.officers[0]


def fill(permits: int, reports: int, *, still_open: int) -> Office:
    """``permits`` and ``reports`` in all, ``still_open`` of them open, the same share of each kind."""
    permit = engine.start_workflow("roadPermit", example(), actor=Actor(kind="applicant", name="Bench")).case
    report = engine.start_workflow("incident", REPORT, actor=Actor(kind="applicant", name="Reporter")).case
    worker.drain()
    made = Office(officers=_officers(), permit=permit, report=report)
    _add(made, permits, reports, share=round(1000 * still_open / (permits + reports)), year=26)
    return made


def grow(made: Office, permits: int, reports: int) -> None:
    """So many more that have ended: what an office has after some years."""
    _add(made, permits, reports, share=0, year=16)


def _add(made: Office, permits: int, reports: int, *, share: int, year: int) -> None:
    with _indexes_later(Case), _indexes_later(Contact), _indexes_later(Event):
        facts = {**_case(made, share), **_permit_case(share, year)}
        own = {"verify_token": crowd._padded(f"bench{year}", "n.i"), **_permit_place()}
        crowd._insert_both("permits_roadpermit", made.permit.pk, permits, facts, own)
        facts = {**_case(made, share), **_report_case(share, year)}
        crowd._insert_both("incidents_incident", made.report.pk, reports, facts, _report_own(share))
        _persons()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _officers() -> Sequence[User]:
    """Officers in teams; the first one sees everything and works in the default team."""
    made = [Team(code=f"bench-{number}", name=f"Team {number}") for number in range(TEAMS - 1)]
    teams = [Team.default(), *Team.objects.bulk_create(made)]
    users = [User(username=f"bench{number}", is_staff=True, first_name="Bench") for number in range(OFFICERS)]
    users[0].is_superuser = True
    officers = User.objects.bulk_create(users)
    for number, user in enumerate(officers):
        teams[number % TEAMS].members.add(user)
    return officers


def _is_open(share: int) -> str:
    return f"(n.i * 7919 % 1000) < {share}"


def _if_open(share: int, then: str, otherwise: str = "NULL") -> str:
    return f"CASE WHEN {_is_open(share)} THEN {then} ELSE {otherwise} END"


def _case(made: Office, share: int) -> dict[str, str]:
    """Columns of both kinds. Open ones are at most a year old; ended ones go back ten years."""
    teams = [team.pk for team in Team.objects.order_by("pk")]
    officers = [officer.pk for officer in made.officers]
    due = crowd._shifted("created_at")
    age = _if_open(share, "n.i * 31 % 365", "30 + n.i * 31 % 3600")
    return {
        "team_id": _in_turns(teams, step=13),
        "assignee_id": f"CASE WHEN n.i * 17 % 5 < 2 THEN NULL ELSE {_in_turns(officers, step=29)} END",
        "county": _in_turns([f"'{county.slug}'" for county in counties()], step=37),
        "route": _in_turns([f"'{route}'" for route in ROUTES], step=7),
        "milepost": "CASE WHEN n.i % 2 = 0 THEN (n.i % 2190) * 0.1 ELSE NULL END",
        "due_at": f"CASE WHEN {_is_open(share)} AND n.i * 11 % 20 > 0 THEN {due} ELSE NULL END",
        "paused_at": _paused(share),
        "parked_at": f"CASE WHEN {_is_open(share)} AND n.i * 19 % 997 = 0 THEN c.created_at ELSE NULL END",
        "created_at": crowd._days_ago(age),
        "updated_at": crowd._days_ago(f"({age}) * 2 / 3"),
        "closed_at": _if_open(share, "NULL", crowd._days_ago(f"({age}) * 2 / 3")),
        "latitude": LATITUDE,
        "longitude": LONGITUDE,
    }


def _paused(share: int) -> str:
    return f"CASE WHEN {_is_open(share)} AND n.i * 23 % 12 = 1 THEN c.created_at ELSE NULL END"


def _permit_place() -> dict[str, str]:
    """What a permit takes of the map: some hundred metres around its place."""
    return {
        "min_latitude": LATITUDE,
        "max_latitude": f"{LATITUDE} + 0.002",
        "min_longitude": LONGITUDE,
        "max_longitude": f"{LONGITUDE} + 0.002",
    }


def _permit_case(share: int, year: int) -> dict[str, str]:
    state = _if_open(share, crowd._in_turns(PERMIT_OPEN, every=3), crowd._in_turns(PERMIT_ENDED, every=3))
    return {"reference": crowd._padded(f"RP-{year}", "n.i"), "state": state}


def _report_case(share: int, year: int) -> dict[str, str]:
    kinds = [(category.code, category.group) for category in CATEGORIES if not category.stop]
    return {
        "reference": crowd._padded(f"IR-{year}", "n.i"),
        "state": _if_open(share, crowd._in_turns(REPORT_OPEN, every=3), crowd._in_turns(REPORT_ENDED, every=3)),
        "category": crowd._in_turns([code for code, _group in kinds], every=11),
        "category_group": crowd._in_turns([group for _code, group in kinds], every=11),
    }


def _report_own(share: int) -> dict[str, str]:
    return {
        "status": _if_open(share, "'open'", "'closed'"),
        "reason_code": _if_open(share, "''", "'fixed'"),
        "public_sentence": _if_open(share, "''", "'The road is repaired.'"),
        "ended_at": _if_open(share, "NULL", crowd._days_ago("30 + n.i * 31 % 3600")),
    }


def _in_turns(values: Sequence[Any], *, step: int) -> str:
    """One SQL value after another, in an order of its own."""
    cases = " ".join(f"WHEN {number} THEN {value}" for number, value in enumerate(values))
    return f"CASE n.i * {step} % {len(values)} {cases} END"


def _persons() -> None:
    """Everybody who asked, with name and address."""
    mail = "'person' || id || '@example.net'"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO workflow_contact (case_id, role, name, email, phone, language) "
            f"SELECT id, CASE workflow WHEN 'incident' THEN 'reporter' ELSE 'applicant' END, 'Person ' || id, {mail}, "
            "'+1 515 555 0100', 'en' FROM workflow_case WHERE id NOT IN (SELECT case_id FROM workflow_contact)"
        )


@contextmanager
def _indexes_later(model: Any) -> Iterator[None]:
    """Building an index of many rows at once takes a tenth of the time of building it row by row."""
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.add_index(model, index)

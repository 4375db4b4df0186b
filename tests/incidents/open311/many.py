"""Many reports at once, written past the engine: for lists, limits and measurements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from incidents.models import Incident
from workflow.models import Case, Team

_number = iter(range(10**6))
_CATEGORIES = ("pothole", "debris", "mowing", "sign_missing")
_WORDS = "Deep hole in the right lane, call 515 555 0147 or write to ann@example.net."


def put_many(count: int, *, at: datetime | None = None, per_day: int = 200) -> list[str]:
    """``count`` open reports, each a few minutes older than the one before (or all at ``at``); answers their ids."""
    team, now = Team.default(), timezone.now()
    made = [_report(next(_number), at or now - timedelta(days=place / per_day), team) for place in range(count)]
    _insert(Case, made, {"state": "triaged"})
    references = [one.reference for one in made]
    keys = dict(Case.objects.filter(reference__startswith="IR-26-M").values_list("reference", "pk"))
    for one in made:
        one.case_ptr_id = keys[one.reference]
    _insert(Incident, made, {})
    return references


def _report(number: int, moment: datetime, team: Team) -> Incident:
    return Incident(
        reference=f"IR-26-M{number:05d}", workflow="incident", title="Pothole", route="US-69", milepost=12.5,
        category=_CATEGORIES[number % 4], category_group="roadway", county="story", district="1", team=team,
        latitude=42.0 + number % 100 / 1000, longitude=-93.6 - number % 77 / 1000, source="form", revision=3,
        created_at=moment, updated_at=moment, entered_at=moment, expected_at=moment, direction="NB",
        answers={"lane": "right", "size": "tire"}, address="S Duff Ave", description=_WORDS,
    )  # fmt: skip


def _insert(table: Any, made: list[Incident], fixed: dict[str, Any]) -> None:
    """Rows of one table of the two. Django makes none in bulk for a model with a parent, and guards the state."""
    fields = [field for field in table._meta.local_concrete_fields if field.attname != "id"]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    rows = [
        [fixed[f.name] if f.name in fixed else f.get_db_prep_save(getattr(one, f.attname), connection) for f in fields]
        for one in made
    ]
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(f'INSERT INTO "{table._meta.db_table}" ({columns}) VALUES ({marks})', rows)

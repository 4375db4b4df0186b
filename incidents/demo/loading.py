"""The incidents' part of `manage.py load_demo`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from incidents.demo.people import office
from incidents.demo.stages import walk_all
from incidents.models import Incident, Watch

# Who watches a road, an address each; from now on, so that the past writes nobody.
WATCHES: tuple[dict[str, Any], ...] = (
    {"email": "ruth.watches@mail.example", "kind": "county", "county": "story"},
    {"email": "hank.watches@mail.example", "kind": "route", "route": "I-35", "milepost_from": 85, "milepost_to": 115},
    {"email": "nell.watches@mail.example", "kind": "circle", "latitude": 41.6, "longitude": -93.61, "radius_m": 8000},
)


def load(show: Callable[[str], Any]) -> str:
    """Officers and incidents at every stage; nothing where incidents are already there."""
    officers = office()
    if Incident.objects.exists():
        return "Incidents are there already: nothing was added. Use a fresh database for a fresh demo."
    walk_all(officers, on_each=lambda incident: show("incidents"))
    Watch.objects.bulk_create(Watch(confirmed_at=timezone.now(), **watch) for watch in WATCHES)
    return f"{Incident.objects.count()} incidents and {len(officers)} officers made"

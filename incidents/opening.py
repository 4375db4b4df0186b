"""How an incident begins: whole, in one call, from any door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidents import places
from incidents.catalogue import Catalogue, catalogue
from incidents.models import Incident, Photo
from incidents.reporting import check
from workflow.actors import Actor
from workflow.contrib.places.counties import state
from workflow.definition import Opening
from workflow.errors import InvalidData
from workflow.models import Contact


def open_report(data: Mapping[str, Any], actor: Actor) -> Opening:
    """An incident from the data of a report (incidents.reporting). Raises InvalidData with one reason a fault."""
    known = catalogue()
    checked = check(data, known)
    if checked.errors:
        raise InvalidData(checked.errors)
    values = checked.values
    incident = Incident(source=values["channel"], description=values["description"], answers=values["answers"])
    set_place(incident, values)
    set_category(incident, values["category"], known)
    return Opening(case=incident, also=lambda case: _keep(case, values))


def set_category(incident: Incident, code: str, known: Catalogue) -> None:
    """The category and what follows from it: group, clock, title."""
    category = known.by_code[code]
    incident.category, incident.category_group = category.code, category.group
    incident.safety = category.safety
    incident.priority = max(incident.priority, 5) if category.safety else incident.priority
    incident.title = title_of(category.name, incident)


def title_of(name: str, incident: Incident) -> str:
    """Public wording from the category and the road; never the reporter's words."""
    road = places.road_words(incident)
    county = places.county_name(incident.county)
    place = f" on {road}" if road else (f" in {county}" if county else "")
    return f"{name}{place}"[:200]


def set_place(incident: Incident, values: Mapping[str, Any]) -> None:
    for name in ("latitude", "longitude", "address", "route", "direction", "milepost", "county", "place_source"):
        setattr(incident, name, values[name])
    county = next((one for one in state().counties if one.slug == incident.county), None)
    incident.district = county.district if county else ""


def _keep(incident: Incident, values: Mapping[str, Any]) -> None:
    """What is written with the case: the person, apart; the photos."""
    if values["name"] or values["email"] or values["phone"]:
        Contact.objects.create(
            case=incident, role="reporter", name=values["name"], email=values["email"], phone=values["phone"]
        )
    if values["photos"]:
        Photo.objects.filter(token__in=values["photos"], incident=None).update(incident=incident, report=None)

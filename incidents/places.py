"""Places the way a road agency names them: route, direction of travel, mile marker; and a place in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from incidents.masking import masked
from workflow.contrib.places.counties import state

DIRECTIONS = {"NB": "northbound", "SB": "southbound", "EB": "eastbound", "WB": "westbound", "both": "both directions"}
_NAMED = {
    "n": "NB", "s": "SB", "e": "EB", "w": "WB", "nb": "NB", "sb": "SB", "eb": "EB", "wb": "WB",
    "north": "NB", "south": "SB", "east": "EB", "west": "WB",
    "northbound": "NB", "southbound": "SB", "eastbound": "EB", "westbound": "WB",
    "both": "both", "both directions": "both",
}  # fmt: skip
# The system of a route as people write it; a state's own roads by the state's code.
_SYSTEMS = {
    "i": "I", "interstate": "I", "us": "US", "u.s.": "US", "ushwy": "US", "ushighway": "US", "usroute": "US",
    "state": "", "sr": "", "stateroute": "", "statehighway": "", "hwy": "", "highway": "", "route": "",
}  # fmt: skip
ROUTE = re.compile(r"\s*([a-z.]+(?:[ -]+[a-z]+)?)[ -]*(\d{1,4})\s*([a-z]{0,3})\s*", re.IGNORECASE)
_MILE = re.compile(r"\b(?:mile(?:post|marker| marker|s)?|mp|mm)\s*#?\s*(\d{1,3}(?:\.\d{1,2})?)", re.IGNORECASE)
_ROAD = re.compile(
    r"\b(i|interstate|u\.?s\.?(?: (?:hwy|highway|route))?|[a-z]{2}|state (?:route|highway)|hwy|highway|route|sr)[ -]*"
    r"(\d{1,4})\b",
    re.IGNORECASE,
)
_WAY = re.compile(r"\b(nb|sb|eb|wb|northbound|southbound|eastbound|westbound)\b", re.IGNORECASE)
_COUNTY = re.compile(r"\b([A-Za-z.' ]+?) county\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class RoadPlace:
    """A place on a route. ``milepost`` in miles; ``county`` a slug; what was not named is empty or None."""

    route: str
    direction: str = ""
    milepost: float | None = None
    county: str = ""


def normal_route(text: str) -> str:
    """A route as its shield names it: “i 35” → “I-35”, “us69” → “US-69”, “Hwy 92” → “IA-92”. Empty: not a route."""
    found = ROUTE.fullmatch(text)
    if found is None:
        return ""
    word = re.sub(r"[\s-]", "", found[1]).lower()
    code = settings.STATE_CODE
    system = _SYSTEMS.get(word, code if word in (code.lower(), settings.STATE_NAME.lower()) else None)
    if system is None:
        return ""
    number = int(found[2])
    return f"{system or code}-{number}{found[3].upper()}" if number else ""


def normal_direction(text: str) -> str:
    """NB, SB, EB, WB or both; empty when it is none of these."""
    return _NAMED.get(" ".join(text.lower().split()), "")


def read_place(text: str) -> RoadPlace | None:
    """Route, direction, mile and county as far as an address text names them: “I-35 NB mile 120.5, Story County”."""
    road = next((route for found in _ROAD.finditer(text) if (route := normal_route(found[0]))), "")
    if not road:
        return None
    way, mile = _WAY.search(text), _MILE.search(text)
    return RoadPlace(
        route=road,
        direction=normal_direction(way[1]) if way else "",
        milepost=float(mile[1]) if mile else None,
        county=_county_in(text),
    )


def county_slug(text: str) -> str:
    """The slug of a county by its name or slug; empty when we have no such county."""
    plain = " ".join(text.lower().replace("-", " ").removesuffix(" county").split())
    return next((c.slug for c in state().counties if plain in (c.name.lower(), c.slug.replace("-", " "))), "")


def county_name(slug: str) -> str:
    return next((f"{c.name} County" for c in state().counties if c.slug == slug), "")


def road_words(incident: Any) -> str:
    """“I-35 northbound, mile 120.5”; empty without a route."""
    if not incident.route:
        return ""
    way = f" {DIRECTIONS[incident.direction]}" if incident.direction in DIRECTIONS else ""
    mile = f", mile {incident.milepost:g}" if incident.milepost is not None else ""
    return f"{incident.route}{way}{mile}"


def where(incident: Any) -> str:
    """The place in one line for everybody: road, else the address (masked), and the county. No query."""
    first = road_words(incident) or masked(incident.address)
    county = county_name(incident.county)
    # An address often ends with the county already.
    parts = [first] if county and county.lower() in first.lower() else [first, county]
    words = ", ".join(part for part in parts if part)
    if words or incident.latitude is None:
        return words
    return f"{incident.latitude:.5f}, {incident.longitude:.5f}"


def _county_in(text: str) -> str:
    found = _COUNTY.search(text)
    if found is None:
        return ""
    words = found[1].split()
    # “near Ames Story County”: the longest ending of the words that is a county.
    return next((slug for start in range(len(words)) if (slug := county_slug(" ".join(words[start:])))), "")

"""What a report must say, the same at every door: form, REST, Open311. Every fault at once, each with its code."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from incidents.answers import check_answers
from incidents.catalogue import Catalogue, catalogue
from incidents.models import Photo
from incidents.places import county_slug, normal_direction, normal_route, read_place
from workflow.contrib.places.counties import county_at
from workflow.errors import Reason

LONGEST_DESCRIPTION = 4000
LONGEST_ADDRESS = 200
MOST_PHOTOS = 5
HIGHEST_MILE = 1000
CHANNELS = ("form", "api", "open311", "phone", "demo")
SOURCES = ("pin", "device", "photo", "address", "milepost")
FIELDS = (
    "category", "description", "latitude", "longitude", "address", "route", "direction", "milepost", "county",
    "place_source", "answers", "photos", "name", "email", "phone",
)  # fmt: skip
PLACE_FIELDS = ("latitude", "longitude", "address", "route", "direction", "milepost", "county", "place_source")
_PHONE = re.compile(r"\+?[\d\s().-]{7,24}(?:\s*(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)
_LINE_BREAKS = {"\n", "\r", "\t"}


@dataclass(frozen=True, kw_only=True)
class Checked:
    """``values``: what can be taken, cleaned; ``errors``: every fault. Filed only without errors."""

    values: Mapping[str, Any]
    errors: list[Reason] = field(default_factory=list)


class _Faults(list[Reason]):
    def add(self, code: str, sentence: str, name: str) -> None:
        self.append(Reason(code=code, sentence=sentence, field=name))


def check(data: Mapping[str, Any], known: Catalogue | None = None) -> Checked:
    """The whole report. Three queries: the catalogue, and the photos if there are any."""
    faults, known = _Faults(), known or catalogue()
    for name in data:
        if name not in (*FIELDS, "channel"):
            faults.add("unknown_field", f"There is no field “{name}”. Take it out.", str(name))
    values: dict[str, Any] = {"category": _category(data, known, faults)}
    values["description"] = _text(data, "description", LONGEST_DESCRIPTION, faults)
    place, errors = check_place(data)
    values |= place
    faults += errors
    given = data.get("answers") or {}
    if not isinstance(given, Mapping):
        faults.add("answers_not_an_object", "Give the answers as an object of code and value.", "answers")
        given = {}
    values["answers"], errors = check_answers(known.questions_of(values["category"]), given)
    faults += errors
    values |= _person(data, faults)
    values["photos"] = _photos(data, faults)
    values["channel"] = _channel(data, faults)
    return Checked(values=values, errors=list(faults))


def _category(data: Mapping[str, Any], known: Catalogue, faults: _Faults) -> str:
    code = data.get("category")
    category = known.by_code.get(code) if isinstance(code, str) else None
    if category is None or not category.is_active:
        sentence = "Say what is wrong: choose a category." if not code else "There is no such category: see the list."
        faults.add("unknown_category", sentence, "category")
        return str(code or "")[:40]
    if category.stop:
        faults.add("category_stops", category.stop, "category")
    return category.code


# -- the place --------------------------------------------------------------------------------------------------------


def check_place(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Reason]]:
    """The place alone: a point, an address, or a route with its mile marker; any of them, at least one. No query.

    An address that names a route and mile is read for them; a point gives the county, whatever was typed.
    """
    faults = _Faults()
    latitude, longitude = _point(data, faults)
    address = _text(data, "address", LONGEST_ADDRESS, faults)
    values = {"latitude": latitude, "longitude": longitude, "address": address, **_road(data, faults)}
    if not values["route"] and address and (read := read_place(address)):
        values |= {"route": read.route, "direction": values["direction"] or read.direction}
        values["milepost"] = read.milepost if values["milepost"] is None else values["milepost"]
        values["county"] = values["county"] or read.county
    if latitude is not None and longitude is not None:
        county = county_at(latitude, longitude)
        if county is None:
            faults.add("outside_state", _OUTSIDE.format(state=settings.STATE_NAME), "latitude")
        else:
            values["county"] = county.slug
    elif not faults and not address and (not values["route"] or values["milepost"] is None):
        faults.add("place_missing", "Say where it is: a point on the map, an address, or route and mile marker.",
                   "latitude")  # fmt: skip
    source = str(data.get("place_source") or "")
    default = "pin" if latitude is not None else ("milepost" if values["milepost"] is not None else "address")
    values["place_source"] = source if source in SOURCES else default
    return values, list(faults)


_OUTSIDE = (
    "This place lies outside {state}. We look after state roads in {state} only: please tell the road agency of the "
    "neighboring state, or move the point."
)


def _point(data: Mapping[str, Any], faults: _Faults) -> tuple[float | None, float | None]:
    found: dict[str, float | None] = {}
    for name, limit in (("latitude", 90), ("longitude", 180)):
        found[name] = _number(data, name, faults)
        value = found[name]
        if value is not None and abs(value) > limit:
            faults.add("out_of_range", f"A {name} lies between -{limit} and {limit} degrees.", name)
            found[name] = None
    given = [name for name in found if data.get(name) not in (None, "")]
    if len(given) == 1:
        [missing] = set(found) - set(given)
        faults.add(f"{missing}_missing", f"Give the {missing}, too: a point needs both numbers.", missing)
    return (found["latitude"], found["longitude"]) if None not in found.values() else (None, None)


def _road(data: Mapping[str, Any], faults: _Faults) -> dict[str, Any]:
    typed = _text(data, "route", 40, faults)
    route = normal_route(typed)
    if typed and not route:
        faults.add("bad_route", f"“{typed}” is not a route we know: write it like I-35, US-69 or "
                   f"{settings.STATE_CODE}-92.", "route")  # fmt: skip
    milepost = _number(data, "milepost", faults)
    if milepost is not None and not 0 <= milepost <= HIGHEST_MILE:
        faults.add("out_of_range", f"A mile marker lies between 0 and {HIGHEST_MILE}.", "milepost")
        milepost = None
    if milepost is not None and not typed:
        faults.add("milepost_without_route", "Say on which route the mile marker stands.", "route")
    way = _text(data, "direction", 20, faults)
    direction = normal_direction(way)
    if way and not direction:
        faults.add("bad_direction", "Choose a direction of travel: NB, SB, EB, WB or both.", "direction")
    county = _text(data, "county", 40, faults)
    slug = county_slug(county) if county else ""
    if county and not slug:
        faults.add("unknown_county", f"{settings.STATE_NAME} has no county “{county}”.", "county")
    return {"route": route, "direction": direction, "milepost": milepost, "county": slug}


# -- text, numbers, persons, photos -----------------------------------------------------------------------------------


def _text(data: Mapping[str, Any], name: str, most: int, faults: _Faults) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.add("not_a_text", f"“{name}” must be text.", name)
        return ""
    text = value.replace("\r\n", "\n").strip()
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _LINE_BREAKS for c in text):
        faults.add("unreadable_text", "The text has characters that cannot be stored. Type it again.", name)
        return ""
    if len(text) > most:
        code = "description_too_long" if name == "description" else "text_too_long"
        faults.add(code, f"Write at most {most:,} characters; this has {len(text):,}.", name)
    return text


def _number(data: Mapping[str, Any], name: str, faults: _Faults) -> float | None:
    value = data.get(name)
    if value in (None, ""):
        return None
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        faults.add("not_a_number", f"“{name}” must be a number, for example 41.5.", name)
        return None
    return number


def _person(data: Mapping[str, Any], faults: _Faults) -> dict[str, str]:
    name, email = _text(data, "name", 120, faults), _text(data, "email", 254, faults)
    phone = _text(data, "phone", 30, faults)
    checks: list[tuple[str, str, Callable[[str], bool], str]] = [
        ("email", email, _is_email, "Enter an e-mail address like name@example.com, or leave it empty."),
        ("phone", phone, lambda text: bool(_PHONE.fullmatch(text)), "Enter a phone number like 515 555 0100."),
    ]
    for field_name, value, fine, sentence in checks:
        if value and not fine(value):
            faults.add(f"bad_{field_name}", sentence, field_name)
    return {"name": " ".join(name.split()), "email": email, "phone": phone[:20]}


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _photos(data: Mapping[str, Any], faults: _Faults) -> list[str]:
    """Tokens of pictures that were kept for this report (incidents.photos) and belong to no incident yet."""
    given = data.get("photos") or []
    tokens = [str(one) for one in given] if isinstance(given, list | tuple) else []
    if not tokens and given:
        faults.add("photo_unknown", "Give the photos as a list.", "photos")
    if len(tokens) > MOST_PHOTOS:
        faults.add("too_many_photos", f"Send at most {MOST_PHOTOS} photos.", "photos")
    if tokens and Photo.objects.filter(token__in=tokens, incident=None).count() != len(set(tokens)):
        faults.add("photo_unknown", "A photo is not there any more: add it again.", "photos")
    return tokens


def _channel(data: Mapping[str, Any], faults: _Faults) -> str:
    channel = data.get("channel", "api")
    if channel not in CHANNELS:
        faults.add("unknown_field", "There is no such channel.", "channel")
    return str(channel)

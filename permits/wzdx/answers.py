"""What the events of one group become on the form. docs/wzdx.md has the table, with what a feed does not say."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, TypeGuard

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from shapely.geometry import LineString

from permits.application import choices
from permits.application.moments import state_zone
from permits.rules.geometry import to_geojson
from permits.rules.traffic import affects_lane_or_shoulder, has_full_closure
from permits.wzdx.feed import Event, Feed, Source, objects_in
from permits.wzdx.grouping import Group, drawn

MPH_PER_KPH = 1 / 1.609344
SIGN_STEP_MPH = 5  # speed limit signs show multiples of it
NIGHT_FROM, NIGHT_TO = 22, 5  # local hours
DAY_S = 86_400

# I-80, US 69, IA 210, SR-5; county roads such as F22.
_ROUTE = re.compile(r"(?:[A-Z]{1,3}[- ]?|(?:County|State) (?:Road|Route|Highway) )\d{1,4}[A-Z]?", re.ASCII)
_PORTION_OF_LANE = {
    "shoulder": "shoulder",
    "sidewalk": "sidewalk",
    "bike-lane": "bike_lane",
    "median": "median",
    "parking": "roadside",
}
_PORTION_OF_WORK = {"overhead-work": "overhead", "below-road-work": "underground", "roadside-work": "roadside"}
_CURRENT_LANE_TYPE = {"center-left-turn-lane": "two-way-center-turn-lane"}  # deprecated in v4.2
_NOT_SAID = (
    "The feed does not say, and the import assumes: no digging, no cost, no railroad or structure nearby, "
    "people on foot not affected unless a sidewalk is closed."
)


def answers_of(group: Group, feed: Feed) -> dict[str, Any]:
    """The group as an application, ready for ``validate``: JSON values under the names of the form."""
    answers = {
        **_type_of_work(group, feed),
        **_applicant(feed.source_of(group.lead), feed),
        **_location(group),
        **_time(group),
        **_traffic(group),
        **_UNSAID,
        "billing_reason": "A public agency, filed from its work-zone feed.",
        "signer_name": "WZDx import",
        "signer_title": short(f"for {feed.publisher}", 120),
    }
    drivers_meet_it = affects_lane_or_shoulder(answers) or has_full_closure(answers)
    # The posted speed is unknown, and an agency works by plans of its own: no typical application is claimed.
    answers["ttcp_kind"] = "custom_plan" if drivers_meet_it else "none"
    return answers


def short(text: object, most: int) -> str:
    """One printable line of at most ``most`` characters."""
    line = "".join(sign for sign in " ".join(str(text).split()) if sign.isprintable())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _type_of_work(group: Group, feed: Feed) -> dict[str, Any]:
    core = group.lead.core
    kinds = [kind for event in group.works for kind in objects_in(event.properties.get("types_of_work"))]
    named = [kind["type_name"] for kind in kinds if is_one_of(choices.WorkType, kind.get("type_name"))]
    about = f"From the work-zone feed of {short(feed.publisher, 60)}. {_NOT_SAID}"
    said = short(core.get("description") or core.get("name") or "", 500 - len(about) - 1)
    return {
        "permit_type": "lane_closure",
        "work_type": named[0] if named else "maintenance",
        "is_architectural_change": any(kind.get("is_architectural_change") is True for kind in kinds),
        "work_summary": f"{said} {about}".strip(),
        "external_ref": short(core.get("name") or group.lead.id, 40),
    }


def _applicant(source: Source, feed: Feed) -> dict[str, Any]:
    name = short(source.contact_name or feed.contact.contact_name or settings.AGENCY_NAME, 120)
    addresses = (source.contact_email, feed.contact.contact_email, settings.AGENCY_EMAIL)
    return {
        "applicant_kind": "agency",
        "organisation": short(source.organisation, 120),
        "contact_name": name,
        "contact_email": next(address for address in addresses if _is_email(address)),
        "contact_phone": settings.AGENCY_PHONE,
        "state": settings.STATE_CODE,
        "acting_as": "owner",
        "onsite_name": name,
        "onsite_phone": settings.AGENCY_PHONE,
        "traffic_control_name": short(source.organisation, 120),
        "traffic_control_phone": settings.AGENCY_PHONE,
        "billing": "exempt",
    }


_UNSAID: dict[str, Any] = {
    "excavation": False,
    "est_cost_in_row": "0",
    "environmental_review": "not_needed",
    "railroad_within_50ft": False,
    "structures_affected": False,
    "collaboration_consent": False,
    "declaration": True,
}


def _location(group: Group) -> dict[str, Any]:
    roads = list(dict.fromkeys(group.lead.roads))
    routes = [road for road in roads if _ROUTE.fullmatch(road)]
    names = [road for road in roads if road not in routes]
    found: dict[str, Any] = {
        "route_designation": short(" / ".join(routes or names), 80),
        "road_name": short(" / ".join(names or routes), 80),
        "area": _area(group.lead),
        "row_portion": _portions(group.works),
    }
    ends = [group.lead.properties.get(f"{end}_cross_street") for end in ("beginning", "ending")]
    if all(isinstance(end, str) and end.strip() for end in ends):
        found["from_cross_street"], found["to_cross_street"] = (short(end, 80) for end in ends)
    given = [group.lead.properties.get(f"{end}_milepost") for end in ("beginning", "ending")]
    posts = [post for post in given if is_number(post) and 0 <= post < 10_000]
    if len(posts) == len(given):
        # Westbound and southbound the posts count down; the form has the lower one first.
        low, high = sorted(posts)
        found["from_milepost"], found["to_milepost"] = (f"{Decimal(str(post)):.3f}" for post in (low, high))
    return found


def _area(event: Event) -> dict[str, Any]:
    """The line; of one that crosses itself, such as a loop ramp, the smallest area around it."""
    area = drawn(event)
    return area if LineString(area["coordinates"]).is_simple else to_geojson(LineString(event.line).convex_hull)


def _portions(works: Iterable[Event]) -> list[str]:
    found = {portion for event in works for portion in _portions_of(event)}
    return sorted(found) or ["roadside"]


def _portions_of(event: Event) -> Iterator[str]:
    if event.properties["vehicle_impact"] != "all-lanes-open":
        yield "travel_lane"
    for lane in lanes_of(event):
        if lane["status"] != "open":
            yield _PORTION_OF_LANE.get(lane["type"], "travel_lane")
    for kind in objects_in(event.properties.get("types_of_work")):
        if (name := str(kind.get("type_name"))) in _PORTION_OF_WORK:
            yield _PORTION_OF_WORK[name]


def _time(group: Group) -> dict[str, Any]:
    windows = group.strands[0].windows
    found: dict[str, Any] = {
        "start_at": min(start for start, _end in windows).isoformat(),
        "end_at": max(end for _start, end in windows).isoformat(),
        "night_work": any(_in_the_night(event) for event in group.works),
    }
    if len(windows) > 1:
        found["recurring"] = [
            {"start_at": event.start_at.isoformat(), "end_at": event.end_at.isoformat(), "source_id": event.id}
            for event in group.works
        ]
    return found


def _in_the_night(event: Event) -> bool:
    """Only a window of a day or less tells when there is work; a longer one only between which days."""
    if (event.end_at - event.start_at).total_seconds() > DAY_S:
        return False
    start, end = event.start_at.astimezone(state_zone()), event.end_at.astimezone(state_zone())
    return end.date() > start.date() or start.hour < NIGHT_TO or end.hour >= NIGHT_FROM


def _traffic(group: Group) -> dict[str, Any]:
    works = group.works
    speeds = [speed for event in works if (speed := _sign_mph(event.properties.get("reduced_speed_limit_kph")))]
    method = group.lead.properties["location_method"]
    sidewalk_closed = any(
        lane["type"] == "sidewalk" and lane["status"] == "closed" for event in works for lane in lanes_of(event)
    )
    return {
        "impacts": [
            {
                "direction": strand.lead.direction,
                "vehicle_impact": strand.lead.properties["vehicle_impact"],
                "lanes": lanes_of(strand.lead),
                "centerline": drawn(strand.lead),
                "source_id": strand.lead.id,
            }
            for strand in group.strands
        ],
        "work_zone_speed_mph": min(speeds, default=None),
        "pedestrian_access": "closed" if sidewalk_closed else "not_affected",
        "detour_lines": [_detour(event) for event in group.detours],
        "restrictions": list(_restrictions(works)),
        "location_method": method if is_one_of(choices.LocationMethod, method) else "unknown",
    }


def _detour(event: Event) -> dict[str, Any]:
    return {
        "road_name": short(" / ".join(event.roads), 80),
        "direction": event.direction,
        "geometry": drawn(event),
        "source_id": event.id,
    }


def lanes_of(event: Event) -> list[dict[str, Any]]:
    """The lanes from left to right; none when the feed has none, or not whole (numbered 1 to n, in words we know)."""
    found: list[dict[str, Any]] = [
        {
            "order": lane.get("order"),
            "type": _CURRENT_LANE_TYPE.get(str(lane.get("type")), lane.get("type")),
            "status": lane.get("status"),
        }
        for lane in objects_in(event.properties.get("lanes"))
    ]
    known = all(
        is_one_of(choices.LaneType, one["type"]) and is_one_of(choices.LaneStatus, one["status"]) for one in found
    )
    numbered = all(type(one["order"]) is int for one in found)
    if not (known and numbered):
        return []
    found.sort(key=lambda one: one["order"])
    whole = [one["order"] for one in found] == list(range(1, len(found) + 1)) and len(found) <= 16
    return found if whole else []


def _restrictions(works: Iterable[Event]) -> Iterator[dict[str, Any]]:
    """The limits of the whole work zone, each once. Those of a single lane stay with the feature."""
    seen = []
    for row in (row for event in works for row in objects_in(event.properties.get("restrictions"))):
        if not is_one_of(choices.RestrictionType, row.get("type")):
            continue
        limit = {"type": row["type"]}
        value, unit = row.get("value"), row.get("unit")
        if is_number(value) and 0 <= value <= 1_000_000 and is_one_of(choices.Unit, unit):
            limit |= {"value": value, "unit": unit}
        if limit not in seen:
            seen.append(limit)
            yield limit


def _sign_mph(kph: object) -> int | None:
    """What a sign shows for a limit in km/h: the nearest step of 5 mph, from 15 to 75; None for anything else."""
    if not is_number(kph):
        return None
    mph = round(kph * MPH_PER_KPH / SIGN_STEP_MPH) * SIGN_STEP_MPH
    return mph if 15 <= mph <= 75 else None


def is_number(value: object) -> TypeGuard[int | float]:
    # To Python true is a number, too.
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_one_of(words: Any, value: object) -> bool:
    return isinstance(value, str) and value in words.values


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True

"""Believable applications, spread over the state's counties."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from shapely.geometry import LineString, Point

from permits.application.example import example
from permits.demo.people import APPLICANTS
from workflow.contrib.places.counties import County, counties

ROUTES = ("US-30", "US-65", "US-69", "IA-92", "IA-14", "US-20", "US-63", "IA-3", "US-18", "US-34", "IA-175", "US-61")
STREETS = (
    "Main Street",
    "Lincoln Way",
    "Euclid Avenue",
    "Second Avenue",
    "Locust Street",
    "Airport Road",
    "River Road",
)
CROSS = ("Oak Street", "Elm Street", "Mill Road", "Church Street", "County Road 12", "Depot Street", "Park Avenue")
PEOPLE_OF_THE_ROAD: Mapping[str, Any] = {
    "contractor_is_other": False,
    "onsite_name": "Jo Field",
    "onsite_phone": "515-555-0177",
    "traffic_control_name": "Prairie Traffic Safety",
    "traffic_control_phone": "515-555-0119",
}
CONTRACTOR = ("contractor_name", "contractor_email", "contractor_licence", "contractor_licence_expiry")
DIGGING = ("excavations", "restoration_standard", "underground_crossing_lanes")
UTILITY = ("utility_kind", "facility_size", "facility_material", "facility_method", "underground_crossing_lanes")


def believable(
    rng: random.Random, *, today: date, starts: date, days: int, kind: str, county: County | None = None
) -> dict[str, Any]:
    """One application of ``kind`` for work of ``days`` days from ``starts``, by one of the demo's applicants."""
    who = rng.choice(APPLICANTS)
    if kind == "driveway":
        who = _person(rng)
    answers = {k: v for k, v in example(today).items() if k not in (*CONTRACTOR, "restrictions", "early_start_reason")}
    answers |= {**PEOPLE_OF_THE_ROAD, "contact_phone": "515-555-0142", **who, "permit_type": kind}
    answers |= {"signer_name": who["contact_name"], "signer_title": "Project manager"}
    answers |= _where(rng, county or rng.choice(counties()))
    answers |= _when(starts, days)
    _shape_by_kind(rng, answers, kind)
    return answers


def _person(rng: random.Random) -> dict[str, Any]:
    first, last = (
        rng.choice(("Erin", "Walter", "Nguyễn", "Sofía", "Gail")),
        rng.choice(("Brandt", "Coleman", "O’Neill")),
    )
    return {
        "applicant_kind": "person",
        "organisation": "",
        "tax_id": "",
        "contact_name": f"{first} {last}",
        "contact_email": f"{last.lower().replace('’', '')}@mail.example",
        "billing": "pay_now",
    }


def _where(rng: random.Random, county: County) -> dict[str, Any]:
    middle = county.shape.representative_point()
    west, south, east, north = county.shape.bounds
    for _ in range(50):
        spot = Point(rng.uniform(west, east), rng.uniform(south, north))
        if county.shape.buffer(-0.03).contains(spot):
            middle = spot
            break
    length = rng.choice((0.0012, 0.002, 0.0035, 0.006))
    north_south = rng.random() < 0.5
    end = Point(middle.x, middle.y + length) if north_south else Point(middle.x + length, middle.y)
    line = LineString([middle, end])
    geometry = {"type": "LineString", "coordinates": [[round(x, 6), round(y, 6)] for x, y in line.coords]}
    milepost = rng.randint(20, 2400) / 10
    one, other = rng.sample(CROSS, 2)
    return {
        "county": county.slug,
        "route_designation": rng.choice(ROUTES),
        "road_name": rng.choice(STREETS),
        "from_milepost": f"{milepost:.3f}",
        "to_milepost": f"{milepost + 0.3:.3f}",
        "from_cross_street": one,
        "to_cross_street": other,
        "area": geometry,
        "functional_class": rng.choice((2, 3, 4, 5, 6)),
        "aadt": rng.choice((420, 1300, 3800, 7200, 14800)),
        "posted_speed_mph": rng.choice((25, 30, 35)),
        "impacts": [_impact(rng, "northbound" if north_south else "eastbound", geometry)],
    }


def _impact(rng: random.Random, direction: str, geometry: Mapping[str, Any]) -> dict[str, Any]:
    closed = rng.random() < 0.6
    return {
        "direction": direction,
        "vehicle_impact": "some-lanes-closed" if closed else "all-lanes-open",
        "lanes": [
            {"order": 1, "type": "general", "status": "open"},
            {"order": 2, "type": "general", "status": "closed" if closed else "open"},
            {"order": 3, "type": "shoulder", "status": "closed"},
        ],
        "centerline": dict(geometry),
    }


def _when(starts: date, days: int) -> dict[str, Any]:
    end = starts + timedelta(days=days)
    return {
        "start_at": datetime(starts.year, starts.month, starts.day, 8).isoformat(timespec="minutes"),  # noqa: DTZ001
        "end_at": datetime(end.year, end.month, end.day, 16).isoformat(timespec="minutes"),  # noqa: DTZ001
        "working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "working_days_in_row": None,
        "insurance_expires": date(end.year + 1, 3, 31).isoformat(),
        "work_zone_speed_mph": 25,
    }


SUMMARIES = {
    "utility": ("below-road-work", "Bore a conduit below the shoulder and set two handholes."),
    "driveway": ("roadside-work", "Build a paved driveway with a culvert to the new house."),
    "lane_closure": ("maintenance", "Close one lane to trim trees and replace worn signs."),
    "excavation": ("surface-work", "Open the pavement to mend a broken storm drain and restore it."),
    "special_event": ("maintenance", "Close the street for the summer parade and the market."),
    "other": ("barrier-work", "Replace the guardrail that a truck damaged in spring."),
}


def _shape_by_kind(rng: random.Random, answers: dict[str, Any], kind: str) -> None:
    answers["work_type"], answers["work_summary"] = SUMMARIES[kind]
    answers["pedestrian_access"] = "not_affected"
    answers["row_portion"] = ["travel_lane", "shoulder"]
    digs = kind in ("utility", "excavation")
    answers["excavation"] = digs
    if not digs:
        for name in DIGGING:
            answers.pop(name, None)
    if kind != "utility":
        for name in UTILITY:
            answers.pop(name, None)
    if kind == "driveway":
        answers |= {"land_use": "residential", "daily_trips": 10, "sight_distance_ft": rng.choice((310, 360, 420))}
        answers["row_portion"] = ["roadside"]
        answers["impacts"] = []
    if kind == "special_event":
        answers.pop("excavation")
        answers |= {"event_organiser": answers.get("organisation") or answers["contact_name"]}
        answers |= {"event_attendance": rng.choice((300, 1200, 4000)), "event_police_plan": True}

"""A whole application as a client would send it, for the API description, tests and demonstrations."""

from datetime import date, timedelta
from typing import Any

NOTICE = timedelta(days=60)  # ahead of even the longest notice
LASTS = timedelta(days=11)  # from a Monday to the Friday of the week after


def example(today: date | None = None) -> dict[str, Any]:
    """Fiber below US-69 in Ames, Iowa, with one lane closed; begins on a Monday some 60 days after ``today``."""
    ahead = (today or date.today()) + NOTICE  # noqa: DTZ011 — an example may be a day off
    start = ahead + timedelta(days=-ahead.weekday() % 7)
    end = start + LASTS
    return {
        "permit_type": "utility",
        "work_type": "below-road-work",
        "work_summary": "Bore a 4-inch conduit for fiber along the east side of Duff Avenue and open three pits.",
        "external_ref": "PRJ-2044",
        **_PEOPLE,
        "contractor_licence_expiry": date(end.year + 1, 6, 30).isoformat(),
        **_LOCATION,
        "start_at": f"{start.isoformat()}T08:00",
        "end_at": f"{end.isoformat()}T16:00",
        "working_hours_from": "08:00",
        "working_hours_to": "16:00",
        "working_days": ["mon", "tue", "wed", "thu", "fri"],
        "working_days_in_row": 8,
        **_TRAFFIC,
        **_WORK,
        **_CLOSING,
        "insurance_expires": date(end.year + 1, 3, 31).isoformat(),
    }


_PEOPLE = {
    "applicant_kind": "utility",
    "organisation": "Story County Fiber Cooperative",
    "tax_id": "42-0000017",
    "contact_name": "Dana Whitfield",
    "contact_email": "dana.whitfield@example.com",
    "contact_phone": "515-555-0142",
    "street": "220 Clark Avenue",
    "city": "Ames",
    "state": "IA",
    "zip": "50010",
    "acting_as": "owner",
    "contractor_is_other": True,
    "contractor_name": "Skunk River Boring LLC",
    "contractor_email": "office@example.net",
    "contractor_licence": "C-118204",
    "onsite_name": "Luis Ortega",
    "onsite_phone": "515-555-0177",
}
# Duff Avenue is US-69 in Ames; it runs north and south along 93.6103 degrees west.
_LOCATION = {
    "county": "story",
    "route_designation": "US-69",
    "road_name": "Duff Avenue",
    "from_milepost": "110.200",
    "to_milepost": "110.400",
    "from_cross_street": "South 5th Street",
    "to_cross_street": "South 3rd Street",
    "area": {"type": "LineString", "coordinates": [[-93.6103, 42.0176], [-93.6103, 42.0204]]},
    "row_portion": ["travel_lane", "shoulder", "underground"],
    "functional_class": 3,
    "aadt": 14800,
    "posted_speed_mph": 35,
}
_TRAFFIC = {
    "impacts": [
        {
            "direction": "northbound",
            "vehicle_impact": "some-lanes-closed-merge-left",
            "lanes": [
                {"order": 1, "type": "two-way-center-turn-lane", "status": "open"},
                {"order": 2, "type": "general", "status": "open"},
                {"order": 3, "type": "general", "status": "closed"},
                {"order": 4, "type": "shoulder", "status": "closed"},
            ],
            "centerline": {"type": "LineString", "coordinates": [[-93.6102, 42.0176], [-93.6102, 42.0204]]},
        }
    ],
    "ttcp_kind": "standard_ta",
    "ttcp_number": "TA-22",
    "traffic_control_name": "Prairie Traffic Safety",
    "traffic_control_phone": "515-555-0119",
    "work_zone_speed_mph": 25,
    "pedestrian_access": "alternate_route",
    "restrictions": [{"type": "reduced-width", "value": 11, "unit": "feet"}],
    "location_method": "channel-device-method",
}
_WORK = {
    "excavation": True,
    "excavations": [
        {"surface": "pavement", "length_ft": "18", "width_ft": "6", "max_depth_ft": "4.5"},
        {"surface": "shoulder", "length_ft": "60", "width_ft": "4", "max_depth_ft": "4.5"},
    ],
    "restoration_standard": "type_1",
    "utility_kind": "fiber",
    "facility_size": "4-inch conduit, 144 fibers",
    "facility_material": "HDPE",
    "facility_method": "bore",
    "underground_crossing_lanes": 2,
}
_CLOSING = {
    "est_cost_in_row": "84500.00",
    "billing": "pay_now",
    "insurance_general_usd": "1000000",
    "environmental_review": "not_needed",
    "railroad_within_50ft": False,
    "structures_affected": False,
    "collaboration_consent": True,
    "declaration": True,
    "signer_name": "Dana Whitfield",
    "signer_title": "Construction manager",
}

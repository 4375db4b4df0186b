"""Answers to start from in tests of the rules: a small utility job on a quiet road, to be varied."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

AREA = {"type": "LineString", "coordinates": [[-93.6250, 41.5868], [-93.6250, 41.5873]]}  # 56 m
CENTRELINE = {"type": "LineString", "coordinates": [[-93.6250, 41.5868], [-93.6250, 41.5886]]}  # 200 m


def answers(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "permit_type": "utility",
        "is_emergency": False,
        "applicant_kind": "company",
        "acting_as": "owner",
        "area": AREA,
        "row_portion": ["roadside"],
        "functional_class": 5,
        "aadt": 800,
        "posted_speed_mph": 35,
        "start_at": datetime(2026, 12, 1, 14, tzinfo=UTC),
        "end_at": datetime(2026, 12, 5, 23, tzinfo=UTC),
        "night_work": False,
        "impacts": [],
        "ttcp_kind": "none",
        "pedestrian_access": "not_affected",
        "excavation": False,
        "excavations": [],
        "est_cost_in_row": Decimal(12_000),
        "insurance_general_usd": Decimal(1_000_000),
        "insurance_expires": date(2027, 12, 31),
        "environmental_review": "not_needed",
    }
    return base | changes


def impact(direction: str = "northbound", word: str = "some-lanes-closed", *statuses: str) -> dict[str, Any]:
    lanes = [{"order": at, "type": "general", "status": status} for at, status in enumerate(statuses, start=1)]
    return {"direction": direction, "vehicle_impact": word, "lanes": lanes, "centerline": None, "source_id": ""}


def digging(surface: str, length_ft: float, width_ft: float = 3, **more: Any) -> dict[str, Any]:
    sizes = {"length_ft": Decimal(str(length_ft)), "width_ft": Decimal(str(width_ft)), "max_depth_ft": Decimal(4)}
    return {"surface": surface, "same_length": False} | sizes | more

"""How much an application hurts the road's users: an index from 0 to 5 that explains itself.

The idea and the shape of the formula come from the City of Helsinki's index for excavation works; weights and steps
are configuration. See docs/rules.md#impact-index.
"""

import math
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from permits.rules.geometry import from_geojson, length_m
from permits.rules.traffic import LaneEffect, impacts_of, lane_effect
from permits.rules.words import Answers

# Weights in the order of the parts; they add up to 1, so the index stays within 0 and 5.
WEIGHTS = {
    "duration": Decimal("0.10"),
    "road_class": Decimal("0.20"),
    "volume": Decimal("0.25"),
    "lane_effect": Decimal("0.25"),
    "length": Decimal("0.20"),
}
# FHWA functional class: 1 Interstate, 2 other freeway, 3 other principal arterial, 4 minor arterial,
# 5 major collector, 6 minor collector, 7 local.
ROAD_CLASS_POINTS = {1: 5, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1, 7: 0}
# From this many ... on, so many points.
DURATION_STEPS = ((91, 5), (14, 3), (1, 1))
VOLUME_STEPS = ((10_000, 5), (5_000, 4), (1_500, 3), (500, 2), (1, 1))
LENGTH_STEPS = ((500, 5), (100, 4), (10, 3))
# What is not known is counted in the middle: low would hide a busy road, high would make every application major.
UNKNOWN_POINTS = 3
# Below the first a permit without lanes taken is minor; from the second on it is major and needs two approvers.
MINOR_BELOW = Decimal(2)
MAJOR_FROM = Decimal(4)

LANE_EFFECT_SENTENCES = {
    LaneEffect.NONE: "No travel lane is taken.",
    LaneEffect.ONE_LANE: "One travel lane is taken.",
    LaneEffect.ONE_LANE_BOTH_DIRECTIONS: "One lane is taken in both directions, or both directions share a lane.",
    LaneEffect.SEVERAL_LANES: "Several travel lanes are taken.",
    LaneEffect.ONE_DIRECTION_CLOSED: "One direction is closed.",
    LaneEffect.SEVERAL_DIRECTIONS_CLOSED: "Several directions are closed.",
}
QUIET_ROAD = "A local road without counted traffic has the index 0."


@dataclass(frozen=True, kw_only=True)
class RoadFacts:
    """What is known of the road: FHWA functional class 1 to 7 and vehicles a day (AADT); None if not known."""

    functional_class: int | None = None
    aadt: int | None = None

    @classmethod
    def of(cls, answers: Answers) -> Self:
        """The facts as the application states them."""
        return cls(functional_class=answers.get("functional_class"), aadt=answers.get("aadt"))


@dataclass(frozen=True, kw_only=True)
class Part:
    """One reason of the index: 0 to 5 points, counted with ``weight``."""

    name: str
    points: int
    weight: Decimal
    why: str


@dataclass(frozen=True, kw_only=True)
class ImpactIndex:
    """The index, rounded to one decimal, and the parts it comes from."""

    value: Decimal
    parts: tuple[Part, ...]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values for storage: numbers with decimals as text."""
        parts = [
            {"name": part.name, "points": part.points, "weight": str(part.weight), "why": part.why}
            for part in self.parts
        ]
        return {"value": str(self.value), "note": self.note, "parts": parts}


def impact_index(answers: Answers, *, road: RoadFacts) -> ImpactIndex:
    """The index of an application on a road. Answers that are still missing count as none."""
    grades = {
        "duration": _duration(answers),
        "road_class": _road_class(road.functional_class),
        "volume": _volume(road.aadt),
        "lane_effect": _lane_effect(answers),
        "length": _length(affected_length_m(answers)),
    }
    parts = tuple(
        Part(name=name, points=grades[name][0], weight=WEIGHTS[name], why=grades[name][1]) for name in WEIGHTS
    )
    if grades["road_class"][0] == 0 and grades["volume"][0] == 0:
        return ImpactIndex(value=Decimal("0.0"), parts=parts, note=QUIET_ROAD)
    total = sum((part.points * part.weight for part in parts), Decimal(0))
    return ImpactIndex(value=total.quantize(Decimal("0.1"), ROUND_HALF_UP), parts=parts)


def duration_days(answers: Answers) -> int:
    """Days from start to end, a begun day counts whole; 0 if a date is missing or the end is not after the start.

    Counted in UTC with one hour of grace, so that two weeks over the change to winter time are still 14 days.
    """
    start, end = answers.get("start_at"), answers.get("end_at")
    if not start or not end or end <= start:
        return 0
    elapsed: timedelta = end.astimezone(UTC) - start.astimezone(UTC)
    return max(1, math.ceil((elapsed - timedelta(hours=1)) / timedelta(days=1)))


def affected_length_m(answers: Answers) -> float:
    """Metres of road affected: the longest of the drawn place and the directions' centre lines."""
    lines = [answers.get("area"), *(impact.get("centerline") for impact in impacts_of(answers))]
    return max((length_m(from_geojson(line)) for line in lines if line), default=0.0)


def _duration(answers: Answers) -> tuple[int, str]:
    days = duration_days(answers)
    if not days:
        return 0, "The dates are not given yet."
    return _points(days, DURATION_STEPS), f"The work lasts {days} {'day' if days == 1 else 'days'}."


def _road_class(functional_class: int | None) -> tuple[int, str]:
    if functional_class not in ROAD_CLASS_POINTS:
        return UNKNOWN_POINTS, "The road's functional class is not known and counted in the middle."
    return ROAD_CLASS_POINTS[functional_class], f"The road has the functional class {functional_class}."


def _volume(aadt: int | None) -> tuple[int, str]:
    if aadt is None:
        return UNKNOWN_POINTS, "The road's traffic is not known and counted in the middle."
    return _points(aadt, VOLUME_STEPS), f"The road carries {aadt:,} vehicles a day."


def _lane_effect(answers: Answers) -> tuple[int, str]:
    effect = lane_effect(impacts_of(answers))
    return int(effect), LANE_EFFECT_SENTENCES[effect]


def _length(metres: float) -> tuple[int, str]:
    if metres <= 0:
        return 0, "The work stays at one point of the road."
    return _points(metres, LENGTH_STEPS) or 2, f"The work affects {metres:,.0f} m of road."


def _points(amount: float, steps: tuple[tuple[int, int], ...]) -> int:
    return next((points for threshold, points in steps if amount >= threshold), 0)

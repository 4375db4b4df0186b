"""What a work zone does to traffic, read from the directions and lanes of an application.

Words are those of WZDx v4.2. "Full closure" means: at least one direction has no lane left.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from permits.rules.words import Answers

type Impact = Mapping[str, Any]

DIRECTIONS = (
    "northbound",
    "eastbound",
    "southbound",
    "westbound",
    "inner-loop",
    "outer-loop",
    "undefined",
    "unknown",
)
VEHICLE_IMPACTS = (
    "all-lanes-closed",
    "some-lanes-closed",
    "all-lanes-open",
    "alternating-one-way",
    "some-lanes-closed-merge-left",
    "some-lanes-closed-merge-right",
    "all-lanes-open-shift-left",
    "all-lanes-open-shift-right",
    "some-lanes-closed-split",
    "flagging",
    "temporary-traffic-signal",
    "unknown",
)
LANE_STATUSES = ("open", "closed", "shift-left", "shift-right", "merge-left", "merge-right", "alternating-flow")
TRAVEL_LANE_TYPES = (
    "general",
    "exit-lane",
    "exit-ramp",
    "entrance-lane",
    "entrance-ramp",
    "two-way-center-turn-lane",
    "center-left-turn-lane",
)
LANE_TYPES = (*TRAVEL_LANE_TYPES, "sidewalk", "bike-lane", "shoulder", "parking", "median")

# A shifted lane still carries its traffic; a merging or alternating one does not carry all of it.
TAKEN_STATUSES = frozenset({"closed", "merge-left", "merge-right", "alternating-flow"})
# One lane is left for both directions in turn.
ALTERNATING_IMPACTS = frozenset({"alternating-one-way", "flagging", "temporary-traffic-signal"})
OPEN_IMPACTS = frozenset({"all-lanes-open", "all-lanes-open-shift-left", "all-lanes-open-shift-right"})


class LaneEffect(IntEnum):
    """How much of the carriageway is taken; the number is the points of the impact index."""

    NONE = 0
    ONE_LANE = 1
    ONE_LANE_BOTH_DIRECTIONS = 2
    SEVERAL_LANES = 3
    ONE_DIRECTION_CLOSED = 4
    SEVERAL_DIRECTIONS_CLOSED = 5


def travel_lanes(impact: Impact) -> list[Mapping[str, Any]]:
    """The listed lanes that carry motor traffic (no shoulder, sidewalk, bike lane, parking or median)."""
    return [lane for lane in impact.get("lanes") or [] if lane["type"] in TRAVEL_LANE_TYPES]


def direction_is_closed(impact: Impact) -> bool:
    """Whether no lane of this direction is left, by the word for the direction or by its listed lanes."""
    lanes = travel_lanes(impact)
    all_closed = bool(lanes) and all(lane["status"] == "closed" for lane in lanes)
    return all_closed or impact["vehicle_impact"] == "all-lanes-closed"


def lanes_taken(impact: Impact) -> int:
    """How many travel lanes of this direction are closed or shared.

    Where the lanes are not listed, anything but "open" counts as one, also "unknown".
    """
    lanes = travel_lanes(impact)
    taken = sum(lane["status"] in TAKEN_STATUSES for lane in lanes)
    word = impact["vehicle_impact"]
    if word in OPEN_IMPACTS or (word == "unknown" and lanes):
        return taken
    return max(taken, 1)


def lane_effect(impacts: Sequence[Impact]) -> LaneEffect:
    """The one of the six grades that describes all directions together."""
    closed = sum(direction_is_closed(impact) for impact in impacts)
    if closed:
        return LaneEffect.ONE_DIRECTION_CLOSED if closed == 1 else LaneEffect.SEVERAL_DIRECTIONS_CLOSED
    taken = [count for count in map(lanes_taken, impacts) if count]
    if any(count > 1 for count in taken) or len(taken) > 2:
        return LaneEffect.SEVERAL_LANES
    if len(taken) == 2 or any(impact["vehicle_impact"] in ALTERNATING_IMPACTS for impact in impacts):
        return LaneEffect.ONE_LANE_BOTH_DIRECTIONS
    return LaneEffect.ONE_LANE if taken else LaneEffect.NONE


def impacts_of(answers: Answers) -> Sequence[Impact]:
    """The directions of an application, an empty list if it has none."""
    return answers.get("impacts") or []


def has_full_closure(answers: Answers) -> bool:
    """Whether at least one direction has no lane left."""
    return any(direction_is_closed(impact) for impact in impacts_of(answers))


def takes_a_lane(answers: Answers) -> bool:
    """Whether at least one travel lane is closed or shared."""
    return lane_effect(impacts_of(answers)) > LaneEffect.NONE


def affects_travel_lanes(answers: Answers) -> bool:
    """Whether the work is in a travel lane, takes one, or shifts one."""
    shifted = any("shift" in impact["vehicle_impact"] for impact in impacts_of(answers))
    return shifted or takes_a_lane(answers) or "travel_lane" in (answers.get("row_portion") or [])


def affects_lane_or_shoulder(answers: Answers) -> bool:
    """Whether drivers meet a work zone at all; then traffic control is needed."""
    shoulder = any(
        lane["type"] == "shoulder" and lane["status"] != "open"
        for impact in impacts_of(answers)
        for lane in impact.get("lanes") or []
    )
    return shoulder or affects_travel_lanes(answers) or "shoulder" in (answers.get("row_portion") or [])


def needs_sealed_plan(answers: Answers, *, from_mph: int = 45) -> bool:
    """Whether the traffic control plan must be a custom one under a professional engineer's seal."""
    fast = (answers.get("posted_speed_mph") or 0) >= from_mph
    return has_full_closure(answers) or (fast and affects_lane_or_shoulder(answers))

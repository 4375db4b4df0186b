"""The safety rules: one pure function from a question to an answer. docs/rules.md#safety lists them with sources.

The same function answers inside the stand-alone safety service (permits.safety_service). An answer holds no time
and no chance: the same question under the same rules gives the same answer, letter for letter.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from permits.rules.documents import DocumentKind
from permits.rules.impact import MAJOR_FROM
from permits.rules.safety_contract import (
    SCHEMA,
    Assessment,
    Request,
    Severity,
    Verdict,
    check_answer,
    check_request,
    safety_request,
    worst_verdict,
)
from permits.rules.sight_distance import intersection_sight_distance_ft, stopping_sight_distance_ft
from permits.rules.traffic import (
    OPEN_IMPACTS,
    Impact,
    affects_lane_or_shoulder,
    direction_is_closed,
    has_full_closure,
    needs_sealed_plan,
    travel_lanes,
)
from workflow.contrib.service_stub.shapes import GarbageAnswer

__all__ = [
    "RULES",
    "RULES_VERSION",
    "Assessment",
    "GarbageAnswer",
    "Severity",
    "Verdict",
    "assess",
    "check_answer",
    "check_request",
    "safety_request",
]

RULES_VERSION = "2026.1"
LARGEST_SPEED_DROP_MPH = 10

type Sentences = Iterator[str]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One safety rule; ``check`` yields a sentence for each time a question breaks it."""

    code: str
    severity: Severity
    source: str
    check: Callable[[Request], Sentences]


def assess(request: Request) -> dict[str, Any]:
    """The answer to a question that ``check_request`` found good: verdict and findings, the gravest first.

    Raises ValueError with the first problem if the question is not good.
    """
    problems = check_request(request)
    if problems:
        raise ValueError(problems[0].sentence)
    found = [(rule, sentence) for rule in RULES for sentence in rule.check(request)]
    found.sort(key=lambda pair: list(Severity).index(pair[0].severity), reverse=True)
    return {
        "schema": SCHEMA,
        "case": request["case"],
        "key": request["key"],
        "verdict": worst_verdict([rule.severity for rule, _ in found]).value,
        "findings": [
            {"code": rule.code, "severity": rule.severity.value, "sentence": sentence, "source": rule.source}
            for rule, sentence in found
        ],
        "rules_version": RULES_VERSION,
    }


def _place_without_impact(request: Request) -> Sentences:
    if {"travel_lane", "shoulder"} & set(request["row_portion"]) and not request["impacts"]:
        yield "The work is in a travel lane or the shoulder, but no direction says what happens. Add the directions."


def _direction_twice(request: Request) -> Sentences:
    for direction, times in Counter(impact["direction"] for impact in request["impacts"]).items():
        if times > 1:
            yield f"The direction {direction} is listed {times} times. Keep one entry for each direction."


def _lanes_not_listed(request: Request) -> Sentences:
    for impact in request["impacts"]:
        if not impact["lanes"] and impact["vehicle_impact"] != "all-lanes-open":
            yield f"The lanes of the direction {impact['direction']} are not listed. List all, from left to right."


def _lanes_out_of_order(request: Request) -> Sentences:
    for impact in request["impacts"]:
        orders = [lane["order"] for lane in impact["lanes"]]
        if orders != list(range(1, len(orders) + 1)):
            yield f"Number the lanes of the direction {impact['direction']} 1, 2, 3 … from the left, none left out."


def _lanes_contradict(request: Request) -> Sentences:
    for impact in request["impacts"]:
        if travel_lanes(impact) and _contradicts(impact):
            yield (
                f"The direction {impact['direction']} says {impact['vehicle_impact']}, but its lanes say otherwise. "
                "Correct one of them."
            )


def _contradicts(impact: Impact) -> bool:
    closed = [lane["status"] == "closed" for lane in travel_lanes(impact)]
    word = impact["vehicle_impact"]
    if word == "all-lanes-closed":
        return not all(closed)
    if word in OPEN_IMPACTS:
        return any(closed)
    untouched = all(lane["status"] == "open" for lane in travel_lanes(impact))
    return word.startswith("some-lanes-closed") and (untouched or all(closed))


def _impact_unknown(request: Request) -> Sentences:
    for impact in request["impacts"]:
        if impact["vehicle_impact"] == "unknown" or impact["direction"] in ("unknown", "undefined"):
            yield "A direction or what happens to its traffic is not known. State both before an approval."


def _traffic_plan_missing(request: Request) -> Sentences:
    plans = {DocumentKind.TRAFFIC_CONTROL_PLAN, DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN}
    if request["ttcp_kind"] == "custom_plan":
        if not plans & set(request["documents"]):
            yield "A custom traffic control plan is announced, but not among the documents. Add it."
    elif request["ttcp_kind"] == "none" and affects_lane_or_shoulder(request):
        yield "Drivers meet this work zone, but there is no traffic control. Name a typical application or add a plan."


def _sealed_plan_missing(request: Request) -> Sentences:
    sealed = DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN in request["documents"]
    if needs_sealed_plan(request) and not (sealed and request["ttcp_kind"] == "custom_plan"):
        yield "At 45 mph or more, or with a full closure, add a custom traffic control plan with an engineer's seal."


def _posted_speed_unknown(request: Request) -> Sentences:
    if request["posted_speed_mph"] is None and (request["driveway"] or affects_lane_or_shoulder(request)):
        yield "The posted speed is not known. State it, because signs, tapers and sight distances depend on it."


def _work_zone_speed_too_high(request: Request) -> Sentences:
    posted, in_zone = request["posted_speed_mph"], request["work_zone_speed_mph"]
    if posted is not None and in_zone is not None and in_zone > posted:
        yield f"The speed in the work zone ({in_zone} mph) is above the posted speed ({posted} mph). Lower it."


def _speed_drop_large(request: Request) -> Sentences:
    posted, in_zone = request["posted_speed_mph"], request["work_zone_speed_mph"]
    if posted is not None and in_zone is not None and posted - in_zone > LARGEST_SPEED_DROP_MPH:
        yield f"The speed drops by {posted - in_zone} mph. Check that more than {LARGEST_SPEED_DROP_MPH} mph is needed."


def _detour_missing(request: Request) -> Sentences:
    if has_full_closure(request) and not request["detour_described"]:
        closed = [impact["direction"] for impact in request["impacts"] if direction_is_closed(impact)]
        yield f"All lanes are closed ({', '.join(closed)}), but there is no detour. Describe or draw it."


def _pedestrian_route_missing(request: Request) -> Sentences:
    affected = request["pedestrian_access"] != "not_affected" or "sidewalk" in request["row_portion"]
    if affected and DocumentKind.PEDESTRIAN_PLAN not in request["documents"]:
        yield "People on foot are affected, but no plan shows their route. Add one that works with a wheelchair."


def _pedestrian_route_closed(request: Request) -> Sentences:
    if request["pedestrian_access"] == "closed":
        yield "The way for people on foot is closed without an alternate route. Check that none is possible."


def _sight_distance_short(request: Request) -> Sentences:
    needed = _sight_distances(request)
    if needed and needed[0] < needed[1]:
        yield f"Sight distance is {needed[0]} ft; drivers need {needed[1]} ft to stop. Move it, or clear the view."


def _sight_distance_tight(request: Request) -> Sentences:
    needed = _sight_distances(request)
    if needed and needed[1] <= needed[0] < needed[2]:
        yield f"Sight distance is {needed[0]} ft; a left turn that slows nobody needs {needed[2]} ft. Check the place."


def _sight_distance_unknown(request: Request) -> Sentences:
    if request["driveway"] and request["driveway"].get("sight_distance_ft") is None:
        yield "The sight distance at the driveway is not measured. Measure it before an approval."


def _sight_distances(request: Request) -> tuple[int, int, int] | None:
    """Feet: measured, needed to stop, wanted to turn; None if there is no driveway or something is not known."""
    measured, speed = (request["driveway"] or {}).get("sight_distance_ft"), request["posted_speed_mph"]
    if measured is None or speed is None:
        return None
    return measured, stopping_sight_distance_ft(speed), intersection_sight_distance_ft(speed)


def _shoring_not_declared(request: Request) -> Sentences:
    if request["deep_excavation"] and not request["shoring_declared"]:
        yield "The excavation is deeper than 5 ft. Declare how its walls are shored or sloped."


def _second_approver(request: Request) -> Sentences:
    if request["impact_index"] >= MAJOR_FROM or has_full_closure(request):
        yield f"The impact index is {request['impact_index']}{_closure(request)}: a second person must approve."


def _closure(request: Request) -> str:
    return " and a direction is closed" if has_full_closure(request) else ""


def _night_lighting(request: Request) -> Sentences:
    if request["night_work"] and affects_lane_or_shoulder(request):
        yield "Work goes on at night beside traffic. Check that the plan lights the work area and the flaggers."


_POLICY = "docs/rules.md#safety"
_WZDX = "WZDx v4.2"
_MUTCD = "MUTCD Part 6"
_AASHTO = "AASHTO, A Policy on Geometric Design of Highways and Streets"
_OSHA = "OSHA 29 CFR 1926 subpart P"
_BLOCKING, _WARNING, _INFO = Severity.BLOCKING, Severity.WARNING, Severity.INFO


def _rule(code: str, severity: Severity, source: str, check: Callable[[Request], Sentences]) -> Rule:
    return Rule(code=code, severity=severity, source=source, check=check)


RULES = (
    _rule("place_without_impact", _BLOCKING, _POLICY, _place_without_impact),
    _rule("direction_twice", _BLOCKING, _POLICY, _direction_twice),
    _rule("lanes_not_listed", _WARNING, _WZDX, _lanes_not_listed),
    _rule("lanes_out_of_order", _BLOCKING, _WZDX, _lanes_out_of_order),
    _rule("lanes_contradict", _BLOCKING, _WZDX, _lanes_contradict),
    _rule("impact_unknown", _WARNING, _POLICY, _impact_unknown),
    _rule("traffic_plan_missing", _BLOCKING, _MUTCD, _traffic_plan_missing),
    _rule("sealed_plan_missing", _BLOCKING, _POLICY, _sealed_plan_missing),
    _rule("posted_speed_unknown", _WARNING, _POLICY, _posted_speed_unknown),
    _rule("work_zone_speed_too_high", _BLOCKING, _POLICY, _work_zone_speed_too_high),
    _rule("speed_drop_large", _WARNING, _MUTCD, _speed_drop_large),
    _rule("detour_missing", _BLOCKING, _POLICY, _detour_missing),
    _rule("pedestrian_route_missing", _BLOCKING, _MUTCD, _pedestrian_route_missing),
    _rule("pedestrian_route_closed", _WARNING, _MUTCD, _pedestrian_route_closed),
    _rule("sight_distance_short", _BLOCKING, _AASHTO, _sight_distance_short),
    _rule("sight_distance_tight", _WARNING, _AASHTO, _sight_distance_tight),
    _rule("sight_distance_unknown", _WARNING, _AASHTO, _sight_distance_unknown),
    _rule("shoring_not_declared", _BLOCKING, _OSHA, _shoring_not_declared),
    _rule("second_approver_needed", _WARNING, _POLICY, _second_approver),
    _rule("night_lighting", _INFO, _MUTCD, _night_lighting),
)

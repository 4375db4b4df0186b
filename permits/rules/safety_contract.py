"""The words between us and a safety service: what we ask, what may come back, and what we never believe.

The contract, version 1, stands in docs/safety-service.md; everything here works on parsed JSON.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from permits.rules.documents import DEEP_EXCAVATION_FT, deepest_ft
from permits.rules.impact import ImpactIndex, affected_length_m
from permits.rules.traffic import DIRECTIONS, LANE_STATUSES, LANE_TYPES, VEHICLE_IMPACTS
from permits.rules.words import Answers
from workflow.contrib.service_stub.shapes import (
    Fault,
    Members,
    between,
    faults_of,
    is_bool,
    is_int,
    is_list,
    is_number,
    is_text,
    is_uuid,
    object_with,
    one_of,
    or_null,
    refuse_unless,
    refuse_without,
)

type Request = dict[str, Any]

SCHEMA = 1


class Severity(StrEnum):
    """How much a finding weighs."""

    # Good to know; changes nothing.
    INFO = "info"
    # The reviewer must look at it.
    WARNING = "warning"
    # Not safe as applied for.
    BLOCKING = "blocking"


class Verdict(StrEnum):
    """What the findings come to. A person decides; no verdict approves or refuses by itself."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    ATTENTION = "attention"
    FAIL = "fail"


VERDICT_OF = {Severity.INFO: Verdict.PASS, Severity.WARNING: Verdict.ATTENTION, Severity.BLOCKING: Verdict.FAIL}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing the safety service saw."""

    code: str
    severity: Severity
    sentence: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """An answer that was checked and may be believed."""

    case: str
    key: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    rules_version: str


def worst_verdict(severities: Collection[Severity]) -> Verdict:
    """The verdict that follows from the findings' severities."""
    verdicts = {VERDICT_OF[severity] for severity in severities}
    return next((verdict for verdict in (Verdict.FAIL, Verdict.ATTENTION) if verdict in verdicts), Verdict.PASS)


def safety_request(
    answers: Answers, *, case: str, key: UUID, documents: Collection[str], index: ImpactIndex
) -> Request:
    """The question about an application, ready for JSON; ``documents`` are the kinds that are uploaded.

    Nothing about a person goes out: no names, no addresses, no free text.
    """
    is_driveway = answers.get("permit_type") == "driveway"
    return {
        "schema": SCHEMA,
        "case": case,
        "key": str(key),
        "impacts": [_impact(impact) for impact in answers.get("impacts") or []],
        "row_portion": list(answers.get("row_portion") or []),
        "posted_speed_mph": answers.get("posted_speed_mph"),
        "work_zone_speed_mph": answers.get("work_zone_speed_mph"),
        "ttcp_kind": answers.get("ttcp_kind") or "none",
        "documents": sorted(documents),
        "pedestrian_access": answers.get("pedestrian_access") or "not_affected",
        "detour_described": bool(answers.get("detour_text") or answers.get("detour_lines")),
        "night_work": bool(answers.get("night_work")),
        "driveway": {"sight_distance_ft": answers.get("sight_distance_ft")} if is_driveway else None,
        "deep_excavation": deepest_ft(answers) > DEEP_EXCAVATION_FT,
        "shoring_declared": bool(answers.get("shoring_declared")),
        "impact_index": float(index.value),
        "length_m": round(affected_length_m(answers), 1),
    }


def check_request(body: Any) -> list[Fault]:
    """Everything that is wrong with a question, an empty list if it can be assessed. Unknown members are ignored."""
    return faults_of(body, MEMBERS)


def check_answer(answer: Any, request: Mapping[str, Any]) -> Assessment:
    """The assessment in an answer from outside. Raises GarbageAnswer for anything that is not exactly an answer to
    ``request``; nothing is guessed, filled in or read as "safe"."""
    refuse_without(answer, ANSWER_MEMBERS)
    refuse_unless(is_int(answer["schema"]) and answer["schema"] == SCHEMA, "other_schema", "Its schema is not 1.")
    refuse_unless(answer["case"] == request["case"], "other_case", "The answer is about another case.")
    refuse_unless(answer["key"] == request["key"], "other_key", "The answer is to another question.")
    refuse_unless(answer["verdict"] in list(Verdict), "unknown_verdict", "The verdict is none of those we know.")
    refuse_unless(is_text(answer["rules_version"]), "wrong_type", "The version of the rules is not a text.")
    refuse_unless(is_list(answer["findings"], _is_finding), "wrong_finding", "A finding is not as agreed.")
    findings = tuple(_finding(one) for one in answer["findings"])
    verdict = Verdict(answer["verdict"])
    follows = worst_verdict([finding.severity for finding in findings])
    refuse_unless(
        verdict is follows, "verdict_contradicts", f'The verdict is "{verdict}", the findings say "{follows}".'
    )
    return Assessment(
        case=answer["case"],
        key=answer["key"],
        verdict=verdict,
        findings=findings,
        rules_version=answer["rules_version"],
    )


def _finding(value: Mapping[str, str]) -> Finding:
    return Finding(
        code=value["code"],
        severity=Severity(value["severity"]),
        sentence=value["sentence"],
        source=value["source"],
    )


def _impact(impact: Mapping[str, Any]) -> dict[str, Any]:
    lanes = [{name: lane[name] for name in ("order", "type", "status")} for lane in impact.get("lanes") or []]
    return {"direction": impact["direction"], "vehicle_impact": impact["vehicle_impact"], "lanes": lanes}


_is_lane = object_with({"order": between(1, 99), "type": one_of(LANE_TYPES), "status": one_of(LANE_STATUSES)})
_is_impact = object_with(
    {
        "direction": one_of(DIRECTIONS),
        "vehicle_impact": one_of(VEHICLE_IMPACTS),
        "lanes": lambda lanes: is_list(lanes, _is_lane),
    }
)
_is_finding = object_with({"code": is_text, "severity": one_of(list(Severity)), "sentence": is_text, "source": is_text})


def _is_driveway(value: Any) -> bool:
    return isinstance(value, dict) and or_null(between(0, 9_999))(value.get("sight_distance_ft"))


ANSWER_MEMBERS = ("schema", "case", "key", "verdict", "findings", "rules_version")
_SPEED = or_null(between(5, 100))
MEMBERS: Members = {
    "schema": (lambda value: is_int(value) and value == SCHEMA, "the number 1"),
    "case": (is_text, "the reference of a case"),
    "key": (is_uuid, "a UUID in small letters with hyphens"),
    "impacts": (lambda value: is_list(value, _is_impact), "a list of directions with WZDx words and their lanes"),
    "row_portion": (lambda value: is_list(value, is_text), "a list of words"),
    "posted_speed_mph": (_SPEED, "a whole number from 5 to 100, or null"),
    "work_zone_speed_mph": (_SPEED, "a whole number from 5 to 100, or null"),
    "ttcp_kind": (one_of(("none", "standard_ta", "custom_plan")), "none, standard_ta or custom_plan"),
    "documents": (lambda value: is_list(value, is_text), "a list of kinds of document"),
    "pedestrian_access": (
        one_of(("not_affected", "alternate_route", "closed")),
        "not_affected, alternate_route or closed",
    ),
    "detour_described": (is_bool, "true or false"),
    "night_work": (is_bool, "true or false"),
    "driveway": (or_null(_is_driveway), 'null, or an object with "sight_distance_ft" in whole feet or null'),
    "deep_excavation": (is_bool, "true or false"),
    "shoring_declared": (is_bool, "true or false"),
    "impact_index": (lambda value: is_number(value) and 0 <= value <= 5, "a number from 0 to 5"),
    "length_m": (lambda value: is_number(value) and value >= 0, "a number of metres, 0 or more"),
}

"""The words between us and a safety service: what we ask, what may come back, and what we never believe.

The contract, version 1, stands in docs/safety-service.md; everything here works on parsed JSON.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from permits.rules.documents import DEEP_EXCAVATION_FT, deepest_ft
from permits.rules.impact import ImpactIndex, affected_length_m
from permits.rules.traffic import DIRECTIONS, LANE_STATUSES, LANE_TYPES, VEHICLE_IMPACTS
from permits.rules.words import Answers, Problem

type Request = dict[str, Any]
type Check = Callable[[Any], bool]

SCHEMA = 1
MAX_LIST = 200
MAX_TEXT = 1000


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


class GarbageAnswer(ValueError):
    """An answer that must not be used, above all not as "safe": a code, and a sentence with what was wrong."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


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


def check_request(body: Any) -> list[Problem]:
    """Everything that is wrong with a question, an empty list if it can be assessed. Unknown members are ignored."""
    if not isinstance(body, dict):
        return [Problem(code="wrong_type", sentence="The body must be a JSON object.")]
    problems = [
        Problem(code="missing_member", sentence=f'"{name}" is missing.') for name in REQUIRED if name not in body
    ]
    for name, (check, wanted) in MEMBERS.items():
        if name in body and not check(body[name]):
            problems.append(Problem(code="wrong_value", sentence=f'"{name}" must be {wanted}.'))
    return problems


def check_answer(answer: Any, request: Mapping[str, Any]) -> Assessment:
    """The assessment in an answer from outside. Raises GarbageAnswer for anything that is not exactly an answer to
    ``request``; nothing is guessed, filled in or read as "safe"."""
    _refuse_unless(isinstance(answer, dict), "wrong_type", "The answer is not a JSON object.")
    missing = [name for name in ANSWER_MEMBERS if name not in answer]
    _refuse_unless(not missing, "missing_part", f"The answer has no {', '.join(missing)}.")
    _refuse_unless(_is_int(answer["schema"]) and answer["schema"] == SCHEMA, "other_schema", "Its schema is not 1.")
    _refuse_unless(answer["case"] == request["case"], "other_case", "The answer is about another case.")
    _refuse_unless(answer["key"] == request["key"], "other_key", "The answer is to another question.")
    _refuse_unless(answer["verdict"] in list(Verdict), "unknown_verdict", "The verdict is none of those we know.")
    _refuse_unless(_is_text(answer["rules_version"]), "wrong_type", "The version of the rules is not a text.")
    _refuse_unless(_is_list(answer["findings"], _is_finding), "wrong_finding", "A finding is not as agreed.")
    findings = tuple(_finding(one) for one in answer["findings"])
    verdict = Verdict(answer["verdict"])
    follows = worst_verdict([finding.severity for finding in findings])
    _refuse_unless(
        verdict is follows, "verdict_contradicts", f'The verdict is "{verdict}", the findings say "{follows}".'
    )
    return Assessment(
        case=answer["case"],
        key=answer["key"],
        verdict=verdict,
        findings=findings,
        rules_version=answer["rules_version"],
    )


def _refuse_unless(condition: bool, code: str, sentence: str) -> None:
    if not condition:
        raise GarbageAnswer(code, sentence)


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


def _is_int(value: Any) -> bool:
    return type(value) is int  # True is an int to isinstance


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def _is_list(value: Any, item: Check) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LIST and all(item(one) for one in value)


def _one_of(words: Collection[str]) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _between(low: int, high: int) -> Check:
    return lambda value: _is_int(value) and low <= value <= high


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_lane(value: Any) -> bool:
    checks = {"order": _between(1, 99), "type": _one_of(LANE_TYPES), "status": _one_of(LANE_STATUSES)}
    return isinstance(value, dict) and all(name in value and check(value[name]) for name, check in checks.items())


def _is_impact(value: Any) -> bool:
    checks: dict[str, Check] = {
        "direction": _one_of(DIRECTIONS),
        "vehicle_impact": _one_of(VEHICLE_IMPACTS),
        "lanes": lambda lanes: _is_list(lanes, _is_lane),
    }
    return isinstance(value, dict) and all(name in value and check(value[name]) for name, check in checks.items())


def _is_driveway(value: Any) -> bool:
    return isinstance(value, dict) and _or_null(_between(0, 9_999))(value.get("sight_distance_ft"))


def _is_finding(value: Any) -> bool:
    texts = ("code", "sentence", "source")
    return (
        isinstance(value, dict)
        and all(_is_text(value.get(name)) for name in texts)
        and _one_of(list(Severity))(value.get("severity"))
    )


ANSWER_MEMBERS = ("schema", "case", "key", "verdict", "findings", "rules_version")
_SPEED = _or_null(_between(5, 100))
# Each member of a question: how it is checked, and the words for "must be ...".
MEMBERS: dict[str, tuple[Check, str]] = {
    "schema": (lambda value: _is_int(value) and value == SCHEMA, "the number 1"),
    "case": (_is_text, "the reference of a case"),
    "key": (_is_uuid, "a UUID in small letters with hyphens"),
    "impacts": (lambda value: _is_list(value, _is_impact), "a list of directions with WZDx words and their lanes"),
    "row_portion": (lambda value: _is_list(value, _is_text), "a list of words"),
    "posted_speed_mph": (_SPEED, "a whole number from 5 to 100, or null"),
    "work_zone_speed_mph": (_SPEED, "a whole number from 5 to 100, or null"),
    "ttcp_kind": (_one_of(("none", "standard_ta", "custom_plan")), "none, standard_ta or custom_plan"),
    "documents": (lambda value: _is_list(value, _is_text), "a list of kinds of document"),
    "pedestrian_access": (
        _one_of(("not_affected", "alternate_route", "closed")),
        "not_affected, alternate_route or closed",
    ),
    "detour_described": (_is_bool, "true or false"),
    "night_work": (_is_bool, "true or false"),
    "driveway": (_or_null(_is_driveway), 'null, or an object with "sight_distance_ft" in whole feet or null'),
    "deep_excavation": (_is_bool, "true or false"),
    "shoring_declared": (_is_bool, "true or false"),
    "impact_index": (lambda value: _is_number(value) and 0 <= value <= 5, "a number from 0 to 5"),
    "length_m": (lambda value: _is_number(value) and value >= 0, "a number of metres, 0 or more"),
}
# What a rule cannot do without is required; all of it, so that a forgotten member never reads as "nothing there".
REQUIRED = tuple(MEMBERS)

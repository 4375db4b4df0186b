"""Decisions on many permits at once, and what an approval grants before somebody changes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from permits import applications, moves, second_approval
from permits.lifecycle import State
from permits.rules.codes import ConditionCode
from permits.technical import reviews
from workflow.admin.acts import Bulk
from workflow.desk import name_of
from workflow.errors import Reason


def granted(permit: Any) -> dict[str, Any]:
    """The conditions (codes) and the message of an approval: those of the first officer, else what our rules give this
    kind of work and what specialists asked for. At most one query."""
    if permit.first_approved_by_id is not None:
        return {"conditions": permit.conditions, "message": permit.explanation}
    asked = [code for task in reviews.tasks_of(permit) for code in task.conditions]
    return {"conditions": [*dict.fromkeys([*applications.standard_codes(permit), *asked])]}


def _alone(permit: Any) -> Sequence[Reason]:
    against = moves.objections(permit)
    if not against or permit.state != State.IN_REVIEW:
        return ()
    words = f"{' and '.join(against)}: decide this one on its own record, where you say why."
    return (Reason(code="decide_alone", sentence=words[0].upper() + words[1:], source="docs/rules.md#guards"),)


def _tells(permit: Any) -> str:
    codes = (ConditionCode(code) for code in granted(permit)["conditions"])
    listed = "; ".join(f"{code.value} {code.label}" for code in codes) or "none"
    if permit.first_approved_by_id is not None:
        first = name_of(permit.first_approved_by)
        return f"Second approval, after {first}, with the conditions and message of the first. Conditions: {listed}."
    opening = "First of two approvals. " if second_approval.awaits_first(permit) else ""
    return f"{opening}Conditions: {listed}."


def came(permit: Any) -> str:
    """What came of an approval that did not move the permit."""
    return "first approval noted: a colleague approves it, too" if permit.state == State.IN_REVIEW else ""


def first_of_two(permit: Any) -> str:
    """What follows from an approval that is the first of two; else nothing."""
    if not second_approval.awaits_first(permit):
        return ""
    return "Your approval is noted, and a colleague approves the permit, too. Nothing goes to the applicant before."


ACCEPT = Bulk(
    label="Accept for review",
    follows="Each application counts as complete and goes to a safety reviewer.",
    permissions=("permits.intake_roadpermit",),
)
APPROVE = Bulk(
    label="Approve with standard conditions",
    follows="Each permit gets the conditions named beside it and no message, is issued, and goes to its applicant.",
    permissions=("permits.review_roadpermit",),
    values=granted,
    alone=_alone,
    tells=_tells,
    came=came,
)

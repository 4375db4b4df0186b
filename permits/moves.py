"""What a move writes on the permit itself; permits.lifecycle says when it may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from permits import applications
from permits.book import deadlines
from permits.book.fees import schedule
from permits.inspections import recording
from permits.inspections.recording import Found
from permits.rules.codes import ConditionCode, RefusalCode
from permits.rules.deadlines import appeal_until, needs_second_approver
from permits.rules.fees import RefundPhase, refund
from permits.rules.geometry import from_geojson
from permits.rules.inspections import SuspensionCode
from permits.technical.against import against
from workflow.clock import due_at
from workflow.errors import Reason, Refused
from workflow.geometry import distance_m
from workflow.tracker import calendar

MOST_ITEMS = 20
WARRANTY = timedelta(days=730)  # two years after the work is finished
LONGEST_TEXT = 4000  # characters of a question or an answer, as in the forms


def refuse_with(code: str, sentence: str, *, field: str) -> Refused:
    return Refused([Reason(code=code, sentence=sentence, field=field, source="docs/rules.md#guards")])


def need_text(text: str, *, field: str, at_least: int) -> None:
    """Raises Refused when a reason is too short to help the person who reads it."""
    if not isinstance(text, str) or len(text.strip()) < at_least:
        raise refuse_with(
            "text_too_short", f"Write at least {at_least} characters: the applicant will read this.", field=field
        )


def need_reason(text: str, *, field: str, at_least: int) -> None:
    """Raises Refused when a reason that stays in the record says too little."""
    if not isinstance(text, str) or len(text.strip()) < at_least:
        sentence = f"Say why in at least {at_least} characters: it stays in the record with your name."
        raise refuse_with("text_too_short", sentence, field=field)


def _kept_whole(text: object, field: str) -> str:
    """The text without blanks around it; nothing is cut off unseen. Raises Refused when it is too long."""
    kept = str(text).strip()
    if len(kept) > LONGEST_TEXT:
        sentence = f"Write at most {LONGEST_TEXT:,} characters, and send the rest as a document."
        raise refuse_with("text_too_long", sentence, field=field)
    return kept


def submit(permit: Any) -> None:
    now = timezone.now()
    permit.submitted_at = permit.submitted_at or now
    applications.freeze(permit, changed=[])
    _first_approval_anew(permit)
    applications.invoice(permit)
    applications.find_conflicts(permit)


def request_information(permit: Any, items: Sequence[Mapping[str, str]]) -> None:
    items = [item for item in items if isinstance(item, Mapping) and str(item.get("text", "")).strip()]
    if not 1 <= len(items) <= MOST_ITEMS:
        raise refuse_with(
            "items_missing", f"Ask between 1 and {MOST_ITEMS} questions, each with its text.", field="items"
        )
    permit.info_items = [
        {"field": str(item.get("field", "")), "text": _kept_whole(item["text"], "items"), "answer": ""}
        for item in items
    ]
    permit.return_state = permit.state
    permit.info_due_at = due_at(timezone.now(), deadlines.days("information_answer"), calendar())


def provide_information(permit: Any, answers: Mapping[str, str], changes: Mapping[str, Any]) -> str:
    """Answer the items, freeze a new revision when the application changed, look for conflicts again."""
    items = [dict(item) for item in permit.info_items]
    for number, item in enumerate(items):
        item["answer"] = _kept_whole(answers.get(str(number), ""), "answers")
    if any(not item["answer"] for item in items):
        raise refuse_with("answers_missing", "Answer every question: one short sentence is enough.", field="answers")
    permit.info_items = items
    permit.info_due_at = None
    if changes:
        changed = applications.correct(permit, changes)
        applications.freeze(permit, changed=changed)
        applications.find_conflicts(permit)
        applications.keep_contacts(permit)
    _first_approval_anew(permit)
    return str(permit.return_state)


def _first_approval_anew(permit: Any) -> None:
    """What was approved first is not what is asked for now. Whether two must approve hangs on the answers."""
    permit.first_approved_by = permit.first_approved_at = None
    answers = applications.answers_of(permit)
    permit.second_approver_needed = needs_second_approver(answers, applications.index_of(answers))


def approve(permit: Any, conditions: Sequence[str], message: str, override_reason: str) -> None:
    first = permit.conditions if permit.first_approved_by_id is not None else []
    permit.conditions = checked_conditions(permit, conditions or first, override_reason)
    if dropped := [code for code in first if code not in permit.conditions]:
        sentence = f"Your colleague approved under {', '.join(dropped)}: you may add conditions, not take one away."
        raise refuse_with("condition_dropped", sentence, field="conditions")
    _decided(permit, "officer")
    permit.explanation = message.strip()


def checked_conditions(permit: Any, conditions: Sequence[str], override_reason: str) -> list[str]:
    """The codes of an approval; the standard ones where none is given. Raises Refused."""
    if objections(permit):
        # Neither the machine nor a specialist decides; a person may decide against them, and says why.
        need_reason(override_reason, field="override_reason", at_least=20)
    codes = list(dict.fromkeys(conditions)) or applications.standard_codes(permit)
    if unknown := [code for code in codes if code not in set(ConditionCode)]:
        raise refuse_with("unknown_condition", f"There is no condition {', '.join(unknown)}.", field="conditions")
    return codes


def objections(permit: Any) -> list[str]:
    """What an approval would go against, in words: a blocking finding, specialists who recommend a refusal."""
    found = ["the safety check found something blocking"] if permit.safety.get("verdict") == "fail" else []
    return found + [f"{who} recommends a refusal" for who in against(permit)]


def deem(permit: Any) -> None:
    permit.conditions = applications.standard_codes(permit)
    _decided(permit, "deemed")


def refuse(permit: Any, reasons: Sequence[str], explanation: str) -> None:
    codes = list(dict.fromkeys(reasons))
    if not 1 <= len(codes) <= 5 or any(code not in set(RefusalCode) for code in codes):
        raise refuse_with("reasons_missing", "Choose one to five reasons from the list.", field="reasons")
    need_text(explanation, field="explanation", at_least=20)
    permit.reasons, permit.explanation = codes, explanation.strip()
    permit.appeal_until = appeal_until(timezone.localdate())
    permit.first_approved_by = permit.first_approved_at = None  # no approval stands any more
    _decided(permit, "officer")


def reopen(permit: Any) -> None:
    permit.reasons, permit.appeal_until = [], None
    permit.decision_source = ""  # who decided stays: somebody else decides anew
    permit.permit_document = permit.issued_at = None
    permit.documents.filter(kind="permit", replaced_at=None).update(replaced_at=timezone.now())


def issue(permit: Any) -> None:
    permit.issued_at = timezone.now()


def start_work(permit: Any, latitude: float | None, longitude: float | None) -> None:
    permit.actual_start_at = timezone.now()
    permit.start_distance_m = _metres_away(permit, latitude, longitude)


def revert_start(permit: Any, reason: str) -> None:
    need_text(reason, field="reason", at_least=5)
    permit.actual_start_at = permit.start_distance_m = None


def stop_work(permit: Any, latitude: float | None, longitude: float | None) -> None:
    """Note the end; the warranty of the restored surface begins."""
    permit.actual_end_at = timezone.now()
    permit.end_distance_m = _metres_away(permit, latitude, longitude)
    permit.warranty_until = timezone.localdate() + WARRANTY


def revert_stop(permit: Any, reason: str) -> None:
    need_text(reason, field="reason", at_least=5)
    permit.actual_end_at = permit.warranty_until = permit.end_distance_m = None


def _metres_away(permit: Any, latitude: float | None, longitude: float | None) -> int | None:
    """How far from the work area somebody stood; the position itself is kept nowhere. Raises Refused for nonsense."""
    if latitude is None or longitude is None:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        sentence = "This is no position: send degrees, or leave it out."
        raise refuse_with("position_unreadable", sentence, field="latitude")
    if not permit.area:
        return None
    here = from_geojson({"type": "Point", "coordinates": [longitude, latitude]})
    return round(distance_m(from_geojson(permit.area), here))


def pass_inspection(permit: Any, **found: Any) -> None:
    recording.passes(permit, Found(result=recording.PASS, **found))


def fail_inspection(permit: Any, **found: Any) -> None:
    recording.fails(permit, Found(result=recording.FAIL, **found))


def mark_overrun(permit: Any) -> None:
    permit.overrun = True


def suspend(permit: Any, reason: str, code: str) -> None:
    need_text(reason, field="reason", at_least=10)
    if code not in set(SuspensionCode):
        raise refuse_with("unknown_code", f"Choose why from the list: {', '.join(SuspensionCode)}.", field="code")
    permit.return_state = permit.state


def resume(permit: Any, reason: str) -> str:
    """Answers the state from before the suspension."""
    need_text(reason, field="reason", at_least=5)
    return str(permit.return_state)


def cancel(permit: Any) -> None:
    """Work out what the applicant gets back; a draft owes nothing."""
    if permit.fee_settled_at is None or permit.fee_total == 0:
        return
    stands = permit.return_state if permit.state == "info_requested" else permit.state
    early = stands == "submitted" and not permit.decided_at
    phase = RefundPhase.BEFORE_REVIEW if early else RefundPhase.NOT_STARTED
    permit.refund_total = max(
        Decimal(0), refund(applications.invoice_of(permit), state_phase=phase, schedule=schedule()).total
    )


def _decided(permit: Any, source: str) -> None:
    actor = permit.attempt.actor if permit.attempt is not None else None
    permit.decided_by = actor.user if actor is not None else None
    permit.decided_at, permit.decision_source = timezone.now(), source

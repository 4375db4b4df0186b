"""The letter of a refusal or revocation: made as PDF, then sent with the message about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from permits import files, messages
from permits.models import RoadPermit
from permits.services import add_made
from permits.sheet import letter_bytes
from workflow.definition import Call, Result, Service
from workflow.models import Event

DECISIONS = ("refuse", "revoke", "reopen")


def _stands(permit: Any, seq: int) -> bool:
    """Whether the decision of event ``seq`` is still the last word: an appeal may have come first."""
    newest = Event.objects.filter(case_id=permit.pk, transition__in=DECISIONS).order_by("-seq").first()
    return newest is not None and newest.seq == seq


def make_letter(call: Call) -> Result:
    """Set the letter and store the file; the same key writes the same file again."""
    permit, seq = RoadPermit.objects.get(pk=call.case_id), call.argument["seq"]
    if not _stands(permit, seq):
        return {"seq": seq}
    made = files.store_made(letter_bytes(permit), name=f"{permit.reference}-letter.pdf", key=str(call.key))
    return {"seq": seq, "made": made}


def accept_letter(permit: Any, result: Result) -> bool:
    """Put the letter on file and plan the applicant's message with it."""
    if "made" in result and _stands(permit, result["seq"]):
        letter = add_made(permit, "letter", result["made"])
        event = Event.objects.get(case_id=permit.pk, seq=result["seq"])
        messages.tell(permit, event, roles=[messages.APPLICANT], documents=[letter])
    return True


MAKE_LETTER = Service(
    name=messages.MAKE_LETTER,
    call=make_letter,
    accept=accept_letter,
    deadline=timedelta(seconds=30),
    doing="writes the letter",
)

"""The words between us and a work-order service: what we order, what may come back, and what we never believe.

The contract, version 1, stands in docs/work-orders.md; everything here works on parsed JSON. No Django.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from workflow.contrib.service_stub.shapes import (
    Check,
    Fault,
    Members,
    between,
    faults_of,
    is_bool,
    is_day,
    is_text,
    is_uuid,
    or_null,
    refuse_unless,
    refuse_without,
    within,
)

NUMBER = re.compile(r"WO-[0-9A-Z][0-9A-Z-]{0,35}")
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, none to be taken for another


class OrderState(StrEnum):
    """Where an order stands at the service."""

    OPEN = "open"  # in the crew's book
    CLOSED = "closed"  # over: nobody will work on it any more


@dataclass(frozen=True, kw_only=True)
class Order:
    """An answer that was checked and may be believed."""

    number: str
    state: OrderState


def number_of(job: UUID) -> str:
    """The order number of our own service: follows from the job alone, so a restart gives the same one."""
    bits = int.from_bytes(hashlib.sha256(job.bytes).digest()[:5])
    return "WO-" + "".join(LETTERS[bits >> 5 * place & 31] for place in reversed(range(8)))


def take(request: Mapping[str, Any]) -> dict[str, str]:
    """What our own service answers to a checked request: the order of this job, closed if it is cancelled."""
    number = number_of(UUID(request["job"]))
    state = OrderState.CLOSED if request.get("cancelled") else OrderState.OPEN
    return {"job": request["job"], "case": request["case"], "number": number, "state": str(state)}


def check_request(body: Any) -> list[Fault]:
    """Everything that is wrong with a request, an empty list if it can be served."""
    faults = faults_of(body, MEMBERS)
    if isinstance(body, dict) and not is_bool(body.get("cancelled", False)):
        faults.append(Fault(code="wrong_value", sentence='"cancelled" must be true or false, or left out.'))
    return faults


def check_answer(answer: Any, request: Mapping[str, Any]) -> Order:
    """The order in an answer from outside. Raises GarbageAnswer for anything that is not exactly an answer to
    ``request``; nothing is guessed, filled in or read as "taken"."""
    refuse_without(answer, ("job", "case", "number", "state"))
    refuse_unless(answer["job"] == request["job"], "other_job", "The answer is about another job.")
    refuse_unless(answer["case"] == request["case"], "other_case", "The answer is about another case.")
    number, state = answer["number"], answer["state"]
    good = isinstance(number, str) and NUMBER.fullmatch(number) is not None
    refuse_unless(good, "bad_number", "Its number is no order number.")
    known = isinstance(state, str) and state in list(OrderState)
    refuse_unless(known, "unknown_state", "Its state is none of those we know.")
    return Order(number=number, state=OrderState(state))


def _is_words(value: Any) -> bool:
    return value == "" or is_text(value)


PLACE: Mapping[str, Check] = {
    "text": _is_words,
    "route": _is_words,
    "direction": _is_words,
    "milepost": or_null(within(0, 1000)),
    "county": _is_words,
    "address": _is_words,
    "latitude": or_null(within(-90, 90)),
    "longitude": or_null(within(-180, 180)),
}


def _is_place(value: Any) -> bool:
    return isinstance(value, dict) and all(check(value[name]) for name, check in PLACE.items() if name in value)


MEMBERS: Members = {
    "job": (is_uuid, "a UUID in small letters with hyphens"),
    "case": (is_text, "the reference of a case"),
    "crew": (is_text, "the name of a crew"),
    "task": (is_text, "what the crew has to do"),
    "category": (is_text, "the code of a category"),
    "place": (_is_place, f"an object with some of {', '.join(PLACE)}; what is not known is empty, null or left out"),
    "planned_for": (is_day, "a day, YYYY-MM-DD"),
    "priority": (between(-1000, 1000), "a whole number"),
}

"""Orders of work: asks the work-order service by URL, or takes the order in this process where none is set."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from incidents.work_order_contract import Order, OrderState, check_answer, check_request, take
from workflow.contrib.service_stub.shapes import GarbageAnswer
from workflow.errors import PermanentFailure, UnusableAnswer
from workflow.outside import post_json

SERVICE = "The work-order service"


def key_of(key: str, request: Mapping[str, Any]) -> str:
    """The Idempotency-Key of this request, made within the work of ``key``: the same for the same words."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {json.dumps(request, sort_keys=True)}"))


def order(request: Mapping[str, Any], key: str, deadline: timedelta) -> Order:
    """The number and state of the order for ``request``: job, case, crew, task, category, place, planned_for, priority
    (docs/work-orders.md). The same job again, changed or not, is the same order.

    ``key``: of the piece of work that orders it; what changed since its last try, another crew or day, goes under
    another Idempotency-Key. Raises TemporaryFailure, UnusableAnswer (anything that is not exactly an answer to this
    request), PermanentFailure (refused, or the order is closed already)."""
    found = _ask(request, key, deadline)
    if found.state is OrderState.CLOSED:
        raise PermanentFailure(f"{SERVICE} has closed order {found.number}: cancel this job and add a new one.")
    return found


def cancel(request: Mapping[str, Any], key: str, deadline: timedelta) -> Order:
    """Close the order for ``request``, the same members as in ``order``; closed already is as good. Raises as there,
    and UnusableAnswer when the order is said to be open still."""
    found = _ask({**request, "cancelled": True}, key, deadline)
    if found.state is not OrderState.CLOSED:
        raise UnusableAnswer(f"{SERVICE} did not close order {found.number}.")
    return found


def _ask(request: Mapping[str, Any], key: str, deadline: timedelta) -> Order:
    faults = check_request(dict(request))
    if faults:
        raise PermanentFailure(f"The work cannot be ordered: {' '.join(fault.sentence for fault in faults)}")
    if settings.WORK_ORDER_URL:
        url = f"{settings.WORK_ORDER_URL}/v1/work-orders"
        answer = post_json(url, request, key=key_of(key, request), deadline=deadline, service=SERVICE)
    else:
        answer = take(request)
    try:
        return check_answer(answer, request)
    except GarbageAnswer as error:
        raise UnusableAnswer(f"{SERVICE}'s answer cannot be used: {error}") from error

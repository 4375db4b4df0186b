"""From events to deliveries, and from deliveries to calls. Both are safe to run in any number of processes at once.

Nothing is written when a case moves: each endpoint has its place in the stream of events (``Endpoint.cursor``) and is
planned for from there. A delivery is held by a lease while it is told, and told again until it was heard.
"""

from __future__ import annotations

import json
import logging
import random
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from workflow import stream
from workflow.actors import Actor
from workflow.contrib.webhooks import guarded, signing
from workflow.contrib.webhooks.models import Attempt, Delivery, Endpoint
from workflow.writing import writing

log = logging.getLogger(__name__)

# Waits after the first, second, … try: ten tries in 75 hours, as Standard Webhooks proposes.
WAITS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
JITTER = 0.1  # of a wait, either way, so that a receiver that comes back is not overrun
DEADLINE = timedelta(seconds=15)
LEASE = timedelta(seconds=40)
OFF_AFTER = timedelta(days=5)  # without a success
BATCH = 200
GONE = 410
TRIAL = "milepost.test"


def plan() -> int:
    """Write the deliveries of new events; answers how many. A query or two when there is nothing new."""
    newest = stream.newest()
    behind = Endpoint.objects.filter(disabled_at=None, cursor__lt=newest).values_list("pk", flat=True)
    return sum(_plan_for(pk) for pk in behind)


def _plan_for(pk: int) -> int:
    planned = 0
    while True:
        with writing():
            endpoint = Endpoint.objects.select_related("key").select_for_update(of=("self",)).get(pk=pk)
            if not endpoint.is_enabled:
                return planned
            if not endpoint.key.is_alive:
                disable(endpoint, "Its API key was revoked or has expired.")
                return planned
            # Asked before the events are read: what commits meanwhile is behind this number and comes next time.
            newest = stream.newest()
            events = list(_wanted(endpoint).filter(pk__gt=endpoint.cursor, pk__lte=newest)[:BATCH])
            Delivery.objects.bulk_create([_delivery(endpoint, event) for event in events], ignore_conflicts=True)
            endpoint.cursor = events[-1].pk if len(events) == BATCH else max(newest, endpoint.cursor)
            endpoint.save(update_fields=["cursor"])
        planned += len(events)
        if len(events) < BATCH:
            return planned


def _wanted(endpoint: Endpoint) -> Any:
    actor = Actor(
        kind="integrator", name=endpoint.key.name, key_id=endpoint.key_id, scopes=frozenset(endpoint.key.scopes)
    )
    events = stream.seen_by(stream.moves(), actor)
    return stream.of_types(events, endpoint.types) if endpoint.types else events


def _delivery(endpoint: Endpoint, event: Any) -> Delivery:
    return _made(endpoint, type=stream.type_of(event), data=stream.thin(event), event=event)


def _made(endpoint: Endpoint, *, type: str, data: dict[str, Any], event: Any = None) -> Delivery:
    body = {"type": type, "timestamp": data["time"], "data": data}
    payload = json.dumps(body, separators=(",", ":"))
    return Delivery(endpoint=endpoint, event=event, message_id=f"msg_{uuid4().hex}", type=type, payload=payload)


def trial(endpoint: Endpoint) -> Delivery:
    """Plan a message by which a receiver can be tried; it says that it is one."""
    at = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    delivery = _made(endpoint, type=TRIAL, data={"time": at, "message": "This is a trial: nothing happened."})
    delivery.save()
    return delivery


def again(delivery: Delivery) -> None:
    """Tell a delivery once more, from the first wait on."""
    _anew(Delivery.objects.filter(pk=delivery.pk))


def recover(endpoint: Endpoint, since: Any) -> int:
    """Tell again what was given up since a moment; answers how many."""
    lost = endpoint.deliveries.filter(outcome=Delivery.Outcome.GIVEN_UP, created_at__gte=since)
    return _anew(lost)


def _anew(deliveries: Any) -> int:
    return int(deliveries.update(outcome="open", attempts=0, due_at=timezone.now(), finished_at=None))


def disable(endpoint: Endpoint, because: str) -> None:
    """Tell it nothing any more. What waits is given up; ``recover`` brings it back once it is enabled."""
    now = timezone.now()
    Endpoint.objects.filter(pk=endpoint.pk).update(disabled_at=now, disabled_because=because[:200])
    waiting = endpoint.deliveries.filter(outcome=Delivery.Outcome.OPEN)
    waiting.update(outcome=Delivery.Outcome.GIVEN_UP, finished_at=now)
    log.warning("Webhook %s is off: %s", endpoint.uuid, because)


def enable(endpoint: Endpoint) -> None:
    """Tell it of what happens from now on."""
    Endpoint.objects.filter(pk=endpoint.pk).update(
        disabled_at=None, disabled_because="", failing_since=None, cursor=stream.newest()
    )


# -- one call ---------------------------------------------------------------------------------------------------------


def tell_next() -> bool:
    """Claim an endpoint whose turn it is and tell it what is due longest; False when there is nothing to tell.

    One call at a time for each endpoint: one that hangs holds one thread and no other endpoint."""
    delivery = _claim()
    if delivery is None:
        return False
    _tell(delivery)
    return True


def _claim() -> Delivery | None:
    if not _waiting().exists():  # an idle look keeps nobody from writing
        return None
    with writing():
        skip = connection.features.has_select_for_update_skip_locked
        endpoint = _waiting().select_for_update(of=("self",), skip_locked=skip).first()
        if endpoint is None:
            return None
        now = timezone.now()
        due = endpoint.deliveries.filter(outcome="open", due_at__lte=now).order_by("due_at", "pk")
        delivery: Delivery | None = due.first()
        if delivery is None:
            return None
        endpoint.busy_until, endpoint.served_at = now + LEASE, now
        endpoint.save(update_fields=["busy_until", "served_at"])
        delivery.attempts += 1
        delivery.save(update_fields=["attempts"])
        delivery.endpoint = endpoint
        return delivery


def _waiting() -> Any:
    """Endpoints that nobody calls now and that have something to hear, who was served longest ago first."""
    now = timezone.now()
    due = Delivery.objects.filter(endpoint=OuterRef("pk"), outcome="open", due_at__lte=now)
    free = Endpoint.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now), disabled_at=None)
    return free.filter(Exists(due)).order_by(F("served_at").asc(nulls_first=True), "pk")


def _tell(delivery: Delivery) -> None:
    body, now = delivery.payload.encode(), timezone.now()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Milepost-Webhooks/1.0",
        **signing.headers(delivery.message_id, now, body, delivery.endpoint.secrets()),
    }
    inside = settings.WEBHOOKS_MAY_CALL_INSIDE
    try:
        answer = guarded.post(delivery.endpoint.url, body, headers, deadline=DEADLINE, inside=inside)
    except (guarded.Forbidden, guarded.Unreachable) as error:
        _note(delivery, now, status=None, said=str(error))
    else:
        _note(delivery, now, status=answer.status, said=answer.text)


def _note(delivery: Delivery, began: Any, *, status: int | None, said: str) -> None:
    took_ms = round((timezone.now() - began).total_seconds() * 1000)
    heard = status is not None and 200 <= status < 300
    with writing():
        endpoint = Endpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
        Endpoint.objects.filter(pk=endpoint.pk).update(busy_until=None)
        Attempt.objects.create(delivery=delivery, at=began, status=status, took_ms=took_ms, said=_printable(said))
        held = Delivery.objects.filter(pk=delivery.pk, outcome="open", attempts=delivery.attempts)
        if heard:
            held.update(outcome="delivered", finished_at=timezone.now())
            if endpoint.failing_since is not None:
                Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
            return
        wait = _wait(delivery.attempts)
        if wait is None:
            held.update(outcome="given_up", finished_at=timezone.now())
        else:
            held.update(due_at=timezone.now() + wait)
        _after_failure(endpoint, status)


def _after_failure(endpoint: Endpoint, status: int | None) -> None:
    now = timezone.now()
    if status == GONE:
        disable(endpoint, "It answered 410: it wants to hear nothing any more.")
    elif endpoint.failing_since is None:
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)
    elif now - endpoint.failing_since >= OFF_AFTER:
        disable(endpoint, f"It has heard nothing for {OFF_AFTER.days} days.")


def _wait(attempts: int) -> timedelta | None:
    """How long after that many tries; None when that was the last."""
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:300]

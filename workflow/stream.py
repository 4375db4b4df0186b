"""The moves of all cases as one ordered stream: whoever reads on from the last number it has misses none.

The number of a move is the key of its line of history. On PostgreSQL keys are given before a transaction commits, so
that a line may appear behind one that was read already. Lines are therefore given out only when every transaction that
could still write a smaller number is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q

from workflow import rows
from workflow.actors import Actor
from workflow.models import Event
from workflow.models.event import EventQuerySet
from workflow.registry import lifecycle_of, registry

# The oldest transaction of this database that still runs, else the next one to come. Only those that write have a
# number, and the engine has locked or written the case, and so has its number, before it writes a line.
_OLDEST = """
SELECT coalesce(
    (SELECT l.transactionid::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted AND a.datname = current_database()
     ORDER BY age(l.transactionid) DESC LIMIT 1),
    mod(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, 4294967296)::text)
"""


def settled(events: EventQuerySet) -> Any:
    """Lines behind which no smaller number can appear. SQLite has one writer: there every line is.

    One query, asked before that of the lines: who finished before it has taken its numbers before whoever begins
    after it."""
    if connection.vendor != "postgresql":
        return events
    (oldest,) = rows.fetch(_OLDEST, []) or ("0",)
    # ``age`` counts back from now: it does no harm when the 32 bits of a row's number wrap.
    return events.extra(where=["age(workflow_event.xmin) > age(%s::xid)"], params=[oldest])


def moves() -> Any:
    """Every settled move of every case, with the case, in order. A draft is nobody's business before it is filed."""
    found = Event.objects.filter(kind="transition", public=True).select_related("case").order_by("pk")
    return settled(found.only(
        "seq", "transition", "from_state", "to_state", "at", "case__reference", "case__workflow",
        "case__workflow_version", "case__filed_with_id",
    ))  # fmt: skip


def seen_by(events: Any, actor: Actor) -> Any:
    """The moves of cases whose kind the key may read: all of a kind, or those of the cases it filed."""
    allowed = Q(pk__in=[])
    for workflow in registry:
        scope = workflow.model.scope
        if f"{scope}:read_all" in actor.scopes:
            allowed |= Q(case__workflow=workflow.name)
        elif f"{scope}:read" in actor.scopes:
            allowed |= Q(case__workflow=workflow.name, case__filed_with_id=actor.key_id)
    return events.filter(allowed)


def of_types(events: Any, types: Iterable[str]) -> Any:
    """Moves of these types, as ``type_of`` names them."""
    pairs = [name.partition(".") for name in types]
    wanted = [Q(case__workflow=workflow, transition=transition) for workflow, _dot, transition in pairs]
    return events.filter(reduce(or_, wanted, Q(pk__in=[])))


def type_of(event: Event) -> str:
    """ "roadPermit.approve": the kind of case and the move."""
    return f"{event.case.workflow}.{event.transition}"


def types() -> list[str]:
    """Every type there can be."""
    return sorted({f"{one.name}.{edge.name}" for one in registry for edge in lifecycle_of(one.model)})


def newest() -> int:
    """The number of the newest settled move; 0 when there is none."""
    found: int | None = moves().order_by("-pk").values_list("pk", flat=True).first()
    return found or 0


def thin(event: Event) -> dict[str, Any]:
    """A move without personal data: whoever may know more asks for the case. Times are RFC 3339 in UTC."""
    model = registry.get(event.case.workflow, event.case.workflow_version).model
    return {
        "id": event.pk,
        "type": type_of(event),
        "time": f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}",  # stored and read in UTC
        "reference": event.case.reference,
        "revision": event.seq,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "url": f"/api/v1/{model.scope}/{event.case.reference}/",
    }

"""What officers put right on a road permit before a decision: payment, conflicts, documents.

Each is one ``engine.change`` with its line of history; nobody does it on an application of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from permits import guards
from permits.applications import money
from permits.messages import MESSAGE
from permits.models import Conflict, RoadPermit
from workflow import engine
from workflow.actors import Actor
from workflow.correspondence import write_to_citizen
from workflow.definition import Attempt
from workflow.desk import refused
from workflow.errors import NotAllowed

SHORTEST_REASON = 10
LONGEST_REASON = 200
# Who may do what: the permission of the nearest decision.
PAYMENT, CONFLICT, DOCUMENTS = ("permits.issue_roadpermit", "permits.review_roadpermit", "permits.review_roadpermit")


def may(permit: Any, actor: Actor, permission: str) -> bool:
    ours = actor.everywhere or permit.team_id in actor.teams
    return actor.kind == "officer" and ours and actor.has(permission)


def record_payment(permit: RoadPermit, *, receipt: str, actor: Actor, revision: int | None = None) -> Any:
    """Note that the whole fee has been paid. Raises NotAllowed, Refused (nothing is open, no receipt), Stale."""

    def settle(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor, PAYMENT, "an issuing officer")
        if fresh.is_closed:
            raise refused("case_closed", "This permit is closed: no payment is recorded for it any more.")
        if fresh.fee_total == 0 or fresh.fee_settled_at is not None:
            raise refused("nothing_open", "No fee is open: it was paid, deferred or exempt.")
        number = receipt.strip()[:80]
        if not number:
            raise refused("receipt_missing", "Give the number of the receipt or check.", field="receipt")
        fresh.fee_settled_at = timezone.now()
        return {"amount": money(fresh.fee_total), "receipt": number}

    return engine.change(permit, "payment", actor=actor, apply=settle, revision=revision, public=True)


def settle_conflict(
    permit: RoadPermit, *, conflict: Conflict | None, because: str, actor: Actor, revision: int | None = None
) -> Any:
    """Say why both works can go ahead. Raises NotAllowed, Refused (not open, too short a reason), Stale."""

    def settle(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor, CONFLICT, "a safety reviewer")
        found = (
            fresh.conflicts.select_related("other").filter(pk=getattr(conflict, "pk", None), settled_because="").first()
        )
        if found is None:
            raise refused(
                "conflict_not_open", "This conflict is settled or gone: look at the list again.", field="conflict"
            )
        found.settled_because, found.settled_by = _reason(because), actor.user
        found.save(update_fields=["settled_because", "settled_by"])
        return {"with": found.other.reference, "because": found.settled_because}

    return engine.change(permit, "conflict_settled", actor=actor, apply=settle, revision=revision)


def waive_documents(permit: RoadPermit, *, because: str, actor: Actor, revision: int | None = None) -> Any:
    """Go on without the documents and insurance that are missing. Raises NotAllowed, Refused, Stale."""

    def waive(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor, DOCUMENTS, "a safety reviewer")
        if fresh.is_closed:
            raise refused("case_closed", "This permit is closed: nothing needs to be waived.")
        fresh.documents_waived_because = _reason(because)
        return {"because": fresh.documents_waived_because}

    return engine.change(permit, "documents_waived", actor=actor, apply=waive, revision=revision)


def write_to_applicant(permit: RoadPermit, *, text: str, actor: Actor, revision: int | None = None) -> Any:
    """A message to the applicant; it stands on the tracking page, too. Raises NotAllowed, Refused, Stale."""
    return write_to_citizen(permit, MESSAGE, text=text, actor=actor, revision=revision)


def _need(permit: Any, actor: Actor, permission: str, who: str) -> None:
    if not may(permit, actor, permission):
        raise NotAllowed(f"Only {who} of the team {permit.team} may do this.")
    permit.attempt = Attempt(actor=actor, now=timezone.now())
    if not guards.NOT_OWN(permit):
        raise refused(guards.NOT_OWN.code, guards.NOT_OWN.sentence)


def _reason(text: str) -> str:
    """Raises Refused when the reason says too little."""
    text = text.strip()
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise refused(
            "reason_length", f"Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters.", field="because"
        )
    return text

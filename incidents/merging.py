"""Joining reports of one problem, and taking them apart again exactly. Under the locks of incidents.desk."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils import timezone

from incidents.reasons import Reason
from workflow import engine
from workflow.actors import Actor
from workflow.errors import Reason as Why
from workflow.errors import Refused
from workflow.writing import writing


def merge(duplicate: Any, survivor: Any, *, actor: Actor, revision: int | None = None) -> Any:
    """Join ``duplicate`` with ``survivor``: the door for officers. Both rows are locked in one order, so that two
    officers who join crosswise do not wait for each other for ever. Raises NotAllowed, Refused, Stale."""
    with writing():
        for pk in sorted({duplicate.pk, survivor.pk}):
            engine.lock(pk)
        return engine.fire(duplicate, "merge", actor=actor, revision=revision, data={"into": survivor.reference})


def unmerge(duplicate: Any, *, actor: Actor, revision: int | None = None) -> Any:
    """Take a joined report apart again. Raises NotAllowed, Refused, Stale."""
    with writing():
        for pk in sorted({duplicate.pk, duplicate.duplicate_of_id or duplicate.pk}):
            engine.lock(pk)
        return engine.fire(duplicate, "unmerge", actor=actor, revision=revision)


def join(duplicate: Any, into: str, *, actor: Actor) -> Any:
    """Move people, votes, photos and earlier duplicates to the survivor, and keep what moved. Within the move."""
    incident = type(duplicate)
    survivor = incident.objects.filter(reference=into.strip().upper()).first()
    _check(duplicate, survivor)
    earlier = list(duplicate.duplicates.values_list("pk", flat=True))
    incident.objects.filter(pk__in=earlier).update(duplicate_of=survivor)
    moved = {
        "subscribers": _move(duplicate.subscribers, survivor, duplicate),
        "photos": _move(duplicate.photos, survivor, duplicate),
        "duplicates": earlier,
        "votes": duplicate.votes + 1,  # its reporter is one more who saw it
    }
    duplicate.duplicate_of = survivor
    duplicate.merged_by.create(survivor=survivor, moved=moved, merged_by=actor.user)
    _tell(survivor, "merged", moved["votes"], duplicate, actor)
    return survivor


def take_apart(duplicate: Any, *, actor: Actor) -> None:
    """Give back what the newest merge moved, as far as it is still there."""
    merge = duplicate.merged_by.filter(undone_at=None).order_by("-pk").get()
    moved, survivor, incidents = merge.moved, merge.survivor, type(duplicate).objects
    if duplicate.duplicate_of_id != survivor.pk:
        # What moved went on with the survivor: the joins are undone in the opposite order.
        raise _refused("joined_since", f"{survivor.reference} was itself joined since: take that one apart first.")
    _give_back("incidents.Subscriber", moved["subscribers"], survivor, duplicate)
    _give_back("incidents.Photo", moved["photos"], survivor, duplicate)
    duplicate.duplicate_of = None
    incidents.filter(pk=duplicate.pk).update(duplicate_of=None)  # before others may point at it again
    incidents.filter(pk__in=moved["duplicates"], duplicate_of=survivor).update(duplicate_of=duplicate)
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    _tell(survivor, "unmerged", -moved["votes"], duplicate, actor)


def _check(duplicate: Any, survivor: Any) -> None:
    """Raises Refused with the sentence that says what is in the way."""
    if survivor is None:
        raise _refused("unknown_report", "There is no report with this reference.")
    if survivor.pk == duplicate.pk:
        raise _refused("same_report", "A report cannot be joined with itself.")
    if survivor.duplicate_of_id is not None:
        into = survivor.duplicate_of.reference
        raise _refused("already_joined", f"{survivor.reference} is itself joined with {into}: choose that one.")
    if survivor.status != survivor.Status.OPEN:
        raise _refused("report_ended", f"{survivor.reference} has ended: reopen it first, or join the other way round.")


def _refused(code: str, sentence: str) -> Refused:
    return Refused([Why(code=code, sentence=sentence, field="into", source="docs/incidents.md#merging")])


def _move(rows: Any, survivor: Any, duplicate: Any) -> list[int]:
    """The ids of the rows that moved. ``from_incident`` keeps where each was given first."""
    moved = list(rows.values_list("pk", flat=True))
    rows.filter(from_incident=None).update(from_incident=duplicate)
    rows.model.objects.filter(pk__in=moved).update(incident=survivor)
    return moved


def _give_back(model: str, keys: list[int], survivor: Any, duplicate: Any) -> None:
    rows = apps.get_model(model).objects
    here = list(rows.filter(pk__in=keys, incident=survivor).values_list("pk", flat=True))
    rows.filter(pk__in=here).update(incident=duplicate)
    rows.filter(pk__in=here, from_incident=duplicate).update(from_incident=None)


def _tell(survivor: Any, kind: str, votes: int, duplicate: Any, actor: Actor) -> None:
    """The survivor's own line of history, and its count."""

    def count(fresh: Any) -> dict[str, Any]:
        fresh.votes += votes
        return {"with": duplicate.reference, "reason": str(Reason.JOINED)}

    engine.change(survivor, kind, actor=actor, apply=count)

"""What inspectors do beside the moves of the lifecycle. Each is one door with its line of history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from permits import guards
from permits.inspections import photos, recording
from permits.inspections.models import Inspection
from permits.inspections.recording import FAIL, PASS, Found
from permits.lifecycle import State as S
from workflow import engine
from workflow.actors import Actor
from workflow.definition import Attempt
from workflow.desk import name_of, refused
from workflow.errors import NotAllowed
from workflow.writing import writing

INSPECT, PAYMENT = "permits.inspect_roadpermit", "permits.issue_roadpermit"
WITH_WORK = (S.IN_FORCE, S.ACTIVE, S.SUSPENDED, S.COMPLETED)
STOP = "stop"  # a result of the form: failed, and the work is stopped
LATEST_PLAN = timedelta(days=370)
LONGEST_RECEIPT = 80


def may(permit: Any, actor: Actor, permission: str = INSPECT) -> bool:
    ours = actor.everywhere or permit.team_id in actor.teams
    return actor.kind == "officer" and ours and actor.has(permission)


def may_inspect(permit: Any, actor: Actor) -> bool:
    return permit.state in WITH_WORK and may(permit, actor)


def inspector_of(permit: Any) -> Any:
    """Who may be sent to this permit: members of its team with the permission. Few rows."""
    members = permit.team.members.filter(is_active=True).order_by("last_name", "first_name", "username")
    return [member for member in members if member.has_perm(INSPECT)]


# -- planning ---------------------------------------------------------------------------------------------------------


def plan(
    permit: Any,
    *,
    kind: str,
    planned_for: date,
    inspector: User | None,
    inspection: int | None = None,
    actor: Actor,
    revision: int | None = None,
) -> Any:
    """Plan an inspection, or give a planned one (``inspection``) another day and inspector.

    Raises NotAllowed, Refused, Stale."""

    def keep(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor)
        _need_day(planned_for)
        if inspector is not None and inspector not in inspector_of(fresh):
            sentence = f"{name_of(inspector)} is no inspector of the team {fresh.team}."
            raise refused("not_an_inspector", sentence, field="inspector")
        row = _planned(fresh, inspection) if inspection else _new(fresh, kind)
        row.planned_for, row.inspector = planned_for, inspector
        row.save()
        return {"inspection": row.kind, "planned_for": planned_for.isoformat(), "inspector": name_of(inspector)}

    return engine.change(permit, "inspection_planned", actor=actor, apply=keep, revision=revision)


def cancel(permit: Any, *, inspection: int, because: str, actor: Actor, revision: int | None = None) -> Any:
    """Take a planned inspection back; the final one stays as long as the work is finished.

    Raises NotAllowed, Refused, Stale."""

    def drop(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor)
        row = _planned(fresh, inspection)
        if row.kind in Inspection.ENDS_WORK:
            sentence = "Finished work is always inspected: choose another day instead."
            raise refused("inspection_needed", sentence, field="inspection")
        row.state = Inspection.State.CANCELLED
        row.save(update_fields=["state"])
        return {"inspection": row.kind, "because": because.strip()}

    return engine.change(permit, "inspection_off", actor=actor, apply=drop, revision=revision)


def _new(permit: Any, kind: str) -> Inspection:
    if permit.state not in WITH_WORK:
        raise refused("no_work", "There is no work to inspect: the permit is not in force, or it is over.")
    fits = kind in (Inspection.ENDS_WORK if permit.state == S.COMPLETED else DURING)
    if not fits:
        sentence = "Work under way has routine inspections and hold points; finished work its final inspection."
        raise refused("kind_does_not_fit", sentence, field="kind")
    if permit.state == S.COMPLETED and recording.planned_final(permit) is not None:
        raise refused("planned_already", "It is planned already: change its day instead.", field="kind")
    return Inspection(permit_id=permit.pk, kind=kind)


DURING = (Inspection.Kind.ROUTINE, Inspection.Kind.HOLD_POINT)


def _planned(permit: Any, pk: int) -> Inspection:
    found = Inspection.objects.filter(permit_id=permit.pk, pk=pk, state=Inspection.State.PLANNED).first()
    if found is None:
        sentence = "This inspection is done or cancelled: look at the list again."
        raise refused("inspection_not_planned", sentence, field="inspection")
    return found


def _need_day(day: date) -> None:
    today = timezone.localdate()
    if not today <= day <= today + LATEST_PLAN:
        raise refused("day_out_of_range", "Choose today or a day within a year.", field="planned_for")


# -- doing ------------------------------------------------------------------------------------------------------------


def inspect(
    permit: Any,
    *,
    inspection: int | None = None,
    result: str,
    uploads: Iterable[Any] = (),
    suspend_code: str = "",
    actor: Actor,
    revision: int | None = None,
    **found: Any,
) -> Any:
    """Record what was found. ``result``: pass, fail, or stop (failed, and the work is suspended at once). On finished
    work it is the final inspection: then pass closes the permit and fail plans the next one.

    The photos come first and stay when the rest is refused. Raises NotAllowed, Refused, Stale."""
    if not may(permit, actor):
        raise NotAllowed(f"Only an inspector of the team {permit.team} may do this.")
    if may_inspect(permit, actor):
        keep_photos(permit, uploads, actor)
    if permit.state == S.COMPLETED:
        return _final(permit, result, actor, revision, found)
    with writing():
        done = _on_the_way(permit, inspection, FAIL if result == STOP else result, actor, revision, found)
        if result == STOP:
            data = {"reason": str(found.get("defects", "")), **({"code": suspend_code} if suspend_code else {})}
            done = engine.fire(done, "suspend", actor=actor, data=data)
    return done


def fail(permit: Any, *, defects: str, uploads: Iterable[Any] = (), actor: Actor, revision: int | None = None) -> Any:
    """Fail the final inspection without its checklist. The photos stay when the rest is refused. Raises as ``inspect``
    does, and WrongState."""
    if permit.state == S.COMPLETED and may(permit, actor):
        keep_photos(permit, uploads, actor)
    return _final(permit, FAIL, actor, revision, {"defects": defects})


def keep_photos(permit: Any, uploads: Iterable[Any], actor: Actor) -> None:
    """Raises Refused for the first picture that cannot be taken; those before it are kept."""
    for upload in uploads:
        try:
            photos.keep(permit, upload, by=actor.name)
        except photos.RefusedPhoto as error:
            raise refused(error.code, f"{upload.name}: {error.sentence}", field="photos") from None


def _final(permit: Any, result: str, actor: Actor, revision: int | None, found: Mapping[str, Any]) -> Any:
    moves: dict[str, str] = {PASS: "pass_inspection", FAIL: "fail_inspection"}
    if result not in moves:
        raise refused("result_missing", "Choose what you found.", field="result")
    data = {name: value for name, value in found.items() if value not in (None, "", [], ())}
    if result == PASS:
        data = {name: value for name, value in data.items() if name not in ("defects", "again_on")}
    else:
        data.setdefault("defects", "")
    if taken := recording.photo_ids(permit, ()):
        data["photos"] = taken
    return engine.fire(permit, moves[result], actor=actor, revision=revision, data=data)


def _on_the_way(
    permit: Any, pk: int | None, result: str, actor: Actor, revision: int | None, found: Mapping[str, Any]
) -> Any:
    kept = {name: value for name, value in found.items() if name not in ("again_on", "photos")}

    def keep(fresh: Any) -> Mapping[str, Any]:
        _need(fresh, actor)
        if fresh.state not in WITH_WORK or fresh.state == S.COMPLETED:
            raise refused("no_work", "There is no work to inspect any more: look at the record again.")
        if result not in (PASS, FAIL):
            raise refused("result_missing", "Choose what you found.", field="result")
        planned = _planned(fresh, pk) if pk else None
        done = recording.on_the_way(fresh, planned, Inspection.Kind.ROUTINE, Found(result=result, **kept))
        told = {"inspection": done.kind, "result": done.result, "checklist": done.checklist}
        texts = {"defects": done.defects, "remarks": done.remarks}
        taken = list(done.photos.values_list("pk", flat=True))
        return told | {name: text for name, text in texts.items() if text} | ({"photos": taken} if taken else {})

    return engine.change(permit, "inspected", actor=actor, apply=keep, revision=revision, public=True)


def _need(permit: Any, actor: Actor) -> None:
    if not may(permit, actor):
        raise NotAllowed(f"Only an inspector of the team {permit.team} may do this.")
    permit.attempt = Attempt(actor=actor, now=timezone.now())
    if not guards.NOT_OWN(permit):
        raise refused(guards.NOT_OWN.code, guards.NOT_OWN.sentence)


# -- the fee of a reinspection ----------------------------------------------------------------------------------------


def open_fee(permit: Any) -> Inspection | None:
    return Inspection.objects.filter(permit_id=permit.pk, fee__gt=0, fee_settled_at=None).first()


def record_payment(permit: Any, *, receipt: str, actor: Actor, revision: int | None = None) -> Any:
    """Note that the fee of the reinspection was paid. Raises NotAllowed, Refused, Stale."""

    def settle(fresh: Any) -> Mapping[str, Any]:
        if not may(fresh, actor, PAYMENT):
            raise NotAllowed(f"Only an issuing officer of the team {fresh.team} may do this.")
        fresh.attempt = Attempt(actor=actor, now=timezone.now())
        if not guards.NOT_OWN(fresh):
            raise refused(guards.NOT_OWN.code, guards.NOT_OWN.sentence)
        row, number = open_fee(fresh), receipt.strip()[:LONGEST_RECEIPT]
        if row is None:
            raise refused("nothing_open", "No fee of a reinspection is open.")
        if not number:
            raise refused("receipt_missing", "Give the number of the receipt or check.", field="receipt")
        row.fee_settled_at, row.fee_receipt = timezone.now(), number
        row.save(update_fields=["fee_settled_at", "fee_receipt"])
        return {"amount": f"${row.fee}", "receipt": number}

    return engine.change(permit, "reinspection_paid", actor=actor, apply=settle, revision=revision, public=True)

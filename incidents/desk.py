"""What officers do with an incident beside moving it. Each is one ``engine.change`` with its line of history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from incidents import catalogue, guards, opening
from incidents.messages import MESSAGE
from incidents.models import Incident, Job, Open311Update, Photo
from workflow import engine
from workflow.actors import Actor
from workflow.correspondence import write_to_citizen
from workflow.desk import refused
from workflow.errors import NotAllowed
from workflow.models import Team

TRIAGE, DISPATCH, REPAIR, MANAGE = (f"incidents.{name}_incident" for name in ("triage", "dispatch", "repair", "manage"))
LONGEST_REASON = 200


def may(incident: Any, actor: Actor, *permissions: str) -> bool:
    """An officer of its team with one of the permissions."""
    ours = actor.everywhere or incident.team_id in actor.teams
    return actor.kind == "officer" and ours and any(actor.has(one) for one in permissions)


def recategorise(incident: Any, *, category: str, actor: Actor, revision: int | None = None) -> Any:
    """Correct the category: title, clock and team follow from it; answers to the questions of the old one stay for
    officers to read. Raises NotAllowed, InvalidData, Refused, Stale."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        _open(fresh)
        catalogue.category(category)
        before = fresh.category
        opening.set_category(fresh, category, catalogue.catalogue())
        engine.renew(fresh)
        return {"from": before, "to": category, "team": fresh.team.name}

    return _change(incident, "recategorised", apply, (TRIAGE,), actor, revision, public=True)


def hand_to(incident: Any, *, team: Team, actor: Actor, revision: int | None = None) -> Any:
    """Give it to another team; its assignee stays behind. Raises NotAllowed, Refused, Stale."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        _open(fresh)
        if team.pk == fresh.team_id:
            raise refused("same_team", f"{team} has it already.", field="team")
        before = fresh.team
        fresh.team, fresh.assignee, fresh.routed_because = team, None, f"Handed over by {actor.name}"[:200]
        return {"from": str(before), "to": str(team)}

    return _change(incident, "team_changed", apply, (TRIAGE, DISPATCH), actor, revision, public=True)


# -- what the public sees ---------------------------------------------------------------------------------------------


def hide(incident: Any, *, because: str, actor: Actor, revision: int | None = None) -> Any:
    """Take it from all public pages and feeds. Raises NotAllowed, Refused, Stale."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        if fresh.hidden_because:
            raise refused("hidden_already", f"{fresh.reference} is hidden already: {fresh.hidden_because}")
        fresh.hidden_because = _reason(because)
        return {"because": fresh.hidden_because}

    return _change(incident, "hidden", apply, (TRIAGE, MANAGE), actor, revision)


def show(incident: Any, *, actor: Actor, revision: int | None = None) -> Any:
    """Show it to the public again. Raises NotAllowed, Refused (it is not hidden), Stale."""

    def apply(fresh: Any) -> None:
        if not fresh.hidden_because:
            raise refused("not_hidden", f"{fresh.reference} is not hidden: everybody can see it.")
        fresh.hidden_because = ""

    return _change(incident, "shown", apply, (TRIAGE, MANAGE), actor, revision)


def moderate(incident: Any, *, photo: Photo, is_public: bool, actor: Actor, revision: int | None = None) -> Any:
    """Say whether everybody may see a photo. Raises NotAllowed, Refused (not a photo of this report), Stale."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        found = fresh.photos.filter(pk=photo.pk).update(
            is_public=is_public, moderated_at=timezone.now(), moderated_by=actor.user
        )
        if not found:
            raise refused("unknown_photo", "This photo is not of this report.", field="photo")
        return {"photo": photo.token[:8], "public": is_public}

    return _change(incident, "photo_moderated", apply, (TRIAGE, DISPATCH, REPAIR), actor, revision)


def publish_update(
    incident: Any, *, update: Open311Update, is_public: bool = True, actor: Actor, revision: int | None = None
) -> Any:
    """Let everybody read what another system said of the report, or take it back. Raises NotAllowed, Refused, Stale."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        at = timezone.now() if is_public else None
        if not fresh.updates.filter(pk=update.pk).update(is_public=is_public, published_at=at):
            raise refused("unknown_update", "This update is not of this report.", field="update")
        return {"update": update.pk, "public": is_public}

    return _change(incident, "update_published", apply, (TRIAGE, MANAGE), actor, revision)


# -- the reporter -----------------------------------------------------------------------------------------------------


def write_to_reporter(incident: Any, *, text: str, actor: Actor, revision: int | None = None) -> Any:
    """A message to the reporter alone; it stands on the tracking page, too. Raises NotAllowed, Refused, Stale."""
    reachable = guards.REPORTER_REACHABLE
    return write_to_citizen(incident, MESSAGE, text=text, actor=actor, revision=revision, can_be_reached=reachable)


# -- jobs of several crews --------------------------------------------------------------------------------------------


def add_job(incident: Any, *, crew: str, task: str, actor: Actor, revision: int | None = None) -> Any:
    """Split the work: another crew's job. Ordered at once while work is planned or under way."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        _open(fresh)
        if not crew.strip() or not task.strip():
            raise refused("job_incomplete", "Say which crew does what.", field="crew" if not crew.strip() else "task")
        job = fresh.jobs.create(crew=crew.strip()[:80], task=task.strip()[:300])
        return {"job": str(job.uid), "crew": job.crew, "task": job.task}

    return _change(incident, "job_added", apply, (DISPATCH,), actor, revision)


def finish_job(incident: Any, *, job: Job, actor: Actor, revision: int | None = None) -> Any:
    """Note that one crew is done. Raises Refused when the job is not open."""
    return _end_job(incident, job, "job_done", "done_at", (DISPATCH, REPAIR), actor, revision)


def cancel_job(incident: Any, *, job: Job, actor: Actor, revision: int | None = None) -> Any:
    """Note that a job is not needed any more."""
    return _end_job(incident, job, "job_cancelled", "cancelled_at", (DISPATCH,), actor, revision)


def _end_job(
    incident: Any, job: Job, kind: str, column: str, who: tuple[str, ...], actor: Actor, revision: int | None
) -> Any:
    def apply(fresh: Any) -> Mapping[str, Any]:
        found = fresh.jobs.filter(pk=job.pk, done_at=None, cancelled_at=None).update(**{column: timezone.now()})
        if not found:
            raise refused("job_not_open", "This job is done or cancelled already: look again.", field="job")
        return {"job": str(job.uid), "crew": job.crew}

    return _change(incident, kind, apply, who, actor, revision)


# -- persons ----------------------------------------------------------------------------------------------------------


def hold(incident: Any, *, because: str, actor: Actor, revision: int | None = None) -> Any:
    """Legal hold: its persons are not forgotten until it is released."""

    def apply(fresh: Any) -> Mapping[str, Any]:
        if fresh.legal_hold:
            raise refused("held_already", f"{fresh.reference} is held already: {fresh.legal_hold}")
        fresh.legal_hold = _reason(because)
        return {"because": fresh.legal_hold}

    return _change(incident, "held", apply, (MANAGE,), actor, revision)


def release_hold(incident: Any, *, actor: Actor, revision: int | None = None) -> Any:
    """End the legal hold. Raises NotAllowed, Refused (there is none), Stale."""

    def apply(fresh: Any) -> None:
        if not fresh.legal_hold:
            raise refused("not_held", f"{fresh.reference} is not held: there is nothing to end.")
        fresh.legal_hold = ""

    return _change(incident, "hold_released", apply, (MANAGE,), actor, revision)


def _change(
    incident: Any,
    kind: str,
    apply: Callable[[Any], Mapping[str, Any] | None],
    who: tuple[str, ...],
    actor: Actor,
    revision: int | None,
    *,
    public: bool = False,
) -> Any:
    def guarded(fresh: Incident) -> Mapping[str, Any] | None:
        if not may(fresh, actor, *who):
            raise NotAllowed(f"Only officers of the team {fresh.team or '(none)'} with the right to do so may do this.")
        return apply(fresh)

    return engine.change(incident, kind, actor=actor, apply=guarded, revision=revision, public=public)


def _open(incident: Any) -> None:
    if incident.is_closed:
        raise refused("case_closed", f"{incident.reference} has ended: reopen it first.")


def _reason(text: str) -> str:
    kept = text.strip()
    if not 5 <= len(kept) <= LONGEST_REASON:
        raise refused("reason_length", f"Give a reason of 5 to {LONGEST_REASON} characters.", field="because")
    return kept

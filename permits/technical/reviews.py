"""What begins, delays and ends a technical review, and how a specialist speaks. All under the permit's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from permits import applications, guards
from permits.book.deadlines import technical_from
from permits.lifecycle import State
from permits.rules.codes import ConditionCode
from permits.technical.flows import TechnicalReviewFlow
from permits.technical.models import OPEN, RUNNING, TechnicalReview, TechnicalTask
from permits.technical.specialties import ADVISE, Recommendation, Specialty, days_for, needed_for
from workflow import absences, engine, following
from workflow.actors import SYSTEM, Actor
from workflow.clock import due_at, resume
from workflow.definition import Attempt, Call, Result, Service
from workflow.desk import refused
from workflow.errors import NotAllowed
from workflow.models import Event, Team, Work
from workflow.tracker import calendar, record

SHORTEST_COMMENT = 10  # characters; "approve" needs none
LONGEST_COMMENT = 4000
LATE_PRIORITY = 5
ESCALATION = "the district manager is told"  # what follows when a deadline passes
TONES = {"approve": "good", "approve_with_conditions": "waiting", "refuse": "stopped"}  # of a badge
UNDER_REVIEW = (State.IN_REVIEW, State.INFO_REQUESTED)


# -- what the permit's moves bring about ------------------------------------------------------------------------------


def follow(permit: Any, event: Event) -> None:
    """Begin the review when a permit comes into review, end it when the permit leaves; in the move's transaction."""
    if event.kind != "transition":
        return
    if permit.state == State.IN_REVIEW:
        _comes_into_review(permit, event)
    elif permit.state not in UNDER_REVIEW and event.from_state in UNDER_REVIEW:
        end(permit)


def _comes_into_review(permit: Any, event: Event) -> None:
    newest = permit.technical_reviews.order_by("-pk").first()
    is_answer = event.transition == "provide_information"
    same = newest is None or newest.revision == permit.application_revision
    if is_answer and same and not event.data.get("changes"):
        _goes_on(permit)  # nothing to look at anew; a permit whose review began before there were any goes on without
        return
    end(permit)
    if is_needed(permit):
        begin(permit)


def is_needed(permit: Any) -> bool:
    """From the impact index of the rules on; below it the safety reviewer decides alone."""
    return permit.impact_index is not None and permit.impact_index >= technical_from()


def begin(permit: Any) -> TechnicalReview:
    """Ask every specialist the application calls for."""
    specialties = [str(specialty) for specialty in needed_for(applications.answers_of(permit))]
    review: TechnicalReview = TechnicalReviewFlow.start.run(permit=permit, specialties=specialties)
    deadline = due_at(timezone.now(), days_for(permit), calendar())
    for task in review.task_set.filter(status__in=OPEN, flow_task_type="HUMAN").order_by("pk"):
        specialty = Specialty(task.flow_task.name)
        task.specialty, task.due_at, task.team = specialty, deadline, team_of(specialty)
        task.save(update_fields=["specialty", "due_at", "team"])
        if (owner := _least_busy(task.team, permit)) is not None:
            task.flow_task.activation_class(task).assign(owner)
        _watch(permit, task)
    return review


def team_of(specialty: Specialty) -> Team:
    """The specialists' team; made when there is none, so that no task is without an owner."""
    return Team.objects.get_or_create(code=specialty.team_code, defaults={"name": specialty.team_name})[0]


def _least_busy(team: Team, permit: Any) -> Any:
    """The member with the fewest open tasks who is here today and no party of the application; None when there is
    none: then the team has the task."""
    parties = guards.parties_of(permit)
    busy = Count("technical_tasks", filter=Q(technical_tasks__status__in=OPEN))
    members = team.members.filter(is_active=True).annotate(busy=busy).order_by("busy", "pk")
    away = absences.away_now()
    present = (member for member in members if member.pk not in away)
    return next((member for member in present if member.email.lower() not in parties), None)


def end(permit: Any) -> None:
    """Cancel what still runs; a review that is done stays as it is."""
    for review in permit.technical_reviews.filter(status=RUNNING):
        for task in review.task_set.filter(status__in=OPEN):
            _unwatch(permit, task)
        flow: Any = TechnicalReviewFlow.instance
        flow.cancel(review)


def _goes_on(permit: Any) -> None:
    """The clock stood still while we waited for the applicant: so did the specialists' deadlines."""
    asked = Event.objects.filter(case_id=permit.pk, transition="request_information").order_by("-seq").first()
    if asked is None:
        return
    for task in TechnicalTask.objects.filter(process__permit=permit, process__status=RUNNING, status__in=OPEN):
        if task.due_at is not None and task.late_at is None:
            _unwatch(permit, task)
            task.due_at = resume(task.due_at, asked.at, timezone.now(), calendar(), None, around_the_clock=False)
            task.save(update_fields=["due_at"])
            _watch(permit, task)


# -- deadlines --------------------------------------------------------------------------------------------------------


def _watch(permit: Any, task: TechnicalTask) -> None:
    """The deadline's own work: it runs when the deadline is over, and finds nothing to do if the task is done."""
    assert task.due_at is not None
    argument = {"task": task.pk, "due_at": task.due_at.isoformat()}
    name = f"technical-{task.pk}-{task.due_at:%Y%m%d%H%M}"
    following.task(permit, name=name, service=TECHNICAL_DEADLINE.name, argument=argument, at=task.due_at)


def _unwatch(permit: Any, task: TechnicalTask) -> None:
    watched = Work.objects.filter(case_id=permit.pk, step__startswith=f"task:technical-{task.pk}-")
    watched.filter(outcome=Work.Outcome.OPEN).update(outcome=Work.Outcome.CANCELLED, finished_at=timezone.now())


def _look_at_deadline(call: Call) -> Result:
    return dict(call.argument)


def _mark_late(permit: Any, result: Result) -> bool:
    """Mark the task, raise the permit's priority, and tell the district by a note in the history."""
    task = TechnicalTask.objects.filter(pk=result["task"], process__permit=permit, status__in=OPEN).first()
    on_time = task is None or task.due_at is None or task.due_at != datetime.fromisoformat(str(result["due_at"]))
    if task is None or on_time or permit.paused_at is not None:
        return True
    task.late_at = timezone.now()
    task.save(update_fields=["late_at"])
    permit.priority = max(permit.priority, LATE_PRIORITY)
    note = f"For the district manager: the {task.get_specialty_display().lower()} review is late. Ask {task.team}."
    record(permit, kind="specialist_late", actor=SYSTEM, note=note, data={"specialty": task.specialty})
    permit.save()
    return True


TECHNICAL_DEADLINE = Service(
    name="technicalDeadline",
    call=_look_at_deadline,
    accept=_mark_late,
    doing="notes that a specialist is late",
)


# -- what a specialist says -------------------------------------------------------------------------------------------


def open_task(permit: Any, specialty: str) -> TechnicalTask | None:
    """The task of one specialist that waits for an answer. One query."""
    tasks = TechnicalTask.objects.filter(process__permit=permit, process__status=RUNNING, status__in=OPEN)
    return tasks.filter(specialty=specialty).select_related("team", "owner").first()


def tasks_of(permit: Any) -> list[TechnicalTask]:
    """The specialists' tasks of the newest review, in the order of the flow. One query."""
    newest = permit.technical_reviews.order_by("-pk").values("pk")[:1]
    tasks = TechnicalTask.objects.filter(process__in=newest).exclude(specialty="")
    return list(tasks.select_related("team", "owner").order_by("pk"))


def tasks_once(permit: Any) -> list[TechnicalTask]:
    """The same, kept on this object: for a page, which asks at each of its buttons."""
    if "_tasks" not in vars(permit):
        permit._tasks = tasks_of(permit)
    found: list[TechnicalTask] = permit._tasks
    return found


def state_of(task: TechnicalTask) -> tuple[str, str]:
    """A task in one word or two, and the colour of its badge. No query."""
    if task.recommendation:
        return task.get_recommendation_display(), TONES[task.recommendation]
    if not task.is_open:
        return "Called off", "over"
    return ("Late", "stopped") if is_late(task) else ("Waiting", "moving")


def is_late(task: TechnicalTask) -> bool:
    return task.is_open and task.due_at is not None and task.due_at < timezone.now()


def may_advise(task: TechnicalTask, actor: Actor) -> bool:
    """An officer of the specialists' team with the permission; superusers anywhere."""
    ours = actor.everywhere or task.team_id in actor.teams
    return actor.kind == "officer" and ours and actor.has(ADVISE)


def recommend(
    permit: Any,
    *,
    task: int,
    recommendation: str,
    comment: str = "",
    conditions: Sequence[str] = (),
    actor: Actor,
    revision: int | None = None,
) -> Any:
    """Finish a specialist's ``task`` (its id). The others may have spoken since the page was opened, which is no
    reason to say no: so ``revision`` is not compared. Of another revision of the application is another task.

    Raises NotAllowed, Refused."""

    def give(fresh: Any) -> Mapping[str, Any]:
        if not actor.has(ADVISE):  # who may not speak at all is not told how the review stands
            raise NotAllowed("Only a specialist may do this.")
        found = TechnicalTask.objects.filter(pk=task, process__permit=fresh, status__in=OPEN).exclude(specialty="")
        mine = found.select_related("process", "team").first()
        if mine is None or fresh.state not in UNDER_REVIEW:
            sentence = "This review is over, or the application changed: look at the record again."
            raise refused("review_not_open", sentence)
        _need(fresh, mine, actor)
        _fill(mine, recommendation, comment, list(conditions))
        return _finish(fresh, mine, actor)

    return engine.change(permit, "technical_advice", actor=actor, apply=give)


def _need(permit: Any, task: TechnicalTask, actor: Actor) -> None:
    if not may_advise(task, actor):
        raise NotAllowed(f"Only a specialist of the team {task.team} may do this.")
    permit.attempt = Attempt(actor=actor, now=timezone.now())
    if not guards.NOT_OWN(permit):
        raise refused(guards.NOT_OWN.code, guards.NOT_OWN.sentence)


def _fill(task: TechnicalTask, recommendation: str, comment: str, conditions: list[str]) -> None:
    """Raises Refused, with the field, for what does not fit together."""
    comment = comment.strip()
    if recommendation not in Recommendation.values:
        raise refused("recommendation_missing", "Choose what you recommend.", field="recommendation")
    if not (recommendation == Recommendation.APPROVE or len(comment) >= SHORTEST_COMMENT):
        sentence = f"Say why in at least {SHORTEST_COMMENT} characters: the reviewer will read this."
        raise refused("text_too_short", sentence, field="comment")
    if len(comment) > LONGEST_COMMENT:
        raise refused("text_too_long", f"Write at most {LONGEST_COMMENT:,} characters.", field="comment")
    if unknown := [code for code in conditions if code not in set(ConditionCode)]:
        raise refused("unknown_condition", f"There is no condition {', '.join(unknown)}.", field="conditions")
    if conditions and recommendation != Recommendation.WITH_CONDITIONS:
        sentence = "You ticked conditions: choose “Approve with conditions”, or untick them."
        raise refused("conditions_without_need", sentence, field="conditions")
    task.recommendation, task.comment, task.conditions = recommendation, comment, conditions


def _finish(permit: Any, task: TechnicalTask, actor: Actor) -> dict[str, Any]:
    """Complete the task in the flow; the last one joins and ends the review."""
    with TechnicalReviewFlow.lock(task.process_id):
        activation = task.flow_task.activation_class(task)
        if task.owner_id is None:
            activation.assign(actor.user)
        elif task.owner_id != actor.user.pk:
            activation.reassign(actor.user)
        task.recommended_at = timezone.now()
        activation.start(None)
        activation.execute()
    _unwatch(permit, task)
    waiting = task.process.task_set.filter(status__in=OPEN).exclude(specialty="").order_by("pk")
    return {
        "specialty": task.specialty,
        "recommendation": task.recommendation,
        "waiting_for": [one.specialty for one in waiting],
    }

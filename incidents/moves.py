"""What a move writes on the incident itself; incidents.lifecycle says when it may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from incidents import catalogue, merging
from incidents.book import answer_due
from incidents.reasons import CLOSINGS, REJECTIONS, Reason
from workflow.clock import due_at
from workflow.errors import Reason as Why
from workflow.errors import Refused
from workflow.tracker import calendar

REOPENING = timedelta(days=30)
HIGH_PRIORITY = 10
SHORTEST, LONGEST = 10, 2000  # characters of a public sentence


def refuse_with(code: str, sentence: str, *, field: str) -> Refused:
    return Refused([Why(code=code, sentence=sentence, field=field, source="docs/incidents.md#guards")])


def sentence_of(text: object, *, field: str = "sentence", at_least: int = SHORTEST) -> str:
    """A text people will read. Raises Refused when it is too short to help, or too long."""
    kept = str(text).strip()
    if len(kept) < at_least:
        raise refuse_with(
            "text_too_short", f"Write at least {at_least} characters: people will read this.", field=field
        )
    if len(kept) > LONGEST:
        raise refuse_with("text_too_long", f"Write at most {LONGEST:,} characters.", field=field)
    return kept


def submit(incident: Any) -> None:
    now = timezone.now()
    category = catalogue.category(incident.category)
    incident.expected_at = due_at(now, category.first_action, calendar())


def ask(incident: Any, question: str) -> None:
    text = sentence_of(question, field="question")
    actor = incident.attempt.actor
    incident.info_due_at = due_at(timezone.now(), answer_due(), calendar())
    incident.return_state = incident.state
    incident.unanswered = False
    incident.inquiries.create(text=text, asked_by=actor.name, due_at=incident.info_due_at)


def answer(incident: Any, text: str) -> str:
    inquiry = incident.inquiries.filter(answered_at=None).order_by("-pk").first()
    said = sentence_of(text, field="text", at_least=1)
    if inquiry is not None:
        inquiry.answer, inquiry.answered_at = said, timezone.now()
        inquiry.save(update_fields=["answer", "answered_at"])
    return _back(incident)


def give_up_waiting(incident: Any) -> str:
    incident.unanswered = True
    return _back(incident)


def _back(incident: Any) -> str:
    incident.info_due_at = None
    return str(incident.return_state)


def schedule(incident: Any, planned_for: str, crew: str, task: str) -> None:
    try:
        day = date.fromisoformat(str(planned_for))
    except ValueError:
        raise refuse_with("bad_date", "Write the day as YYYY-MM-DD.", field="planned_for") from None
    if day < timezone.localdate():
        raise refuse_with("date_in_past", "Choose today or a later day.", field="planned_for")
    incident.planned_for = day
    _ensure_job(incident, crew, task)


def dispatch(incident: Any, crew: str, task: str) -> None:
    incident.planned_for = timezone.localdate()
    _ensure_job(incident, crew, task)


def _ensure_job(incident: Any, crew: str, task: str) -> None:
    """There is at least one job; a crew that is named now takes the first one over."""
    job = incident.jobs.filter(done_at=None, cancelled_at=None).order_by("pk").first()
    if job is None:
        if not crew.strip():
            raise refuse_with("crew_missing", "Say which crew does it.", field="crew")
        incident.jobs.create(crew=crew.strip()[:80], task=(task.strip() or incident.title)[:300])
    elif crew.strip() or task.strip():
        job.crew, job.task = (crew.strip() or job.crew)[:80], (task.strip() or job.task)[:300]
        job.save(update_fields=["crew", "task"])


def put_back(incident: Any, reason: str) -> None:
    sentence_of(reason, field="reason", at_least=5)
    incident.planned_for = None
    _cancel_jobs(incident)


def resolve(incident: Any, sentence: str, photo_exempt_because: str) -> None:
    incident.photo_exempt_because = photo_exempt_because.strip()[:200]
    incident.jobs.filter(done_at=None, cancelled_at=None).update(done_at=timezone.now())
    _end(incident, Reason.FIXED, sentence)


def reject(incident: Any, reason_code: str, sentence: str) -> None:
    _cancel_jobs(incident)
    _end(incident, _one_of(reason_code, REJECTIONS), sentence)


def close(incident: Any, reason_code: str, sentence: str) -> None:
    _cancel_jobs(incident)
    _end(incident, _one_of(reason_code, CLOSINGS), sentence)


def merge(incident: Any, into: str) -> None:
    survivor = merging.join(incident, into, actor=incident.attempt.actor)
    _end(incident, Reason.JOINED, f"Joined with {survivor.reference}: {survivor.title}.")
    incident.reopen_until = None


def unmerge(incident: Any) -> None:
    merging.take_apart(incident, actor=incident.attempt.actor)
    _begin_again(incident)


def reopen(incident: Any, text: str) -> None:
    if text.strip():
        incident.inquiries.create(
            text="Not fixed?", asked_by="Milepost", due_at=timezone.now(), answer=text.strip()[:LONGEST],
            answered_at=timezone.now(),
        )  # fmt: skip
    incident.priority = HIGH_PRIORITY
    incident.reopened += 1
    incident.expected_at = due_at(timezone.now(), catalogue.category(incident.category).first_action, calendar())
    _begin_again(incident)


def _end(incident: Any, reason: Reason, sentence: str) -> None:
    now = timezone.now()
    incident.public_sentence = sentence_of(sentence)
    incident.reason_code = str(reason)
    incident.status = incident.Status.CLOSED
    incident.ended_at = now
    incident.reopen_until = now + REOPENING


def _cancel_jobs(incident: Any) -> None:
    incident.jobs.filter(done_at=None, cancelled_at=None).update(cancelled_at=timezone.now())


def _begin_again(incident: Any) -> None:
    incident.status = incident.Status.OPEN
    incident.reason_code = incident.public_sentence = incident.photo_exempt_because = ""
    incident.ended_at = incident.reopen_until = None
    incident.planned_for = None


def _one_of(code: str, allowed: Iterable[Reason]) -> Reason:
    if code not in list(allowed):
        raise refuse_with("unknown_reason", f"Choose one of: {', '.join(allowed)}.", field="reason_code")
    return Reason(code)

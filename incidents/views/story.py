"""Where a report stands, in a citizen's words: one sentence now, four steps, the public history."""

from collections.abc import Callable, Sequence

from django.utils.formats import date_format

from incidents.lifecycle import State
from incidents.messages import MESSAGE
from incidents.models import Incident
from incidents.reasons import Reason
from workflow.contrib.citizens import story
from workflow.contrib.citizens.story import Line, Milestone, Now, day
from workflow.models import Event
from workflow.tracker import standing

TEAM, CREW, YOU, NOBODY = "The team", "The crew", "You", "Nobody"

# state -> (sentence, who must act, tone). Where more is known, _KNOWN says it instead.
_SENTENCES: dict[str, tuple[str, str, str]] = {
    State.NEW: ("Your report is being sent.", "Milepost", "moving"),
    State.SUBMITTED: ("We have your report and hand it to the right team.", "Milepost", "moving"),
    State.TRIAGED: ("The team looks at your report and decides what is done.", TEAM, "moving"),
    State.NEEDS_INFO: ("We have a question for you. The clock stands still until you answer.", YOU, "waiting"),
    State.SCHEDULED: ("The repair is planned.", CREW, "moving"),
    State.IN_PROGRESS: ("A crew is at work.", CREW, "moving"),
    State.RESOLVED: ("It is fixed.", NOBODY, "good"),
    State.CLOSED: ("This report is closed.", NOBODY, "over"),
    State.REJECTED: ("We do not take this report up.", NOBODY, "over"),
    State.DUPLICATE: ("This report is joined with another one.", NOBODY, "moving"),
}


def now_of(incident: Incident) -> Now:
    """The first line of the tracking page. No query."""
    sentence, who, tone = _SENTENCES[incident.state]
    if known := _KNOWN.get(incident.state):
        sentence = known(incident) or sentence
    if who == TEAM and incident.team is not None:
        who = incident.team.name
    where = standing(incident)
    due = incident.info_due_at if incident.state == State.NEEDS_INFO else where.due_at
    by = "" if incident.has_ended else day(due)
    return Now(sentence=sentence, who=who, by=by, tone=tone, late=where.is_overdue and not incident.has_ended)


def _triaged(incident: Incident) -> str:
    if incident.reopened:
        return "Your report is open again, first in line. The team looks at it and decides what is done."
    return ""


def _planned(incident: Incident) -> str:
    return f"The repair is planned for {date_format(incident.planned_for, 'l, F j')}." if incident.planned_for else ""


def _ended(incident: Incident) -> str:
    """The reason in its public words, unless the state says the same, and the officer's sentence."""
    reason = Reason(incident.reason_code).label if incident.reason_code in Reason.values else ""
    said = "" if incident.reason_code == Reason.FIXED else f"{reason}."
    return " ".join(part for part in (said, incident.public_sentence) if part)


_KNOWN: dict[str, Callable[[Incident], str]] = {
    State.TRIAGED: _triaged,
    State.SCHEDULED: _planned,
    State.RESOLVED: _ended,
    State.CLOSED: _ended,
    State.REJECTED: _ended,
}

# -- the four steps ---------------------------------------------------------------------------------------------------

_STOPPED = (State.CLOSED, State.REJECTED)
_DECIDED = ("schedule", "dispatch", "resolve", "reject", "close")


def milestones_of(incident: Incident, history: Sequence[Event]) -> list[Milestone]:
    """Receive, decide, repair, fixed: each with its date. ``history``: oldest first."""
    last = {event.transition: event for event in _since_reopened(history)}
    decided = next((last[name] for name in _DECIDED if name in last), None)
    reached = (
        ("We receive your report", "Received", last.get("submit")),
        ("The right team decides", "Decided", decided),
        ("A crew is at work", "Begun", last.get("start_work") or last.get("resolve")),
        ("It is fixed", "Fixed", last.get("resolve")),
    )
    found: list[Milestone] = []
    for title, word, event in reached:
        status = _status(event, found, stopped=incident.state in _STOPPED)
        text = f"{word} on {day(event.at)}." if event else _coming(status, incident)
        found.append(Milestone(title=title, text=text, status=status))
    return found


def _since_reopened(history: Sequence[Event]) -> Sequence[Event]:
    """After “not fixed” everything but the receipt is to come again; put back, the plan is."""
    cut = max((n for n, event in enumerate(history) if event.transition in ("reopen", "put_back")), default=-1)
    return [*(event for event in history[: cut + 1] if event.transition == "submit"), *history[cut + 1 :]]


def _status(event: Event | None, before: Sequence[Milestone], *, stopped: bool) -> str:
    if event is not None:
        return "done"
    if stopped:
        return "stopped"
    return "now" if all(one.status == "done" for one in before) else "todo"


def _coming(status: str, incident: Incident) -> str:
    if status == "now":
        now = now_of(incident)
        return f"{now.sentence}{f' By {now.by}.' if now.by else ''}"
    return "This does not happen any more." if status == "stopped" else ""


# -- the history ------------------------------------------------------------------------------------------------------

_PAST = {
    "opened": "Report begun",
    "submit": "Report sent",
    "hand_over": "Handed to the right team",
    "ask": "We asked a question",
    "answer": "The question was answered",
    "give_up_waiting": "No answer came; we go on without",
    "schedule": "Repair planned",
    "dispatch": "Crew sent",
    "start_work": "Crew at work",
    "put_back": "Back with the team, for another plan",
    "resolve": "Fixed",
    "reject": "Not taken up",
    "close": "Closed",
    "merge": "Joined with another report",
    "unmerge": "On its own again",
    "reopen": "Reported as not fixed, open again",
    "escalated": "The deadline passed: the team's manager sees to it",
    "photo_added": "Photo added",
    "merged": "Another report was joined with this one",
    "unmerged": "A joined report is on its own again",
    MESSAGE: "We wrote to you",
}
_WHO = {"applicant": "You", "integrator": "You", "system": "Milepost"}
_SILENT = frozenset({"opened"})  # the line after it says the same


def lines_of(incident: Incident, history: Sequence[Event]) -> list[Line]:
    """The public history in words, newest first; officers act for the office, without their names."""
    shown = [event for event in history if event.kind not in _SILENT]
    return story.lines_of(incident, shown, words=_PAST, who=_WHO, office="Road agency")

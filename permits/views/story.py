"""Where a request stands, in a citizen's words: one sentence now, four steps, the history."""

from collections.abc import Callable, Sequence

from django.utils import timezone
from django.utils.formats import date_format

from permits.lifecycle import State
from permits.messages import MESSAGE
from permits.models import RoadPermit
from workflow.contrib.citizens import story
from workflow.contrib.citizens.story import Line, Milestone, Now, day
from workflow.models import Event
from workflow.tracker import standing

OFFICE, YOU, INSPECTOR, NOBODY = "The permit office", "You", "An inspector", "Nobody"


# state -> (sentence, who must act, tone). Where the dates matter, _DATED says it instead.
_SENTENCES: dict[str, tuple[str, str, str]] = {
    State.DRAFT: ("You have not submitted this application yet.", YOU, "waiting"),
    State.SUBMITTED: ("We have your application and check that it is complete.", OFFICE, "moving"),
    State.INFO_REQUESTED: ("We have a question for you. The clock stands still until you answer.", YOU, "waiting"),
    State.IN_REVIEW: ("A safety reviewer looks at your application and decides.", OFFICE, "moving"),
    State.APPROVED: ("Your application is approved. We are making the permit.", OFFICE, "moving"),
    State.ISSUED: ("Your permit is made and on its way to you.", OFFICE, "moving"),
    State.IN_FORCE: ("Your permit is in force.", YOU, "good"),
    State.ACTIVE: ("Work is under way.", YOU, "good"),
    State.SUSPENDED: ("The permit is suspended: stop the work now and make the place safe.", OFFICE, "stopped"),
    State.COMPLETED: ("You finished the work. An inspector will look at the road.", INSPECTOR, "moving"),
    State.REFUSED: ("Your application was refused.", NOBODY, "stopped"),
    State.CANCELLED: ("This request was withdrawn or closed. Nothing more will happen.", NOBODY, "over"),
    State.EXPIRED: ("The permit has expired: its last day passed before work began.", NOBODY, "over"),
    State.REVOKED: ("The permit is revoked: all work must stop.", NOBODY, "stopped"),
    State.CLOSED: ("All is done: the road was inspected and accepted.", NOBODY, "over"),
}


def now_of(permit: RoadPermit) -> Now:
    """The first line of the tracking page. No query."""
    sentence, who, tone = _SENTENCES[permit.state]
    if dated := _DATED.get(permit.state):
        sentence = dated(permit)
    if permit.state in (State.IN_REVIEW, State.APPROVED) and owes(permit):
        sentence, who = (
            f"{sentence} The fee is open: we cannot go on before it is paid.",
            f"{YOU} and the permit office",
        )
    where = standing(permit)
    due = permit.info_due_at if permit.state == State.INFO_REQUESTED else where.due_at
    return Now(sentence=sentence, who=who, by=day(due), tone=tone, late=where.is_overdue)


def owes(permit: RoadPermit) -> bool:
    return permit.fee_total > 0 and permit.fee_settled_at is None and permit.closed_at is None


def _in_force(permit: RoadPermit) -> str:
    if permit.start_at and permit.start_at > timezone.now():
        return f"Your permit is in force. Work may begin on {day(permit.start_at)}."
    return f"Your permit is in force. You may work until {day(permit.end_at)}. Tell us when you start."


def _active(permit: RoadPermit) -> str:
    if permit.end_at and permit.end_at < timezone.now():
        return "The last day of the permit is over: open the road now, tell us here, or call us."
    return f"Work is under way. The road must be open again by {day(permit.end_at)}. Tell us when you are done."


def _refused(permit: RoadPermit) -> str:
    until = f" You may appeal until {date_format(permit.appeal_until, 'F j, Y')}." if permit.appeal_until else ""
    return _SENTENCES[permit.state][0] + until


_DATED: dict[str, Callable[[RoadPermit], str]] = {
    State.IN_FORCE: _in_force,
    State.ACTIVE: _active,
    State.REFUSED: _refused,
    State.REVOKED: _refused,
}

# -- the four steps ---------------------------------------------------------------------------------------------------

_DECIDED = {"approve": "Approved", "deem": "Approved", "refuse": "Refused"}
_AFTER_ISSUE = (State.IN_FORCE, State.ACTIVE, State.SUSPENDED, State.COMPLETED, State.CLOSED, State.REVOKED)


def milestones_of(permit: RoadPermit, history: Sequence[Event]) -> list[Milestone]:
    """Receive, review, make, send: each with its date. ``history``: oldest first."""
    last = {event.transition: event for event in _since_reopened(history)}
    decided = next((last[name] for name in _DECIDED if name in last), None)
    reached = (
        ("We receive your application", "submit", "Received", last.get("submit")),
        ("We review its safety and decide", "", _DECIDED.get(decided.transition, "") if decided else "", decided),
        ("We make the permit", "issue", "Made", last.get("issue")),
        ("You get the permit", "take_effect", "Sent", last.get("take_effect")),
    )
    over = permit.closed_at is not None and permit.state != State.CLOSED
    milestones: list[Milestone] = []
    for title, _name, word, event in reached:
        text = f"{word} on {day(event.at)}." if event else ""
        status = _status(event, before=milestones, over=over)
        milestones.append(Milestone(title=title, text=text or _coming(status, permit), status=status))
    return milestones


def _since_reopened(history: Sequence[Event]) -> Sequence[Event]:
    """After a successful appeal the decision is open again; the receipt stays."""
    cut = max((number for number, event in enumerate(history) if event.transition == "reopen"), default=-1)
    receipts = [event for event in history[: cut + 1] if event.transition == "submit"]
    return [*receipts, *history[cut + 1 :]]


def _status(event: Event | None, *, before: Sequence[Milestone], over: bool) -> str:
    if event is not None:
        return "refused" if event.transition == "refuse" else "done"
    if over or (before and before[-1].status in ("refused", "stopped")):
        return "stopped"
    return "now" if all(one.status == "done" for one in before) else "todo"


def _coming(status: str, permit: RoadPermit) -> str:
    if status == "now":
        now = now_of(permit)
        return f"{now.sentence}{f' By {now.by}.' if now.by else ''}"
    return "This does not happen any more." if status == "stopped" else ""


# -- the history ------------------------------------------------------------------------------------------------------

_PAST = {
    "opened": "Application begun",
    "submit": "Application submitted",
    "accept": "Application complete, review begun",
    "request_information": "We asked you for information",
    "provide_information": "You answered our questions",
    "lapse": "Closed without an answer",
    "approve": "Approved",
    "first_approval": "Approved by a first officer; a second one looks at it",
    "deem": "Approved",
    "refuse": "Refused",
    "issue": "Permit made",
    "take_effect": "Permit sent and in force",
    "start_work": "Work started",
    "revert_start": "Start taken back",
    "stop_work": "Work finished",
    "revert_stop": "Finish taken back",
    "pass_inspection": "Final inspection passed",
    "fail_inspection": "Final inspection found defects",
    "mark_overrun": "Last day of the permit is over",
    "suspend": "Permit suspended",
    "resume": "Permit valid again",
    "revoke": "Permit revoked",
    "cancel": "Withdrawn",
    "expire": "Permit expired",
    "reopen": "Decision reopened on appeal",
    "document": "Document added",
    "escalated": "The deadline passed: the district manager sees to it",
    "reminded": "We reminded you of our questions",
    MESSAGE: "We wrote to you",
}
# Officers act for the office: a citizen is not given their names.
_WHO = {"applicant": "You", "integrator": "You", "system": "Milepost"}


def lines_of(permit: RoadPermit, history: Sequence[Event]) -> list[Line]:
    """The public history in words, newest first."""
    return story.lines_of(permit, history, words=_PAST, who=_WHO, office="Permit office")

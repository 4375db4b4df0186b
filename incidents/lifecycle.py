"""Every move an incident can make, on one screen. Nothing else changes its state."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django_fsm import RETURN_VALUE, transition

from incidents import guards, moves
from workflow.actors import BY_SYSTEM, Permission, by_applicant, by_officer
from workflow.definition import Guard

TRIAGE = by_officer("incidents.triage_incident", "a triage officer of the team")
DISPATCHER = by_officer("incidents.dispatch_incident", "a dispatcher of the team")
CREW = by_officer("incidents.repair_incident", "a crew leader of the team")
REPORTER = by_applicant("incidents:submit", "the reporter") | by_applicant("open311:write", "their Open311 key")


class State(models.TextChoices):
    """Where an incident stands; the labels are what citizens read."""

    NEW = "new", "Being sent"  # only within the transaction that files it
    SUBMITTED = "submitted", "Received"  # filed and routed; nearby reports are looked for
    TRIAGED = "triaged", "With the right team"  # an officer decides what is done
    NEEDS_INFO = "needs_info", "We have a question for you"  # the clock stands still until the reporter answers
    SCHEDULED = "scheduled", "Repair planned"  # the work is ordered
    IN_PROGRESS = "in_progress", "Crew at work"
    RESOLVED = "resolved", "Fixed"
    CLOSED = "closed", "Closed"  # ended without a repair of ours, with a reason
    REJECTED = "rejected", "Not taken up"
    DUPLICATE = "duplicate", "Joined with another report"


def public_label(state: str) -> str:
    """What everybody reads: a question is the reporter's, not the reader's."""
    return "Waiting for the reporter" if state == State.NEEDS_INFO else str(State(state).label)


S = State
ENDED = frozenset({S.RESOLVED, S.CLOSED, S.REJECTED, S.DUPLICATE})
FINAL = ENDED


def on[M: Callable[..., Any]](
    sources: Sequence[str], target: Any, who: Permission, *only_if: Guard, label: str, unrecorded: Sequence[str] = ()
) -> Callable[[M], M]:
    """``who`` moves an incident from ``sources`` to ``target``, only if every guard holds. ``unrecorded``: data that
    are a person's words, which can be forgotten; the history cannot."""
    permission: Any = who  # django-fsm names the type of a Django user; ours is any actor
    move: Callable[[M], M] = transition(
        field="state", source=list(sources), target=target, permission=permission, conditions=list(only_if),
        custom={"label": label, "unrecorded": tuple(unrecorded)},
    )  # fmt: skip
    return move


class IncidentLifecycle(models.Model):
    """The moves; each docstring is what officers, integrators and docs/workflows read."""

    class Meta:
        abstract = True

    # -- from the road to the desk ------------------------------------------------------------------------------------
    @on([S.NEW], S.SUBMITTED, REPORTER | BY_SYSTEM | TRIAGE, guards.PLACE_KNOWN, label="Report")
    def submit(self) -> None:
        """File the report: it belongs to exactly one team from here on, and its clock runs."""
        moves.submit(self)

    @on([S.SUBMITTED], S.TRIAGED, BY_SYSTEM | TRIAGE, label="Hand to the team")
    def hand_over(self) -> None:
        """Put the report on its team's desk, with what else was reported nearby."""

    @on([S.TRIAGED, S.SCHEDULED], S.NEEDS_INFO, TRIAGE, guards.REPORTER_REACHABLE, label="Ask the reporter",
        unrecorded=["question"])  # fmt: skip
    def ask(self, *, question: str) -> None:
        """Send the reporter one question; the clock stands still until the answer, at most five working days."""
        moves.ask(self, question)

    @on([S.NEEDS_INFO], RETURN_VALUE(S.TRIAGED, S.SCHEDULED), REPORTER, label="Answer", unrecorded=["text"])
    def answer(self, *, text: str) -> str:
        """Answer our question; the report goes back to where it was."""
        return moves.answer(self, text)

    @on([S.NEEDS_INFO], RETURN_VALUE(S.TRIAGED, S.SCHEDULED), BY_SYSTEM, guards.ANSWER_OVERDUE, label="No answer")
    def give_up_waiting(self) -> str:
        """Put the report back on the desk, marked “no answer”."""
        return moves.give_up_waiting(self)

    # -- the repair ---------------------------------------------------------------------------------------------------
    @on([S.TRIAGED, S.SCHEDULED], S.SCHEDULED, DISPATCHER, label="Plan the repair")
    def schedule(self, *, planned_for: str, crew: str = "", task: str = "") -> None:
        """Order the work for a day (``planned_for``: YYYY-MM-DD) from a ``crew``; planned again, the order moves."""
        moves.schedule(self, planned_for, crew, task)

    @on([S.TRIAGED, S.SCHEDULED], S.SCHEDULED, DISPATCHER, label="Send a crew")
    def dispatch(self, *, crew: str = "", task: str = "") -> None:
        """Order the work for now; when the work-order service has taken it, the crew is at work."""
        moves.dispatch(self, crew, task)

    @on([S.SCHEDULED], S.IN_PROGRESS, CREW | DISPATCHER | BY_SYSTEM, guards.WORK_ORDERED, label="Begin work")
    def start_work(self) -> None:
        """Note that the crew is at work."""

    @on([S.IN_PROGRESS, S.SCHEDULED], S.TRIAGED, CREW | DISPATCHER, label="Back to the desk")
    def put_back(self, *, reason: str) -> None:
        """Give the report back to triage with a ``reason``: another crew or another plan is needed."""
        moves.put_back(self, reason)

    @on([S.TRIAGED, S.SCHEDULED, S.IN_PROGRESS], S.RESOLVED, CREW | DISPATCHER, guards.FIX_SHOWN, guards.JOBS_DONE,
        label="Fixed")  # fmt: skip
    def resolve(self, *, sentence: str, photo_exempt_because: str = "") -> None:
        """End the report as fixed with a public ``sentence``. A photo of the repair is there, or it is said why not."""
        moves.resolve(self, sentence, photo_exempt_because)

    # -- other ends ---------------------------------------------------------------------------------------------------
    @on([S.SUBMITTED, S.TRIAGED, S.SCHEDULED, S.NEEDS_INFO], S.REJECTED, TRIAGE, label="Do not take up")
    def reject(self, *, reason_code: str, sentence: str) -> None:
        """End the report without work: ``reason_code`` of docs/incidents.md#reasons and a public ``sentence``."""
        moves.reject(self, reason_code, sentence)

    @on([S.TRIAGED, S.SCHEDULED, S.IN_PROGRESS, S.NEEDS_INFO], S.CLOSED, TRIAGE | DISPATCHER, label="Close unrepaired")
    def close(self, *, reason_code: str, sentence: str) -> None:
        """End the report after a look at the road: nothing found, or somebody else does it."""
        moves.close(self, reason_code, sentence)

    @on([S.SUBMITTED, S.TRIAGED, S.SCHEDULED, S.NEEDS_INFO], S.DUPLICATE, TRIAGE, guards.NOTHING_ORDERED,
        label="Join with another report")  # fmt: skip
    def merge(self, *, into: str) -> None:
        """Join this report with the open one of reference ``into``: its people, votes and photos move there."""
        moves.merge(self, into)

    @on([S.DUPLICATE], S.TRIAGED, TRIAGE, guards.WITHIN_UNMERGE, label="Take apart again")
    def unmerge(self) -> None:
        """Undo a join within seven days: everything that moved comes back."""
        moves.unmerge(self)

    @on([S.RESOLVED, S.CLOSED, S.REJECTED], S.TRIAGED, REPORTER | TRIAGE, guards.WITHIN_REOPENING, label="Not fixed",
        unrecorded=["text"])  # fmt: skip
    def reopen(self, *, text: str = "") -> None:
        """Bring the report back within 30 days: same team, high priority, a new due time."""
        moves.reopen(self, text)

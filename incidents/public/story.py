"""A report as everybody reads it: where it stands, what was done, what happened when. Nobody is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.formats import date_format

from incidents.lifecycle import State
from incidents.models import Incident
from incidents.reasons import Reason
from workflow.models import Event

# state -> (sentence, tone of the badge)
_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        State.SUBMITTED: ("The report is on its way to the right team.", "moving"),
        State.TRIAGED: ("The team looks at the report and decides what is done.", "moving"),
        State.NEEDS_INFO: ("We asked the reporter a question and wait for the answer.", "waiting"),
        State.SCHEDULED: ("The repair is planned.", "moving"),
        State.IN_PROGRESS: ("A crew is at work.", "moving"),
        State.RESOLVED: ("It is fixed.", "good"),
        State.CLOSED: ("The report is closed.", "over"),
        State.REJECTED: ("We do not take the report up.", "over"),
        State.DUPLICATE: ("The report is joined with another one.", "over"),
    }
)
# What the public history tells, by transition or kind; everything else is our own business.
_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "submit": "Report received",
        "hand_over": "Handed to the right team",
        "team_changed": "Handed to another team",
        "ask": "We asked the reporter a question",
        "answer": "The reporter answered",
        "give_up_waiting": "No answer came; we go on without",
        "schedule": "Repair planned",
        "dispatch": "Crew sent",
        "start_work": "Crew at work",
        "put_back": "Back with the team, for another plan",
        "resolve": "Fixed",
        "reject": "Not taken up",
        "close": "Closed",
        "reopen": "Open again",
        "merged": "Another report was joined with this one",
        "unmerged": "A joined report is on its own again",
        "unmerge": "On its own again",
    }
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of the public history."""

    at: datetime
    text: str


def tone_of(incident: Incident) -> str:
    """moving, waiting, good or over: how the badge looks."""
    return _SENTENCES[incident.state][1]


def sentence_of(incident: Incident) -> str:
    """What is happening now."""
    if incident.state == State.SCHEDULED and incident.planned_for:
        return f"The repair is planned for {date_format(incident.planned_for, 'l, F j')}."
    if incident.state in (State.CLOSED, State.REJECTED) and incident.reason_code in Reason.values:
        return f"{Reason(incident.reason_code).label}."
    if incident.state == State.TRIAGED and incident.reopened:
        return "The report is open again, first in line. The team looks at it and decides what is done."
    return _SENTENCES[incident.state][0]


def history_of(events: Sequence[Event]) -> list[Told]:
    """The public history, newest first. ``events``: the public ones, oldest first."""
    told = ((event.at, _TOLD.get(event.transition or event.kind)) for event in reversed(events))
    return [Told(at=at, text=text) for at, text in told if text]

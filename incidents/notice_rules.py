"""The words of the messages about reports in officers' hands, and an invented report to preview them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from incidents import messages
from incidents.lifecycle import State
from incidents.messages import NOTICES
from incidents.models import Incident
from incidents.reasons import Reason
from workflow.clock import WorkingDays, due_at
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.wording import Wording, message_rule
from workflow.contrib.rulebook.rules import Preview, Rule
from workflow.models import Contact, Event
from workflow.tracker import calendar

REFERENCE, JOINED = "IR-26-7K3QXM", "IR-26-4TQ8ZN"
# What each message is called, and what it may name beside the common placeholders.
LABELS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "submit": ("The report has arrived", ("where",)),
        "ask": ("We have a question", ("where", "answer_by")),
        "reminded": ("Reminder of our question", ("where", "answer_by")),
        "schedule": ("The repair is planned", ("where", "planned_day")),
        "resolve": ("It is fixed", ("where",)),
        "reject": ("Not taken up", ("where", "reason")),
        "close": ("Closed without a repair", ("where", "reason")),
        "merge": ("Joined with another report", ("where", "joined_with")),
        "unmerge": ("On its own again", ("where",)),
        "reopen": ("We look at it again", ("where",)),
        messages.MESSAGE: ("An officer writes", ("where",)),
    }
)
REASONS = MappingProxyType({"reject": Reason.NO_DANGER, "close": Reason.NOTHING_FOUND, "resolve": Reason.FIXED})
KINDS = frozenset({"reminded", messages.MESSAGE})  # kinds of event; all others are moves


def invented(key: str) -> Any:
    """A report that is stored nowhere, as it would stand when the message goes out. No query."""
    now, today = timezone.now(), timezone.localdate()
    incident = Incident(
        reference=REFERENCE, workflow="incident", state=State.TRIAGED, category="pothole", title="Pothole on US-69",
        route="US-69", county="story", safety=False, public_sentence="We filled it this morning.",
        expected_at=due_at(now, WorkingDays(3), calendar()), due_at=due_at(now, WorkingDays(3), calendar()),
        info_due_at=due_at(now, WorkingDays(5), calendar()), reopen_until=now + timedelta(days=30),
        planned_for=today + timedelta(days=7), reason_code=REASONS.get(key, ""),
    )  # fmt: skip
    if key == "merge":
        incident.duplicate_of = Incident(reference=JOINED, title="Two potholes on US-69", route="US-69")
    return incident


def previews(key: str, wording: Wording) -> Iterator[Preview]:
    """What the reporter gets, made by the code that writes the real messages."""
    incident = invented(key)
    is_move = key not in KINDS
    event = Event(case=incident, kind="transition" if is_move else key, transition=key if is_move else "")
    if key == messages.MESSAGE:
        event.note = "Thank you for the second photo: it helped the crew."
    contact = Contact(case=incident, role=messages.REPORTER, name="Sam Carter")
    words = messages.words_of(incident, event) | messages.own_words(incident, contact, page=NOTICES[key].page)
    if key in ("ask", "reminded"):
        words["question"] = "Is the pothole in the lane that turns left?"
    made = notices.compose(f"incidents/messages/{key}", wording, words)
    yield Preview(to="the reporter", subject=made.subject, text=made.text, html=made.html, sms=made.sms)


RULES: tuple[Rule, ...] = tuple(
    message_rule(
        key=f"{messages.RULE}{key}",
        label=LABELS.get(key, (key.replace("_", " ").capitalize(), ()))[0],
        section="About reports",
        subject=notice.subject,
        names=LABELS.get(key, ("", ()))[1],
        preview=partial(previews, key),
    )
    for key, notice in NOTICES.items()
)

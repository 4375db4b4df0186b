"""The words of the messages about permits in officers' hands, and an invented permit to preview them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import timezone

from permits import applications, messages
from permits.application.example import example
from permits.application.validate import validate
from permits.lifecycle import State
from permits.messages import APPLICANT, NOTICES
from permits.models import RoadPermit
from permits.rules.codes import RefusalCode
from workflow.clock import WorkingDays, due_at
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.wording import Wording, message_rule
from workflow.contrib.rulebook.rules import Preview, Rule
from workflow.models import Contact, Event
from workflow.tracker import calendar

REFERENCE = "RP-26-7K3QXM"
TO = MappingProxyType({"applicant": "the applicant", "contractor": "the contractor", "onsite": "the contact on site"})
# What each message is called, and what it may name beside the common placeholders.
LABELS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "submit": ("The application has arrived", ("fee", "decision_days")),
        "request_information": ("We have questions", ("questions", "answer_by")),
        "reminded": ("Reminder of our questions", ("questions", "answer_by")),
        "escalated": ("We are late; the manager sees to it", ("next_by",)),
        "lapse": ("Closed without an answer", ()),
        "issue": ("The permit is issued", ()),
        "refuse": ("Refused", ()),
        "revoke": ("Revoked", ()),
        "suspend": ("Suspended", ()),
        "resume": ("Valid again", ()),
        "cancel": ("Withdrawn", ("refund",)),
        "expire": ("Expired", ()),
        "reopen": ("The appeal was granted", ()),
        "pass_inspection": ("The final inspection is passed", ()),
        "fail_inspection": ("The final inspection found defects", ()),
        "mark_overrun": ("The last day is over", ()),
        messages.MESSAGE: ("An officer writes", ()),
        "report_nearby": ("Something was reported near the work", ("reported",)),
    }
)
# What is said in each event of the invented permit.
SAID: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "suspend": {"reason": "The signs for the closed lane are missing."},
        "resume": {"reason": "The signs are up again."},
        "reopen": {"grounds": "The new plan keeps a path for people on foot."},
        "pass_inspection": {"remarks": "The pavement is restored well."},
        "fail_inspection": {"defects": "The trench settled by two inches."},
        "report_nearby": {"title": "Pothole on US-69", "link": f"{settings.SITE_URL}/incidents/IR-26-4TQ8ZN/"},
    }
)
KINDS = frozenset({"reminded", "escalated", "report_nearby", messages.MESSAGE})  # kinds of event; all others are moves


def invented(key: str) -> Any:
    """A permit that is stored nowhere, as it would stand when the message goes out. No query."""
    now = timezone.now()
    permit = RoadPermit(reference=REFERENCE, workflow="roadPermit", state=State.SUBMITTED, source="api")
    applications.fill(permit, validate(example(timezone.localdate())).answers)
    applications.invoice(permit)
    permit.due_at = due_at(now, WorkingDays(2), calendar())
    permit.info_due_at = due_at(now, WorkingDays(10), calendar())
    permit.info_items = [{"field": "", "text": "Which lane do you close on Monday?", "answer": ""}]
    permit.decided_at, permit.decision_source = now, "officer"
    permit.conditions = applications.standard_codes(permit)
    if key in ("refuse", "revoke"):
        permit.reasons = [RefusalCode.R21.value]
        permit.explanation = "People on foot have no way past the work. Show a path on the plan and apply again."
        permit.appeal_until = timezone.localdate() + timedelta(days=60)
    permit.warranty_until = timezone.localdate() + timedelta(days=730)
    return permit


def previews(key: str, wording: Wording) -> Iterator[Preview]:
    """What each role gets, made by the code that writes the real messages."""
    permit = invented(key)
    is_move, said = key not in KINDS, dict(SAID.get(key, {}))
    event = Event(case=permit, kind="transition" if is_move else key, transition=key if is_move else "", data=said)
    if key == messages.MESSAGE:
        event.note = "Please call us before Monday: the detour passes a school."
    for role in NOTICES[key].roles:
        contact = Contact(case=permit, role=role, name=_name_of(permit, role))
        words = messages.words_of(permit, event, contact) | {"attached": NOTICES[key].attach_permit or key == "refuse"}
        made = notices.compose(f"permits/messages/{key}", wording, words)
        sms = made.sms if role != "contractor" else ""
        yield Preview(to=TO[role], subject=made.subject, text=made.text, html=made.html, sms=sms)


def _name_of(permit: Any, role: str) -> str:
    names = {APPLICANT: "contact_name", "contractor": "contractor_name", "onsite": "onsite_name"}
    return str(permit.answer(names[role]) or "Jordan Reyes")


RULES: tuple[Rule, ...] = tuple(
    message_rule(
        key=f"{messages.RULE}{key}",
        label=LABELS.get(key, (key.replace("_", " ").capitalize(), ()))[0],
        section="About permits",
        subject=notice.subject,
        names=LABELS.get(key, ("", ()))[1],
        preview=partial(previews, key),
    )
    for key, notice in NOTICES.items()
)

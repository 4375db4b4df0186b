"""Who is told what of a permit's events. Planned with the event, delivered by workflow.contrib.notifications.

The table NOTICES is the whole policy; the words are in templates/permits/messages/<template>.txt and .html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils.dateformat import format as format_date

from permits.applications import keep_contacts, money
from permits.book.codes import worded_all
from permits.book.deadlines import days, term
from permits.lifecycle import State
from permits.rules.codes import ConditionCode, RefusalCode
from permits.rules.inspections import label_of_code
from permits.sheet import verify_url
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import one_line
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.notices import notice_of
from workflow.contrib.notifications.wording import wording_of
from workflow.following import task
from workflow.models import Contact, Document, Event
from workflow.tracker import standing, tracking_url

APPLICANT, CONTRACTOR, ONSITE = "applicant", "contractor", "onsite"
MESSAGE = "message_to_applicant"  # kind of event: an officer writes
RULE = "permits.message."  # with the key of a notice: the rule with its words
MAKE_LETTER = "makeLetter"  # permits.letters, which knows this module


@dataclass(frozen=True, kw_only=True)
class Notice(notices.Notice):
    """What one kind of event tells people. ``subject`` may name the words that permits.book.notices lists.

    ``by_step``: the step notifyApplicant delivers it to the applicant, and the permit waits for that.
    """

    roles: tuple[str, ...] = (APPLICANT,)
    urgent: bool = False  # by text message, too, where SMS_APPLICANTS says so
    not_from: tuple[str, ...] = ()  # states in which nobody needs to hear of it
    attach_permit: bool = False
    with_letter: bool = False  # to the applicant once the letter is made, and with it


BOTH = (APPLICANT, CONTRACTOR)
# By transition, else by kind of event; the key names the templates. What is not here stands on the tracking page only.
NOTICES = MappingProxyType(
    {
        "submit": Notice(subject="{reference}: we have your application"),
        "request_information": Notice(
            subject="{reference}: please answer {questions} by {answer_by}", urgent=True, remind=True
        ),
        "reminded": Notice(subject="{reference}: we still need your answer by {answer_by}"),
        "escalated": Notice(subject="{reference}: we need longer than we promised"),
        "lapse": Notice(subject="{reference}: your application was closed without an answer"),
        "issue": Notice(
            subject="{reference}: the permit is issued", roles=BOTH, urgent=True, attach_permit=True, by_step=True
        ),
        "refuse": Notice(subject="{reference}: your application was refused", with_letter=True),
        "revoke": Notice(subject="{reference}: the permit is revoked, work must stop", roles=BOTH, with_letter=True),
        "suspend": Notice(subject="{reference}: the permit is suspended, work must stop", roles=BOTH),
        "resume": Notice(subject="{reference}: the permit is valid again", roles=BOTH),
        "cancel": Notice(subject="{reference}: withdrawn, as you asked", not_from=(State.DRAFT,)),
        "expire": Notice(subject="{reference}: the permit has expired"),
        "reopen": Notice(subject="{reference}: your appeal was granted, we decide again"),
        "pass_inspection": Notice(subject="{reference}: the final inspection is passed"),
        "fail_inspection": Notice(subject="{reference}: the final inspection found defects"),
        "mark_overrun": Notice(subject="{reference}: the last day of the permit is over"),
        MESSAGE: Notice(subject="{reference}: a message from the permit office"),
        "report_nearby": Notice(subject="{reference}: reported near your work: {reported}", roles=(APPLICANT, ONSITE)),
    }
)


def plan(case: Any, event: Event) -> None:
    """Write the messages that an event causes, and the work that delivers them, in its transaction."""
    notice = NOTICES.get(notice_of(event))
    if notice is None or event.from_state in notice.not_from:
        return
    if event.transition == "submit" and not case.contacts.exists():
        keep_contacts(case)
    roles = notice.roles
    if notice.with_letter:
        task(case, name=f"letter-{event.seq}", service=MAKE_LETTER, argument={"seq": event.seq})
        roles = tuple(role for role in roles if role != APPLICANT)
    tell(case, event, roles=roles, documents=[case.permit_document] if notice.attach_permit else [])
    if notice.remind:
        at = remind_at(case.info_due_at)
        task(case, name=f"remind-{event.seq}", service=REMIND_APPLICANT.name, argument={"seq": event.seq}, at=at)


def tell(case: Any, event: Event, *, roles: Sequence[str], documents: Iterable[Document] = ()) -> None:
    """Plan the messages of an event to the persons in ``roles``, one a channel."""
    notice, documents, told = NOTICES[notice_of(event)], list(documents), set[str]()
    # Everybody the notice is for, applicant first: who is two of them is told once, and as the applicant.
    for contact in Contact.objects.filter(case_id=case.pk, role__in=notice.roles).order_by("role"):
        channels = [pair for pair in _channels(contact, urgent=notice.urgent) if pair[1].lower() not in told]
        told |= {address.lower() for _, address in channels}
        if contact.role in roles:
            _write(case, event, contact, channels, documents)


def _write(
    case: Any, event: Event, contact: Contact, channels: Iterable[tuple[str, str]], documents: list[Document]
) -> None:
    key = notice_of(event)
    notices.write(
        case,
        event,
        template=f"permits/messages/{key}",
        wording=wording_of(f"{RULE}{key}"),
        words=words_of(case, event, contact) | {"attached": bool(documents)},
        role=contact.role,
        channels=channels,
        documents=documents,
        deliver=not (NOTICES[key].by_step and contact.role == APPLICANT),
    )


def _channels(contact: Contact, *, urgent: bool) -> Iterator[tuple[str, str]]:
    by_text = urgent and getattr(settings, "SMS_APPLICANTS", False)
    return notices.channels_of(contact, may_text=contact.role in (APPLICANT, ONSITE), also_by_text=by_text)


def words_of(permit: Any, event: Event, contact: Contact) -> dict[str, Any]:
    """What the templates and subjects may say."""
    for_applicant = contact.role == APPLICANT
    items = permit.info_items if notice_of(event) in ("request_information", "reminded") else []
    return {
        **notices.agency_words(),
        "reference": permit.reference,
        "title": one_line(permit.title),
        "name": one_line(contact.name),
        "for_applicant": for_applicant,
        # Whoever holds the tracking link acts for the applicant: a contractor gets the public address instead.
        "link": tracking_url(permit) if for_applicant else verify_url(permit),
        "verify_url": verify_url(permit),
        "permit": permit,
        "event": event,
        "said": event.data,
        "reported": one_line(str(event.data.get("title", ""))),
        "standing": standing(permit),
        "decision_days": term(permit.permit_class).decision_days if permit.permit_class else None,
        "fee": money(permit.fee_total),
        "fee_is_open": permit.fee_total > 0 and permit.fee_settled_at is None,
        "refund": money(permit.refund_total) if permit.refund_total else "",
        "again": permit.reinspection if permit.pk and notice_of(event) == "fail_inspection" else None,
        "suspended_for": label_of_code(event.data.get("code", "")),
        "items": items,
        "questions": "one question" if len(items) == 1 else f"{len(items)} questions",
        "next_by": _day_named(event) or notices.day_of(permit.due_at),
        "answer_by": notices.day_of(permit.info_due_at),
        "conditions": worded_all(ConditionCode, permit.conditions, permit.decided_at),
        "reasons": worded_all(RefusalCode, permit.reasons, permit.decided_at),
    }


def _day_named(event: Event) -> str:
    """Until when the manager sees to a late case: “Wednesday, November 25”."""
    named = event.data.get("next_by")
    return format_date(date.fromisoformat(named), "l, F j") if named else ""


# -- the issued permit: the step notifyApplicant waits for it ---------------------------------------------------------


def deliver_issue(case_id: int) -> list[int]:
    """Deliver what the newest issue tells the applicant; answers the ids of those messages that are sent.

    A contractor's message goes its own way: a bad address there keeps no permit from coming into force. Raises
    TemporaryFailure while one can still arrive, PermanentFailure when none can.
    """
    event = Event.objects.filter(case_id=case_id, transition="issue").order_by("-seq").first()
    messages = Message.objects.filter(event=event, role=APPLICANT).order_by("pk")
    sent, failures = notices.deliver_each(messages)
    if failures and (failures[0].temporary or not sent):
        raise failures[0]
    return sent


# -- a reminder to answer ---------------------------------------------------------------------------------------------


def remind_at(info_due_at: datetime) -> datetime:
    """Opening time, three working days before the answer is due."""
    return notices.remind_at(info_due_at, days_before=days("information_reminder").n)


REMIND_APPLICANT = notices.reminder(
    "remindApplicant",
    asked="request_information",
    while_in=State.INFO_REQUESTED,
    doing="reminds the applicant of open questions",
)

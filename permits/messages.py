"""Who is told what of a permit's events. Planned with the event, delivered by workflow.contrib.notifications.

The table NOTICES is the whole policy; the words are in templates/permits/messages/<template>.txt and .html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone
from django.utils.dateformat import format as format_date

from permits.applications import keep_contacts, money
from permits.lifecycle import State
from permits.rules.codes import ConditionCode, RefusalCode
from permits.rules.deadlines import INFORMATION_REMINDER_DAYS, TERMS
from permits.sheet import verify_url
from workflow import engine
from workflow.actors import SYSTEM
from workflow.clock import add_working_days
from workflow.contrib.notifications.delivery import deliver_message, one_line, plan_message
from workflow.contrib.notifications.models import Message
from workflow.definition import Call, Result, Service
from workflow.errors import ServiceFailure
from workflow.following import task
from workflow.models import Contact, Document, Event
from workflow.tracker import calendar, standing, tracking_url

APPLICANT, CONTRACTOR = "applicant", "contractor"
MAKE_LETTER = "makeLetter"  # permits.letters, which knows this module
EMAIL, SMS = Message.Channel.EMAIL, Message.Channel.SMS


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one kind of event tells people. ``subject`` may name any of the words of ``_words``."""

    subject: str
    roles: tuple[str, ...] = (APPLICANT,)
    urgent: bool = False  # by text message, too, where SMS_APPLICANTS says so
    not_from: tuple[str, ...] = ()  # states in which nobody needs to hear of it
    attach_permit: bool = False
    by_step: bool = False  # the step notifyApplicant delivers it to the applicant, and the permit waits for that
    with_letter: bool = False  # to the applicant once the letter is made, and with it
    remind: bool = False


BOTH = (APPLICANT, CONTRACTOR)
# By transition, else by kind of event; the key names the templates. What is not here stands on the tracking page only.
NOTICES = MappingProxyType(
    {
        "submit": Notice(subject="{reference}: we have your application"),
        "request_information": Notice(
            subject="{reference}: please answer {questions} by {answer_by}", urgent=True, remind=True
        ),
        "reminded": Notice(subject="{reference}: we still need your answer by {answer_by}"),
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
    }
)


def notice_of(event: Event) -> str:
    """The key of an event in NOTICES, whether or not it is there."""
    return event.transition or event.kind


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
    notice, words = NOTICES[key], _words(case, event, contact) | {"attached": bool(documents)}
    words["subject"] = subject = one_line(notice.subject.format_map(words))
    for channel, address in channels:
        by_mail = channel == EMAIL
        plan_message(
            case,
            event,
            role=contact.role,
            channel=channel,
            address=address,
            subject=subject,
            text=render(f"{key}.txt", words) if by_mail else render("sms.txt", words).strip(),
            html=render(f"{key}.html", words) if by_mail else "",
            documents=documents if by_mail else [],
            deliver=not (notice.by_step and contact.role == APPLICANT),
        )


def _channels(contact: Contact, *, urgent: bool) -> Iterator[tuple[str, str]]:
    if contact.email:
        yield EMAIL, contact.email
    wanted = urgent and getattr(settings, "SMS_APPLICANTS", False)
    if contact.phone and contact.role == APPLICANT and (wanted or not contact.email):
        yield SMS, contact.phone


def render(name: str, words: dict[str, Any]) -> str:
    """A message template; HTML is escaped, and a text loses the empty lines that unused blocks leave."""
    is_html = name.endswith(".html")
    template = Engine.get_default().get_template(f"permits/messages/{name}")
    text = template.render(Context(words, autoescape=is_html))
    if is_html:
        return text
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part) + "\n"


def _words(permit: Any, event: Event, contact: Contact) -> dict[str, Any]:
    """What the templates and subjects may say."""
    for_applicant = contact.role == APPLICANT
    items = permit.info_items if notice_of(event) in ("request_information", "reminded") else []
    term = TERMS.get(permit.permit_class)
    return {
        "agency_name": settings.AGENCY_NAME,
        "agency_email": settings.AGENCY_EMAIL,
        "agency_phone": settings.AGENCY_PHONE,
        "site_url": settings.SITE_URL,
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
        "standing": standing(permit),
        "decision_days": term.decision_days if term else None,
        "fee": money(permit.fee_total),
        "fee_is_open": permit.fee_total > 0 and permit.fee_settled_at is None,
        "refund": money(permit.refund_total) if permit.refund_total else "",
        "items": items,
        "questions": "one question" if len(items) == 1 else f"{len(items)} questions",
        "answer_by": _day(permit.info_due_at),
        "conditions": [ConditionCode[code] for code in permit.conditions],
        "reasons": [RefusalCode[code] for code in permit.reasons],
    }


def _day(moment: datetime | None) -> str:
    return format_date(timezone.localtime(moment), "F j") if moment else ""


# -- the issued permit: the step notifyApplicant waits for it ---------------------------------------------------------


def deliver_issue(case_id: int) -> list[int]:
    """Deliver what the newest issue tells the applicant; answers the ids of those messages that are sent.

    A contractor's message goes its own way: a bad address there keeps no permit from coming into force. Raises
    TemporaryFailure while one can still arrive, PermanentFailure when none can.
    """
    event = Event.objects.filter(case_id=case_id, transition="issue").order_by("-seq").first()
    messages = Message.objects.filter(event=event, role=APPLICANT).order_by("pk")
    sent, failures = [], list[ServiceFailure]()
    for message in messages:
        try:
            if deliver_message(message.pk):
                sent.append(message.pk)
        except ServiceFailure as failure:
            failures.append(failure)
    failures.sort(key=lambda failure: not failure.temporary)
    if failures and (failures[0].temporary or not sent):
        raise failures[0]
    return sent


# -- a reminder to answer ---------------------------------------------------------------------------------------------


def remind_at(info_due_at: datetime) -> datetime:
    """Opening time, three working days before the answer is due."""
    office = calendar()
    day = add_working_days(office.local_day(info_due_at), -INFORMATION_REMINDER_DAYS, office)
    return datetime.combine(day, office.opens, office.time_zone)


def _same_request(call: Call) -> Result:
    return {"seq": call.argument["seq"]}


def _accept_reminder(permit: Any, result: Result) -> bool:
    """Remind only when the very request is still open; the line of history it writes plans the message."""
    asked = Event.objects.filter(case_id=permit.pk, transition="request_information").order_by("-seq").first()
    if permit.state == State.INFO_REQUESTED and asked is not None and asked.seq == result["seq"]:
        engine.change(permit, "reminded", actor=SYSTEM, public=True)
    return True


REMIND_APPLICANT = Service(
    name="remindApplicant",
    call=_same_request,
    accept=_accept_reminder,
    doing="reminds the applicant of open questions",
)

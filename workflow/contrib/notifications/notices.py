"""Who is told what: the part of it that every kind of case shares.

A kind of case keeps a table ``NOTICES`` (by transition, else by kind of event; the key names the templates) and a
function ``plan(case, event)`` in its workflow's ``on_event``, which writes the messages in the event's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone
from django.utils.dateformat import format as format_date

from workflow import engine
from workflow.actors import SYSTEM
from workflow.clock import add_working_days
from workflow.contrib.notifications.delivery import deliver_message, plan_message
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.wording import Wording
from workflow.definition import Call, Result, Service
from workflow.errors import ServiceFailure
from workflow.models import Contact, Document, Event
from workflow.tracker import calendar

EMAIL, SMS = Message.Channel.EMAIL, Message.Channel.SMS


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one kind of event tells people. ``subject`` is the original; it may name words its kind of case knows."""

    subject: str
    by_step: bool = False  # a step of the workflow delivers it to whom it is first of all for
    remind: bool = False


def notice_of(event: Event) -> str:
    """The key of an event in a table of notices, whether or not it is there."""
    return event.transition or event.kind


def agency_words() -> dict[str, Any]:
    """What the templates may say about us."""
    return {
        "agency_name": settings.AGENCY_NAME,
        "agency_email": settings.AGENCY_EMAIL,
        "agency_phone": settings.AGENCY_PHONE,
        "site_url": settings.SITE_URL,
    }


def day_of(moment: datetime | None) -> str:
    """A moment as a day in a subject: “December 4”, or nothing."""
    return format_date(timezone.localtime(moment), "F j") if moment else ""


def channels_of(contact: Contact, *, may_text: bool = True, also_by_text: bool = False) -> Iterator[tuple[str, str]]:
    """How somebody is reached: by e-mail; by text message where there is no e-mail, or ``also_by_text``."""
    if contact.email:
        yield EMAIL, contact.email
    if contact.phone and may_text and (also_by_text or not contact.email):
        yield SMS, as_number(contact.phone)


def as_number(phone: str) -> str:
    """A phone number as providers of text messages take it (E.164); without a country code it is North American."""
    digits = "".join(character for character in phone if character in "0123456789")
    if phone.strip().startswith("+") or len(digits) not in (10, 11):
        return f"+{digits}"
    return f"+1{digits[-10:]}"


def render(template: str, words: Mapping[str, Any]) -> str:
    """A message template; HTML is escaped, and a text loses the empty lines that unused blocks leave."""
    is_html = template.endswith(".html")
    text = Engine.get_default().get_template(template).render(Context(dict(words), autoescape=is_html))
    if is_html:
        return text
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part) + "\n"


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A message in every form it can take."""

    subject: str
    text: str
    html: str
    sms: str


def compose(template: str, wording: Wording, words: Mapping[str, Any]) -> Composed:
    """What a message says. ``template``: its path without ``.txt`` or ``.html``; a text message is short and has
    ``sms.txt`` of the same folder. The previews of the rules are made by this, too."""
    words = {**words, **wording.filled(words)}
    return Composed(
        subject=words["subject"],
        text=render(f"{template}.txt", words),
        html=render(f"{template}.html", words),
        sms=render(f"{template.rpartition('/')[0]}/sms.txt", words).strip(),
    )


def write(
    case: Any,
    event: Event,
    *,
    template: str,
    wording: Wording,
    words: Mapping[str, Any],
    role: str,
    channels: Iterable[tuple[str, str]],
    documents: Iterable[Document] = (),
    **how: Any,
) -> None:
    """Plan one message a channel. ``template``: as in ``compose``. ``how``: deliver, must_arrive, unsubscribe_url as
    in ``plan_message``."""
    made = compose(template, wording, words)
    for channel, address in channels:
        by_mail = channel == EMAIL
        plan_message(
            case,
            event,
            role=role,
            channel=channel,
            address=address,
            subject=made.subject,
            text=made.text if by_mail else made.sms,
            html=made.html if by_mail else "",
            documents=documents if by_mail else [],
            **how,
        )


def deliver_each(messages: Iterable[Message]) -> tuple[list[int], list[ServiceFailure]]:
    """Deliver planned messages now: the ids of those that are sent, and why others are not, temporary ones first.

    Call it outside any transaction."""
    sent, failures = [], list[ServiceFailure]()
    for message in messages:
        try:
            if deliver_message(message.pk):
                sent.append(message.pk)
        except ServiceFailure as failure:
            failures.append(failure)
    failures.sort(key=lambda failure: not failure.temporary)
    return sent, failures


# -- a reminder to answer ---------------------------------------------------------------------------------------------


def remind_at(answer_by: datetime, *, days_before: int) -> datetime:
    """Opening time, so many working days before the answer is due."""
    office = calendar()
    day = add_working_days(office.local_day(answer_by), -days_before, office)
    return datetime.combine(day, office.opens, office.time_zone)


def reminder(
    name: str, *, asked: str, while_in: str, doing: str, apply: Callable[[Any], None] = lambda case: None
) -> Service:
    """The service of a task that is planned with transition ``asked`` (argument: the ``seq`` of its event). While that
    very question is still open, in state ``while_in``, it writes the line of history “reminded”, which is a notice."""

    def accept(case: Any, result: Result) -> bool:
        last = Event.objects.filter(case_id=case.pk, transition=asked).order_by("-seq").first()
        if case.state == while_in and last is not None and last.seq == result["seq"]:
            engine.change(case, "reminded", actor=SYSTEM, public=True, apply=apply)
        return True

    return Service(name=name, call=_same_question, accept=accept, doing=doing)


def _same_question(call: Call) -> Result:
    return {"seq": call.argument["seq"]}

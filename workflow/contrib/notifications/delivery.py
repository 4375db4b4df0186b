"""Messages are planned in the transaction of their event, and delivered later by the service ``deliverMessage``.

How often does one arrive? A row that is marked as sent is never sent again. Between the mail server's yes and that
mark a worker can die; then the lease gives the work to another, which sends the same Message-ID once more. The outbox
backend knows it and writes no second file (exactly once); an SMTP server takes both (at least once), and most mailboxes
show mails of one Message-ID as one. A provider of text messages gets the same id as its idempotency key.
"""

from __future__ import annotations

import hashlib
import smtplib
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone

from workflow.contrib.notifications.backends import get_sms_backend
from workflow.contrib.notifications.models import Message, message_id_of
from workflow.definition import Call, Result, Retry, Service
from workflow.errors import PermanentFailure, ServiceFailure, TemporaryFailure
from workflow.following import task
from workflow.models import Document, Event

# A mail server may be down for an hour of maintenance: about 40 minutes of tries on average, 80 at most.
RETRY = Retry(attempts=12, base=timedelta(seconds=10), cap=timedelta(minutes=15))
# News that nobody waits for: about half a day of tries on average, then it is let go.
RETRY_NEWS = Retry(attempts=20, base=timedelta(seconds=10), cap=timedelta(hours=2))
LONGEST_SUBJECT = 200
REFUSED_FOR_GOOD = 500  # SMTP: 4yz may succeed later, 5yz will not


def plan_message(
    case: Any,
    event: Event,
    *,
    role: str,
    channel: str,
    address: str,
    subject: str,
    text: str,
    html: str = "",
    documents: Iterable[Document] = (),
    deliver: bool = True,
    must_arrive: bool = True,
    unsubscribe_url: str = "",
) -> Message | None:
    """Write one message, and the work that delivers it, in the caller's transaction. None when there is no address.

    Planned again for the same event, role and channel, it answers the first. ``deliver=False``: a step calls
    ``deliver_message`` itself. ``must_arrive=False``: a wrong address parks no case."""
    if not (address := one_line(address)):
        return None
    message, is_new = Message.objects.get_or_create(
        event=event,
        role=role,
        channel=channel,
        defaults={
            "case_id": case.pk,
            "address": address,
            "subject": one_line(subject)[:LONGEST_SUBJECT],
            "text": text,
            "html": html,
            "unsubscribe_url": unsubscribe_url,
            "attachments": [document.pk for document in documents],
            "message_id": message_id_of(event, role, channel),
        },
    )
    if is_new and deliver:
        service = DELIVER_MESSAGE if must_arrive else DELIVER_NEWS
        task(case, name=f"message-{message.pk}", service=service.name, argument={"message": message.pk})
    return message


def one_line(text: str) -> str:
    """Without line breaks and control characters: what may stand in a header."""
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc").split())


def deliver_message(message_id: int) -> bool:
    """Send the message with this row id unless that is done; answers whether it is sent.

    Call it outside any transaction. Raises TemporaryFailure or PermanentFailure, and keeps the reason in the row.
    """
    message = Message.objects.get(pk=message_id)
    if message.is_over:
        return message.status == Message.Status.SENT
    rows = Message.objects.filter(pk=message_id)
    rows.update(status=Message.Status.SENDING, attempts=F("attempts") + 1)
    try:
        _send(message)
    except (ServiceFailure, OSError, ValueError) as error:
        failure = failure_of(error, message)
        rows.update(status=Message.Status.FAILED, error=failure.reason)
        raise failure from error
    rows.update(status=Message.Status.SENT, sent_at=timezone.now(), error="")
    return True


def _send(message: Message) -> None:
    if message.channel == Message.Channel.SMS:
        get_sms_backend().send(message.address, message.text, key=str(message.message_id))
    else:
        mail_of(message).send()


def mail_of(message: Message) -> EmailMultiAlternatives:
    """The mail of a row, with its attachments read from disk. Raises PermanentFailure, OSError."""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.address],
        headers={
            "Message-ID": message.header_id,
            "Date": format_datetime(message.created_at),  # a repetition is the same mail, not a newer one
            "Auto-Submitted": "auto-generated",  # RFC 3834: holiday replies do not answer it
            **unsubscribing(message.unsubscribe_url),
        },
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for document in Document.objects.filter(pk__in=message.attachments, case_id=message.case_id):
        mail.attach(document.name, _content(document), document.content_type)
    return mail


def unsubscribing(url: str) -> dict[str, str]:
    """The headers by which a mail program ends a subscription with one POST (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else {}


def _content(document: Document) -> bytes:
    content = (Path(settings.MEDIA_ROOT) / document.storage_name).read_bytes()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise PermanentFailure(f"The stored file of {document.name} is not the one that was made: make it again.")
    return content


def failure_of(error: Exception, message: Message) -> ServiceFailure:
    """What went wrong as a sentence an officer can act on; the person's address is not part of it."""
    who = f"the {message.role.partition('-')[0]}"
    match error:
        case ServiceFailure():
            return error
        case smtplib.SMTPRecipientsRefused():
            code, answer = next(iter(error.recipients.values()), (REFUSED_FOR_GOOD, b""))
            return _answered(code, answer, f"The mail server does not take mail for {who}")
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPSenderRefused():
            # Ours to mend in the settings; the messages wait meanwhile.
            return TemporaryFailure(f"The mail server does not take our mail ({error.smtp_code}): check its settings.")
        case smtplib.SMTPResponseException():
            return _answered(error.smtp_code, error.smtp_error, f"The mail server refused the message to {who}")
        case smtplib.SMTPNotSupportedError():
            return PermanentFailure(f"The mail server cannot handle the address of {who}: correct it.")
        case OSError():  # smtplib's other errors are OSErrors, too
            return TemporaryFailure(f"The message to {who} could not be handed over ({type(error).__name__}).")
        case _:
            return PermanentFailure(f"The message to {who} cannot be sent: correct the address.")


def _answered(code: int, answer: bytes | str, sentence: str) -> ServiceFailure:
    # A server's own words may repeat the address: the number says enough.
    if code >= REFUSED_FOR_GOOD:
        return PermanentFailure(f"{sentence} ({code}): correct the address, or tell them by phone or letter.")
    return TemporaryFailure(f"{sentence} now ({code}).")


def _call(call: Call) -> Result:
    return {"sent": deliver_message(call.argument["message"])}


DELIVER_MESSAGE = Service(
    name="deliverMessage",
    call=_call,
    deadline=timedelta(seconds=40),  # above EMAIL_TIMEOUT for each of connect, envelope and data
    retry=RETRY,
    doing="delivers the message",
)


def _call_news(call: Call) -> Result:
    """Give up in silence: the row of the message says why."""
    try:
        return {"sent": deliver_message(call.argument["message"])}
    except ServiceFailure as failure:
        if failure.temporary and call.attempt < RETRY_NEWS.attempts:
            raise
        return {"sent": False, "given_up": failure.code}


DELIVER_NEWS = Service(
    name="deliverNews",
    call=_call_news,
    deadline=DELIVER_MESSAGE.deadline,
    retry=RETRY_NEWS,
    doing="delivers the news",
)

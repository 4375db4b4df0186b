"""The link that opens a case, by e-mail: how often, and what the history says about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.template import Context, Engine
from django.utils import timezone

from workflow import engine
from workflow.actors import SYSTEM
from workflow.contrib.citizens.doors import within_limit
from workflow.contrib.notifications.delivery import plan_message
from workflow.contrib.notifications.models import Message
from workflow.models import Event
from workflow.writing import writing

MOST_AN_HOUR = 3  # of one case, so that nobody fills a mailbox by way of us
MOST_TO_ADDRESS = 10  # of all cases
SENT = "link_sent"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail's subject and its words, as text and as HTML."""

    subject: str
    text: str
    html: str

    @classmethod
    def rendered(cls, template: str, words: dict[str, Any]) -> "Letter":
        """From ``template`` + ``.txt`` and ``.html``; ``words`` holds the subject. Only HTML is escaped."""
        get = Engine.get_default().get_template
        text = get(f"{template}.txt").render(Context(words, autoescape=False))
        return cls(subject=words["subject"], text=text, html=get(f"{template}.html").render(Context(words)))


def send_link(case: Any, address: str, *, role: str, letter_of: Callable[[Any], Letter]) -> bool:
    """Plan the mail ``letter_of(case)``; False when enough were sent. The history says that a secret went out, and to
    no one by name."""
    hour = timedelta(hours=1)
    if not within_limit("link-to", address, most=MOST_TO_ADDRESS, per=hour):
        return False
    with writing():
        sent = Event.objects.filter(case_id=case.pk, kind=SENT, at__gte=timezone.now() - hour).count()
        if sent >= MOST_AN_HOUR:
            return False
        fresh = engine.change(case, SENT, actor=SYSTEM)
        event = Event.objects.get(case_id=fresh.pk, seq=fresh.revision)
        letter = letter_of(fresh)
        plan_message(
            fresh,
            event,
            role=role,
            channel=Message.Channel.EMAIL,
            address=address,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
        )
    return True


def was_sent_to(case: Any, address: str) -> bool:
    return Message.objects.filter(case_id=case.pk, address__iexact=address, event__kind=SENT).exists()

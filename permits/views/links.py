"""The link that opens a draft or a request, by e-mail to the address the application itself names."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone

from permits.models import RoadPermit
from permits.views.doors import within_limit
from permits.views.steps import resume_url
from workflow import engine
from workflow.actors import SYSTEM
from workflow.contrib.notifications.delivery import plan_message
from workflow.contrib.notifications.models import Message
from workflow.models import Contact, Event
from workflow.tracker import tracking_url
from workflow.writing import writing

MOST_AN_HOUR = 3  # of one case, so that nobody fills a mailbox by way of us
MOST_TO_ADDRESS = 10  # of all cases
SENT = "link_sent"


def send_link(permit: RoadPermit, address: str) -> bool:
    """Plan a mail with the link; False when enough were sent. The history says that a secret went out, and to no one
    by name."""
    hour = timedelta(hours=1)
    if not within_limit("link-to", address, most=MOST_TO_ADDRESS, per=hour):
        return False
    with writing():
        sent = Event.objects.filter(case_id=permit.pk, kind=SENT, at__gte=timezone.now() - hour).count()
        if sent >= MOST_AN_HOUR:
            return False
        fresh = engine.change(permit, SENT, actor=SYSTEM)
        event = Event.objects.get(case_id=fresh.pk, seq=fresh.revision)
        words = _words(fresh)
        plan_message(
            fresh,
            event,
            role="applicant",
            channel=Message.Channel.EMAIL,
            address=address,
            subject=words["subject"],
            text=_render("link.txt", words),
            html=_render("link.html", words),
        )
    return True


def was_sent_to(permit: RoadPermit, address: str) -> bool:
    return Message.objects.filter(case_id=permit.pk, address__iexact=address, event__kind=SENT).exists()


def address_of(permit: RoadPermit, typed: str) -> str:
    """The applicant's address on file if ``typed`` is the same, else empty."""
    if permit.state == RoadPermit.State.DRAFT:
        known = str(permit.answer("contact_email") or "")
    else:
        contact = Contact.objects.filter(case_id=permit.pk, role="applicant").first()
        known = contact.email if contact else ""
    return known if known and known.casefold() == typed.strip().casefold() else ""


def _words(permit: RoadPermit) -> dict[str, Any]:
    is_draft = permit.state == RoadPermit.State.DRAFT
    return {
        "subject": f"{permit.reference}: your link to {'go on with the application' if is_draft else 'track it'}",
        "is_draft": is_draft,
        "link": resume_url(permit) if is_draft else tracking_url(permit),
        "for_applicant": True,
        "name": "applicant",  # not the name that was typed: a stranger could write anything there, to anybody
        "reference": permit.reference,
        "agency_name": settings.AGENCY_NAME,
        "agency_phone": settings.AGENCY_PHONE,
    }


def _render(name: str, words: dict[str, Any]) -> str:
    """Only HTML is escaped."""
    template = Engine.get_default().get_template(f"permits/mail/{name}")
    return template.render(Context(words, autoescape=name.endswith(".html")))

"""The link that opens a draft or a request, by e-mail to the address the application itself names."""

from django.conf import settings

from permits.models import RoadPermit
from permits.views.steps import resume_url
from workflow.contrib.citizens import links
from workflow.contrib.citizens.lookup import Kind
from workflow.models import Contact
from workflow.tracker import tracking_url


def send_link(permit: RoadPermit, address: str) -> bool:
    """Plan a mail with the link; False when enough were sent."""
    return links.send_link(permit, address, role="applicant", letter_of=_letter)


def was_sent_to(permit: RoadPermit, address: str) -> bool:
    return links.was_sent_to(permit, address)


def send_lost_link(reference: str, email: str) -> None:
    """To the address on file, if ``email`` is the same."""
    permit = RoadPermit.objects.filter(reference=reference).first()
    if isinstance(permit, RoadPermit) and (address := address_of(permit, email)):
        send_link(permit, address)


LOOKUP = Kind(prefix="RP", send=send_lost_link)


def address_of(permit: RoadPermit, typed: str) -> str:
    """The applicant's address on file if ``typed`` is the same, else empty."""
    if permit.state == RoadPermit.State.DRAFT:
        known = str(permit.answer("contact_email") or "")
    else:
        contact = Contact.objects.filter(case_id=permit.pk, role="applicant").first()
        known = contact.email if contact else ""
    return known if known and known.casefold() == typed.strip().casefold() else ""


def _letter(permit: RoadPermit) -> links.Letter:
    is_draft = permit.state == RoadPermit.State.DRAFT
    words = {
        "subject": f"{permit.reference}: your link to {'go on with the application' if is_draft else 'track it'}",
        "is_draft": is_draft,
        "link": resume_url(permit) if is_draft else tracking_url(permit),
        "for_applicant": True,
        "name": "applicant",  # not the name that was typed: a stranger could write anything there, to anybody
        "reference": permit.reference,
        "agency_name": settings.AGENCY_NAME,
        "agency_phone": settings.AGENCY_PHONE,
    }
    return links.Letter.rendered("permits/mail/link", words)

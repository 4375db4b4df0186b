"""The link that opens a report, by e-mail to the address its reporter gave."""

from django.conf import settings

from incidents.models import Incident
from incidents.views.short import public_page
from workflow.contrib.citizens import links
from workflow.contrib.citizens.lookup import Kind
from workflow.models import Contact
from workflow.tracker import tracking_url


def send_lost_link(reference: str, email: str) -> None:
    """To the reporter's address on file, if ``email`` is the same."""
    incident = Incident.objects.filter(reference=reference).first()
    if not isinstance(incident, Incident):
        return
    contact = Contact.objects.filter(case=incident, role="reporter").first()
    known = contact.email if contact else ""
    if known and known.casefold() == email.strip().casefold():
        links.send_link(incident, known, role="reporter", letter_of=_letter)


def _letter(incident: Incident) -> links.Letter:
    words = {
        "subject": f"{incident.reference}: your link to track it",
        "link": tracking_url(incident),
        "reference": incident.reference,
        "title": incident.title,
        "agency_name": settings.AGENCY_NAME,
        "agency_phone": settings.AGENCY_PHONE,
    }
    return links.Letter.rendered("incidents/track/link", words)


LOOKUP = Kind(prefix="IR", send=send_lost_link, public_page=public_page)

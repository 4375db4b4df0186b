"""Who may come in to a permit: whoever holds its link. And which drafts a browser remembers."""

from django.http import HttpRequest

from permits.models import RoadPermit
from workflow.actors import Actor, applicant
from workflow.contrib.citizens import doors

MOST_DRAFTS = 5  # drafts one browser remembers
_DRAFTS = "drafts"

private = doors.private
by_link = doors.by_link(RoadPermit, "team")


def actor_of(permit: RoadPermit) -> Actor:
    """Whoever holds the link acts for the applicant."""
    return applicant(permit, name=str(permit.answer("contact_name") or ""))


def remember(request: HttpRequest, permit: RoadPermit) -> None:
    """Let this browser find the draft again without its link."""
    known = [one for one in request.session.get(_DRAFTS, []) if one != permit.reference]
    request.session[_DRAFTS] = [permit.reference, *known][:MOST_DRAFTS]


def remembered(request: HttpRequest) -> list[RoadPermit]:
    """This browser's drafts that are still drafts, the newest first. One query at most."""
    known = request.session.get(_DRAFTS, [])
    if not known:
        return []
    found: list[RoadPermit] = list(RoadPermit.objects.filter(reference__in=known, state=RoadPermit.State.DRAFT))  # type: ignore[arg-type]
    return sorted(found, key=lambda permit: known.index(permit.reference))


def forget(request: HttpRequest) -> None:
    """For a computer that others use, too: the drafts stay, and their links work."""
    request.session.pop(_DRAFTS, None)

"""Who may come in: whoever holds a link. And how often somebody may ask."""

import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from permits.models import RoadPermit
from workflow.actors import Actor, applicant
from workflow.tracker import find_tracked

log = logging.getLogger(__name__)

MOST_DRAFTS = 5  # drafts one browser remembers
WRONG_LINKS, WRONG_LINKS_IN = 60, timedelta(minutes=10)
_DRAFTS = "drafts"

type Page = Callable[..., HttpResponseBase]


def private(view: Page) -> Page:
    """A page that no cache keeps and no search engine lists: its address is a secret."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def by_link(view: Page) -> Page:
    """Gives the view the permit behind ``reference`` and ``token``. A wrong one is a 404 like any other."""

    @private
    @wraps(view)
    def opened(request: HttpRequest, reference: str, token: str, **kwargs: object) -> HttpResponseBase:
        case = find_tracked(reference, token)
        permit = RoadPermit.objects.select_related("team").filter(pk=case.pk).first() if case else None
        if permit is not None:
            return view(request, permit, **kwargs)
        # The secret has 156 bits, so counting is for the noise, not for the lock: a right link always opens, also for
        # somebody who shares an address with whoever guesses.
        if not within_limit("wrong-link", request.META.get("REMOTE_ADDR", ""), most=WRONG_LINKS, per=WRONG_LINKS_IN):
            return too_many(request, WRONG_LINKS_IN)
        raise Http404

    return opened


def within_limit(what: str, who: str, *, most: int, per: timedelta) -> bool:
    """Counts one more ``what`` by ``who``; False after ``most`` in ``per``. Counted in each process."""
    key = f"limit:{what}:{hashlib.sha256(who.casefold().encode()).hexdigest()}"
    cache.add(key, 0, per.total_seconds())
    try:
        return cache.incr(key) <= most
    except ValueError:  # ran out between the two calls
        return True


def too_many(request: HttpRequest, wait: timedelta) -> HttpResponse:
    """The answer 429 as a page."""
    minutes = int(wait.total_seconds() // 60)
    response = render(request, "permits/track/too_many.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(int(wait.total_seconds()))
    return response


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

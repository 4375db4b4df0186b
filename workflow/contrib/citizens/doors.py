"""Who may come in: whoever holds a link. And how often somebody may ask."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from workflow.tracker import find_tracked

WRONG_LINKS, WRONG_LINKS_IN = 60, timedelta(minutes=10)

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


def by_link(model: Any, *related: str) -> Callable[[Page], Page]:
    """A decorator that gives a view the case of ``model`` behind ``reference`` and ``token``, with ``related`` rows.
    A wrong link is a 404 like any other, also when it opens a case of another kind."""
    cases = model.objects.select_related(*related) if related else model.objects.all()

    def decorate(view: Page) -> Page:
        @private
        @wraps(view)
        def opened(request: HttpRequest, reference: str, token: str, **kwargs: object) -> HttpResponseBase:
            known = find_tracked(reference, token)
            case = cases.filter(pk=known.pk).first() if known else None
            return wrong_link(request) if case is None else view(request, case, **kwargs)

        return opened

    return decorate


def wrong_link(request: HttpRequest) -> HttpResponse:
    """A 404, or 429 for somebody who guesses. Raises Http404.

    The secret has 156 bits, so counting is for the noise, not for the lock: a right link always opens, also for
    somebody who shares an address with whoever guesses.
    """
    if not within_limit("wrong-link", address_of(request), most=WRONG_LINKS, per=WRONG_LINKS_IN):
        return too_many(request, WRONG_LINKS_IN)
    raise Http404


def address_of(request: HttpRequest) -> str:
    """The network address the request came from; empty when the server does not say."""
    return str(request.META.get("REMOTE_ADDR", ""))


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
    response = render(request, "citizens/too_many.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(int(wait.total_seconds()))
    return response

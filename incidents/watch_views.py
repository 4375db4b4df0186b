"""Watch my road: ask for it, confirm it by mail, look at it, end it. And end “me too”.

Nothing is confirmed or ended by a GET, for mail scanners open every link. Ending needs one POST and no cookie, so that
a mail program can do it for its reader (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from incidents import messages, watch_links, watching
from incidents.catalogue import catalogue
from incidents.models import Subscriber, Watch
from incidents.watch_forms import FORMS, CircleForm, WatchForm
from incidents.watch_mail import send_confirmation
from workflow.contrib.citizens import doors
from workflow.contrib.places.counties import bounds
from workflow.errors import ServiceFailure

MOST_FROM_HERE, HOUR = 20, timedelta(hours=1)  # asked for by one network address
MOST_TO_ADDRESS = 3  # mails to one mailbox in an hour, whoever asks
READ_OR_SEND = ["GET", "HEAD", "POST"]


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What can be watched: three ways."""
    return render(request, "incidents/watch/start.html", {"kinds": Watch.Kind.choices})


@doors.private
@require_http_methods(READ_OR_SEND)
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of one kind. Its answer is the same whether or not a mail could go out to that mailbox again."""
    if kind not in FORMS:
        raise Http404
    known = catalogue()
    if request.method != "POST":
        return _form_page(request, FORMS[kind](known=known, initial=_initial(request, kind)))
    form = FORMS[kind](request.POST, known=known)
    if not form.is_valid():
        return _form_page(request, form)
    if not doors.within_limit("watch", doors.address_of(request), most=MOST_FROM_HERE, per=HOUR):
        return doors.too_many(request, HOUR)
    try:
        _send(form.watch())
    except ServiceFailure:
        said = "Our mail does not go out at the moment, so nothing was kept. Please try again in some minutes."
        form.add_error(None, said)
        return _form_page(request, form, status=503)
    return render(request, "incidents/watch/sent.html", {"email": form.cleaned_data["email"]})


def _send(watch: Watch) -> None:
    """Keep the watch and mail its link, unless that mailbox got enough. Raises ServiceFailure, then nothing is kept."""
    asked = Watch.objects.filter(email=watch.email, created_at__gte=timezone.now() - HOUR)
    if asked.count() >= MOST_TO_ADDRESS:
        return
    watch.save()
    try:
        send_confirmation(watch)
    except ServiceFailure:
        watch.delete()
        raise


def _initial(request: HttpRequest, kind: str) -> dict[str, Any]:
    """What a link from a list or a report names already."""
    given = {name: value[:60] for name, value in request.GET.items() if name in FORMS[kind].base_fields}
    given.pop("email", None)
    around = CircleForm.around(request.GET.get("at", "")) if kind == Watch.Kind.CIRCLE else {}
    return given | around | ({"groups": request.GET.getlist("groups")} if "groups" in given else {})


def _form_page(request: HttpRequest, form: WatchForm, *, status: int = 200) -> HttpResponse:
    west, south, east, north = bounds()
    edges = ",".join(f"{edge:.4f}" for edge in (west, south, east, north))
    context = {"form": form, "kind": form.kind.value, "title": form.kind.label, "bounds": edges}
    return render(request, "incidents/watch/form.html", context, status=status)


# -- with a link ------------------------------------------------------------------------------------------------------

type Page = Callable[..., HttpResponseBase]


def by_watch_link(view: Page) -> Page:
    """Gives the view the watch behind ``number`` and ``token``."""

    @doors.private
    @wraps(view)
    def opened(request: HttpRequest, number: int, token: str) -> HttpResponseBase:
        watch = watch_links.find_watch(number, token)
        return doors.wrong_link(request) if watch is None else view(request, watch)

    return opened


@by_watch_link
@require_http_methods(READ_OR_SEND)
def confirm(request: HttpRequest, watch: Watch) -> HttpResponse:
    """The page behind the link of the mail: its button is the yes."""
    if request.method == "POST":
        Watch.objects.filter(pk=watch.pk, confirmed_at=None, unsubscribed_at=None).update(confirmed_at=timezone.now())
    if request.method == "POST" or watch.confirmed_at or watch.unsubscribed_at:
        return redirect(_path(watch))
    return render(request, "incidents/watch/confirm.html", _words(watch))


@by_watch_link
@require_safe
def manage(request: HttpRequest, watch: Watch) -> HttpResponse:
    """What is watched, its feeds, and the way out."""
    if watch.confirmed_at is None and watch.unsubscribed_at is None:
        return redirect(_path(watch, "confirm"))
    return render(request, "incidents/watch/manage.html", _words(watch) | watching.feeds_of(watch))


@csrf_exempt
@by_watch_link
@require_http_methods(READ_OR_SEND)
def stop(request: HttpRequest, watch: Watch) -> HttpResponse:
    """End it: with the button of this page, or one POST of a mail program. Once more is no error."""
    if request.method == "POST":
        Watch.objects.filter(pk=watch.pk, unsubscribed_at=None).update(unsubscribed_at=timezone.now())
    ended = request.method == "POST" or watch.unsubscribed_at is not None
    return render(request, "incidents/watch/stop.html", _words(watch) | {"ended": ended})


@csrf_exempt
@doors.private
@require_http_methods(READ_OR_SEND)
def unfollow(request: HttpRequest, number: int, token: str) -> HttpResponseBase:
    """End the news that “me too” brought; the vote stays."""
    subscriber = watch_links.find_subscriber(number, token)
    if subscriber is None:
        return doors.wrong_link(request)
    if request.method == "POST":
        Subscriber.objects.filter(pk=number, unsubscribed_at=None).update(unsubscribed_at=timezone.now())
    ended = request.method == "POST" or subscriber.unsubscribed_at is not None
    incident = subscriber.incident
    words = {"ended": ended, "incident": incident, "public_url": messages.public_url(incident)}
    return render(request, "incidents/watch/unfollow.html", words)


def _words(watch: Watch) -> dict[str, Any]:
    return {
        "watch": watch,
        "watching": watching.described(watch, catalogue()),
        "manage_path": _path(watch),
        "stop_path": _path(watch, "stop"),
    }


def _path(watch: Watch, page: str = "") -> str:
    return watch_links.path_of(watch_links.watch_url(watch, page))

"""Links that belong to one person each: to end “me too”, and to confirm, manage and end a watch.

The secret of a link is made from the row's nonce and the server's key: a copy of the database alone opens nothing.
"""

from __future__ import annotations

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from incidents.models import Subscriber, Watch

type Row = Subscriber | Watch


def token_of(row: Row) -> str:
    """26 letters, digits, - and _."""
    return Signer(salt=f"milepost.{row._meta.model_name}").signature(f"{row.pk}:{row.nonce}")[:26]


def subscriber_url(subscriber: Subscriber) -> str:
    """Where “me too” ends: a page with a button, and one POST for a mail program (RFC 8058)."""
    return f"{settings.SITE_URL}/incidents/follow/{subscriber.pk}/{token_of(subscriber)}/"


def watch_url(watch: Watch, page: str = "") -> str:
    """The page of a watch, or below it ``confirm`` or ``stop``."""
    return f"{settings.SITE_URL}/incidents/watch/{watch.pk}/{token_of(watch)}/" + (f"{page}/" if page else "")


def find_subscriber(number: int, token: str) -> Subscriber | None:
    """The row behind a link, or None."""
    row = Subscriber.objects.select_related("incident").filter(pk=number).first()
    fits = _fits(row or Subscriber(pk=0, nonce="0" * 32), token)
    return row if fits else None


def find_watch(number: int, token: str) -> Watch | None:
    """The row behind a link, or None."""
    row = Watch.objects.filter(pk=number).first()
    fits = _fits(row or Watch(pk=0, nonce="0" * 32), token)
    return row if fits else None


def _fits(row: Row, token: str) -> bool:
    return constant_time_compare(token_of(row).encode(), token.encode("utf-8", "replace"))


def path_of(url: str) -> str:
    """The same link for our own pages, whatever host they are read on."""
    return url.removeprefix(settings.SITE_URL)

"""The crew's link on the permit: who holds it may report the start and the stop of this permit's work, nothing else.

Like a tracking link it is derived from the row and the server's key, so a copy of the database opens nothing. It is
another secret than the tracking link and the public code, and it is dead when the tracking link is made anew, when the
permit's public code is, and when the permit is over.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from permits.models import RoadPermit
from workflow.actors import Actor
from workflow.tracker import REFERENCE

_SIGNER = Signer(salt="milepost.site")
NAME = "Crew on site"


def site_token(permit: Any) -> str:
    secret = f"{permit.reference}:{permit.tracking_nonce}:{permit.verify_token}"
    return _SIGNER.signature(secret)[:26]


def site_url(permit: Any) -> str:
    """The full address behind the second QR code, from SITE_URL."""
    return f"{settings.SITE_URL}/site/{permit.reference}/{site_token(permit)}/"


def find(reference: str, token: str) -> RoadPermit | None:
    """The permit behind a crew's link, or None: the same work whether or not the reference exists."""
    shown = reference.upper()
    known = shown if REFERENCE.fullmatch(shown) else ""
    permit: Any = RoadPermit.objects.select_related("team").filter(reference=known).first()
    expected = site_token(permit or RoadPermit(reference="none", tracking_nonce="0" * 32, verify_token="0"))  # noqa: S106
    fits = constant_time_compare(expected, token.encode("utf-8", "replace"))
    return permit if fits and permit is not None else None


def crew(permit: RoadPermit) -> Actor:
    return Actor(kind="crew", name=NAME, case_id=permit.pk)

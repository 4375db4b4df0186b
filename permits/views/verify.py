"""The public page behind the QR code: does this permit hold today? It shows nothing about a person."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from permits.application.choices import PermitType
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.sheet import county_name
from permits.views import doors
from workflow.contrib.citizens.references import as_stored

LONGEST_TYPED = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,32}")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """``word`` for machines, ``title`` and ``text`` for people; ``tone`` only repeats them in colour."""

    word: str
    title: str
    text: str
    tone: str


VALID = Verdict(word="valid", title="Valid", text="Work is allowed today under this permit.", tone="good")
NOT_YET = Verdict(
    word="not_yet",
    title="Not valid yet",
    text="The permit exists, and its first day is still to come. Work may not have begun.",
    tone="waiting",
)
SUSPENDED = Verdict(
    word="suspended", title="Suspended", text="Work must stop until the agency lets it go on.", tone="stopped"
)
REVOKED = Verdict(
    word="revoked", title="Revoked", text="The agency took this permit back. Work must stop.", tone="stopped"
)
EXPIRED = Verdict(word="expired", title="Expired", text="The last day of this permit is over.", tone="over")
SUPERSEDED = Verdict(
    word="superseded",
    title="Superseded",
    text="A newer version of this permit replaces the one in your hand. Ask for the new one.",
    tone="waiting",
)
COMPLETED = Verdict(
    word="completed", title="Completed", text="The work was reported as finished. No more work is allowed.", tone="over"
)
CANCELLED = Verdict(
    word="cancelled", title="Cancelled", text="This permit was withdrawn. No work is allowed.", tone="over"
)
REOPENED = Verdict(
    word="not_in_force",
    title="Not in force",
    text="The decision on this permit is open. No work is allowed until there is a new one.",
    tone="stopped",
)
UNKNOWN = Verdict(
    word="unknown",
    title="Unknown",
    text="We know no permit with this code. Check the code; if it is right, this is not a permit of ours.",
    tone="stopped",
)
_BY_STATE = {
    State.ISSUED: NOT_YET,
    State.SUSPENDED: SUSPENDED,
    State.REVOKED: REVOKED,
    State.EXPIRED: EXPIRED,
    State.CANCELLED: CANCELLED,
    State.COMPLETED: COMPLETED,
    State.CLOSED: COMPLETED,
}


def verdict_of(permit: RoadPermit | None, *, printed_revision: str = "") -> Verdict:
    """What holds now. ``printed_revision``: the one in the code on the paper, where it names one.

    An application without an issued document is as unknown as no application.
    """
    if permit is None or permit.permit_document_id is None:
        return UNKNOWN
    if permit.state not in (State.IN_FORCE, State.ACTIVE):
        return _BY_STATE.get(State(permit.state), REOPENED)
    if printed_revision.isdecimal() and int(printed_revision[:9]) < permit.application_revision:
        return SUPERSEDED
    now = timezone.now()
    if permit.end_at and permit.end_at <= now:
        return EXPIRED
    return NOT_YET if permit.starts_on and permit.starts_on > timezone.localdate() else VALID


@require_safe
def lookup(request: HttpRequest) -> HttpResponseBase:
    """Type the number or the code of a permit; or paste the address of its QR code."""
    typed = request.GET.get("number", "")[:LONGEST_TYPED].strip()
    if not typed:
        return render(request, "permits/verify/lookup.html")
    code = typed.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    reference = as_stored(typed)
    permit = _by_token(code) or (_find(reference=reference) if reference else None)
    return _answer(request, permit, typed=typed)


@require_safe
def verify(request: HttpRequest, token: str) -> HttpResponseBase:
    """The address in the QR code. ``?r=2`` is the revision on the paper."""
    return _answer(request, _by_token(token), printed_revision=request.GET.get("r", ""))


def _by_token(token: str) -> RoadPermit | None:
    return _find(verify_token=token) if _TOKEN.fullmatch(token) else None


def _find(**by: str) -> RoadPermit | None:
    found = RoadPermit.objects.filter(**by).first()
    return found if isinstance(found, RoadPermit) else None


@doors.private
def _answer(
    request: HttpRequest, permit: RoadPermit | None, *, printed_revision: str = "", typed: str = ""
) -> HttpResponse:
    verdict = verdict_of(permit, printed_revision=printed_revision)
    context = {"verdict": verdict, "typed": typed, "now": timezone.now()}
    if permit is not None and verdict is not UNKNOWN:
        kind = PermitType(permit.category).label if permit.category in PermitType.values else permit.category
        context |= {"permit": permit, "kind": kind, "county": county_name(permit.county)}
    return render(request, "permits/verify/result.html", context, status=404 if verdict is UNKNOWN else 200)

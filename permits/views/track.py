"""Ask for a tracking link, and the tracking page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from permits.models import RoadPermit
from permits.rules.codes import ConditionCode, RefusalCode
from permits.sheet import verify_url
from permits.views import act, doors, links, story
from permits.views.documents import files_of
from permits.views.steps import resume_url, track_url
from workflow.contrib.notifications.models import Message
from workflow.contrib.uswds.forms import UswdsForm
from workflow.models.case import ALPHABET
from workflow.tracker import REFERENCE, timeline, tracking_url

MOST_ASKED, ASKED_IN = 10, timedelta(hours=1)  # by one browser
_ASKED = "asked"
# Read out on the phone, O becomes 0 and I becomes 1: the alphabet of references leaves these letters out.
_HEARD = str.maketrans({letter: "0" if letter == "O" else "1" for letter in "OIL" if letter not in ALPHABET})


class LookupForm(UswdsForm):
    reference = forms.CharField(
        label="Reference",
        max_length=24,
        help_text="It looks like RP-26-7K3QXM and stands in every message from us.",
        widget=forms.TextInput({"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Enter the reference."},
    )
    email = forms.EmailField(
        label="E-mail",
        help_text="The address you gave in the application.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": "Enter the e-mail address of the application.",
            "invalid": "Enter an e-mail address like name@example.com.",
        },
    )


@doors.private
@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Reference and e-mail; the answer is the same whether or not they fit, for both may be guessed."""
    typed = request.GET.get("reference", "")[:24]
    form = LookupForm(request.POST) if request.method == "POST" else LookupForm(initial={"reference": typed})
    if request.method == "POST" and form.is_valid():
        if not _may_ask(request):
            return doors.too_many(request, ASKED_IN)
        _send(form.cleaned_data["reference"], form.cleaned_data["email"])
        return render(request, "permits/track/sent.html", {"typed": form.cleaned_data})
    return render(request, "permits/track/lookup.html", {"form": form})


def _may_ask(request: HttpRequest) -> bool:
    """Both by browser and by network address: a browser can forget its cookie, an office may share an address."""
    if not request.session.session_key:
        request.session[_ASKED] = True
        request.session.save()
    by_browser = doors.within_limit("ask", request.session.session_key or "", most=MOST_ASKED, per=ASKED_IN)
    address = request.META.get("REMOTE_ADDR", "")
    return doors.within_limit("ask-from", address, most=MOST_ASKED * 10, per=ASKED_IN) and by_browser


def _send(reference: str, email: str) -> None:
    permit = RoadPermit.objects.filter(reference=as_stored(reference)).first()
    if isinstance(permit, RoadPermit) and (address := links.address_of(permit, email)):
        links.send_link(permit, address)


def as_stored(reference: str) -> str:
    """A typed reference as we write them; empty when it cannot be one."""
    prefix, _, rest = "".join(reference.upper().split()).partition("-")
    found = f"{prefix}-{rest.translate(_HEARD)}"
    return found if REFERENCE.fullmatch(found) else ""


@doors.by_link
@require_safe
def tracking(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """Where the request stands: now, the steps, what you can do, documents, messages, history."""
    if permit.state == RoadPermit.State.DRAFT:
        return redirect(resume_url(permit).removeprefix(settings.SITE_URL))
    history = timeline(permit, public_only=True)
    context = {
        "permit": permit,
        "now": story.now_of(permit),
        "milestones": story.milestones_of(permit, history),
        "lines": story.lines_of(permit, history),
        "actions": act.actions_of(permit),
        "files": files_of(permit),
        "files_url": "" if permit.closed_at else track_url(permit, "files"),
        "messages_sent": Message.objects.filter(case_id=permit.pk, role="applicant").order_by("-pk")[:50],
        "tracking_url": tracking_url(permit),
        "owes": story.owes(permit),
        "invoice": permit.invoice.get("lines", []),
        "verify_url": verify_url(permit) if permit.issued_at else "",
        **_decision(permit),
    }
    return render(request, "permits/track/tracking.html", context)


def _decision(permit: RoadPermit) -> dict[str, Any]:
    return {
        "conditions": [(code, ConditionCode[code].text) for code in permit.conditions],
        "reasons": [(code, RefusalCode[code].text) for code in permit.reasons],
    }

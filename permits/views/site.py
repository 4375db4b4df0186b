"""The crew's page: start or stop work, by the link on the permit. Made for a phone in the sun and one thumb."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from permits.inspections.site_links import crew, find, site_token
from permits.lifecycle import State as S
from permits.models import RoadPermit
from permits.rules.inspections import TAKE_BACK
from permits.sheet import county_name
from permits.views.doors import private
from workflow import engine
from workflow.contrib.citizens.doors import wrong_link
from workflow.contrib.uswds.forms import UswdsForm
from workflow.errors import WorkflowError


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing the crew can report. ``already``: states in which it was done before this press."""

    transition: str
    button: str
    title: str
    text: str
    confirm: str
    done: str
    already: tuple[str, ...]
    reason: bool = False


DEEDS = {
    "start": Deed(
        transition="start_work", button="Start work", title="Does the work start now?",
        text="The office and drivers' maps are told that the road is being worked on.",
        confirm="Yes, work starts now", done="Thank you. The start is noted.", already=(S.ACTIVE,),
    ),
    "stop": Deed(
        transition="stop_work", button="Work is finished", title="Is the work finished and the road open?",
        text="Say yes when all signs and barriers are gone and the road is restored. An inspector will come.",
        confirm="Yes, the road is open", done="Thank you. The end of the work is noted.", already=(S.COMPLETED,),
    ),
    "undo-start": Deed(
        transition="revert_start", button="Take back the start", title="Did the work not start after all?",
        text="A mistaken start can be taken back within 24 hours.", confirm="Take back the start",
        done="The start is taken back.", already=(S.IN_FORCE,), reason=True,
    ),
    "undo-stop": Deed(
        transition="revert_stop", button="Take back the finish", title="Is the work not finished after all?",
        text="A mistaken finish can be taken back within 24 hours.", confirm="Take back the finish",
        done="The finish is taken back. Work is under way.", already=(S.ACTIVE,), reason=True,
    ),
}  # fmt: skip
_NEXT = {S.IN_FORCE: "start", S.ACTIVE: "stop", S.SUSPENDED: "stop"}
_UNDO = {S.ACTIVE: ("undo-start", "actual_start_at"), S.COMPLETED: ("undo-stop", "actual_end_at")}
_OVER = {
    S.ISSUED: "The permit is not in force yet: wait for our message to the permit holder.",
    S.COMPLETED: "The work was reported as finished. An inspector will look at the road.",
    S.CLOSED: "The road was inspected and accepted. Nothing is left to do.",
    S.REVOKED: "The agency took this permit back. All work must stop.",
    S.CANCELLED: "This permit was withdrawn. No work is allowed.",
    S.EXPIRED: "The last day of this permit is over. No work is allowed.",
}
_TONES = {S.IN_FORCE: "waiting", S.ACTIVE: "good", S.SUSPENDED: "stopped", S.REVOKED: "stopped"}


class Degrees(forms.CharField):
    """A number of degrees, or None: a position that makes no sense is left out, as it is a courtesy nobody typed."""

    def __init__(self, most: float, name: str) -> None:
        super().__init__(required=False, widget=forms.HiddenInput({"data-place": name}))
        self.most = most

    def clean(self, value: Any) -> float | None:
        try:
            found = float(value)
        except (TypeError, ValueError):
            return None
        return found if -self.most <= found <= self.most else None


class DeedForm(UswdsForm):
    reason = forms.CharField(label="Why", max_length=1000, min_length=5, widget=forms.Textarea({"rows": 3}), strip=True)
    latitude = Degrees(90, "latitude")
    longitude = Degrees(180, "longitude")

    def __init__(self, *args: Any, deed: Deed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("latitude", "longitude") if deed.reason else ("reason",):
            del self.fields[name]


def by_site_link(view: Any) -> Any:
    """Gives a view the permit behind the crew's link. A wrong link is a 404 like any other."""

    @private
    @wraps(view)
    def opened(request: HttpRequest, reference: str, token: str, **kwargs: Any) -> HttpResponseBase:
        permit = find(reference, token)
        if permit is None or permit.permit_document_id is None:
            return wrong_link(request)
        answer: HttpResponseBase = view(request, permit, **kwargs)
        return answer

    return opened


@by_site_link
@require_safe
def site(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """What holds now, and the one thing to do next."""
    return render(request, "permits/site/site.html", _context(permit))


@by_site_link
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: HttpRequest, permit: RoadPermit, slug: str) -> HttpResponse:
    """Ask once, then do it. A second press of what is done says when it was done."""
    asked = DEEDS.get(slug)
    if asked is None:
        return redirect(_url(permit))
    if permit.state in asked.already and not _possible(permit, asked):
        messages.info(request, _done_already(permit, asked))
        return redirect(_url(permit))
    if not _possible(permit, asked):
        return redirect(_url(permit))  # that page says why not
    form = DeedForm(request.POST if request.method == "POST" else None, deed=asked)
    if request.method == "POST" and form.is_valid() and _fire(permit, asked, form):
        messages.success(request, asked.done)
        return redirect(_url(permit))
    status = 422 if form.errors else 200
    return render(request, "permits/site/deed.html", {**_context(permit), "deed": asked, "form": form}, status=status)


def _fire(permit: RoadPermit, asked: Deed, form: DeedForm) -> bool:
    """Whether it is done. Somebody else on site who pressed a moment earlier did the same: that counts as done."""
    data = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    if not {"latitude", "longitude"} <= data.keys():
        data = {name: value for name, value in data.items() if name == "reason"}
    try:
        engine.fire(permit, asked.transition, actor=crew(permit), data=data)
    except WorkflowError as refused:
        permit.refresh_from_db()
        if permit.state in asked.already:
            return True
        for sentence in [reason.sentence for reason in refused.reasons] or [refused.sentence]:
            form.add_error(None, sentence)
        return False
    return True


def _context(permit: RoadPermit) -> dict[str, Any]:
    slug = _NEXT.get(S(permit.state), "")
    next_deed = DEEDS.get(slug)
    reasons = _reasons(permit, next_deed) if next_deed else []
    undo, moment = _UNDO.get(S(permit.state), ("", ""))
    done_at = getattr(permit, moment) if moment else None
    can_undo = done_at is not None and _possible(permit, DEEDS[undo])
    return {
        "permit": permit,
        "tone": _TONES.get(S(permit.state), "over"),
        "said": _said(permit),
        "county": county_name(permit.county),
        "next": next_deed,
        "next_url": _url(permit, slug) if slug and not reasons else "",
        "reasons": reasons,
        "undo": DEEDS[undo] if can_undo else None,
        "undo_url": _url(permit, undo) if can_undo else "",
        "undo_until": done_at + TAKE_BACK if can_undo and done_at else None,
        "back": _url(permit),
        "now": timezone.now(),
    }


def _said(permit: RoadPermit) -> str:
    """The state in one sentence."""
    if permit.state == S.IN_FORCE:
        return "Work has not started."
    if permit.state == S.ACTIVE:
        checked = " Your position at the work area was checked." if permit.start_is_verified else ""
        return f"Work started at {_clock(permit.actual_start_at)}.{checked}"
    if permit.state == S.SUSPENDED:
        return "Stop work now and make the place safe. The permit is suspended until the agency lets it go on."
    if permit.state == S.COMPLETED:
        return f"Finished at {_clock(permit.actual_end_at)}. An inspector will look at the road."
    return _OVER.get(S(permit.state), "The permit is not in force. No work is allowed.")


def _reasons(permit: RoadPermit, asked: Deed) -> list[str]:
    """Why it cannot be done now; empty when it can."""
    option = next((o for o in engine.options(permit, crew(permit)) if o.name == asked.transition), None)
    if option is None:
        return ["This is not possible now."]
    reasons = [reason.sentence for reason in option.reasons]
    if asked.transition == "start_work" and permit.starts_on and permit.starts_on > timezone.localdate():
        first = f"{timezone.localtime(permit.start_at):%A, %B %-d}" if permit.start_at else ""
        return [f"The permit is not valid yet: work may start on {first}.", *reasons[1:]]
    return reasons


def _possible(permit: RoadPermit, asked: Deed) -> bool:
    return not _reasons(permit, asked)


def _done_already(permit: RoadPermit, asked: Deed) -> str:
    moments = {"start_work": permit.actual_start_at, "stop_work": permit.actual_end_at}
    if (moment := moments.get(asked.transition)) is not None:
        what = "started" if asked.transition == "start_work" else "reported as finished"
        return f"Work was already {what} at {_clock(moment)}."
    return "This was done already."


def _clock(moment: Any) -> str:
    """ "07:12", with the day where it was not today."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%H:%M on %A, %B %-d}"


def _url(permit: RoadPermit, slug: str = "") -> str:
    arguments = [permit.reference, site_token(permit), *([slug] if slug else [])]
    return reverse("permits:site_deed" if slug else "permits:site", args=arguments)

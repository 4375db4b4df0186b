"""“Is it one of these?” before a report is sent, and “Me too”: a vote, and no second report."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from incidents import photos, places
from incidents.catalogue import catalogue
from incidents.duplicates import Near, me_too
from incidents.models import Incident, Report
from incidents.report import draft
from incidents.report.draft import DETAILS, JOINED, PLACE
from incidents.report.steps import examine, page_url, progress
from incidents.views import doors
from incidents.views.place import near
from incidents.views.report import READ_OR_SEND, earlier
from workflow.actors import Actor
from workflow.contrib.citizens.references import as_stored
from workflow.contrib.uswds.forms import UswdsForm
from workflow.errors import WorkflowError
from workflow.writing import writing

WITNESS = Actor(kind="applicant", name="Another reporter")
_VOTED = "me_too"
MOST_REMEMBERED = 50


class NewsForm(UswdsForm):
    """An address for news, if they like."""

    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="We tell you when it is fixed. Leave it empty if you do not want that.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": "Enter an e-mail address like name@example.com, or leave it empty."},
    )


class SimilarForm(NewsForm):
    """Which of the reports nearby it is; chosen already where there is only one."""

    same = forms.ChoiceField(
        label="Reported close by", widget=forms.RadioSelect, error_messages={"required": "Choose the one you mean."}
    )

    def __init__(self, *args: Any, found: Sequence[Near], **kwargs: Any) -> None:
        first = found[0].incident.reference if len(found) == 1 else ""
        super().__init__(*args, initial={"same": first}, **kwargs)
        choices = [(one.incident.reference, one.incident.title) for one in found]
        self.fields["same"].choices = choices  # type: ignore[attr-defined]
        self.fields["same"].error_messages["invalid_choice"] = "That report is no longer open here. Choose again."
        self.order_fields(["same", "email"])


@doors.by_token
@require_http_methods(READ_OR_SEND)
def similar(request: HttpRequest, report: Report) -> HttpResponseBase:
    """Open reports nearby. “Me too” posts here; “No, mine is another one” is a link to the next page."""
    known = catalogue()
    if first := earlier(report, DETAILS, known):
        return redirect(first)
    found = near(report, known, examine(report, known))
    if not found:
        return redirect(page_url(report, DETAILS))
    form = SimilarForm(request.POST if request.method == "POST" else None, found=found)
    if form.is_valid():
        chosen = next(one.incident for one in found if one.incident.reference == form.cleaned_data["same"])
        return _join(request, report, chosen, form.cleaned_data["email"])
    context: dict[str, Any] = progress(PLACE) | {
        "form": form,
        "found": [shown(one) | {"radio": radio} for one, radio in zip(found, form["same"], strict=True)],
        "other": page_url(report, DETAILS),
        "back": page_url(report, PLACE),
        "photo_count": report.photos.count(),
    }
    return render(request, "incidents/report/similar.html", context)


def shown(one: Near) -> dict[str, Any]:
    """A report as everybody may see it: a photo only if an officer let it out."""
    incident = one.incident
    public = photos.public_photos(incident)
    return {
        "incident": incident,
        "where": places.where(incident),
        "distance": distance_words(one.distance_m),
        "photo": photos.url_of(public[0], small=True) if public else "",
        "url": public_url(incident),
    }


def distance_words(metres: int) -> str:
    """“about 100 feet away”, “about 0.3 miles away”: as roads are measured here."""
    feet = metres / 0.3048
    if feet < 40:
        return "at the same place"
    return f"about {round(feet / 10) * 10:,} feet away" if feet < 1000 else f"about {feet / 5280:.1f} miles away"


def _join(request: HttpRequest, report: Report, incident: Incident, email: str) -> HttpResponseBase:
    if not doors.may(request, "me-too", doors.MOST_VOTES):
        return doors.too_many(request, doors.HOUR)
    pictures = list(report.photos.values_list("token", flat=True))
    try:
        with writing():  # a second click waits here, and finds that the first one was counted
            if not draft.is_joined(draft.locked(report)):
                me_too(incident, actor=WITNESS, email=email, photos=pictures)
                draft.join(report, incident.reference)
    except WorkflowError as refused:
        messages.error(request, refused.sentence)
        return redirect(page_url(report, DETAILS))
    _remember(request, incident)
    return redirect(reverse("incidents:report_thanks", args=[report.token]))


@doors.finished
@require_safe
def thanks(request: HttpRequest, report: Report) -> HttpResponse:
    """After “Me too” with a report that was begun."""
    if report.incident_id is not None:
        return redirect(reverse("incidents:report_done", args=[report.token]))
    reference = draft.posted(report, JOINED).get("reference", "")
    return _thanks(request, _public(str(reference)))


@require_http_methods(READ_OR_SEND)
def public_me_too(request: HttpRequest, reference: str) -> HttpResponseBase:
    """“Me too” from the public page of a report; once for each browser."""
    incident = _public(reference)
    if incident.duplicate_of is not None:
        return redirect(reverse("incidents:me_too", args=[incident.duplicate_of.reference]))
    form = NewsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not doors.may(request, "me-too", doors.MOST_VOTES):
            return doors.too_many(request, doors.HOUR)
        if not _voted(request, incident) or form.cleaned_data["email"]:
            try:
                me_too(incident, actor=WITNESS, email=form.cleaned_data["email"])
            except WorkflowError as refused:
                form.add_error(None, refused.sentence)
        if not form.errors:
            _remember(request, incident)
            return _thanks(request, _public(reference))
    context = {"form": form, "incident": incident, "where": places.where(incident), "url": public_url(incident)}
    return render(request, "incidents/report/me_too.html", context)


def _thanks(request: HttpRequest, incident: Incident) -> HttpResponse:
    context = {"incident": incident, "where": places.where(incident), "url": public_url(incident)}
    return render(request, "incidents/report/thanks.html", context)


def _public(reference: str) -> Incident:
    """Raises Http404 for what does not exist or is hidden."""
    found = Incident.objects.public().select_related("duplicate_of").filter(reference=as_stored(reference)).first()
    if not isinstance(found, Incident):
        raise Http404
    return found


def public_url(incident: Incident) -> str:
    """The path of the page everybody may see."""
    return reverse("incidents_public:incident", args=[incident.reference])


def _voted(request: HttpRequest, incident: Incident) -> bool:
    return incident.reference in request.session.get(_VOTED, [])


def _remember(request: HttpRequest, incident: Incident) -> None:
    known = [one for one in request.session.get(_VOTED, []) if one != incident.reference]
    request.session[_VOTED] = [incident.reference, *known][:MOST_REMEMBERED]

"""What the holder of the link may do with a report: answer our question, say “not fixed”, add photos."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents import photos
from incidents.lifecycle import State
from incidents.models import Incident
from incidents.moves import LONGEST
from incidents.report.forms import PhotoField
from incidents.reporting import MOST_PHOTOS
from incidents.views import doors
from workflow import engine
from workflow.contrib.citizens.story import day
from workflow.contrib.storage import RefusedUpload
from workflow.contrib.uswds.forms import UswdsForm
from workflow.errors import WorkflowError
from workflow.models import Event
from workflow.tracker import tracking_token

PHOTO_ADDED = "photo_added"
MOST_BY_LINK = 15  # photos one report may get by its link


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button of the tracking page, or the reasons why it cannot be pressed yet."""

    label: str
    url: str
    reasons: Sequence[str] = ()
    aside: bool = False


class WordsForm(UswdsForm):
    """A text of the reporter, and photos if they like."""

    use_required_attribute = False
    text = forms.CharField(max_length=LONGEST, widget=forms.Textarea({"rows": 4}))
    photos = PhotoField(label="Add photos")

    def __init__(self, *args: Any, label: str, missing: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label
        self.fields["text"].error_messages["required"] = missing
        self.fields["text"].error_messages["max_length"] = f"Write at most {LONGEST:,} characters."


class PhotosForm(UswdsForm):
    photos = PhotoField(label="Photos")


def actions_of(incident: Incident) -> list[Action]:
    """What the reporter may do in this state."""
    again = "Not fixed? Tell us" if incident.state == State.RESOLVED else "Still there? Tell us"
    pages = {"answer": ("Answer our question", "reply"), "reopen": (again, "not_fixed")}
    found = []
    for option in engine.options(incident, doors.actor_of(incident)):
        if option.permitted and option.name in pages and not option.reasons:
            label, page = pages[option.name]
            found.append(Action(label=label, url=track_url(incident, page)))
    return found


def track_url(incident: Incident, page: str = "tracking") -> str:
    """The path of a page about a report: tracking, reply, not_fixed, photos."""
    return reverse(f"incidents:{page}", args=[incident.reference, tracking_token(incident)])


@doors.by_link
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Answer our question; the same answer sent twice is one."""
    inquiry = incident.inquiries.filter(answered_at=None).order_by("-pk").first()
    if incident.state != State.NEEDS_INFO and not _has_new_words(request, incident):
        return _over(request, incident, "There is no open question at the moment.")
    form = _words(request, label="Your answer", missing="Answer the question; one short sentence is enough.")
    if request.method == "POST" and _act(incident, form, "answer"):
        messages.success(request, "Thank you. Your answer has arrived, and we go on.")
        return redirect(track_url(incident))
    context = {"incident": incident, "form": form, "inquiry": inquiry, "by": day(incident.info_due_at)}
    return render(request, "incidents/track/reply.html", context)


@doors.by_link
@require_http_methods(["GET", "HEAD", "POST"])
def not_fixed(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Bring the report back within 30 days; it asks for a sentence, so that the next crew sees more than the last."""
    if incident.state not in (State.RESOLVED, State.CLOSED, State.REJECTED) and not _has_new_words(request, incident):
        return _over(request, incident, "Your report is open: we are on it.")
    if incident.has_ended and (incident.reopen_until is None or timezone.now() > incident.reopen_until):
        return _over(request, incident, "It ended more than 30 days ago. Please report the problem anew.")
    form = _words(request, label="What is still wrong?", missing="Say in a sentence what is still wrong.")
    if request.method == "POST" and _act(incident, form, "reopen"):
        messages.success(request, "Thank you. Your report is open again and first in line.")
        return redirect(track_url(incident))
    context = {"incident": incident, "form": form, "until": day(incident.reopen_until)}
    return render(request, "incidents/track/not_fixed.html", context)


@doors.by_link
@require_http_methods(["GET", "HEAD", "POST"])
def add_photos(request: HttpRequest, incident: Incident) -> HttpResponse:
    """More pictures of the problem, while the report is open."""
    if incident.has_ended:
        return _over(request, incident, "This report has ended: nothing can be added to it any more.")
    form = PhotosForm(request.POST, request.FILES) if request.method == "POST" else PhotosForm()
    if request.method == "POST":
        form.full_clean()
        stored = _keep_photos(incident, form)
        if not form.errors:
            said = f"Thank you: {stored} photo{'s' if stored > 1 else ''} added." if stored else "No photo was chosen."
            messages.info(request, said)
            return redirect(track_url(incident))
    context = {"incident": incident, "form": form}
    return render(request, "incidents/track/photos.html", context)


def _over(request: HttpRequest, incident: Incident, sentence: str) -> HttpResponse:
    messages.info(request, sentence)
    return redirect(track_url(incident))


def _has_new_words(request: HttpRequest, incident: Incident) -> bool:
    """Whether a text came that we do not have: it is shown again with the reason, never dropped. A second click brings
    the words of the first."""
    given = request.POST.get("text", "").replace("\r\n", "\n").strip()
    last = incident.inquiries.exclude(answered_at=None).order_by("-answered_at").first()
    return bool(given) and (last is None or last.answer.replace("\r\n", "\n").strip() != given)


def _words(request: HttpRequest, **words: str) -> WordsForm:
    return WordsForm(request.POST, request.FILES, **words) if request.method == "POST" else WordsForm(**words)


def _act(incident: Incident, form: WordsForm, move: str) -> bool:
    """Photos that are fine are kept at once, the words with the move; what went wrong is put on the form."""
    fine = form.is_valid()
    _keep_photos(incident, form)
    if not fine or form.errors:
        return False
    try:
        # A second click finds another state, and changes nothing twice.
        engine.fire(incident, move, actor=doors.actor_of(incident), data={"text": form.cleaned_data["text"]})
    except WorkflowError as refused:
        for sentence in [reason.sentence for reason in refused.reasons] or [refused.sentence]:
            form.add_error(None, sentence)
        return False
    return True


def photos_added(incident: Incident) -> list[int]:
    """The row ids of the photos that came by this link; others’ photos may hang on the same report. One query."""
    lines = Event.objects.filter(case_id=incident.pk, kind=PHOTO_ADDED, actor_kind="applicant")
    return [int(data["photo"]) for data in lines.values_list("data", flat=True) if "photo" in data]


def _keep_photos(incident: Incident, form: UswdsForm) -> int:
    """Store every photo that is fine and say what is wrong with the others; answers how many were stored."""
    stored = 0
    for upload in form.cleaned_data.get("photos", [])[:MOST_PHOTOS]:
        try:
            engine.change(incident, PHOTO_ADDED, actor=doors.actor_of(incident), apply=_keeper(upload), public=True)
            stored += 1
        except RefusedUpload as refused:
            form.add_error("photos", f"{(upload.name or 'The file')[:80]}: {refused.sentence}")
    return stored


def _keeper(upload: Any) -> Callable[[Any], dict[str, Any]]:
    def keep(case: Any) -> dict[str, Any]:
        if case.photos.filter(kind="report").count() >= MOST_BY_LINK:
            raise RefusedUpload("photo_too_many", "This report has enough photos. Thank you.")
        return {"photo": photos.keep(upload, incident=case).photo.pk}

    return keep

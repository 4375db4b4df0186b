"""What the holder of the link may do with a filed request: answer, withdraw, start and stop the work."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from permits.lifecycle import State
from permits.models import RoadPermit
from permits.views import doors
from permits.views.steps import page_url, track_url
from workflow import engine
from workflow.contrib.uswds.forms import UswdsForm
from workflow.errors import WorkflowError

LONGEST_REASON = 1000


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A move with a page that asks whether it is meant. ``reason``: none, optional, needed."""

    transition: str
    link: str
    title: str
    text: str
    button: str
    done: str
    reason: str = "none"
    stops: bool = False  # shown as something that ends the request


DEEDS = {
    "start": Deed(
        transition="start_work",
        link="Tell us that work starts",
        title="Does the work start now?",
        text="We note the start, and the office knows that the road is being worked on.",
        button="Yes, work starts now",
        done="Thank you. The start of the work is noted.",
    ),
    "stop": Deed(
        transition="stop_work",
        link="Tell us that work is finished",
        title="Is the work finished and the road open?",
        text="All signs and barriers are gone and the road is restored. An inspector will look at it.",
        button="Yes, work is finished",
        done="Thank you. The end of the work is noted. An inspector will look at the road.",
    ),
    "take-back-start": Deed(
        transition="revert_start",
        link="Take back the start",
        title="Did the work not start after all?",
        text="You can take back a mistaken start within 24 hours.",
        button="Take back the start",
        done="The start is taken back.",
        reason="needed",
    ),
    "take-back-stop": Deed(
        transition="revert_stop",
        link="Take back the finish",
        title="Is the work not finished after all?",
        text="You can take back a mistaken finish within 24 hours.",
        button="Take back the finish",
        done="The finish is taken back. Work is under way.",
        reason="needed",
    ),
    "withdraw": Deed(
        transition="cancel",
        link="Withdraw this request",
        title="Do you want to withdraw?",
        text="This cannot be undone. If you need the permit later, you have to apply again.",
        button="Yes, withdraw",
        done="The request is withdrawn.",
        reason="optional",
        stops=True,
    ),
}
_BY_TRANSITION = {deed.transition: slug for slug, deed in DEEDS.items()}


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button of the tracking page, or the reasons why it cannot be pressed yet."""

    label: str
    url: str
    reasons: Sequence[str]
    aside: bool = False  # not what most people come for


class DeedForm(UswdsForm):
    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, min_length=5, widget=forms.Textarea({"rows": 3}), strip=True
    )
    visit = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: object, deed: Deed, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if deed.reason == "none":
            del self.fields["reason"]
        elif deed.reason == "optional":
            self.fields["reason"].required = False
            self.fields["reason"].min_length = None  # type: ignore[attr-defined]


def actions_of(permit: RoadPermit) -> list[Action]:
    """What the applicant may do in this state; what is not possible yet comes with its reasons."""
    actions = []
    for option in engine.options(permit, doors.actor_of(permit)):
        if not option.permitted:
            continue
        reasons = [reason.sentence for reason in option.reasons]
        if option.name == "provide_information":
            url = track_url(permit, "reply")
            actions.append(Action(label="Answer our questions", url=url, reasons=reasons))
        elif slug := _BY_TRANSITION.get(option.name):
            deed = DEEDS[slug]
            url = track_url(permit, "act", slug)
            actions.append(Action(label=deed.link, url=url, reasons=reasons, aside=deed.reason != "none"))
    return actions


@doors.by_link
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, permit: RoadPermit, slug: str) -> HttpResponse:
    """Ask once, then do it. What cannot be done is said in a sentence on the tracking page."""
    deed = DEEDS.get(slug)
    if deed is None:
        raise Http404
    back = page_url(permit, "review") if permit.state == State.DRAFT else track_url(permit)
    if refused := _not_possible(permit, deed):
        messages.error(request, refused)
        return redirect(back)
    form = DeedForm(request.POST or None, deed=deed, initial={"visit": permit.step_visit})
    if request.method == "POST" and form.is_valid() and _fire(request, permit, deed, form):
        messages.success(request, deed.done)
        return redirect(track_url(permit))
    return render(request, "permits/track/act.html", {"permit": permit, "deed": deed, "form": form, "back": back})


def _not_possible(permit: RoadPermit, deed: Deed) -> str:
    option = next((o for o in engine.options(permit, doors.actor_of(permit)) if o.name == deed.transition), None)
    if option is None:
        return f"“{deed.link}” is not possible now: the request is {State(permit.state).label.lower()}."
    return " ".join(reason.sentence for reason in option.reasons)


def _fire(request: HttpRequest, permit: RoadPermit, deed: Deed, form: DeedForm) -> bool:
    """Whether it was done; what went wrong is put on the form."""
    if form.cleaned_data["visit"] != permit.step_visit:
        state = State(permit.state).label.lower()
        form.add_error(
            None, f"This request changed while you were looking: it is {state} now. Look again, then decide."
        )
        form.data = {**form.data.dict(), "visit": str(permit.step_visit)}  # type: ignore[attr-defined]
        return False
    data = {"reason": form.cleaned_data["reason"]} if deed.reason != "none" else {}
    try:
        # The revision we have just read: whoever came between this line and the lock is noticed, too.
        engine.fire(permit, deed.transition, actor=doors.actor_of(permit), revision=permit.revision, data=data)
    except WorkflowError as refused:
        for sentence in [reason.sentence for reason in refused.reasons] or [refused.sentence]:
            form.add_error(None, sentence)
        return False
    return True

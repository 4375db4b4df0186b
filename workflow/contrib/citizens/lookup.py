"""The page ``/track/``: reference and e-mail; the answer is a link by e-mail, or the page everybody may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from workflow.contrib.citizens import doors
from workflow.contrib.citizens.references import LONGEST_TYPED, as_stored, prefix_of
from workflow.contrib.uswds.forms import UswdsForm

MOST_ASKED, ASKED_IN = 10, timedelta(hours=1)  # by one browser
_ASKED = "asked"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of case is looked up. ``send(reference, email)`` mails the link when both fit and says nothing;
    ``public_page(reference)`` is the path of the page everybody may see, empty when there is none."""

    prefix: str
    send: Callable[[str, str], None]
    public_page: Callable[[str], str] = lambda reference: ""


class LookupForm(UswdsForm):
    reference = forms.CharField(
        label="Reference",
        max_length=LONGEST_TYPED,
        help_text="It looks like RP-26-7K3QXM or IR-26-7K3QXM and stands in every message from us.",
        widget=forms.TextInput({"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Enter the reference."},
    )
    email = forms.EmailField(
        label="E-mail",
        help_text="The address you gave with your application or report.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": "Enter the e-mail address you gave with it.",
            "invalid": "Enter an e-mail address like name@example.com.",
        },
    )


def lookup_page(kinds: Iterable[Kind]) -> doors.Page:
    """The view for these kinds of case. ``?reference=`` leads to a public page where there is one, else it fills the
    form; with ``&link=1`` always the form."""
    by_prefix = {kind.prefix: kind for kind in kinds}

    @doors.private
    @require_http_methods(["GET", "HEAD", "POST"])
    def lookup(request: HttpRequest) -> HttpResponseBase:
        return _answer(request, by_prefix) if request.method == "POST" else _ask(request, by_prefix)

    return lookup


def _ask(request: HttpRequest, by_prefix: dict[str, Kind]) -> HttpResponse:
    typed = request.GET.get("reference", "")[:LONGEST_TYPED]
    if "link" not in request.GET and (page := _public_page(typed, by_prefix)):
        return redirect(page)
    return _form(request, LookupForm(initial={"reference": typed}))


def _answer(request: HttpRequest, by_prefix: dict[str, Kind]) -> HttpResponse:
    """The same whether or not reference and e-mail fit, for both may be guessed."""
    form = LookupForm(request.POST)
    if not form.is_valid():
        reference = form.cleaned_data.get("reference", "")
        if not request.POST.get("email", "").strip() and (page := _public_page(reference, by_prefix)):
            return redirect(page)
        return _form(request, form)
    if not _may_ask(request):
        return doors.too_many(request, ASKED_IN)
    typed: dict[str, Any] = form.cleaned_data
    reference = as_stored(typed["reference"])
    if kind := by_prefix.get(prefix_of(reference)):
        kind.send(reference, typed["email"])
    return render(request, "citizens/sent.html", {"typed": typed})


def _form(request: HttpRequest, form: LookupForm) -> HttpResponse:
    return render(request, "citizens/lookup.html", {"form": form})


def _public_page(typed: str, by_prefix: dict[str, Kind]) -> str:
    reference = as_stored(typed)
    kind = by_prefix.get(prefix_of(reference))
    return kind.public_page(reference) if kind else ""


def _may_ask(request: HttpRequest) -> bool:
    """Both by browser and by network address: a browser can forget its cookie, an office may share an address."""
    if not request.session.session_key:
        request.session[_ASKED] = True
        request.session.save()
    by_browser = doors.within_limit("ask", request.session.session_key or "", most=MOST_ASKED, per=ASKED_IN)
    return doors.within_limit("ask-from", doors.address_of(request), most=MOST_ASKED * 10, per=ASKED_IN) and by_browser

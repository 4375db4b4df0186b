"""Lists that officers come back to: a filtered queue under a name, for oneself or for a team one is in.

A list keeps what is filtered, not which cases: “Mine” shows everybody their own, and places in the list are not kept.
What a queue knows changes (a team is dissolved, a category goes), so every value is checked when a list is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse

from workflow.admin.pages import frame
from workflow.admin.saved_lists import kept, shown, still_there, visible
from workflow.models import SavedFilter, Team
from workflow.models.desk import LONGEST_NAME
from workflow.writing import writing

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

MOST = 30  # lists of one person, over all queues
LONGEST_QUERY = 1000  # characters, as the column holds them
NOTHING = "Nothing is filtered, so this is the whole queue. Choose a filter or search first; then save what you see."
TOO_LONG = (
    f"The search is too long to be saved (the limit is {LONGEST_QUERY:,} characters). Shorten it, then save again."
)
TOO_MANY = (
    f"You have {MOST} lists, and there is room for no more. Remove one first, or save this under one of their names."
)


class SavedForm(forms.Form):
    """The list one looks at: its name, who else sees it, and its filters as the address carries them."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="A list of yours with the same name on this page is replaced.",
        error_messages={
            "required": "Give the list a name.",
            "max_length": "The name has %(show_value)s characters; %(limit_value)s is the limit. Shorten it.",
        },
    )
    shared_with = forms.ModelChoiceField(
        label="Share with a team",
        queryset=Team.objects.none(),
        required=False,
        empty_label="Only I see it",
        help_text="“Mine” and “My teams'” show everybody their own cases.",
        error_messages={"invalid_choice": "You are not in this team (any more). Choose another, or nobody."},
    )
    query = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, user: Any, kind: CaseAdmin, initial: Any = None) -> None:
        super().__init__(data, auto_id="saved_%s", initial=initial)
        self.user, self.kind = user, kind
        teams = self.fields["shared_with"]
        assert isinstance(teams, forms.ModelChoiceField)
        teams.queryset = Team.objects.filter(members=user)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        said["query"] = kept(self.kind, QueryDict(said.get("query", "")))
        if not said["query"]:
            self.add_error(None, ValidationError(NOTHING, code="nothing_filtered"))
        elif len(said["query"]) > LONGEST_QUERY:
            self.add_error(None, ValidationError(TOO_LONG, code="filter_too_long"))
        return said

    def save(self) -> str:
        """What was done, as a sentence; empty when there are too many, which then stands in ``errors``."""
        said = {name: self.cleaned_data[name] for name in ("query", "shared_with")}
        named = {"owner": self.user, "queue": self.kind.opts.model_name, "name": self.cleaned_data["name"]}
        with writing():
            list(User.objects.select_for_update().filter(pk=self.user.pk))  # two windows of one person: in turn
            has_it = SavedFilter.objects.filter(**named).exists()
            if not has_it and SavedFilter.objects.filter(owner=self.user).count() >= MOST:
                self.add_error(None, ValidationError(TOO_MANY, code="too_many_filters"))
                return ""
            SavedFilter.objects.update_or_create(**named, defaults=said)
        team = said["shared_with"]
        seen = f"Everybody in {team} sees it." if team else "Only you see it."
        return f"“{named['name']}” is {'replaced by' if has_it else 'saved as'} the list you see here. {seen}"


@dataclass(frozen=True)
class Beside:
    """What a queue shows of lists. It asks only when the page is drawn: one query, and one more for the form."""

    request: HttpRequest
    kind: CaseAdmin

    @cached_property
    def query(self) -> str:
        return kept(self.kind, self.request.GET)

    @cached_property
    def lists(self) -> list[dict[str, Any]]:
        found = shown(self.request.user, [self.kind])
        return [{**one, "is_here": bool(self.query) and one["query"] == self.query} for one in found]

    @property
    def mine(self) -> list[dict[str, Any]]:
        return [one for one in self.lists if one["remove"]]

    @cached_property
    def form(self) -> SavedForm:
        here = next((one for one in self.mine if one["is_here"]), {})
        first = {"query": self.query, "name": here.get("name", ""), "shared_with": here.get("shared_with_id")}
        return SavedForm(initial=first, user=self.request.user, kind=self.kind)

    @property
    def address(self) -> str:
        return self.kind.address("saved")


# -- pages ------------------------------------------------------------------------------------------------------------


def save_page(request: HttpRequest, kind: CaseAdmin) -> HttpResponse:
    """Save the present list; with mistakes, the page that names them, with everything typed."""
    _may_look(request, kind)
    if request.method != "POST":
        return HttpResponseRedirect(kind.address("changelist"))
    form = SavedForm(request.POST, user=request.user, kind=kind)
    if form.is_valid() and (done := form.save()):
        messages.success(request, done)
        return _to_queue(kind, form.cleaned_data["query"])
    back = kept(kind, QueryDict(request.POST.get("query", "")))
    context = {**frame(request, kind), "title": "Save this list", "form": form, "queue": kind.list_title,
               "back": kind.address("changelist"), "back_query": back}  # fmt: skip
    return TemplateResponse(request, "admin/workflow/case/saved_page.html", context, status=422)


def open_page(request: HttpRequest, kind: CaseAdmin, pk: int) -> HttpResponse:
    """Lead to the queue as the list says, as far as that is still there. Raises Http404 for another's list."""
    _may_look(request, kind)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    found = visible(request.user, [kind]).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such list: it was removed, or it is not shared with you.")
    query, gone = still_there(request, kind, found)
    for sentence in gone:
        messages.warning(request, sentence)
    return _to_queue(kind, query)


def remove_page(request: HttpRequest, kind: CaseAdmin, pk: int) -> HttpResponse:
    """Remove a list of one's own and show what it showed, so that it can be saved again."""
    _may_look(request, kind)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    own = SavedFilter.objects.filter(owner=request.user.pk, queue=kind.opts.model_name, pk=pk)
    found = own.select_related("shared_with").first()
    if found is None:
        raise Http404("There is no such list of yours: it was removed before, or it is a colleague's.")
    query, _gone = still_there(request, kind, found)
    with writing():
        own.delete()
    whose = f" Nobody in {found.shared_with} sees it any more." if found.shared_with else ""
    messages.success(
        request, f"“{found.name}” is removed.{whose} If that was a mistake: what it showed is here, so save it again."
    )
    return _to_queue(kind, query)


def _may_look(request: HttpRequest, kind: CaseAdmin) -> None:
    if not kind.has_view_permission(request):
        raise PermissionDenied


def _to_queue(kind: CaseAdmin, query: str) -> HttpResponse:
    return HttpResponseRedirect(kind.address("changelist") + (f"?{query}" if query else ""))

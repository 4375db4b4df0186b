"""Hand several cases of a queue over to one colleague: a page to choose whom, then a result for each case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from workflow import desk
from workflow.admin.decisions import Colleagues, although_away
from workflow.admin.pages import frame
from workflow.admin.queue import MOST_AT_ONCE, each

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

GONE = "This colleague cannot take cases any more: choose somebody else."


class HandOverForm(forms.Form):
    """To whom; anybody active in a team of one of the cases. Who is away is taken only when that is said twice."""

    to = Colleagues(
        label="Hand over to",
        queryset=User.objects.none(),
        empty_label="Choose a colleague",
        error_messages={"invalid_choice": GONE, "required": "Choose a colleague."},
    )
    although_away = although_away()

    def __init__(self, *args: Any, teams: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, Colleagues)
        # No DISTINCT by a join: one person may be in several of the teams.
        field.offer(User.objects.filter(pk__in=User.objects.filter(milepost_teams__in=teams).values("pk")))
        if not field.away:
            del self.fields["although_away"]

    def clean_although_away(self) -> bool:
        """Raises the warning beside the name when it was not ticked."""
        ticked, to = bool(self.cleaned_data["although_away"]), self.cleaned_data.get("to")
        field = self.fields["to"]
        assert isinstance(field, Colleagues)
        absence = field.away.get(to.pk) if to is not None else None
        if absence is not None and not ticked:
            self.add_error("to", desk.warning_of(absence))
        return ticked


def hand_over_page(request: HttpRequest, kind: CaseAdmin, queryset: QuerySet[Any]) -> HttpResponse | None:
    """The page; None when it is done and the queue is shown again with what came of each case."""
    chosen = list(queryset[: MOST_AT_ONCE + 1])
    teams = {case.team_id for case in chosen}
    form = HandOverForm(request.POST if "to" in request.POST else None, teams=teams)
    if form.is_valid():
        to, although = form.cleaned_data["to"], form.cleaned_data.get("although_away", False)
        each(
            request,
            queryset,
            lambda case, actor: desk.assign(case, to=to, actor=actor, although_away=although),
            f"is with {desk.name_of(to)} now",
        )
        return None
    context = {
        **frame(request, kind),
        "title": "Hand over",
        "form": form,
        "cases": chosen[:MOST_AT_ONCE],
        "left_out": len(chosen) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
        "chosen_name": ACTION_CHECKBOX_NAME,
        "list_title": kind.list_title,
        "back": kind.address("changelist"),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/workflow/case/hand_over.html", context, status=status)

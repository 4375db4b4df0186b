"""“My absence”: who is away, who stands in, from when to when. Entered and ended here; nothing is edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from workflow import absences
from workflow.actors import Actor, name_of, officer
from workflow.admin.decisions import Colleagues
from workflow.admin.log import ReadOnlyAdmin
from workflow.errors import Reason, Refused, WorkflowError
from workflow.models import Delegation, Team

MOST_OVER = 20  # absences that are over, on the page
ADDRESS = "admin:workflow_delegation_changelist"


class Day(forms.DateField):
    """A local day, by the browser's own calendar."""

    def __init__(self, label: str) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, widget=widget, error_messages={"required": "Give a day."})


class AbsenceForm(forms.Form):
    """Who is away (a manager may choose), who stands in, from, to."""

    absent = Colleagues(
        label="Who is away", queryset=User.objects.none(), error_messages={"required": "Choose who is away."}
    )
    substitute = Colleagues(
        label="Who stands in",
        queryset=User.objects.none(),
        empty_label="Choose a colleague",
        help_text="Sees these cases under “Mine”, may release them, and decides with rights of their own.",
        error_messages={"required": "Choose who stands in."},
    )
    first_day = Day("First day away")
    last_day = Day("Last day away")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        absent, substitute = self.fields["absent"], self.fields["substitute"]
        assert isinstance(absent, Colleagues)
        assert isinstance(substitute, Colleagues)
        if absences.manages(actor):
            absent.offer(absences.members_for(actor))
            absent.initial = actor.user.pk
        members = Team.members.through.objects
        mine = members.all() if actor.everywhere else members.filter(team_id__in=actor.teams)
        colleagues = User.objects.filter(pk__in=mine.values("user_id"))
        if not absences.manages(actor):
            del self.fields["absent"]
            colleagues = colleagues.exclude(pk=actor.user.pk)
        substitute.offer(colleagues)

    def arrange(self) -> absences.Arranged | None:
        """Enter what was typed; None when that was refused, and the reasons stand at the fields."""
        said = {"absent": self.actor.user, **self.cleaned_data}
        try:
            return absences.arrange(**said, actor=self.actor)
        except WorkflowError as error:
            for reason in error.reasons or [Reason(code=error.code, sentence=error.sentence)]:
                self.add_error(reason.field if reason.field in self.fields else None, reason.sentence)
        return None


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    """One page: the form, who is away, and what was."""

    def get_urls(self) -> list[URLPattern]:
        ending = path("<int:pk>/end/", self.admin_site.admin_view(self.end_view), name="workflow_delegation_end")
        return [ending, *super().get_urls()]

    # -- who may look: whoever works in a team ------------------------------------------------------------------------
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return user.is_superuser or Team.objects.filter(members=user.pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # the first screen leads here; the list of tables needs no second link

    # -- pages --------------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        actor = self._actor(request)
        form = AbsenceForm(request.POST if request.method == "POST" else None, actor=actor)
        if form.is_valid() and (arranged := form.arrange()) is not None:
            self._tell(request, arranged)
            return HttpResponseRedirect(reverse(ADDRESS))
        context = {
            **self.admin_site.each_context(request),
            "title": "My absence",
            "opts": self.opts,
            "form": form,
            **_lists(actor),
        }
        return TemplateResponse(
            request, "admin/workflow/absence/page.html", context, status=422 if form.is_bound else 200
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An absence has no page of its own."""
        return HttpResponseRedirect(reverse(ADDRESS))

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = self._actor(request)
        delegation = Delegation.objects.filter(pk=pk).first()
        if delegation is None:
            raise Http404("There is no such absence.")
        if request.method == "POST":
            try:
                absences.end(delegation, actor=actor)
            except Refused as refusal:
                messages.error(request, refusal.sentence)
            except WorkflowError as error:
                raise PermissionDenied(error.sentence) from error
            else:
                messages.success(request, f"The absence is ended: nobody stands in for {delegation.absent} any more.")
        return HttpResponseRedirect(reverse(ADDRESS))

    def _actor(self, request: HttpRequest) -> Actor:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return officer(request.user)

    def _tell(self, request: HttpRequest, arranged: absences.Arranged) -> None:
        made = arranged.delegation
        done = f"{name_of(made.substitute)} stands in for {name_of(made.absent)} {absences.days_of(made)}."
        messages.success(request, done)
        for warning in arranged.warnings:
            messages.warning(request, warning)


def _lists(actor: Actor) -> dict[str, Any]:
    """Absences that hold or will, with what they leave uncovered, and the last that are over."""
    members = absences.members_for(actor).values("pk")
    mine = Q(absent__in=members) | Q(substitute=actor.user.pk) | Q(made_by=actor.user.pk)
    seen = Delegation.objects.filter(mine).select_related("absent", "substitute", "made_by")
    today = timezone.localdate()
    coming = Q(last_day__gte=today, ended_at=None)
    managed = set(members.values_list("pk", flat=True))
    return {
        "coming": _rows(seen.filter(coming), actor, managed),
        "over": _rows(seen.exclude(coming).order_by("-last_day", "-pk")[:MOST_OVER], actor, managed),
    }


def _rows(delegations: QuerySet[Delegation], actor: Actor, managed: set[int]) -> list[dict[str, Any]]:
    found = list(delegations)
    log = _log_of(found)
    alone = absences.uncovered([one for one in found if one.ended_at is None])
    return [
        {
            "it": one,
            "days": absences.days_of(one),
            "absent": name_of(one.absent),
            "substitute": name_of(one.substitute),
            "holds_now": one.ended_at is None and one.first_day <= timezone.localdate() <= one.last_day,
            "uncovered": alone.get(one.pk, []),
            "may_end": one.absent_id in managed or one.made_by_id == actor.user.pk,
            "log": log.get(one.pk, []),
        }
        for one in found
    ]


def _log_of(delegations: Sequence[Delegation]) -> dict[int, list[LogEntry]]:
    """Who did what, oldest first. One query."""
    kind = ContentType.objects.get_for_model(Delegation)
    entries = LogEntry.objects.filter(content_type=kind, object_id__in=[str(one.pk) for one in delegations])
    found: dict[int, list[LogEntry]] = {}
    for entry in entries.select_related("user").order_by("pk"):
        found.setdefault(int(entry.object_id or 0), []).append(entry)
    return found


def banner(user: Any) -> dict[str, Any]:
    """What the first screen says of absences today. One query."""
    held = Delegation.objects.on().filter(Q(absent=user.pk) | Q(substitute=user.pk))
    today = list(held.select_related("absent", "substitute").order_by("last_day", "pk"))
    away = next((one for one in today if one.absent_id == user.pk), None)
    return {
        "away": f"You are {absences.until_words(away)}." if away else "",
        "standing_in": [
            f"You stand in for {name_of(one.absent)} until {absences.day_words(one.last_day)}."
            for one in today
            if one.substitute_id == user.pk
        ],
        "absence_url": reverse(ADDRESS),
    }

"""The officers' list of technical reviews: what waits for whom, and until when. Each line leads to its permit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import viewflow.workflow.admin  # noqa: F401 - it registers its lists now, and they are taken away below
from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from viewflow.workflow.models import Process, Task

from permits.technical.models import OPEN, TechnicalTask
from permits.technical.reviews import is_late, state_of
from permits.technical.specialties import ADVISE, Specialty
from workflow.actors import Actor, officer
from workflow.admin.queue import BoundedPaginator
from workflow.clock import describe_due
from workflow.desk import name_of
from workflow.models import Delegation
from workflow.tracker import calendar

# viewflow registers lists of its own tables when its admin is imported; they stay empty here.
admin.site.unregister([Process, Task])

# Who finds them on the first screen; whoever sees permits finds the list.
SEEN_BY = (ADVISE, "permits.review_roadpermit", "permits.manage_roadpermit")


class WhoseFilter(admin.SimpleListFilter):
    """Without a choice everything that waits."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word, words) for word, words, _condition in _counted(officer(request.user))] + [("done", "Done")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        return iter([{**first, "display": "Open"}, *others])

    def queryset(self, request: HttpRequest, queryset: QuerySet[TechnicalTask]) -> QuerySet[TechnicalTask]:
        if self.value() == "done":
            return queryset.exclude(recommendation="")
        conditions = {word: condition for word, _words, condition in _counted(officer(request.user))}
        return queryset.filter(conditions.get(self.value() or "", Q()), status__in=OPEN)


def _counted(actor: Actor) -> list[tuple[str, str, Q]]:
    """The lists of open reviews: (word of ``?queue=``, words, condition). Escalated ones are those of permits that the
    teams of this officer decide on: a specialist is late there, and the district was told."""
    teams = actor.teams
    is_late = Q(due_at__lt=timezone.now())
    held = Delegation.objects.held_by(actor.user).values("absent_id")  # of those one stands in for, too
    mine = Q(owner=actor.user) | Q(owner__in=held)  # open tasks are few: one query with the rest
    ours = Q() if actor.everywhere else Q(process__permit__team__in=sorted(teams))
    return [
        ("mine", "Mine", mine),
        ("specialty", "My specialty", Q(team__in=sorted(teams))),
        ("late", "Late", is_late),
        ("mine_late", "Mine and late", mine & is_late),
        ("escalated", "Escalated", Q(late_at__isnull=False) & ours),
    ]


class SpecialtyFilter(admin.SimpleListFilter):
    title = "specialty"
    parameter_name = "specialty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Specialty.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[TechnicalTask]) -> QuerySet[TechnicalTask]:
        return queryset.filter(specialty=self.value()) if self.value() in Specialty.values else queryset


@admin.register(TechnicalTask)
class TechnicalTaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Find the next review, and go to its permit to give the recommendation."""

    change_list_template = "admin/permits/technicaltask/change_list.html"
    list_display = ("permit", "about", "state", "due", "who")
    list_display_links = None
    list_filter = (WhoseFilter, SpecialtyFilter)
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[TechnicalTask]:
        tasks = super().get_queryset(request).exclude(specialty="").select_related("process__permit", "team", "owner")
        return tasks.defer("process__permit__application", "process__permit__typed", "process__permit__safety")

    def get_ordering(self, request: HttpRequest) -> Any:
        return [F("due_at").asc(nulls_last=True), "pk"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Technical reviews", **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A task has no page of its own: the specialist reads and speaks on the permit's record."""
        task = self.get_object(request, object_id)
        if task is None:
            return HttpResponseRedirect(reverse("admin:permits_technicaltask_changelist"))
        return HttpResponseRedirect(self.address(task))

    def address(self, task: TechnicalTask) -> str:
        """To the form while it waits, to the record afterwards."""
        permit = task.process.permit_id
        if task.is_open:
            return reverse("admin:permits_roadpermit_desk", args=[permit, f"recommend_{task.specialty}"])
        return reverse("admin:permits_roadpermit_change", args=[permit])

    def on_first_screen(self, request: HttpRequest, actor: Actor) -> Mapping[str, Any] | None:
        """Counts for specialists and for whoever decides on permits; None for everybody else. One query."""
        if not any(actor.has(permission) for permission in SEEN_BY):
            return None
        lists = _counted(actor)
        found = self.model._default_manager.filter(status__in=OPEN).exclude(specialty="")
        numbers = found.aggregate(**{word: Count("pk", filter=condition) for word, _words, condition in lists})
        counts = [(word, words, numbers[word]) for word, words, _condition in lists]
        return {
            "title": "Technical reviews",
            "url": reverse("admin:permits_technicaltask_changelist"),
            "counts": counts,
        }

    # -- who may look: whoever may look at permits; nobody edits ------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("permits.view_roadpermit")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # -- columns ------------------------------------------------------------------------------------------------------
    @admin.display(description="permit")
    def permit(self, task: TechnicalTask) -> SafeString:
        permit = task.process.permit
        record = reverse("admin:permits_roadpermit_change", args=[permit.pk])
        return format_html('<a href="{}">{}</a><br>{}', record, permit.reference, permit.title)

    @admin.display(description="review")
    def about(self, task: TechnicalTask) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.address(task), task.get_specialty_display())

    @admin.display(description="state")
    def state(self, task: TechnicalTask) -> SafeString:
        word, tone = state_of(task)
        return format_html('<span class="mp-badge mp-badge--{}">{}</span>', tone, word)

    @admin.display(description="due")
    def due(self, task: TechnicalTask) -> SafeString | str:
        if not task.is_open or task.due_at is None:
            return ""
        words = describe_due(task.due_at, timezone.now(), calendar())
        return format_html('<strong class="mp-over">{}</strong>', words) if is_late(task) else words

    @admin.display(description="specialist and team")
    def who(self, task: TechnicalTask) -> SafeString:
        return format_html("{}<br>{}", name_of(task.owner) or "nobody", task.team or "")

"""The officers' list of technical reviews: what waits for whom, and until when. Each line leads to its permit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import viewflow.workflow.admin  # noqa: F401 - it registers its lists now, and they are taken away below
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from viewflow.workflow.models import Process, Task

from permits.technical.models import OPEN, TechnicalTask
from permits.technical.reviews import is_late, state_of
from permits.technical.specialties import Specialty
from workflow.admin.queue import BoundedPaginator
from workflow.clock import describe_due
from workflow.desk import name_of
from workflow.tracker import calendar

# viewflow registers lists of its own tables when its admin is imported; they stay empty here.
admin.site.unregister([Process, Task])


class WhoseFilter(admin.SimpleListFilter):
    """Without a choice everything that waits."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "Mine"), ("specialty", "My specialty"), ("late", "Late"), ("done", "Done")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        return iter([{**first, "display": "Open"}, *others])

    def queryset(self, request: HttpRequest, queryset: QuerySet[TechnicalTask]) -> QuerySet[TechnicalTask]:
        waiting = queryset.filter(status__in=OPEN)
        match self.value():
            case "mine":
                return waiting.filter(owner=request.user.pk)
            case "specialty":
                return waiting.filter(team__members=request.user.pk)
            case "late":
                return waiting.filter(due_at__lt=timezone.now())
            case "done":
                return queryset.exclude(recommendation="")
        return waiting


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

"""The officers' list of inspections, and the door to the inspector's day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from permits.inspections import desk
from permits.inspections.day import today_page
from permits.inspections.models import Inspection
from permits.inspections.showing import tone_of, word_of
from permits.lifecycle import State
from permits.sheet import county_name
from workflow.actors import Actor, officer
from workflow.admin.queue import BoundedPaginator
from workflow.desk import name_of

PLANNED, DONE = Inspection.State.PLANNED, Inspection.State.DONE


class WhichFilter(admin.SimpleListFilter):
    """Without a choice everything that is planned."""

    title = "inspections"
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("today", "Mine today"), ("mine", "Mine"), ("overdue", "Overdue"), ("done", "Done"), ("failed", "Failed"),
        ]  # fmt: skip

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        return iter([{**first, "display": "Planned"}, *others])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Inspection]) -> QuerySet[Inspection]:
        planned, today = queryset.filter(state=PLANNED), timezone.localdate()
        match self.value():
            case "today":
                return planned.filter(inspector=request.user.pk, planned_for__lte=today)
            case "mine":
                return planned.filter(inspector=request.user.pk)
            case "overdue":
                return planned.filter(planned_for__lt=today)
            case "done":
                return queryset.filter(state=DONE).order_by("-done_at", "-pk")
            case "failed":
                return queryset.filter(state=DONE, result=Inspection.Result.FAIL).order_by("-done_at", "-pk")
        return planned


def _seen_by(rows: QuerySet[Inspection], actor: Actor) -> QuerySet[Inspection]:
    scoped = actor.has(desk.INSPECT) and not actor.everywhere
    return rows.filter(permit__team_id__in=actor.teams) if scoped else rows


@admin.register(Inspection)
class InspectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Find the next inspection; it is done on its permit's record."""

    change_list_template = "admin/permits/inspection/change_list.html"
    list_display = ("permit_shown", "about", "badge", "day", "who")
    list_display_links = None
    list_filter = (WhichFilter, "kind")
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_urls(self) -> list[URLPattern]:
        def today(request: HttpRequest) -> HttpResponse:
            return today_page(request, self)

        return [path("today/", self.admin_site.admin_view(today), name="permits_inspection_today"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inspection]:
        """Inspectors see their teams'; who only looks, and who manages everything, sees all."""
        rows = super().get_queryset(request).select_related("permit", "inspector", "done_by")
        rows = rows.defer("permit__application", "permit__typed", "permit__safety")
        return _seen_by(rows, officer(request.user))

    def get_ordering(self, request: HttpRequest) -> Any:
        return [F("planned_for").asc(), "pk"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Inspections", **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An inspection has no page of its own: it is done, and read, on the permit's record."""
        row = self.get_object(request, object_id)
        if row is None:
            return HttpResponseRedirect(reverse("admin:permits_inspection_changelist"))
        return HttpResponseRedirect(reverse("admin:permits_roadpermit_change", args=[row.permit_id]))

    def on_first_screen(self, request: HttpRequest, actor: Actor) -> Mapping[str, Any] | None:
        """Counts for who inspects, with the way to the day list; None for everybody else. One query."""
        if not actor.has(desk.INSPECT):
            return None
        mine, today = Q(inspector=request.user.pk), timezone.localdate()
        lists = (
            ("today", "Mine today", mine & Q(planned_for__lte=today)),
            ("mine", "Mine", mine),
            ("overdue", "Overdue", Q(planned_for__lt=today)),
        )
        planned = _seen_by(self.model._default_manager.filter(state=PLANNED), actor).order_by()
        numbers = planned.aggregate(**{word: Count("pk", filter=condition) for word, _words, condition in lists})
        return {
            "title": "Inspections",
            "url": reverse("admin:permits_inspection_changelist"),
            "counts": [(word, words, numbers[word]) for word, words, _condition in lists],
            "parameter": "which",
            "triage": reverse("admin:permits_inspection_today"),
            "triage_words": "My day",
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
    def permit_shown(self, row: Inspection) -> SafeString:
        permit: Any = row.permit
        record = reverse("admin:permits_roadpermit_change", args=[permit.pk])
        place = f"{county_name(permit.county)}, {permit.route}"
        return format_html('<a href="{}">{}</a> {}<br>{}', record, permit.reference, permit.title, place)

    @admin.display(description="inspection")
    def about(self, row: Inspection) -> SafeString | str:
        permit: Any = row.permit
        if not row.is_planned or permit.state not in desk.WITH_WORK:
            return row.get_kind_display()
        address = reverse("admin:permits_roadpermit_desk", args=[permit.pk, "inspect"])
        return format_html('<a href="{}?inspection={}">{}</a>', address, row.pk, row.get_kind_display())

    @admin.display(description="state")
    def badge(self, row: Inspection) -> SafeString:
        permit: Any = row.permit
        stopped = " (work suspended)" if permit.state == State.SUSPENDED else ""
        return format_html('<span class="mp-badge mp-badge--{}">{}</span>{}', tone_of(row), word_of(row), stopped)

    @admin.display(description="day")
    def day(self, row: Inspection) -> SafeString | str:
        said = f"{timezone.localtime(row.done_at):%b %-d, %H:%M}" if row.done_at else f"{row.planned_for:%b %-d, %Y}"
        return format_html('<strong class="mp-over">{}</strong>', said) if row.is_overdue else said

    @admin.display(description="inspector")
    def who(self, row: Inspection) -> str:
        return name_of(row.done_by or row.inspector) or "nobody yet"

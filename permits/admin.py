"""The officers' queue of road permits and the door to each record. Nothing is edited here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from permits import admin_views
from permits.models import RoadPermit
from permits.record import state_tone
from permits.sheet import county_name
from workflow import desk, orchestrator
from workflow.admin.queue import (
    MOST_FOUND,
    BoundedPaginator,
    ClockFilter,
    QueueFilter,
    StateFilter,
    TeamFilter,
    begins_with,
    by_deadline,
    each,
)
from workflow.contrib.places.counties import state
from workflow.tracker import standing

EMERGENCY = SafeString(' <span class="mp-mark">Emergency</span>')
PARKED = SafeString('<br><span class="mp-mark">Parked</span>')
REFERENCE = re.compile(r"[A-Z]{2}-[0-9]{2}-[0-9A-Z]{0,6}", re.IGNORECASE)
# What a line of the queue shows; the rest of a permit (its answers, its invoice) would weigh down every page.
SHOWN = (
    "reference", "title", "route", "county", "state", "step", "due_at", "paused_at", "parked_at", "closed_at",
    "entered_at", "workflow", "workflow_version", "is_emergency", "team__name", "assignee__username",
    "assignee__first_name", "assignee__last_name",
)  # fmt: skip


class CountyFilter(admin.SimpleListFilter):
    title = "county"
    parameter_name = "county"
    template = "admin/permits/roadpermit/filter_long.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted((county.slug, county.name) for county in state().counties)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(county=self.value()) if self.value() else queryset


@admin.register(RoadPermit)
class RoadPermitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Find the next case, claim it, decide on its record."""

    list_display = ("case", "where", "badge", "due", "who")
    list_display_links = None
    list_filter = (QueueFilter, StateFilter, ClockFilter, TeamFilter, CountyFilter)
    list_select_related = ("team", "assignee")
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("reference",)  # get_search_results looks further
    search_help_text = "Reference, or how the holder's name or the route begins"
    actions = ("claim", "release", "retry")

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "do/<str:name>/": ("do", admin_views.decision_page),
            "desk/<str:name>/": ("desk", admin_views.desk_page),
            "documents/<int:document_pk>/": ("document", admin_views.document),
        }
        own = [
            path(f"<str:pk>/{route}", self._inside(view), name=f"permits_roadpermit_{name}")
            for route, (name, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def _inside(self, view: Any) -> Any:
        def shown(request: HttpRequest, pk: str, **kwargs: Any) -> HttpResponse:
            response: HttpResponse = view(request, self, pk, **kwargs)
            return response

        return self.admin_site.admin_view(shown)

    # -- nobody edits -------------------------------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("permits.change_roadpermit")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied("A record is not edited: its buttons lead to the decisions.")
        return admin_views.record_page(request, self, object_id)

    # -- the queue ----------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Road permits", **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoadPermit]:
        # A draft has no team yet: it is the applicant's.
        filed = super().get_queryset(request).filter(team__isnull=False)
        return filed.select_related("team", "assignee").only(*SHOWN)

    def get_ordering(self, request: HttpRequest) -> Any:
        return by_deadline()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = " ".join(search_term.split())[:80]
        if not term:
            return queryset, False
        if REFERENCE.fullmatch(term):
            reference = term.upper()
            return queryset.filter(reference__gte=reference, reference__lte=f"{reference}ZZZZZZ"), False
        found = RoadPermit.objects.order_by()
        keys: Iterable[int] = {
            pk
            for name in ("holder", "route")
            for pk in begins_with(found, name, term).values_list("pk", flat=True)[:MOST_FOUND]
        }
        return queryset.filter(pk__in=keys), False

    @admin.display(description="request")
    def case(self, permit: RoadPermit) -> SafeString:
        url = reverse("admin:permits_roadpermit_change", args=[permit.pk])
        urgent = EMERGENCY if permit.is_emergency else ""
        return format_html('<a href="{}">{}</a>{}<br>{}', url, permit.reference, urgent, permit.title)

    @admin.display(description="where")
    def where(self, permit: RoadPermit) -> SafeString:
        return format_html("{}<br>{}", county_name(permit.county), permit.route)

    @admin.display(description="state")
    def badge(self, permit: RoadPermit) -> SafeString:
        parked = PARKED if permit.parked_at else ""
        badge = '<span class="mp-badge mp-badge--{}">{}</span>{}'
        return format_html(badge, state_tone(permit.state), permit.state_label, parked)

    @admin.display(description="due")
    def due(self, permit: RoadPermit) -> SafeString | str:
        now = standing(permit)
        return format_html('<strong class="mp-over">{}</strong>', now.due) if now.is_overdue else now.due

    @admin.display(description="assignee and team")
    def who(self, permit: RoadPermit) -> SafeString:
        return format_html("{}<br>{}", desk.name_of(permit.assignee) or "nobody", permit.team or "")

    # -- many at once -------------------------------------------------------------------------------------------------
    @admin.action(description="Claim", permissions=["work"])
    def claim(self, request: HttpRequest, queryset: QuerySet[RoadPermit]) -> None:
        each(request, queryset, lambda case, actor: desk.claim(case, actor=actor), "is yours now")

    @admin.action(description="Release", permissions=["work"])
    def release(self, request: HttpRequest, queryset: QuerySet[RoadPermit]) -> None:
        each(request, queryset, lambda case, actor: desk.release(case, actor=actor), "is back with the team")

    @admin.action(description="Retry parked work", permissions=["work"])
    def retry(self, request: HttpRequest, queryset: QuerySet[RoadPermit]) -> None:
        each(request, queryset, lambda case, actor: orchestrator.retry(case, actor=actor), "is on its way again")

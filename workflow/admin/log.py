"""The history and the work of the machines, to look at only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from workflow.admin.queue import BoundedPaginator
from workflow.models import Event, Work


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only the engine writes."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Look up who did what; a case's own page shows its history in order."""

    list_display = ("case", "seq", "what", "actor", "from_state", "to_state", "at")
    list_select_related = ("case",)
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    search_fields = ("=case__reference",)
    search_help_text = "Reference, for example RP-26-7K3QXM"

    @admin.display(description="what")
    def what(self, event: Event) -> str:
        return event.transition or event.kind


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    """What machines have to do, did, or gave up on."""

    list_display = ("case", "step", "service", "outcome", "attempts", "run_at", "error")
    list_select_related = ("case",)
    list_filter = ("outcome", "kind")
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    search_fields = ("=case__reference",)
    search_help_text = "Reference, for example RP-26-7K3QXM"

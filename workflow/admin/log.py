"""The history, the work of the machines, and what officers did beside cases, to look at only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest

from workflow import desk
from workflow.admin.queue import BoundedPaginator
from workflow.admin.sending import EXPORTED
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


class DidFilter(admin.SimpleListFilter):
    """What was done; by default everything."""

    title = "what"
    parameter_name = "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("exported", "Lists saved")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(action_flag=EXPORTED) if self.value() == "exported" else queryset


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """For auditors: who saved which list, and what else was done that is no change of a case."""

    list_display = ("action_time", "who", "about", "outcome")
    list_display_links = None
    list_filter = (DidFilter,)
    list_select_related = ("user", "content_type")
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    search_fields = ("=user__username",)
    search_help_text = "User name of an officer"

    @admin.display(description="officer")
    def who(self, entry: LogEntry) -> str:
        return desk.name_of(entry.user)

    @admin.display(description="about")
    def about(self, entry: LogEntry) -> str:
        return entry.object_repr

    @admin.display(description="what was done")
    def outcome(self, entry: LogEntry) -> str:
        return entry.change_message if entry.action_flag == EXPORTED else str(entry.get_change_message() or entry)

"""What officers see of webhooks: who is told, how that goes; and switching one off."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from workflow.contrib.webhooks import telling
from workflow.contrib.webhooks.models import Delivery, Endpoint


class _Looked(admin.ModelAdmin):  # type: ignore[type-arg]
    """Endpoints belong to those who registered them, by the API: here they are looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Endpoint)
class EndpointAdmin(_Looked):
    list_display = ("__str__", "key", "created_at", "failing_since", "works", "disabled_because")
    list_select_related = ("key",)
    ordering = ("-pk",)
    actions = ("switch_off", "switch_on")
    fields = ("key", "url", "description", "types", "created_at", "failing_since", "disabled_at", "disabled_because")

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_endpoint")

    @admin.display(boolean=True, description="works")
    def works(self, endpoint: Endpoint) -> bool:
        return endpoint.is_enabled

    @admin.action(description="Switch off", permissions=["switch"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset.filter(disabled_at=None):
            telling.disable(endpoint, f"Switched off by {request.user.get_username()}.")
            messages.success(request, f"{endpoint} is told nothing any more.")

    @admin.action(description="Switch on again", permissions=["switch"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset.exclude(disabled_at=None):
            telling.enable(endpoint)
            messages.success(request, f"{endpoint} is told of what happens from now on.")


@admin.register(Delivery)
class DeliveryAdmin(_Looked):
    list_display = ("created_at", "type", "endpoint", "outcome", "attempts", "due_at")
    list_select_related = ("endpoint",)
    list_filter = ("outcome",)
    ordering = ("-pk",)
    show_full_result_count = False
    fields = ("endpoint", "type", "message_id", "payload", "outcome", "attempts", "created_at", "due_at", "finished_at")

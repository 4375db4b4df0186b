"""API keys: the secret is shown once, when the key is made; later a key can only be revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from workflow.models import ApiKey
from workflow.registry import registry


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        choices=lambda: [(name, f"{name}: {what}") for name, what in registry.scopes.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Issue and revoke. A key is never changed or deleted: cases name the key that filed them."""

    form = ApiKeyForm
    list_display = ("name", "prefix", "scopes", "created_at", "last_used_at", "expires_at", "is_alive")
    ordering = ("-pk",)
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("workflow.change_apikey")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        added = ("name", "scopes", "expires_at")
        return added if obj is None else (*added, "prefix", "created_at", "last_used_at", "revoked_at")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        row, text = ApiKey.issue(obj.name, form.cleaned_data["scopes"], expires_at=obj.expires_at)
        obj.__dict__.update(row.__dict__)
        messages.warning(request, f"The key is {text} - write it down now: nobody can show it again.")

    @admin.action(description="Revoke the chosen keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        count = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, f"{count} {'key is' if count == 1 else 'keys are'} revoked, from now on.")

    @admin.display(boolean=True, description="works")
    def is_alive(self, key: ApiKey) -> bool:
        return key.is_alive

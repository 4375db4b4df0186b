"""Teams and the routing table, which managers edit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse

from workflow.models import RoutingRule, Team


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who owns a queue. The default team gets what no rule sends elsewhere, so it stays."""

    list_display = ("name", "code", "email", "is_default")
    search_fields = ("name", "code")
    filter_horizontal = ("members",)
    prepopulated_fields = {"code": ("name",)}
    readonly_fields = ("is_default",)
    actions = None  # teams are taken away one by one

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_default)


@admin.register(RoutingRule)
class RoutingRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The routing table, read from top to bottom: the first rule that fits a case names its team."""

    list_display = ("order", "in_words", "team", "is_active")
    list_display_links = ("order", "in_words")
    list_editable = ("is_active",)
    list_select_related = ("team",)
    ordering = ("order", "pk")

    @admin.display(description="cases with")
    def in_words(self, rule: RoutingRule) -> str:
        return rule.in_words()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET":
            for sentence in faults(RoutingRule.objects.filter(is_active=True)):
                messages.warning(request, sentence)
        return super().changelist_view(request, extra_context)


def faults(rules: Any) -> list[str]:
    """What whoever edits the table should know: rules that never come to their turn, and where the rest goes."""
    rules, sentences = list(rules), []
    for place, rule in enumerate(rules):
        if hider := next((one for one in rules[:place] if _covers(one, rule)), None):
            sentences.append(f"Rule {rule.order} ({rule.in_words()}) is never reached: rule {hider.order} comes first.")
    if not any(_catches_all(rule) for rule in rules):
        sentences.append(f"No rule catches everything: what fits none goes to the default team, {Team.default()}.")
    return sentences


def _catches_all(rule: RoutingRule) -> bool:
    return not any(getattr(rule, name) for name in RoutingRule.CONDITIONS)


def _covers(first: RoutingRule, later: RoutingRule) -> bool:
    """Whether every case that fits ``later`` fits ``first``."""
    return all(
        not getattr(first, name) or getattr(first, name).casefold() == getattr(later, name).casefold()
        for name in RoutingRule.CONDITIONS
    )

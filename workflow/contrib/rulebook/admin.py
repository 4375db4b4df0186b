"""The rules in the admin: the pages of rules, the holidays by year, and the log of changes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workflow.admin.log import ReadOnlyAdmin
from workflow.contrib.rulebook.changing import as_seen, newest_change
from workflow.contrib.rulebook.days_admin import OwnDayAdmin
from workflow.contrib.rulebook.forms import last_changes
from workflow.contrib.rulebook.log import said_of
from workflow.contrib.rulebook.models import Override, RuleChange
from workflow.contrib.rulebook.pages import RulesPage
from workflow.contrib.rulebook.rules import Group, Rule, groups

__all__ = ["OwnDayAdmin", "RuleChangeAdmin", "RulesAdmin"]


@admin.register(Override)
class RulesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Fees, deadlines, reasons, messages: a page a group; a message has a page of its own, with a preview."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.overview), name="rulebook_override_changelist"),
            path("<slug:slug>/", wrap(self.group), name="rulebook_group"),
            path("<slug:slug>/<str:key>/", wrap(self.rule), name="rulebook_rule"),
            path("<slug:slug>/<str:key>/mail/<int:number>/", wrap(self.mail), name="rulebook_mail"),
        ]

    def overview(self, request: HttpRequest) -> HttpResponse:
        """Every page of rules, with how many rules differ from their originals."""
        self._may_look(request)
        changed = set(Override.objects.values_list("key", flat=True))
        rows = [(group, sum(rule.key in changed for rule in rules), len(rules)) for group, rules in groups().values()]
        context = self._context(request, "Rules") | {
            "rows": rows,
            "changes": [(line, *said_of(line)) for line in RuleChange.objects.all()[:10]],
        }
        return TemplateResponse(request, "admin/rulebook/overview.html", context)

    def group(self, request: HttpRequest, slug: str) -> HttpResponse:
        self._may_look(request)
        group, rules = _group(slug)
        if group.one_by_one:
            return self._list(request, group, rules)
        return self._page(request, group, rules, group.title, reverse("admin:rulebook_override_changelist"))(request)

    def rule(self, request: HttpRequest, slug: str, key: str) -> HttpResponse:
        return self._single(request, slug, key)(request)

    def mail(self, request: HttpRequest, slug: str, key: str, number: int) -> HttpResponse:
        return self._single(request, slug, key).mail(request, number)

    def _single(self, request: HttpRequest, slug: str, key: str) -> RulesPage:
        self._may_look(request)
        group, rules = _group(slug)
        rule = next((rule for rule in rules if rule.key == key), None)
        if rule is None:
            raise Http404("There is no such rule.")
        title = f"{group.title}: {rule.label}"
        return self._page(request, group, [rule], title, reverse("admin:rulebook_group", args=[slug]))

    def _page(self, request: HttpRequest, group: Group, rules: Any, title: str, back: str) -> RulesPage:
        may = self.has_change_permission(request)
        return RulesPage(site=self.admin_site, group=group, rules=tuple(rules), title=title, back=back, may_change=may)

    def _list(self, request: HttpRequest, group: Group, rules: tuple[Rule, ...]) -> HttpResponse:
        keys = [rule.key for rule in rules]
        stored, last = as_seen(keys, newest_change()), last_changes(keys)
        sections: dict[str, list[Any]] = {}
        for rule in rules:
            is_changed = stored[rule.key] != rule.kind.store(rule.original)
            sections.setdefault(rule.section, []).append((rule, is_changed, last.get(rule.key)))
        context = self._context(request, group.title) | {"group": group, "sections": sections}
        return TemplateResponse(request, "admin/rulebook/list.html", context)

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def _group(slug: str) -> tuple[Group, tuple[Rule, ...]]:
    found = groups().get(slug)
    if found is None:
        raise Http404("There is no such page of rules.")
    return found


@admin.register(RuleChange)
class RuleChangeAdmin(ReadOnlyAdmin):
    """Who changed what, when, from what to what. Nobody changes it."""

    list_display = ("at", "name", "what", "said_before", "said_after")
    list_display_links = None
    list_filter = ("area", "name")
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    search_fields = ("what",)
    search_help_text = "Words of what was changed, for example: application"

    class Media:
        css: ClassVar = {"all": ["milepost/rules.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Log of changes", **(extra_context or {})})

    @admin.display(description="before")
    def said_before(self, line: RuleChange) -> SafeString:
        return _in_lines(said_of(line)[0])

    @admin.display(description="after")
    def said_after(self, line: RuleChange) -> SafeString:
        return _in_lines(said_of(line)[1])


def _in_lines(text: str) -> SafeString:
    return format_html('<span class="mp-lines">{}</span>', text)

"""Teams and the routing table, which managers edit; a dry run shows what an edit would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from workflow.admin import duties
from workflow.admin.dry_run import DryRun, Move, dry_run
from workflow.admin.recorded import Recorded, SeenForm
from workflow.models import RoutingRule, Team
from workflow.registry import registry
from workflow.router import Rule

BUTTONS = ("_dry_run", "_save", "_addanother", "_continue", "csrfmiddlewaretoken")


class TeamForm(SeenForm):
    """A team as its page showed it."""

    class Meta:
        model = Team
        fields = ("name", "code", "email", "members")


@admin.register(Team)
class TeamAdmin(Recorded):
    """Who owns a queue. The default team gets what no rule sends elsewhere, so it stays."""

    list_display = ("name", "code", "people", "named_by", "email", "is_default")
    search_fields = ("name", "code")
    filter_horizontal = ("members",)
    readonly_fields = ("is_default",)
    actions = None  # teams are taken away one by one
    area = "team"
    form = TeamForm
    fields = ("name", "code", "email", "is_default", "members", "seen")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The code is how programs and our own rules find the team (technical-traffic).
        return ("is_default",) if obj is None else ("is_default", "code")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj is not None else {"code": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        found: QuerySet[Team] = super().get_queryset(request)
        members = Count("members", filter=Q(members__is_active=True), distinct=True)
        return found.annotate(_members=members, _rules=Count("rules", distinct=True))

    @admin.display(description="members")
    def people(self, team: Any) -> str:
        return str(team._members) if team._members else "nobody"

    @admin.display(description="routing rules")
    def named_by(self, team: Any) -> int:
        return int(team._rules)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_default)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """A team that something still needs stays: the page says what, instead of listing every case."""
        team = self.get_object(request, object_id)
        if team is None or not self.has_delete_permission(request, team):
            return super().delete_view(request, object_id, extra_context)
        reasons = list(duties.keep_it(team))
        if not reasons:
            return super().delete_view(request, object_id, extra_context)
        sentence = f"{team} cannot be removed. {' '.join(reasons)} The dry run shows where its cases would go."
        self.message_user(request, sentence, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:workflow_team_dry_run", args=[team.pk]))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for sentence in duties.left_alone(form.instance):
            self.message_user(request, sentence, messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.dry_run_view)
        return [path("<int:pk>/dry-run/", page, name="workflow_team_dry_run"), *super().get_urls()]

    def dry_run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where the cases of the last months would go if no routing rule named this team."""
        team = self.get_object(request, str(pk))
        if team is None or not self.has_view_or_change_permission(request, team):
            raise PermissionDenied
        outcome = dry_run(without=team)
        table: Any = self.admin_site.get_model_admin(RoutingRule)
        title = f"Dry run without {team}"
        page: HttpResponse = table.show(request, outcome, {"title": title, "without": team})
        return page


class RoutingRuleForm(SeenForm):
    """A rule as its page showed it."""

    class Meta:
        model = RoutingRule
        fields = "__all__"


@admin.register(RoutingRule)
class RoutingRuleAdmin(Recorded):
    """The routing table, read from top to bottom: the first rule that fits a case names its team."""

    list_display = ("order", "in_words", "team", "is_active")
    list_display_links = ("order", "in_words")
    list_editable = ("is_active",)
    list_select_related = ("team",)
    ordering = ("order", "pk")
    area = "routing"
    form = RoutingRuleForm
    fieldsets = (
        (None, {"fields": ("order", "team", "is_active", "seen")}),
        (
            "Cases with",
            {
                "fields": ("workflow", "category", "district", "county", "route", ("milepost_from", "milepost_to")),
                "description": "A case must fit everything you fill in. Capitals, blanks and hyphens do not matter.",
            },
        ),
    )

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        # Django gives the boxes of an editable list no name.
        widgets = {"is_active": forms.CheckboxInput({"aria-label": "Active"})}
        return super().get_changelist_form(request, **{**kwargs, "widgets": widgets})

    @admin.display(description="cases with")
    def in_words(self, rule: RoutingRule) -> str:
        return rule.in_words()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET":
            for sentence in faults(RoutingRule.objects.filter(is_active=True)):
                messages.warning(request, sentence)
        return super().changelist_view(request, extra_context)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "workflow":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        kinds = {workflow.name: workflow.title for workflow in registry}
        return forms.ChoiceField(
            label="Kind of case", required=False, choices=[("", "Any kind"), *sorted(kinds.items(), key=itemgetter(1))]
        )

    # -- dry run ------------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.dry_run_view)
        return [path("dry-run/", page, name="workflow_routingrule_dry_run"), *super().get_urls()]

    def dry_run_view(self, request: HttpRequest) -> HttpResponse:
        """What the rules as they are now would do."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.show(request, dry_run(), {"title": "Dry run of the routing rules"})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form of a rule; with the button “Dry run” a valid form is tried and not saved."""
        if request.method == "POST" and "_dry_run" in request.POST:
            tried = self._typed(request, object_id)
            if tried is not None:
                form = {"saved_by": request.path, "typed": _typed_again(request)}
                return self.show(request, dry_run(tried), {"title": "Dry run of one rule", "rule": tried, **form})
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _typed(self, request: HttpRequest, object_id: str | None) -> RoutingRule | None:
        """The rule as typed, unsaved; None when it has faults, which the form itself then shows."""
        rule = self.get_object(request, object_id) if object_id else None
        if object_id and rule is None:
            return None
        may = self.has_change_permission(request, rule) and (rule is not None or self.has_add_permission(request))
        if not may:
            raise PermissionDenied
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        typed: RoutingRule | None = form.instance if form.is_valid() else None
        return typed

    def show(self, request: HttpRequest, outcome: DryRun, more: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "outcome": outcome,
            "rows": _with_addresses(outcome.moves, self._records(request)),
            **more,
        }
        return TemplateResponse(request, "admin/workflow/routingrule/dry_run.html", context)

    def _records(self, request: HttpRequest) -> Callable[[Any], str]:
        """Where the record of a case is, for who may see it; else empty."""
        addresses = {}
        for workflow in registry:
            opts = workflow.model._meta
            seen = self.admin_site.is_registered(workflow.model) and request.user.has_perm(
                f"{opts.app_label}.view_{opts.model_name}"
            )
            addresses[workflow.name] = f"admin:{opts.app_label}_{opts.model_name}_change" if seen else ""
        return lambda case: reverse(name, args=[case.pk]) if (name := addresses.get(case.workflow)) else ""


def _with_addresses(moves: Iterable[Move], address: Callable[[Any], str]) -> list[tuple[Move, str]]:
    return [(move, address(move.case)) for move in moves]


def _typed_again(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, for a form that saves it after all."""
    return [(name, str(text)) for name, texts in request.POST.lists() if name not in BUTTONS for text in texts]


def faults(rules: Any) -> list[str]:
    """What whoever edits the table should know: rules that never come to their turn, and where the rest goes."""
    rules, sentences = list(rules), []
    for place, rule in enumerate(rules):
        if hider := next((one for one in rules[:place] if _covers(Rule(one), Rule(rule))), None):
            sentences.append(f"Rule {rule.order} ({rule.in_words()}) is never reached: rule {hider.order} comes first.")
    if not any(_catches_all(Rule(rule)) for rule in rules):
        sentences.append(f"No rule catches everything: what fits none goes to the default team, {Team.default()}.")
    return sentences


def _catches_all(rule: Rule) -> bool:
    return not rule.conditions


def _covers(first: Rule, later: Rule) -> bool:
    """Whether every case that fits ``later`` fits ``first``. A group of categories covers itself, for all we know."""
    wanted = dict(later.conditions)
    return all(name in wanted and wanted[name] <= accepted for name, accepted in first.conditions) and (
        (first.low is None and first.high is None) or _within(first, later)
    )


def _within(first: Rule, later: Rule) -> bool:
    """Whether the stretch of ``later`` lies in that of ``first``; a rule without a stretch lies in none."""
    if later.low is None and later.high is None:
        return False
    starts = first.low is None or (later.low is not None and later.low >= first.low)
    return starts and (first.high is None or (later.high is not None and later.high <= first.high))

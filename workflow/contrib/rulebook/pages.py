"""A page of rules: look, change, confirm what changes from what to what, and see who changed it last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override

from workflow.contrib.rulebook.changing import Conflict, StaleRules, change
from workflow.contrib.rulebook.forms import RulesForm, first_values, input_name, sections
from workflow.contrib.rulebook.log import said_of
from workflow.contrib.rulebook.models import RuleChange
from workflow.contrib.rulebook.rules import Group, Preview, Rule
from workflow.contrib.rulebook.sms import Length, length_of

LAST_SHOWN = 10
BUTTONS = ("_save", "_confirmed", "_back", "_original", "_preview", "csrfmiddlewaretoken")
# An e-mail brings its own styles, which our pages do not allow; it runs nothing and loads nothing.
MAIL_POLICY = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "frame-ancestors": ["'none'"]}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One line of the confirmation."""

    rule: Rule
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A preview with the length of its text message."""

    preview: Preview
    sms: Length


@dataclass(frozen=True, kw_only=True)
class RulesPage:
    """The rules of one group, or one rule of a group that has a page for each. ``back``: where this page hangs."""

    site: admin.AdminSite
    group: Group
    rules: Sequence[Rule]
    title: str
    back: str
    may_change: bool

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self._show(request, self._form())
        if not self.may_change:
            raise PermissionDenied
        if key := request.POST.get("_original"):
            return self._show(request, self._form(initial=self._with_original(request.POST, key)))
        form = self._form(request.POST)
        if "_back" in request.POST:
            return self._show(request, self._form(initial=typed_of(request.POST)))
        if not form.is_valid():
            return self._show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if "_preview" in request.POST:
            return self._show(request, form)
        return self._ask_or_save(request, form)

    @method_decorator(csp_override(MAIL_POLICY))
    def mail(self, request: HttpRequest, number: int) -> HttpResponse:
        """One previewed e-mail as mail programs show it; from what is typed, when it is sent along."""
        form = self._form(request.POST if request.method == "POST" else None)
        if form.is_bound and not form.is_valid():
            return self._show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        found = self._previews(form)
        if number >= len(found):
            raise Http404("There is no such preview.")
        return HttpResponse(found[number].preview.html)

    def _form(self, data: QueryDict | None = None, **more: Any) -> RulesForm:
        return RulesForm(data, rules=self.rules, is_open=self.may_change, **more)

    def _ask_or_save(self, request: HttpRequest, form: RulesForm) -> HttpResponse:
        mine = form.mine()
        if not mine:
            messages.info(request, "Nothing was changed.")
            return HttpResponseRedirect(request.path)
        if conflicts := form.conflicts():
            return self._refuse(request, form, conflicts)
        if "_confirmed" not in request.POST:
            return self._confirm(request, form, mine)
        try:
            lines = change(mine, by=request.user, seen=form.cleaned_data["seen"])
        except StaleRules as stale:
            return self._refuse(request, form, stale.conflicts)
        for line in lines:
            before, after = said_of(line)
            messages.success(request, f"{line.what}: {before} → {after}")
        if not lines:
            messages.info(request, "A colleague had saved the same: nothing was left to change.")
        return HttpResponseRedirect(request.path)

    def _refuse(self, request: HttpRequest, form: RulesForm, conflicts: Sequence[Conflict]) -> HttpResponse:
        """Everything typed again, beside what the colleague saved; the next press is made in knowledge of it."""
        mine, typed = form.mine(), typed_of(request.POST)
        kept = {name: text for name, text in typed.items() if name.partition(":")[0] in mine}
        return self._show(request, self._form(initial=kept), conflicts=conflicts, status=HTTPStatus.CONFLICT)

    def _confirm(self, request: HttpRequest, form: RulesForm, mine: Mapping[str, Any]) -> HttpResponse:
        rows = [
            Difference(rule=rule, before=rule.words(form.current(rule.key)), after=rule.words(mine[rule.key]))
            for rule in self.rules
            if rule.key in mine
        ]
        context = self._context(request) | {"rows": rows, "typed": sorted(typed_of(request.POST).items())}
        return TemplateResponse(request, "admin/rulebook/confirm.html", context)

    def _show(
        self, request: HttpRequest, form: RulesForm, *, conflicts: Sequence[Conflict] = (), status: int = 200
    ) -> HttpResponse:
        context = self._context(request) | {
            "form": form,
            "sections": sections(form, conflicts),
            "conflicts": conflicts,
            "previews": self._previews(form),
            "changes": [(line, *said_of(line)) for line in self._log()],
        }
        return TemplateResponse(request, "admin/rulebook/page.html", context, status=status)

    def _previews(self, form: RulesForm) -> list[Shown]:
        """For a page of one rule: what people would get, from what is typed if it is in order."""
        rule = self.rules[0]
        if rule.preview is None or len(self.rules) > 1 or (form.is_bound and not form.is_valid()):
            return []
        value = form.values()[rule.key] if form.is_bound else self._initial_value(form, rule)
        return [Shown(preview=found, sms=length_of(found.sms)) for found in rule.preview(value)]

    def _initial_value(self, form: RulesForm, rule: Rule) -> Any:
        typed = {part: form.initial[input_name(rule, part)] for part in rule.kind.fields(rule.label, "")}
        return rule.kind.read(typed)

    def _log(self) -> Iterable[RuleChange]:
        keys = [rule.key for rule in self.rules]
        return RuleChange.objects.filter(area=RuleChange.Area.RULE, key__in=keys).order_by("-pk")[:LAST_SHOWN]

    def _with_original(self, typed: QueryDict, key: str) -> dict[str, Any]:
        rules = [rule for rule in self.rules if rule.key == key]
        originals = first_values(rules, {rule.key: rule.kind.store(rule.original) for rule in rules})
        return {**typed_of(typed), **originals}

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **self.site.each_context(request),
            "title": self.title,
            "group": self.group,
            "back": self.back,
            "may_change": self.may_change,
            "single": len(self.rules) == 1,
        }


def typed_of(data: QueryDict) -> dict[str, str]:
    """Everything that was typed, without the buttons."""
    return {name: str(text) for name, text in data.items() if name not in BUTTONS}

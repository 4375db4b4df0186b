"""The officers' queue of any kind of case and the door to each record. Nothing is edited here.

A kind of case is a small class: its ``counter`` (what can be pressed), its ``tones`` (colours of states), what its
record shows beside history and steps, and how a line of its queue names the case and its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from workflow import absences, desk
from workflow.actors import Actor
from workflow.admin import bulk, case_file, export, pages, saved, viewing
from workflow.admin.acts import Counter
from workflow.admin.many import Many
from workflow.admin.paging import AFTER, BEFORE, Paged
from workflow.admin.queue import (
    CITIZEN,
    MOST_FOUND,
    ClockFilter,
    QueueFilter,
    StateFilter,
    TeamFilter,
    begins_with,
    by_deadline,
    references_ending,
)
from workflow.admin.record import TECHNICAL, plain_fact, tone_of
from workflow.admin.telling import Telling
from workflow.models import Document, Event
from workflow.tracker import Standing, standing

PARKED = SafeString('<br><span class="mp-mark">Parked</span>')
REFERENCE = re.compile(r"[A-Z]{2}-[0-9]{2}-[0-9A-Z]{0,6}", re.IGNORECASE)
# What a line of the queue shows; the rest of a case (its answers, its papers) would weigh down every page.
SHOWN = (
    "reference", "title", "route", "county", "state", "step", "due_at", "paused_at", "parked_at", "closed_at",
    "entered_at", "workflow", "workflow_version", "team__name", "assignee__username", "assignee__first_name",
    "assignee__last_name", "assignee__is_active",
)  # fmt: skip
EXPORTS = (("Save as CSV", "export_csv"), ("Save as spreadsheet", "export_xlsx"))
FILTERS = (QueueFilter, StateFilter, ClockFilter, TeamFilter)


class CaseAdmin(Telling, Many):
    """Find the next case, claim it, decide on its record."""

    counter: ClassVar[Counter]
    tones: ClassVar[Mapping[str, Sequence[str]]]
    state_names: ClassVar[Mapping[str, str]] = {}  # where the citizen's word for a state says "you" or "we"
    citizen: ClassVar[str] = "The applicant"  # who must act where the citizen reads "You"
    technical: ClassVar[frozenset[str]] = TECHNICAL  # facts of the history that say nothing to officers
    shown: ClassVar[tuple[str, ...]] = SHOWN  # columns a line of the queue needs
    related: ClassVar[tuple[str, ...]] = ("team", "assignee")  # what the record names
    begins: ClassVar[tuple[str, ...]] = ("route",)  # columns whose beginning the search looks at
    record_template: ClassVar[str] = "admin/workflow/case/change_form.html"
    act_template: ClassVar[str] = "admin/workflow/case/act.html"

    change_list_template = "admin/workflow/case/change_list.html"
    list_display: tuple[Any, ...] = ("case", "where", "badge", "due", "who")
    list_display_links = None
    list_filter: ClassVar[tuple[Any, ...]] = FILTERS
    list_select_related = ("team", "assignee")
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    page_key = "id"  # of the case: an index knows it beside the deadline
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("reference",)  # get_search_results looks further
    search_help_text = "Reference, or how the route begins"

    # -- what a kind adds ---------------------------------------------------------------------------------------------
    def marks(self, case: Any) -> Sequence[str]:
        """Words that stand out beside the reference: "Emergency". No query."""
        return ()

    def place(self, case: Any) -> tuple[str, str]:
        """Two short lines of the queue: county and road. No query."""
        return case.county.replace("-", " ").title(), case.route

    def about(self, case: Any, *, with_persons: bool) -> str:
        """What the first line of the record says after the title: ", Story County". No query."""
        return ""

    def record(self, case: Any, actor: Actor, events: Sequence[Event], *, with_persons: bool) -> dict[str, Any]:
        """What the record's template shows beside head, buttons, steps and history (``events``, oldest first)."""
        return {}

    def state_name(self, state: str) -> str:
        """A state in officers' words."""
        known = self.model.State
        return self.state_names.get(state) or (str(known(state).label) if state in known else state)

    def fact(self, value: Any) -> str:
        """A value of the history in words; empty: not told."""
        return plain_fact(value)

    def hand_out(self, document: Document) -> HttpResponseBase:
        """A file of the case, to be saved. Raises Http404 when it is not on this server."""
        raise Http404("Cases of this kind have no files.")

    def pictures(self, case: Any, *, with_persons: bool) -> Iterable[tuple[str, Path]]:
        """What belongs into the case's file beside its documents: (name, where it lies)."""
        return ()

    def kind_of(self, case: Any) -> CaseAdmin:
        """The queue that knows how to put this case into words."""
        return self

    def returns(self) -> Mapping[str, str]:
        """Pages an officer may come back to after an act: the word in ``?then=`` to the address."""
        return {}

    # -- pages --------------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        own = [
            self.page_at("<str:pk>/do/<str:name>/", pages.decision_page, "do"),
            self.page_at("<str:pk>/desk/<str:name>/", pages.desk_page, "desk"),
            self.page_at("<str:pk>/documents/<int:document_pk>/", pages.document, "document"),
            self.page_at("<str:pk>/documents/<int:document_pk>/view/", viewing.view_page, "view"),
            self.page_at("<str:pk>/documents/<int:document_pk>/page.png", viewing.picture, "picture"),
            self.page_at("<str:pk>/file/", case_file.case_file_page, "file"),
            self.page_at("bulk/<str:name>/", bulk.bulk_page, "bulk"),
            self.page_at("export.csv", export.csv_page, "export_csv"),
            self.page_at("export.xlsx", export.xlsx_page, "export_xlsx"),
            self.page_at("saved/", saved.save_page, "saved"),
            self.page_at("saved/<int:pk>/open/", saved.open_page, "saved_open"),
            self.page_at("saved/<int:pk>/remove/", saved.remove_page, "saved_remove"),
        ]
        return [*own, *super().get_urls()]

    def page_at(self, route: str, view: Callable[..., Any], name: str) -> URLPattern:
        """A page of this kind for signed-in officers: ``view(request, kind, **arguments)``."""

        def shown(request: HttpRequest, **arguments: Any) -> HttpResponse:
            response: HttpResponse = view(request, self, **arguments)
            return response

        opts = self.opts
        return path(route, self.admin_site.admin_view(shown), name=f"{opts.app_label}_{opts.model_name}_{name}")

    def address(self, name: str, *arguments: Any) -> str:
        """The address of a page of this kind: changelist, change, do, desk, document."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=arguments)

    def address_after(self, request: HttpRequest, case: Any) -> str:
        """Where an officer goes after an act: back where ``?then=`` says, else to the record."""
        known = self.returns()
        return known.get(request.GET.get("then", "")) or self.address("change", case.pk)

    def load(self, pk: str) -> Any:
        """One filed case with what its record names, or None; a draft is the applicant's. One query."""
        if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
            return None
        cases: Any = self.model._default_manager
        return self.whole(cases.select_related(*self.related)).filter(pk=pk, team__isnull=False).first()

    def head(self, case: Any, *, with_persons: bool) -> dict[str, Any]:
        """What every page about a case says first. One query where somebody has the case."""
        return {
            "case": case,
            "assignee_note": absences.about_assignee(case),
            "standing": self.awaited(case),
            "state_name": self.state_name(case.state),
            "state_tone": tone_of(case.state, self.tones),
            "marks": self.marks(case),
            "about": self.about(case, with_persons=with_persons),
            "with_persons": with_persons,
        }

    def awaited(self, case: Any) -> Standing:
        """Where the case stands, in officers' words. No query."""
        now = standing(case)
        return now if now.awaits != CITIZEN else replace(now, awaits=self.citizen)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied("A record is not edited: its buttons lead to the decisions.")
        return pages.record_page(request, self, object_id)

    # -- nobody edits -------------------------------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @property
    def list_title(self) -> str:
        return str(self.opts.verbose_name_plural).capitalize()

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    # -- the queue ----------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        query = request.GET.copy()
        for name in (AFTER, BEFORE):
            query.pop(name, None)
        asked = f"?{query.urlencode()}" if query else ""
        exports = [(words, self.address(name) + asked) for words, name in EXPORTS]
        extra: dict[str, Any] = {"title": self.list_title, "noun": self.counter.noun, "exports": exports}
        extra |= {"saved": saved.Beside(request, self), **(extra_context or {})}
        return super().changelist_view(request, extra)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # A draft has no team yet: it is the applicant's.
        filed = super().get_queryset(request).filter(team__isnull=False)
        return filed.select_related("team", "assignee").only(*self.shown)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Paged

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        absences.with_holders(page.result_list, request.user)
        return page

    def get_ordering(self, request: HttpRequest) -> Any:
        return by_deadline()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = " ".join(search_term.split())[:80]
        if not term:
            return queryset, False
        if REFERENCE.fullmatch(term):
            reference = term.upper()
            return queryset.filter(reference__gte=reference, reference__lte=f"{reference}ZZZZZZ"), False
        keys = {pk for name in self.begins for pk in self._begin_with(name, term)}
        if references := references_ending(term):
            keys |= set(self.model._default_manager.filter(reference__in=references).values_list("pk", flat=True))
        return queryset.filter(pk__in=keys), False

    def _begin_with(self, name: str, term: str) -> list[int]:
        """At most ``MOST_FOUND`` cases, open ones before ended ones: of thousands that fit, those are looked for."""
        rows = begins_with(self.model._default_manager.order_by(), name, term).values_list("pk", flat=True)
        found = list(rows[:MOST_FOUND])
        if len(found) < MOST_FOUND:
            return found
        still_open = list(rows.filter(closed_at=None)[:MOST_FOUND])
        return [*dict.fromkeys([*still_open, *found])][:MOST_FOUND]

    @admin.display(description="case")
    def case(self, case: Any) -> SafeString:
        marks = format_html_join("", ' <span class="mp-mark">{}</span>', ((mark,) for mark in self.marks(case)))
        address = self.address("change", case.pk)
        return format_html('<a href="{}">{}</a>{}<br>{}', address, case.reference, marks, case.title)

    @admin.display(description="where")
    def where(self, case: Any) -> SafeString:
        return format_html("{}<br>{}", *self.place(case))

    @admin.display(description="state")
    def badge(self, case: Any) -> SafeString:
        parked = PARKED if case.parked_at else ""
        badge = '<span class="mp-badge mp-badge--{}">{}</span>{}'
        return format_html(badge, tone_of(case.state, self.tones), self.state_name(case.state), parked)

    @admin.display(description="due")
    def due(self, case: Any) -> SafeString | str:
        now = standing(case)
        return format_html('<strong class="mp-over">{}</strong>', now.due) if now.is_overdue else now.due

    @admin.display(description="assignee and team")
    def who(self, case: Any) -> SafeString:
        held = getattr(case, "held", "") or desk.name_of(case.assignee) or "nobody"
        return format_html("{}<br>{}", held, case.team or "")

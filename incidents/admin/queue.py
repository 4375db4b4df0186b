"""The officers' queue of incident reports and the doors to record, triage and map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

from incidents import foresight, photos, places
from incidents.admin import charts, triage
from incidents.admin.acts import COUNTER
from incidents.admin.record import STATE_NAMES, STATE_TONES, TECHNICAL, fact, marks_of, record, whole
from incidents.models import Category, Incident
from incidents.models.catalogue import Group
from workflow.actors import Actor
from workflow.admin.cases import FILTERS, SHOWN, CaseAdmin
from workflow.admin.preview import Letter
from workflow.contrib.places.admin import CountyFilter
from workflow.contrib.storage import path_of
from workflow.models import Event


class CategoryFilter(admin.SimpleListFilter):
    """By category; the list is long, so it opens on demand."""

    title = "category"
    parameter_name = "category"
    template = "admin/workflow/case/filter_long.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Category.objects.order_by("order", "pk").values_list("code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(category=self.value()) if self.value() else queryset


class GroupFilter(admin.SimpleListFilter):
    """By group of categories."""

    title = "group"
    parameter_name = "group"
    template = "admin/workflow/case/filter_long.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Group.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(category_group=self.value()) if self.value() else queryset


class UrgencyFilter(admin.SimpleListFilter):
    """Emergencies, and what else asks for a second look."""

    title = "mark"
    parameter_name = "mark"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("safety", "Emergency"), ("unanswered", "No answer"), ("back", "Came back"), ("hidden", "Hidden")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "safety":
                return queryset.filter(safety=True)
            case "unanswered":
                return queryset.filter(unanswered=True)
            case "back":
                return queryset.filter(reopened__gt=0)
            case "hidden":
                return queryset.exclude(hidden_because="")
        return queryset


@admin.register(Incident)
class IncidentAdmin(CaseAdmin):
    """Find the next report, claim it, decide on its record."""

    counter = COUNTER
    tones = STATE_TONES
    state_names = STATE_NAMES
    citizen = "The reporter"
    technical = TECHNICAL
    shown = (
        *SHOWN, "direction", "milepost", "address", "latitude", "longitude", "safety", "unanswered", "reopened",
        "hidden_because", "votes",
    )  # fmt: skip
    related = ("team", "assignee", "duplicate_of")
    begins = ("route", "title")
    search_help_text = "Reference, or how the route or the title begins: “I-35”, “Pothole on US”"
    list_display = ("case", "where", "badge", "due", "seen_by", "who")
    list_filter = (*FILTERS, UrgencyFilter, GroupFilter, CategoryFilter, CountyFilter)
    record_template = "admin/incidents/incident/change_form.html"
    change_list_template = "admin/incidents/incident/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        own = [
            self.page_at("triage/", triage.triage_page, "triage"),
            self.page_at("map/", charts.map_page, "map"),
            self.page_at("map.geojson", charts.points, "points"),
        ]
        return [*own, *super().get_urls()]

    def marks(self, case: Incident) -> Sequence[str]:
        return marks_of(case)

    def place(self, case: Incident) -> tuple[str, str]:
        return places.county_name(case.county), places.road_words(case) or case.address

    def about(self, case: Incident, *, with_persons: bool) -> str:
        county = places.county_name(case.county)
        return f", {county}" if county and county not in case.title else ""

    def whole(self, cases: Any) -> Any:
        return whole(cases)

    def record(self, case: Incident, actor: Actor, events: Sequence[Event], *, with_persons: bool) -> dict[str, Any]:
        return record(case, events, with_persons=with_persons)

    def tells(self, name: str) -> bool:
        return foresight.tells(name)

    def letters(self, case: Incident, *, since: int) -> Sequence[Letter]:
        return foresight.letters(case, since=since)

    def decided_on(self, case: Incident) -> Mapping[str, Any]:
        return {"what": f"the report “{case.title}”", "changed": ()}

    def fact(self, value: Any) -> str:
        return fact(value)

    def pictures(self, case: Incident, *, with_persons: bool) -> Iterable[tuple[str, Path]]:
        found = case.photos.all() if with_persons else case.photos.filter(is_public=True)
        return [(f"{photo.pk}-{photo.kind}.jpg", path_of(photos.names_of(photo.token)[0])) for photo in found]

    def address_after(self, request: HttpRequest, case: Any) -> str:
        if request.GET.get("then") == "triage":
            return self.address("triage") + triage.skipping(triage.skipped(request))
        return super().address_after(request, case)

    @admin.display(description="me too", empty_value="")
    def seen_by(self, case: Incident) -> str:
        return f"+{case.votes}" if case.votes else ""

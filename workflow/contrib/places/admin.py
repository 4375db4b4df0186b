"""Places in the officers' queues: which county a case lies in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from workflow.contrib.places.counties import state


class CountyFilter(admin.SimpleListFilter):
    """By county; the list is long, so it opens on demand."""

    title = "county"
    parameter_name = "county"
    template = "admin/workflow/case/filter_long.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted((county.slug, county.name) for county in state().counties)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(county=self.value()) if self.value() else queryset

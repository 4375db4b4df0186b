"""Holidays by year: the state's own, and the days that officers closed or opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from workflow.admin.recorded import Recorded, SeenForm
from workflow.clock import SATURDAY, state_holidays
from workflow.contrib.rulebook.log import said_of
from workflow.contrib.rulebook.models import OwnDay, RuleChange

YEARS_AHEAD, FIRST_YEAR, LAST_YEAR = 2, 2000, 2100


@dataclass(frozen=True, kw_only=True)
class Day:
    """One line of the year. ``own``: what officers set for it, if anything."""

    date: date
    name: str
    own: OwnDay | None

    @property
    def can_open(self) -> bool:
        """On a weekend the office is closed whatever the holiday."""
        return self.date.weekday() < SATURDAY

    @property
    def is_open(self) -> bool:
        return self.own is not None and self.own.is_open


class OwnDayForm(SeenForm):
    class Meta:
        model = OwnDay
        fields = ("date", "name", "is_open")
        widgets: ClassVar = {"date": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}


@admin.register(OwnDay)
class OwnDayAdmin(Recorded):
    """Days the office is closed beside the state's holidays, and holidays on which it works."""

    area = "holiday"
    form = OwnDayForm
    actions = None
    fieldsets = (
        (
            None,
            {
                "fields": ("date", "name", "is_open", "seen"),
                "description": "Counts for deadlines that are set from now on. Those that are set already stay.",
            },
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One year on a page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        year = _year(request.GET.get("year", ""))
        this_year = timezone.localdate().year
        context = {
            **self.admin_site.each_context(request),
            "title": f"Holidays {year}",
            "opts": self.opts,
            "days": _days_of(year),
            "year": year,
            "years": sorted({year, *range(this_year - 1, this_year + YEARS_AHEAD + 1)}),
            "state": settings.STATE_NAME,
            "may_change": self.has_change_permission(request),
            "may_add": self.has_add_permission(request),
            "changes": [(line, *said_of(line)) for line in _last_changes()],
            "today": timezone.localdate(),
        }
        return TemplateResponse(request, "admin/rulebook/days.html", context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A link beside a state holiday fills in the day."""
        return {key: value for key, value in super().get_changeform_initial_data(request).items() if key != "seen"}


def _last_changes() -> QuerySet[RuleChange]:
    return RuleChange.objects.filter(area=RuleChange.Area.HOLIDAY)[:10]


def _year(typed: str) -> int:
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else timezone.localdate().year
    return min(max(number, FIRST_YEAR), LAST_YEAR)


def _days_of(year: int) -> list[Day]:
    own = {day.date: day for day in OwnDay.objects.filter(date__year=year)}
    names = dict(state_holidays(settings.STATE_CODE, year))
    dates = sorted({*own, *names})
    return [Day(date=day, name=own[day].name if day in own else names[day], own=own.get(day)) for day in dates]

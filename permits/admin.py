"""The officers' queue of road permits and the door to each record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http.response import HttpResponseBase
from django.urls import reverse

from permits import foresight
from permits.acts import COUNTER
from permits.files import attachment
from permits.inspections.admin import InspectionAdmin
from permits.inspections.showing import inspections_of
from permits.models import RoadPermit
from permits.record import STATE_TONES, TECHNICAL, about, document_label, fact, record
from permits.seen_first import decided_on, seen_first
from permits.sheet import county_name
from permits.technical.admin import TechnicalTaskAdmin
from workflow.actors import Actor
from workflow.admin.cases import FILTERS, SHOWN, CaseAdmin
from workflow.admin.preview import Letter
from workflow.contrib.places.admin import CountyFilter
from workflow.models import Document, Event

__all__ = ["InspectionAdmin", "RoadPermitAdmin", "TechnicalTaskAdmin"]


@admin.register(RoadPermit)
class RoadPermitAdmin(CaseAdmin):
    """Find the next application, claim it, decide on its record."""

    counter = COUNTER
    tones = STATE_TONES
    technical = TECHNICAL
    shown = (*SHOWN, "is_emergency")
    related = ("team", "assignee", "first_approved_by", "decided_by", "permit_document")
    begins = ("holder", "route")
    search_help_text = "Reference, or how the holder's name or the route begins"
    list_filter = (*FILTERS, CountyFilter)
    act_template = "admin/permits/roadpermit/act.html"
    record_template = "admin/permits/roadpermit/change_form.html"

    def marks(self, case: RoadPermit) -> Sequence[str]:
        return ["Emergency"] if case.is_emergency else []

    def place(self, case: RoadPermit) -> tuple[str, str]:
        return county_name(case.county), case.route

    def about(self, case: RoadPermit, *, with_persons: bool) -> str:
        return about(case, with_persons=with_persons)

    def record(self, case: RoadPermit, actor: Actor, events: Sequence[Event], *, with_persons: bool) -> dict[str, Any]:
        return {**record(case, with_persons=with_persons), "inspections": inspections_of(case)}

    def tells(self, name: str) -> bool:
        return foresight.tells(name)

    def letters(self, case: RoadPermit, *, since: int) -> Sequence[Letter]:
        return foresight.letters(case, since=since)

    def decided_on(self, case: RoadPermit) -> Mapping[str, Any]:
        return decided_on(case)

    def seen_first(self, case: RoadPermit, name: str) -> Mapping[str, Any]:
        return seen_first(case, name)

    def document_label(self, document: Document) -> str:
        return document_label(document)

    def fact(self, value: Any) -> str:
        return fact(value)

    def returns(self) -> Mapping[str, str]:
        return {"today": reverse("admin:permits_inspection_today")}

    def hand_out(self, document: Document) -> HttpResponseBase:
        return attachment(document)

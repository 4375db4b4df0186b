"""Work on many cases of a queue at once: each in a transaction of its own, each with its own result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import Action, ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from workflow import desk, orchestrator
from workflow.admin import bulk
from workflow.admin.handing import hand_over_page
from workflow.admin.queue import by_deadline, each

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin


class Many(admin.ModelAdmin):  # type: ignore[type-arg]
    """Part of CaseAdmin: what its list of actions offers."""

    actions = ("claim", "release", "hand_over", "retry")

    def offers(self, request: HttpRequest) -> list[bulk.Offer]:
        """The decisions on many cases that this officer is offered. No query."""
        return bulk.offers_of(cast("CaseAdmin", self), request)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request, action_location)
        if not found or action_location is not ActionLocation.CHANGE_LIST:
            return found  # who only looks
        return found | {one.name: one for one in map(_action, self.offers(request))}

    def response_action(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> HttpResponse | None:
        """Work on the chosen rows and no others, even when one of them has left the filtered list meanwhile: then the
        door says what happened to it."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        data = request.POST.copy()
        data.setlist(ACTION_CHECKBOX_NAME, [pk for pk in chosen if pk.isascii() and pk.isdecimal() and len(pk) < 19])
        data["select_across"] = "0"  # there is no "all of them": nobody has seen them
        request.POST = data  # type: ignore[assignment]
        rows = self.get_queryset(request).order_by(*by_deadline())
        answer: HttpResponse | None = super().response_action(request, rows, action_location)
        return answer

    @admin.action(description="Claim", permissions=["work"])
    def claim(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        each(request, queryset, lambda case, actor: desk.claim(case, actor=actor), "is yours now")

    @admin.action(description="Release", permissions=["work"])
    def release(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        each(request, queryset, lambda case, actor: desk.release(case, actor=actor), "is back with the team")

    @admin.action(description="Hand over", permissions=["work"])
    def hand_over(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return hand_over_page(request, cast("CaseAdmin", self), queryset)

    @admin.action(description="Retry parked work", permissions=["work"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        each(request, queryset, lambda case, actor: orchestrator.retry(case, actor=actor), "is on its way again")


def _action(offer: bulk.Offer) -> Action:
    """The offer in Django's words."""
    words = offer.label.replace("%", "%%")
    return Action(
        func=bulk.opens(offer),
        name=f"bulk_{offer.key}",
        description=words,
        plural_description=words,
        locations=[ActionLocation.CHANGE_LIST],
    )

"""The admin site: our name, and a first screen that says what there is to do."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from workflow.models import Case
from workflow.registry import registry


class MilepostAdminSite(admin.AdminSite):
    """The officers' side of Milepost."""

    site_header = "Milepost"
    site_title = "Milepost"
    index_title = "Your work"
    enable_nav_sidebar = False  # the queue needs the width; the first screen lists everything

    def index(self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"queues": self._queues(request), **(extra_context or {})})

    def _queues(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The kinds of case this officer may see, each with counts that lead to its queue. One query a kind."""
        queues = []
        for model in dict.fromkeys(workflow.model for workflow in registry):
            kind = model._meta
            if model in self._registry and request.user.has_perm(f"{kind.app_label}.view_{kind.model_name}"):
                url = reverse(f"admin:{kind.app_label}_{kind.model_name}_changelist")
                names = {one.name for one in registry if one.model is model}
                queues.append({"title": kind.verbose_name_plural, "url": url, "counts": _counts(request.user, names)})
        return queues


def _counts(user: Any, workflows: set[str]) -> list[tuple[str, str, int]]:
    """(filter, words, number) over open cases, from the plain table of cases."""
    # Without a team it is a draft, which is still the applicant's.
    cases = Case.objects.filter(workflow__in=workflows, team__isnull=False)
    is_open = Q(closed_at=None)
    found = cases.filter(is_open | Q(parked_at__isnull=False)).aggregate(
        mine=Count("pk", filter=is_open & Q(assignee=user)),
        team=Count("pk", filter=is_open & Q(team__in=user.milepost_teams.values("pk"))),
        unassigned=Count("pk", filter=is_open & Q(assignee=None)),
        overdue=Count("pk", filter=is_open & Q(due_at__lt=timezone.now(), paused_at=None)),
        parked=Count("pk", filter=Q(parked_at__isnull=False)),
    )
    words = {"mine": "Mine", "team": "My teams'", "unassigned": "Unassigned", "overdue": "Overdue", "parked": "Parked"}
    return [(name, text, found[name]) for name, text in words.items()]

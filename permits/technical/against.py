"""Specialists who recommend a refusal: an approval against them says why."""

from __future__ import annotations

from typing import Any

from permits.technical.models import TechnicalTask
from permits.technical.specialties import Recommendation


def against(permit: Any) -> list[str]:
    """Who of the newest technical review recommends a refusal, in words. One query."""
    newest = permit.technical_reviews.order_by("-pk").values("pk")[:1]
    tasks = TechnicalTask.objects.filter(process__in=newest, recommendation=Recommendation.REFUSE).order_by("pk")
    return [str(task.get_specialty_display()) for task in tasks]

"""Applications that somebody began and has not sent."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from permits.demo.applications import believable
from permits.opening import open_draft
from workflow import engine
from workflow.actors import Actor
from workflow.contrib.demo.past import SEED
from workflow.registry import registry

BEGUN_WITH: tuple[str, ...] = ("permit_type", "work_type", "work_summary", "contact_name")
KINDS = ("driveway", "utility", "lane_closure")


def drafts(*, on_each: Callable[[Any], None] = lambda permit: None) -> None:
    """Three drafts, each left after the first answers."""
    rng = random.Random(SEED + 1)  # noqa: S311 - the same demo each time
    today = timezone.localdate()
    for kind in KINDS:
        whole = believable(rng, today=today, starts=today + timedelta(days=80), days=5, kind=kind)
        begun = {name: whole[name] for name in BEGUN_WITH if name in whole}
        actor = Actor(kind="applicant", name=whole["contact_name"])
        on_each(engine.open_case(registry.get("roadPermit"), open_draft(begun, actor), actor=actor))

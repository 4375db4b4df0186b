"""The permits' part of `manage.py load_demo`."""

from collections.abc import Callable
from typing import Any

from permits.demo.drafts import drafts
from permits.demo.history import walk_all
from permits.demo.people import office
from permits.models import RoadPermit


def load(show: Callable[[str], Any]) -> str:
    """Officers and permits at every stage; nothing where permits are already there."""
    officers = office()
    if RoadPermit.objects.exists():
        return "Permits are there already: nothing was added. Use a fresh database for a fresh demo."

    def each(permit: Any) -> None:
        show("permits")

    walk_all(officers, on_each=each)
    drafts(on_each=each)
    return f"{RoadPermit.objects.count()} permits and {len(officers)} officers made"

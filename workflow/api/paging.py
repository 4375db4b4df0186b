"""Lists in pages that neither repeat nor skip a row while new ones come in: newest first, by cursor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from workflow.api.filters import Parameter, Unreadable

DEFAULT_SIZE = 25
LARGEST_SIZE = 100
_CURSOR = re.compile(r"[0-9A-Z-]{1,16}")


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= LARGEST_SIZE):
        raise Unreadable(f"Send a whole number from 1 to {LARGEST_SIZE}.")
    return int(text)


def _cursor(text: str) -> str:
    if not _CURSOR.fullmatch(text):
        raise Unreadable("Take the cursor from “next” of the page before.")
    return text


PARAMETERS = (
    Parameter(
        name="page_size",
        description="How many a page.",
        read=_size,
        schema={"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE},
    ),
    Parameter(name="cursor", description="Where the page begins; taken from `next`.", read=_cursor),
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows, and the address of those that follow (None: these were the last)."""

    rows: list[Any]
    next: str | None


def page_of(rows: Any, request: Request, values: Mapping[str, list[Any]]) -> Page:
    """One query. The cursor is the public reference of the last row, so that no serial number gets out."""
    (size,) = values.get("page_size", [DEFAULT_SIZE])
    rows = rows.order_by("-pk")
    if "cursor" in values:
        last = rows.model._base_manager.filter(reference=values["cursor"][0])
        rows = rows.filter(pk__lt=last.values("pk")[:1])
    found = list(rows[: size + 1])
    if len(found) <= size:
        return Page(rows=found, next=None)
    query = request.query_params.copy()
    query["cursor"] = found[size - 1].reference
    return Page(rows=found[:size], next=request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))

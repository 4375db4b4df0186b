"""Query parameters: only those a view declares, each with one way to read it; anything else is a 400, never ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter

from workflow.api.problems import Problem, finding

MOST_VALUES = 20  # of one parameter that may be repeated
LONGEST_SEARCH = 80
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Unreadable(ValueError):
    """A value a parameter does not take; its text says what it takes."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """``read`` turns the text into a value or raises Unreadable; ``narrow`` applies the values to a query set."""

    name: str
    description: str
    read: Callable[[str], Any]
    narrow: Callable[[Any, list[Any]], Any] = lambda rows, values: rows
    many: bool = False  # may be repeated: any of its values
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})

    def documented(self) -> OpenApiParameter:
        schema = {"type": "array", "items": dict(self.schema)} if self.many else dict(self.schema)
        return OpenApiParameter(self.name, schema, OpenApiParameter.QUERY, description=self.description, explode=True)


def read_parameters(query: QueryDict, known: Iterable[Parameter]) -> dict[str, list[Any]]:
    """The values of every parameter that was sent. Raises Problem with a line for each one that cannot be read."""
    by_name = {parameter.name: parameter for parameter in known}
    found: dict[str, list[Any]] = {}
    faults = []
    for name, texts in query.lists():
        try:
            found[name] = _read(by_name, name, texts)
        except Unreadable as error:
            code = "invalid_value" if name in by_name else "unknown_parameter"
            faults.append(finding(code, str(error), parameter=name[:80]))
    if faults:
        raise Problem("invalid_parameter", "Correct or remove the query parameters named in errors.", errors=faults)
    return found


def _read(by_name: Mapping[str, Parameter], name: str, texts: Sequence[str]) -> list[Any]:
    parameter = by_name.get(name)
    if parameter is None:
        raise Unreadable(f"There is no such parameter here; there are: {', '.join(sorted(by_name)) or 'none'}.")
    if len(texts) > (MOST_VALUES if parameter.many else 1):
        raise Unreadable(f"Send {name} at most {MOST_VALUES} times." if parameter.many else f"Send {name} once.")
    return [parameter.read(text) for text in texts]


def narrowed(rows: Any, values: Mapping[str, list[Any]], known: Iterable[Parameter]) -> Any:
    """The query set with every parameter applied that was sent."""
    for parameter in known:
        if parameter.name in values:
            rows = parameter.narrow(rows, values[parameter.name])
    return rows


def one_of(words: Iterable[str]) -> Callable[[str], str]:
    """Reads one of ``words``."""
    offered = tuple(words)

    def read(text: str) -> str:
        if text not in offered:
            raise Unreadable(f"Choose one of {', '.join(offered)}.")
        return text

    return read


def word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise Unreadable("Send one word of letters, digits, - and _.")
    return text


def moment(text: str) -> datetime:
    """A moment with its offset. Without one it would mean different moments to different readers."""
    try:
        # A plus sign that was not escaped in the address arrives as a blank.
        found = parse_datetime(text.strip().replace(" ", "+")) if "T" in text else None
        if found is not None and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable("Send a moment with its offset, like 2026-11-23T08:00:00Z.")


def search_text(text: str) -> str:
    if not 2 <= len(text.strip()) <= LONGEST_SEARCH or not text.isprintable():
        raise Unreadable(f"Search for 2 to {LONGEST_SEARCH} printable characters.")
    return text.strip()


def bounding_box(text: str) -> tuple[float, float, float, float]:
    """``west,south,east,north`` in degrees."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Unreadable("Send west,south,east,north in degrees, like -93.7,41.9,-93.5,42.1.") from None
    # NaN fails every comparison, so it is refused with the rest.
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Unreadable("Send west,south,east,north in degrees within the world, the smaller number first.")
    return west, south, east, north


def _since(column: str, comparison: str, what: str) -> Parameter:
    return Parameter(
        name=f"{column.removesuffix('_at')}_{comparison}",
        description=f"Only what was {what} {comparison} this moment (RFC 3339 with offset).",
        read=moment,
        narrow=lambda rows, values: rows.filter(**{f"{column}__{'gt' if comparison == 'after' else 'lt'}": values[0]}),
        schema={"type": "string", "format": "date-time"},
    )


def case_parameters(states: Sequence[str], steps: Sequence[str]) -> tuple[Parameter, ...]:
    """What cases of every kind can be narrowed by."""
    return (
        Parameter(
            name="state",
            description="Only these states; may be repeated.",
            read=one_of(states),
            narrow=lambda rows, values: rows.filter(state__in=values),
            many=True,
            schema={"type": "string", "enum": list(states)},
        ),
        Parameter(
            name="step",
            description="Only cases at these steps; may be repeated.",
            read=one_of(steps),
            narrow=lambda rows, values: rows.filter(step__in=values),
            many=True,
            schema={"type": "string", "enum": list(steps)},
        ),
        Parameter(
            name="team",
            description="Only cases of this team (its code).",
            read=word,
            narrow=lambda rows, values: rows.filter(team__code=values[0]),
        ),
        Parameter(
            name="county",
            description="Only cases in this county (in lower case, like polk).",
            read=word,
            narrow=lambda rows, values: rows.filter(county=values[0].lower()),
        ),
        _since("created_at", "after", "filed"),
        _since("created_at", "before", "filed"),
        _since("updated_at", "after", "changed"),
        _since("updated_at", "before", "changed"),
    )

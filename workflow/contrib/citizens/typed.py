"""What was typed on a page, word for word, as a draft keeps it and as a form reads it again."""

from collections.abc import Iterable, Mapping

from django.http import QueryDict

type Typed = dict[str, list[str]]


def typed_part(names: Iterable[str], posted: QueryDict) -> Typed:
    """What of a posted page belongs to the questions ``names``, their parts included (``name_0``, ``name-year``)."""
    wanted = tuple(names)
    starts = tuple(f"{name}{mark}" for name in wanted for mark in "_-")
    return {
        key: [value.replace("\x00", "") for value in posted.getlist(key)]  # PostgreSQL's JSON cannot hold NUL
        for key in posted
        if key in wanted or key.startswith(starts)
    }


def as_posted(typed: Mapping[str, Iterable[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for key, values in typed.items():
        data.setlist(key, list(values))
    return data

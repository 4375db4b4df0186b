"""What a saved list keeps of a queue, what of it is still there, and who sees it. ``saved`` has the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from workflow.actors import name_of
from workflow.models import SavedFilter, Team

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

LONGEST_SHOWN = 80  # characters of a value that a message repeats


def kept(kind: CaseAdmin, given: QueryDict) -> str:
    """What belongs into a list, always in the same order: the filters of this queue and the search. No query."""
    names = [*filters_of(kind), SEARCH_VAR]
    return urlencode([(name, str(given[name])) for name in names if given.get(name)])


def still_there(request: HttpRequest, kind: CaseAdmin, saved: SavedFilter) -> tuple[str, list[str]]:
    """(what the queue can still show, what it cannot: sentences)."""
    known, fits, gone = filters_of(kind), QueryDict(mutable=True), []
    for name, value in ((name, str(value)) for name, value in QueryDict(saved.query).items()):
        if name == SEARCH_VAR:
            fits[name] = value
            continue
        words = f"“{saved.name}” also asks for {name}: “{value[:LONGEST_SHOWN]}”."
        if name not in known:
            gone.append(f"{words} This queue has no such filter any more, so the list is shown without it.")
            continue
        choices = known[name](request, {name: [value]}, kind.model, kind).lookup_choices
        if value in {str(key) for key, _words in choices}:
            fits[name] = value
        else:
            gone.append(f"{words} That is gone, or not yours to see, so the list is shown without it.")
    return kept(kind, fits), gone


def filters_of(kind: CaseAdmin) -> Mapping[str, Any]:
    """Parameter of the address -> filter of this queue."""
    return {one.parameter_name: one for one in kind.list_filter}


def visible(user: Any, queues: Sequence[CaseAdmin]) -> Any:
    """The lists of a person and of their teams."""
    mine = Q(owner=user.pk) | Q(shared_with__in=Team.objects.filter(members=user.pk))
    return SavedFilter.objects.filter(mine, queue__in=[one.opts.model_name for one in queues])


def shown(user: Any, queues: Sequence[CaseAdmin]) -> list[dict[str, Any]]:
    """Lists as links, one's own first. One query."""
    kinds = {one.opts.model_name: one for one in queues}
    found = sorted(
        visible(user, queues).select_related("owner"), key=lambda one: (one.owner_id != user.pk, one.name.lower())
    )
    return [
        {
            "name": one.name,
            "query": one.query,
            "shared_with_id": one.shared_with_id,
            "queue": kinds[one.queue].list_title,
            "owner": "" if one.owner_id == user.pk else name_of(one.owner),
            "url": kinds[one.queue].address("saved_open", one.pk),
            "remove": kinds[one.queue].address("saved_remove", one.pk) if one.owner_id == user.pk else "",
        }
        for one in found
    ]

"""One decision on many cases of a queue: a page that shows what would come of each, then a result for each.

Every case goes through the door of its own button, at the revision that was shown, in a transaction of its own: a page
that is sent twice does nothing twice, and a case that cannot go on keeps no other case back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from workflow import engine
from workflow.actors import Actor, officer
from workflow.admin.acts import Act, Bulk
from workflow.admin.decisions import SharedForm
from workflow.admin.pages import frame
from workflow.admin.queue import MOST_AT_ONCE
from workflow.admin.record import tone_of
from workflow.errors import Refused, Stale, WorkflowError

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

CASE, LISTED = "case", "listed"  # what the page sends: ticked "key:revision", and the key of every case it showed
NOT_OFFERED = "This decision is not open to your account, or not any more."


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A decision on many cases in a queue. ``key`` names it in that queue, ``name`` the act of its ``kind``."""

    key: str
    label: str
    kind: CaseAdmin
    name: str
    bulk: Bulk


@dataclass(frozen=True, kw_only=True)
class Line:
    """A case on the page: what would come of it, or ``why`` nothing would."""

    case: Any
    state: str
    tone: str
    url: str
    tells: str
    why: tuple[str, ...]
    ticked: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one case; ``case`` is None where there is none any more."""

    case: Any
    url: str
    done: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came from the page: cases and the revisions they were shown at."""

    chosen: Mapping[int, int]
    listed: Sequence[int]
    left_out: bool


def offers_of(kind: CaseAdmin, request: HttpRequest) -> list[Offer]:
    """What one kind offers this officer. No query but for the permissions."""
    return [
        Offer(key=name, label=bulk.label, kind=kind, name=name, bulk=bulk)
        for name, bulk in kind.counter.bulks().items()
        if any(request.user.has_perm(one) for one in bulk.permissions)
    ]


def opens(offer: Offer) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    """The entry in a queue's list of actions: the page with the chosen cases."""

    def action(queue: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        rows = list(queryset[: MOST_AT_ONCE + 1])
        found = load(offer.kind, [row.pk for row in rows[:MOST_AT_ONCE]])
        others = [row.reference for row in rows[:MOST_AT_ONCE] if row.pk not in found]
        if not found:
            messages.error(request, f"{offer.bulk.label}: choose at least one {offer.kind.counter.noun}.")
            return None
        form = offer.bulk.form() if offer.bulk.form else None
        left_out = len(rows) > MOST_AT_ONCE
        return _ask(request, queue, offer, found.values(), form=form, others=others, left_out=left_out)

    return action


def bulk_page(request: HttpRequest, queue: CaseAdmin, name: str) -> HttpResponse:
    """Where the page with the chosen cases is sent to: ``…/bulk/approve/``. Raises PermissionDenied."""
    offer = next((one for one in queue.offers(request) if one.key == name), None)
    if offer is None or not queue.has_view_permission(request):
        raise PermissionDenied(NOT_OFFERED)
    sent = _read(request)
    if request.method != "POST" or not (sent.chosen or sent.listed):
        messages.info(request, f"{offer.label}: tick the cases in the queue, then choose it in the list of actions.")
        return HttpResponseRedirect(_back(request, queue))
    found = load(offer.kind, [*dict.fromkeys([*sent.listed, *sent.chosen])])
    form = offer.bulk.form(request.POST) if offer.bulk.form else None
    if not sent.chosen or (form is not None and not form.is_valid()):
        error = "" if sent.chosen else "Tick at least one case, or go back to the queue."
        return _ask(request, queue, offer, found.values(), form=form, ticked=set(sent.chosen), error=error)
    shared = form.values() if form is not None else {}
    actor = officer(request.user)
    outcomes = [
        _press(offer, found.get(pk), actor, revision=revision, shared=shared) for pk, revision in sent.chosen.items()
    ]
    return _tell(request, queue, offer, outcomes, left_out=sent.left_out)


def load(kind: CaseAdmin, keys: Iterable[int]) -> dict[int, Any]:
    """Filed cases of this kind with what their pages ask for, in the order of ``keys``; others are not there."""
    wanted = list(keys)
    cases: Any = kind.model._default_manager
    rows = kind.whole(cases.select_related(*kind.related)).filter(pk__in=wanted, team__isnull=False)
    found = {row.pk: row for row in rows}
    return {pk: found[pk] for pk in wanted if pk in found}


def _read(request: HttpRequest) -> Sent:
    pairs = [value.partition(":") for value in request.POST.getlist(CASE)]
    chosen = {int(pk): int(revision) for pk, _colon, revision in pairs if _is_number(pk) and _is_number(revision)}
    listed = [int(pk) for pk in request.POST.getlist(LISTED)[:MOST_AT_ONCE] if _is_number(pk)]
    first = dict(list(chosen.items())[:MOST_AT_ONCE])
    return Sent(chosen=first, listed=listed, left_out=len(chosen) > MOST_AT_ONCE)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _press(offer: Offer, case: Any, actor: Actor, *, revision: int, shared: Mapping[str, Any]) -> Outcome:
    kind, bulk = offer.kind, offer.bulk
    if case is None:
        return Outcome(case=None, url="", done=False, words=f"This {kind.counter.noun} is not there any more.")
    url = kind.address("change", case.pk)
    try:
        engine.expect(case, revision)
        if alone := bulk.alone(case):
            raise Refused(alone)
        act = kind.counter.act(case, actor, offer.name)
        assert act is not None, "a bulk decision is an act of its counter"
        done = act.press(case, actor, revision, {**bulk.values(case), **shared})
    except Stale as error:
        return Outcome(case=case, url=url, done=False, words=f"Nothing was done now. {error.sentence}")
    except WorkflowError as error:
        return Outcome(case=case, url=url, done=False, words=error.sentence)
    words = bulk.came(done) or f"is now: {kind.state_name(done.state)}"
    return Outcome(case=done, url=url, done=True, words=words)


def _line(offer: Offer, case: Any, actor: Actor, ticked: set[int] | None) -> Line:
    kind = offer.kind
    act = kind.counter.act(case, actor, offer.name)
    assert act is not None, "a bulk decision is an act of its counter"
    why = _why(offer, act, case)
    return Line(
        case=case,
        state=kind.state_name(case.state),
        tone=tone_of(case.state, kind.tones),
        url=kind.address("change", case.pk),
        tells="" if why else offer.bulk.tells(case),
        why=why,
        ticked=not why and (ticked is None or case.pk in ticked),
    )


def _why(offer: Offer, act: Act, case: Any) -> tuple[str, ...]:
    """What stands in the way, in sentences; empty when nothing does."""
    if case.is_closed:
        return (f"It is closed ({offer.kind.state_name(case.state)}).",)
    if not act.permitted:
        return (f"It is not open to you: it belongs to officers of the team {case.team} with the role for it.",)
    reasons = act.reasons or tuple(offer.bulk.alone(case))
    return tuple(reason.sentence for reason in reasons)


def _ask(
    request: HttpRequest,
    queue: CaseAdmin,
    offer: Offer,
    cases: Iterable[Any],
    *,
    form: SharedForm | None,
    ticked: set[int] | None = None,
    others: Sequence[str] = (),
    left_out: bool = False,
    error: str = "",
) -> HttpResponse:
    actor = officer(request.user)
    lines = [_line(offer, case, actor, ticked) for case in cases]
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = {
        **_frame(request, queue, offer, left_out=left_out),
        "lines": lines,
        "possible": sum(not line.why for line in lines),
        "form": form,
        "others": others,
        "error": error,
        "sends_to": queue.address("bulk", offer.key) + query,
    }
    status = 422 if error or (form is not None and form.is_bound) else 200
    return TemplateResponse(request, "admin/workflow/case/bulk.html", context, status=status)


def _tell(
    request: HttpRequest, queue: CaseAdmin, offer: Offer, outcomes: Sequence[Outcome], *, left_out: bool
) -> HttpResponse:
    context = {
        **_frame(request, queue, offer, left_out=left_out),
        "done": [one for one in outcomes if one.done],
        "refused": [one for one in outcomes if not one.done],
        "count": len(outcomes),
    }
    return TemplateResponse(request, "admin/workflow/case/bulk_done.html", context)


def _frame(request: HttpRequest, queue: CaseAdmin, offer: Offer, *, left_out: bool) -> dict[str, Any]:
    return {
        **frame(request, queue),
        "title": offer.bulk.label,
        "bulk": offer.bulk,
        "noun": offer.kind.counter.noun,
        "list_title": queue.list_title,
        "back": _back(request, queue),
        "left_out": left_out,
        "most": MOST_AT_ONCE,
    }


def _back(request: HttpRequest, queue: CaseAdmin) -> str:
    """The queue with the filters it had."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return queue.address("changelist") + query

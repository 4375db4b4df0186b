"""A queue as a file: which cases, in which words, for whom. ``tables`` writes it, ``sending`` sends it and keeps count.

Which cases belong to it is asked once, when it begins: their keys, in the order of the queue, 8 bytes each. Then they
are read some hundreds at a time. So a case that moves meanwhile is neither doubled nor left out, whatever it moves to:
its line tells how it stands when it is read. The columns are the same for every kind of case; persons are named only
to who may see them.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone

from workflow import desk
from workflow.admin import sending
from workflow.admin.pages import sees_persons
from workflow.admin.tables import Cell, as_csv, as_xlsx, harmless
from workflow.models import Case, Contact, Team
from workflow.tracker import Standing

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

AT_A_TIME = 500  # cases read from the database at once, and lines sent at once
KEYS_AT_A_TIME = 10_000
CITIZENS = ("applicant", "reporter")  # roles of whoever asked; one of them a case
NOTHING = "No case fits what is filtered here, so there is nothing to save. Change the filters and try again."


@dataclass(slots=True)
class Read:
    """What is read of a case for its line: a tenth of the time of the whole model. Fields as in ``Case``."""

    id: int
    reference: str
    title: str
    state: str
    step: str
    workflow: str
    workflow_version: int
    due_at: datetime | None
    paused_at: datetime | None
    parked_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    entered_at: datetime
    route: str
    milepost: float | None
    county: str
    latitude: float | None
    longitude: float | None
    source: str
    category: str
    team_id: int | None
    assignee_id: int | None

    @property
    def at_step(self) -> str:
        return self.step or self.state


READ = tuple(field.name for field in fields(Read))


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its head, and what stands in it for ``(words, case)``; ``case`` is a ``Read``."""

    head: str
    cell: Callable[[Words, Read], Cell]


COLUMNS: Sequence[Column] = (
    Column(head="Reference", cell=lambda words, case: case.reference),
    Column(head="Kind", cell=lambda words, case: words.kind),
    Column(head="Title", cell=lambda words, case: case.title),
    Column(head="State", cell=lambda words, case: words.state(case)),
    Column(head="Acts next", cell=lambda words, case: words.now.awaits),
    Column(head="Due", cell=lambda words, case: words.moment(case.due_at)),
    Column(head="Time left", cell=lambda words, case: words.now.due),
    Column(head="Overdue", cell=lambda words, case: "yes" if words.now.is_overdue else "no"),
    Column(head="Parked", cell=lambda words, case: "yes" if case.parked_at else "no"),
    Column(head="Team", cell=lambda words, case: words.teams.get(case.team_id or 0, "")),
    Column(head="Officer", cell=lambda words, case: words.officers.get(case.assignee_id or 0, "")),
    Column(head="County", cell=lambda words, case: case.county.replace("-", " ").title()),
    Column(head="Route", cell=lambda words, case: case.route),
    Column(head="Mile", cell=lambda words, case: case.milepost),
    Column(head="Latitude", cell=lambda words, case: case.latitude),
    Column(head="Longitude", cell=lambda words, case: case.longitude),
    Column(head="Category", cell=lambda words, case: case.category.replace("_", " ").capitalize()),
    Column(head="Came by", cell=lambda words, case: case.source),
    Column(head="Came in", cell=lambda words, case: words.moment(case.created_at)),
    Column(head="Last change", cell=lambda words, case: words.moment(case.updated_at)),
    Column(head="Ended", cell=lambda words, case: words.moment(case.closed_at)),
)
PERSONS: Sequence[Column] = (
    Column(head="Name", cell=lambda words, case: words.person[0]),
    Column(head="E-mail", cell=lambda words, case: words.person[1]),
    Column(head="Phone", cell=lambda words, case: words.person[2]),
)


def csv_page(request: HttpRequest, kind: CaseAdmin) -> HttpResponseBase:
    """``…/export.csv`` with the filters of the queue, in its order."""
    return _page(request, kind, "csv", "text/csv; charset=utf-8", as_csv)


def xlsx_page(request: HttpRequest, kind: CaseAdmin) -> HttpResponseBase:
    """``…/export.xlsx``: the same as a spreadsheet."""
    return _page(request, kind, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx)


def _page(
    request: HttpRequest, kind: CaseAdmin, ending: str, content_type: str, write: Callable[..., Iterator[bytes]]
) -> HttpResponseBase:
    """A link, not a form: it changes no case, and who follows it gets a file and a line in the log of exports."""
    if not kind.has_view_permission(request):
        raise PermissionDenied
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    asked = f"?{request.GET.urlencode()}" if request.GET else ""
    keys = _keys(request, kind)
    if keys is None:
        return HttpResponseRedirect(kind.address("changelist"))
    with_persons = sees_persons(request)
    columns = (*COLUMNS, *PERSONS) if with_persons else COLUMNS
    name = f"{kind.list_title.replace(' ', '-').lower()}-{timezone.localdate():%Y-%m-%d}.{ending}"
    about = sending.About(name=name, what=kind.list_title, asked=asked, rows=len(keys), with_persons=with_persons)
    if not keys:
        if sending.wants_progress(request):
            return sending.refused(NOTHING, status=200)
        messages.info(request, NOTHING)
        return HttpResponseRedirect(kind.address("changelist") + asked)
    rows = Rows(kind, keys, columns)
    return sending.send(request, kind, about, rows, write([column.head for column in columns], rows), content_type)


def _keys(request: HttpRequest, kind: CaseAdmin) -> array[int] | None:
    """The queue as its filters say, all of it, in its order; None for a filter nobody knows. One statement, so that
    all keys are of one moment."""
    try:
        found: Any = kind.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return None
    found = found.select_related(None).only("pk")
    return array("q", found.values_list("pk", flat=True).iterator(chunk_size=KEYS_AT_A_TIME))


class Rows:
    """The lines of an export, bundle by bundle; ``written`` counts them."""

    def __init__(self, kind: CaseAdmin, keys: array[int], columns: Sequence[Column]) -> None:
        self.kind, self.keys, self.columns = kind, keys, columns
        self.written = 0

    def __iter__(self) -> Iterator[list[list[Cell]]]:
        words = Words(self.kind)
        for start in range(0, len(self.keys), AT_A_TIME):
            keys = list(self.keys[start : start + AT_A_TIME])
            found = {row[0]: Read(*row) for row in Case.objects.filter(pk__in=keys).values_list(*READ)}
            cases = [found[key] for key in keys if key in found]
            words.learn(cases, with_persons=self.columns is not COLUMNS)
            self.written += len(cases)  # from here on they may be with whoever asked
            yield [self._line(words, case) for case in cases]

    def _line(self, words: Words, case: Read) -> list[Cell]:
        words.turn_to(case)
        return [harmless(column.cell(words, case)) for column in self.columns]


class Words:
    """What an export says about the case it has turned to. Names are looked up once."""

    kind: str
    now: Standing
    person: tuple[str, str, str]
    teams: Mapping[int, str]
    officers: dict[int, str]

    def __init__(self, kind: CaseAdmin) -> None:
        self._queue, self._kinds, self._states = kind, dict[str, tuple[Any, str]](), dict[tuple[str, str], str]()
        self._zone = timezone.get_default_timezone()
        self._persons: Mapping[int, tuple[str, str, str]] = {}
        self.teams = {team.pk: str(team) for team in Team.objects.all()}
        self.officers = {}

    def learn(self, cases: Sequence[Read], *, with_persons: bool) -> None:
        """The names that these cases need. At most two queries."""
        if new := {case.assignee_id for case in cases if case.assignee_id} - self.officers.keys():
            self.officers |= {user.pk: desk.name_of(user) for user in User.objects.filter(pk__in=new)}
        if with_persons:
            persons = Contact.objects.filter(case_id__in=[case.id for case in cases], role__in=CITIZENS)
            found = persons.order_by("-pk").values_list("case_id", "name", "email", "phone")
            self._persons = {case_id: (name, email, phone) for case_id, name, email, phone in found}  # the first stays

    def turn_to(self, case: Read) -> None:
        if case.workflow not in self._kinds:
            queue = self._queue.kind_of(case)
            self._kinds[case.workflow] = queue, str(queue.opts.verbose_name).capitalize()
        self._own, self.kind = self._kinds[case.workflow]
        self.now = self._own.awaited(case)
        self.person = self._persons.get(case.id, ("", "", ""))

    def state(self, case: Read) -> str:
        known = (case.workflow, case.state)
        if known not in self._states:
            self._states[known] = self._own.state_name(case.state)
        return self._states[known]

    def moment(self, value: datetime | None) -> str:
        return value.astimezone(self._zone).isoformat(" ", "minutes")[:16] if value else ""

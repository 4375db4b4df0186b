"""A queue as a file: CSV written line by line while it is sent, or a spreadsheet, both in memory that does not grow.

The columns are the same for every kind of case, in words; persons are named only to who may see them. No cell begins
as a formula would: a spreadsheet program must not calculate what a stranger typed.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import FileResponse, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from workflow import desk
from workflow.admin.pages import sees_persons
from workflow.models import Contact

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

AT_A_TIME = 1000  # rows read from the database at once
SENT_AT_ONCE = 200  # lines of CSV
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell begins that a spreadsheet program would calculate
MOST_ON_A_SHEET = 1_000_000  # rows, and letters in a cell, that spreadsheet programs take
MOST_LETTERS = 32_767
CITIZENS = ("applicant", "reporter")  # roles of whoever asked; one of them a case
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS_READ = (
    "reference", "title", "state", "step", "workflow", "workflow_version", "due_at", "paused_at", "parked_at",
    "closed_at", "created_at", "updated_at", "entered_at", "route", "milepost", "county", "latitude", "longitude",
    "source", "category", "team__name", "assignee__username", "assignee__first_name", "assignee__last_name",
)  # fmt: skip

type Cell = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its head, and what stands in it for ``(kind, case)``; ``case.now`` is its Standing."""

    head: str
    cell: Callable[[CaseAdmin, Any], Cell]


def _moment(value: datetime | None) -> str:
    return f"{value.astimezone(timezone.get_default_timezone()):%Y-%m-%d %H:%M}" if value else ""


COLUMNS: Sequence[Column] = (
    Column(head="Reference", cell=lambda kind, case: case.reference),
    Column(head="Kind", cell=lambda kind, case: str(kind.opts.verbose_name).capitalize()),
    Column(head="Title", cell=lambda kind, case: case.title),
    Column(head="State", cell=lambda kind, case: kind.state_name(case.state)),
    Column(head="Acts next", cell=lambda kind, case: case.now.awaits),
    Column(head="Due", cell=lambda kind, case: _moment(case.due_at)),
    Column(head="Time left", cell=lambda kind, case: case.now.due),
    Column(head="Overdue", cell=lambda kind, case: "yes" if case.now.is_overdue else "no"),
    Column(head="Parked", cell=lambda kind, case: "yes" if case.parked_at else "no"),
    Column(head="Team", cell=lambda kind, case: str(case.team or "")),
    Column(head="Officer", cell=lambda kind, case: desk.name_of(case.assignee)),
    Column(head="County", cell=lambda kind, case: case.county.replace("-", " ").title()),
    Column(head="Route", cell=lambda kind, case: case.route),
    Column(head="Mile", cell=lambda kind, case: case.milepost),
    Column(head="Latitude", cell=lambda kind, case: case.latitude),
    Column(head="Longitude", cell=lambda kind, case: case.longitude),
    Column(head="Category", cell=lambda kind, case: case.category.replace("_", " ").capitalize()),
    Column(head="Came by", cell=lambda kind, case: case.source),
    Column(head="Came in", cell=lambda kind, case: _moment(case.created_at)),
    Column(head="Last change", cell=lambda kind, case: _moment(case.updated_at)),
    Column(head="Ended", cell=lambda kind, case: _moment(case.closed_at)),
)
PERSONS: Sequence[Column] = (
    Column(head="Name", cell=lambda kind, case: case.citizen_name or ""),
    Column(head="E-mail", cell=lambda kind, case: case.citizen_email or ""),
    Column(head="Phone", cell=lambda kind, case: case.citizen_phone or ""),
)


def csv_page(request: HttpRequest, kind: CaseAdmin) -> HttpResponseBase:
    """``…/export.csv`` with the filters of the queue, in its order."""
    cases = _cases(request, kind)
    if cases is None:
        return HttpResponseRedirect(kind.address("changelist"))
    lines = csv_lines(_rows(kind, cases, _columns(request)))
    bundles = (b"".join(few) for few in batched(lines, SENT_AT_ONCE))
    response = StreamingHttpResponse(bundles, content_type="text/csv; charset=utf-8")
    return _sent(response, kind, "csv")


def xlsx_page(request: HttpRequest, kind: CaseAdmin) -> HttpResponseBase:
    """``…/export.xlsx``: the same as a spreadsheet; written to a temporary file first, for its index comes last."""
    cases = _cases(request, kind)
    if cases is None:
        return HttpResponseRedirect(kind.address("changelist"))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, _rows(kind, cases, _columns(request)))
    file.seek(0)
    return _sent(FileResponse(file, content_type=XLSX), kind, "xlsx")


def _sent[R: HttpResponseBase](response: R, kind: CaseAdmin, ending: str) -> R:
    name = f"{kind.list_title.replace(' ', '-').lower()}-{timezone.localdate():%Y-%m-%d}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _cases(request: HttpRequest, kind: CaseAdmin) -> Any:
    """The queue as its filters say, all of it; None for a filter nobody knows."""
    if not kind.has_view_permission(request):
        raise PermissionDenied
    try:
        found: Any = kind.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return None
    found = found.select_related(None).select_related("team", "assignee").only(*COLUMNS_READ)
    if not sees_persons(request):
        return found
    citizen = Contact.objects.filter(case_id=OuterRef("pk"), role__in=CITIZENS).order_by("pk")
    facts = ("name", "email", "phone")
    return found.annotate(**{f"citizen_{fact}": Subquery(citizen.values(fact)[:1]) for fact in facts})


def _columns(request: HttpRequest) -> Sequence[Column]:
    return (*COLUMNS, *PERSONS) if sees_persons(request) else COLUMNS


def _rows(kind: CaseAdmin, cases: Any, columns: Sequence[Column]) -> Iterator[list[Cell]]:
    """The head, then a line a case; never more of them in memory than ``AT_A_TIME``."""
    yield [column.head for column in columns]
    for case in cases.iterator(chunk_size=AT_A_TIME):
        own = kind.kind_of(case)
        case.now = own.awaited(case)
        yield [harmless(column.cell(own, case)) for column in columns]


def harmless(cell: Cell) -> Cell:
    """Text that begins like a formula gets an apostrophe before it; numbers are ours and stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with the mark that spreadsheet programs look for."""
    writer = csv.writer(_Echo())
    mark = "\ufeff"
    for row in rows:
        yield (mark + str(writer.writerow(row))).encode("utf-8", "replace")
        mark = ""


def write_xlsx(file: IO[bytes], rows: Iterable[Sequence[Cell]]) -> None:
    """The head in bold and kept in view; rows go to disk as they come. What no sheet can hold goes on in the next."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    lines = iter(rows)
    head = next(lines, [])
    sheet, number = _new_sheet(book, head, bold), 0
    for row in lines:
        if number == MOST_ON_A_SHEET:
            sheet, number = _new_sheet(book, head, bold), 0
        number += 1
        _write_row(sheet, number, row)
    book.close()


def _new_sheet(book: Any, head: Sequence[Cell], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(head), 18)
    _write_row(sheet, 0, head, bold)
    return sheet


def _write_row(sheet: Any, number: int, row: Sequence[Cell], form: Any = None) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(number, place, cell[:MOST_LETTERS], form)
        elif cell is not None:
            sheet.write_number(number, place, cell)

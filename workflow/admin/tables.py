"""Rows as a CSV or as a spreadsheet, in bytes that go out while the next rows are still read.

Neither needs a file on the way or more memory than a bundle of rows. No cell begins as a formula would: a spreadsheet
program must not calculate what a stranger typed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, cast
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell begins that a spreadsheet program would calculate
MOST_ON_A_SHEET = 1_000_000  # rows, and letters in a cell, that spreadsheet programs take
MOST_LETTERS = 32_767
# A sheet above 2 GiB would need ZIP64, which spreadsheet programs refuse in a file that was written as a stream.
MOST_BYTES_OF_SHEET = 2_000_000_000
COLUMN_WIDTH = 18  # letters
QUICK = 1  # of zlib's levels
DIMENSION = re.compile(rb"<dimension [^>]*/>")  # optional, and unknown until the last row
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What is kept as a character only when it is written as a number, and text that looks as if it were.
CARRIAGE_RETURN, LOOKS_CODED = "_x000D_", re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

type Cell = str | int | float | None
type Row = Sequence[Cell]
type Bundles = Iterable[Sequence[Row]]  # rows, some hundreds at a time


def harmless(cell: Cell) -> Cell:
    """Text that begins like a formula gets an apostrophe before it; numbers are ours and stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with the mark that spreadsheet programs look for."""
    writer = csv.writer(_Echo())
    mark = "\ufeff"
    for row in rows:
        yield (mark + str(writer.writerow(row))).encode("utf-8", "replace")
        mark = ""


def as_csv(head: Row, bundles: Bundles) -> Iterator[bytes]:
    """The head at once, then a piece for each bundle. Cells must be ``harmless`` already."""
    yield b"".join(csv_lines([head]))
    for rows in bundles:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        yield text.getvalue().encode("utf-8", "replace")


class Outbox(io.RawIOBase):
    """A file for who writes; what has been written and not yet been sent, for who sends."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


def as_xlsx(head: Row, bundles: Bundles) -> Iterator[bytes]:
    """A workbook: its beginning at once, then a piece for each bundle. Cells must be ``harmless`` already. What no
    sheet can hold goes on in the next, under the same head.

    All but the rows is what xlsxwriter writes for empty sheets; parts that count the sheets go out after them.
    """
    outbox = Outbox()
    letters = [xl_col_to_name(place) for place in range(len(head))]
    pieces = _Pieces(bundles)
    with zipfile.ZipFile(cast("Any", outbox), "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as book:
        sheets = 0
        while sheets == 0 or pieces.more:
            sheets += 1
            before, after = _around_rows(head, is_first=sheets == 1)
            with book.open(f"xl/worksheets/sheet{sheets}.xml", "w") as sheet:
                sheet.write(before)
                yield outbox.take()
                for xml in pieces.of_one_sheet(letters):
                    sheet.write(xml)
                    yield outbox.take()
                sheet.write(after)
        with _empty_book(head, sheets) as empty:
            for name in empty.namelist():
                if not name.startswith("xl/worksheets/"):
                    book.writestr(name, empty.read(name))
    yield outbox.take()


class _Pieces:
    """Bundles of rows cut to sheets. ``more``: there are rows for another sheet."""

    def __init__(self, bundles: Bundles) -> None:
        self._bundles = iter(bundles)
        self._left: Sequence[Row] = []
        self.more = False

    def of_one_sheet(self, letters: Sequence[str]) -> Iterator[bytes]:
        number, size = 1, 0  # the head is the first row
        for rows in chain([self._left] if self._left else [], self._bundles):
            room = MOST_ON_A_SHEET + 1 - number if size < MOST_BYTES_OF_SHEET else 0
            taken, self._left = rows[:room], rows[room:]
            xml = "".join(_xml_row(number + place, row, letters) for place, row in enumerate(taken, 1)).encode()
            number, size = number + len(taken), size + len(xml)
            yield xml
            if self._left:
                self.more = True
                return
        self._left, self.more = [], False


def _xml_row(number: int, row: Row, letters: Sequence[str]) -> str:
    cells = [_xml_cell(f"{letter}{number}", cell) for letter, cell in zip(letters, row, strict=True) if cell != ""]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _xml_cell(place: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{_xml_text(cell)}</t></is></c>'
    return "" if cell is None else f'<c r="{place}"><v>{cell!r}</v></c>'


def _xml_text(text: str) -> str:
    if text.isalnum():  # most cells: nothing in them means something in XML
        return text[:MOST_LETTERS]
    text = LOOKS_CODED.sub("_x005F_", NO_XML.sub("\ufffd", text[:MOST_LETTERS]))
    return escape(text).replace("\r", CARRIAGE_RETURN)


def _around_rows(head: Row, *, is_first: bool) -> tuple[bytes, bytes]:
    """The XML of a sheet up to the end of its head, and after its last row."""
    with _empty_book(head, 1 if is_first else 2) as book:
        xml = book.read(f"xl/worksheets/sheet{1 if is_first else 2}.xml")
    before, end, after = xml.partition(b"</sheetData>")
    return DIMENSION.sub(b"", before), end + after


def _empty_book(head: Row, sheets: int) -> zipfile.ZipFile:
    """A workbook of sheets that have a head and no rows; the head is bold and stays in view."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for _ in range(sheets):
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(head) - 1, COLUMN_WIDTH)
            for place, word in enumerate(head):
                sheet.write_string(0, place, str(word), bold)
    return zipfile.ZipFile(file)

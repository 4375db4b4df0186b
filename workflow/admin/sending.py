"""How an export leaves: who took what stands in the log before the first byte, and how many lines at the end.

A browser that asks for progress (``export.js``) gets the file in frames, each with the number of lines so far; anybody
else gets the file itself. Both are written while they are sent: nothing lies on a disk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

EXPORTED = 101  # LogEntry.action_flag, beside Django's added, changed and deleted
MOST_AT_ONCE = 3  # exports in one process, so that the other threads stay for everybody's pages
BUSY = "Several lists are being saved just now. Try again in a minute."
# A frame: lines so far, length of what follows. Instead of a length: that was all.
FRAME, THE_END = struct.Struct(">II"), 0xFFFFFFFF
FRAMES = "application/vnd.milepost.frames"

_places = BoundedSemaphore(MOST_AT_ONCE)


class Counting(Protocol):
    """Rows that count themselves while they are read."""

    written: int


@dataclass(frozen=True, kw_only=True)
class About:
    """What is saved: ``name`` of the file, ``what`` queue, ``asked`` of it (as in its address), how many ``rows``."""

    name: str
    what: str
    asked: str
    rows: int
    with_persons: bool


def wants_progress(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == FRAMES


def refused(sentence: str, *, status: int) -> HttpResponse:
    """What to tell instead of a file, for the page that shows the progress."""
    return JsonResponse({"sentence": sentence}, status=status)


def send(
    request: HttpRequest, kind: CaseAdmin, about: About, rows: Counting, pieces: Iterator[bytes], content_type: str
) -> HttpResponseBase:
    if not _places.acquire(blocking=False):
        response: HttpResponse = HttpResponse(BUSY, status=503, content_type="text/plain; charset=utf-8")
        if wants_progress(request):
            response = refused(BUSY, status=503)
        response.headers["Retry-After"] = "60"
        return response
    try:
        entry = _note(request, kind, about)
    except BaseException:
        _places.release()
        raise
    in_frames = wants_progress(request)
    sent = Sending(about, rows, _framed(rows, pieces) if in_frames else pieces, entry)
    answer = StreamingHttpResponse(sent, content_type=FRAMES if in_frames else content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{about.name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Milepost-Rows"] = str(about.rows)
    answer.headers["Milepost-Type"] = content_type
    return answer


class Sending:
    """The bytes of one export. Closed by the server whatever happens, so that the log tells how far it came."""

    def __init__(self, about: About, rows: Counting, pieces: Iterator[bytes], entry: LogEntry) -> None:
        self.about, self.rows, self.entry = about, rows, entry
        self._pieces: Any = pieces
        self._is_whole = self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return bytes(next(self._pieces))
        except StopIteration:
            self._is_whole = True
            raise

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        _places.release()
        self._pieces.close()
        outcome = _outcome(self.about, self.rows.written, is_whole=self._is_whole)
        LogEntry.objects.filter(pk=self.entry.pk).update(change_message=outcome)


def _framed(rows: Counting, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield FRAME.pack(rows.written, len(piece)) + piece
    yield FRAME.pack(rows.written, THE_END)


def _note(request: HttpRequest, kind: CaseAdmin, about: About) -> LogEntry:
    """Written before anything leaves: an export whose end nobody saw stands there too."""
    return LogEntry.objects.create(
        user_id=int(request.user.pk or 0),
        content_type=ContentType.objects.get_for_model(kind.model, for_concrete_model=False),
        action_flag=EXPORTED,
        object_repr=f"{about.what}{' ' if about.asked else ''}{about.asked}"[:200],
        change_message=f"Began to save {_contents(about, about.rows)}.",
    )


def _outcome(about: About, written: int, *, is_whole: bool) -> str:
    if is_whole:
        return f"Saved {_contents(about, written)}."
    return f"Broke off after {written:,} of {_contents(about, about.rows)}."


def _contents(about: About, rows: int) -> str:
    persons = "with persons" if about.with_persons else "without persons"
    filters = f"filters {about.asked}" if about.asked else "no filters"
    return (
        f"{rows:,} {'case' if rows == 1 else 'cases'} as {about.name.rpartition('.')[2].upper()}, {persons}, {filters}"
    )

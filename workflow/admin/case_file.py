"""A case as one ZIP: its facts, its history, its documents and pictures, packed while it is sent.

Who may look at the record may have it, and its history says so. What names people is in it only for who may see them.
"""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from workflow import desk, engine
from workflow.actors import officer
from workflow.admin.pages import case_or_404, sees_persons
from workflow.admin.record import Line, history
from workflow.admin.tables import Outbox, csv_lines, harmless
from workflow.models import Contact, Document, Event
from workflow.tracker import timeline

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
PACKED = frozenset({".jpg", ".jpeg", ".png", ".pdf", ".zip"})  # small already
FACTS = (
    "reference", "title", "category", "route", "milepost", "county", "district", "latitude", "longitude", "source",
    "created_at", "updated_at", "due_at", "closed_at", "revision",
)  # fmt: skip


def case_file_page(request: HttpRequest, kind: CaseAdmin, pk: str) -> HttpResponseBase:
    """``POST …/file/``. A link would let any page make lines in a case's history."""
    case = case_or_404(request, kind, pk)
    if request.method != "POST":
        raise PermissionDenied("The case file is made by its button on the record.")
    case = engine.change(case, "exported", actor=officer(request.user))
    parts = _parts(kind, case, with_persons=sees_persons(request))
    response = StreamingHttpResponse(packed(parts), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{case.reference}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


# -- what is in it ----------------------------------------------------------------------------------------------------

type Part = tuple[str, Iterable[bytes]]


def _parts(kind: CaseAdmin, case: Any, *, with_persons: bool) -> Iterator[Part]:
    """(name within the file, its content); a file that is not on this server is named in missing.txt."""
    folder, missing = case.reference, []
    events = timeline(case)
    lines = history(case, events, fact=kind.fact, technical=kind.technical, state_name=kind.state_name)[::-1]
    yield f"{folder}/case.json", [_json(_facts(kind, case, with_persons=with_persons))]
    yield f"{folder}/history.csv", _history_csv(lines)
    yield f"{folder}/history.json", [_json(_history(events, lines, with_persons=with_persons))]
    for document in Document.objects.filter(case_id=case.pk):
        content = _document(kind, document)
        if content is None:
            missing.append(document.name)
        else:
            yield f"{folder}/documents/{document.pk}-{safe_name(document.name)}", content
    for name, path in kind.pictures(case, with_persons=with_persons):
        if path.is_file():
            yield f"{folder}/photos/{safe_name(name)}", _read(path)
        else:
            missing.append(name)
    if missing:
        sentence = "These files belong to the case but are not on this server:\n"
        yield f"{folder}/missing.txt", [(sentence + "\n".join(missing) + "\n").encode()]


def _facts(kind: CaseAdmin, case: Any, *, with_persons: bool) -> dict[str, Any]:
    facts = {name: getattr(case, name) for name in FACTS}
    facts |= {"kind": str(kind.opts.verbose_name), "state": case.state, "state_name": kind.state_name(case.state)}
    facts |= {"team": str(case.team or ""), "officer": desk.name_of(case.assignee)}
    if with_persons:
        persons = Contact.objects.filter(case_id=case.pk).order_by("pk")
        facts["persons"] = list(persons.values("role", "name", "email", "phone"))
    return facts


def _history_csv(lines: Sequence[Line]) -> Iterator[bytes]:
    heads = ["Number", "When", "What", "New state", "Who", "Note", "Facts", "Shown to the citizen"]
    rows = (
        [line.seq, _moment(line.at), line.what, line.moved_to, line.who, line.note,
         "; ".join(f"{name}: {text}" for name, text in line.facts), "yes" if line.public else "no"]
        for line in lines
    )  # fmt: skip
    yield from csv_lines([heads, *([harmless(cell) for cell in row] for row in rows)])


def _history(events: Sequence[Event], lines: Sequence[Line], *, with_persons: bool) -> list[dict[str, Any]]:
    """As it is stored for who sees persons, so that its seal can be checked; else what the record shows."""
    if with_persons:
        names = ("seq", "kind", "transition", "from_state", "to_state", "actor", "actor_kind", "public", "note", "data",
                 "at", "previous", "digest")  # fmt: skip
        return [{name: getattr(event, name) for name in names} for event in events]
    return [
        {"seq": line.seq, "at": line.at, "what": line.what, "moved_to": line.moved_to, "actor": line.who,
         "note": line.note, "facts": dict(line.facts), "public": line.public}
        for line in lines
    ]  # fmt: skip


def _document(kind: CaseAdmin, document: Document) -> Iterable[bytes] | None:
    try:
        served = kind.hand_out(document)
    except Http404:
        log.error("Document %s is missing from its case's file.", document.pk)
        return None
    return _sent(served)


def _sent(served: HttpResponseBase) -> Iterator[bytes]:
    """Its file is closed, the answer itself is not: that would end the request we are in."""
    try:
        yield from cast("Iterable[bytes]", served)
    finally:
        file = getattr(served, "file_to_stream", None)
        if file is not None:
            file.close()


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def safe_name(name: str) -> str:
    """A file name that stays in its folder wherever the ZIP is unpacked."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(letter if letter.isalnum() or letter in "-_. ()" else "_" for letter in last).strip(". ")
    return kept[-100:] or "file"


# -- packing ----------------------------------------------------------------------------------------------------------


def packed(parts: Iterable[Part]) -> Iterator[bytes]:
    """The bytes of a ZIP, as they come about: no more of it in memory than one chunk."""
    outbox = Outbox()
    now = timezone.localtime().timetuple()[:6]
    with zipfile.ZipFile(cast("Any", outbox), "w") as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name, date_time=now)
            is_small = PurePosixPath(name).suffix.lower() in PACKED
            info.compress_type = zipfile.ZIP_STORED if is_small else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as entry:
                for chunk in content:
                    entry.write(chunk)
                    yield outbox.take()
            yield outbox.take()
    yield outbox.take()

"""One page of a document as a picture of our own, made by a child process and kept for the day.

Kept files lie in ``VAR_DIR/views/<day>``, named by the content's SHA-256, page and zoom. A new day takes away what is
older than yesterday, so that nothing outlives its document for long.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import threading
import uuid
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from workflow.models import Document

log = logging.getLogger(__name__)

PDF = "application/pdf"
DRAWN: dict[str, str] = {PDF: "pdf", "image/png": "picture", "image/jpeg": "picture"}
FIT, FULL = "fit", "full"
ZOOMS = (FIT, FULL)
SECONDS = 15  # for one page, by the clock on the wall
AT_ONCE = 2  # children of one process; each may take 1 GB
WAIT_SECONDS = 10
ARTIST = Path(__file__).with_name("artist.py")

# Why there is no picture: what the officer reads. The download is beside it.
SENTENCES: dict[str, str] = {
    "not_drawn": "Files of this kind are not shown here. Save it to open it.",
    "encrypted": "This PDF is locked with a password, so it cannot be shown here. Save it to open it, or ask the "
    "applicant for one without a password.",
    "damaged": "This file is damaged, so it cannot be shown here. Save it and try another program, or ask the "
    "applicant to send it again.",
    "too_heavy": "This page is too large or takes too long to be shown here. Save the file to open it.",
    "missing": "This file is not on this server. Ask whoever runs Milepost.",
    "busy": "Other documents are being drawn. Load this page again in a moment.",
}
FLEETING = frozenset({"busy", "missing"})

_turn = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page: ``page`` of ``pages`` that can be shown, ``of`` all there are; width and height in pixels.

    ``error``: a code of SENTENCES, then there is no picture."""

    page: int = 1
    pages: int = 1
    of: int = 1
    width: int = 0
    height: int = 0
    error: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES.get(self.error, "")


def can_be_drawn(document: Document) -> bool:
    """Whether files of its type are shown at all. No query, no file."""
    return document.content_type in DRAWN


def shown(document: Document, *, page: int, zoom: str) -> tuple[Shown, bytes]:
    """One page and its PNG, which is empty where there is an error."""
    if not can_be_drawn(document):
        return Shown(error="not_drawn"), b""
    kept = _folder() / f"{document.sha256}-{page}-{zoom}"
    if (found := _read(kept)) is not None:
        return found
    told, picture = _drawn(document, page, zoom)
    if told.error not in FLEETING:
        _keep(kept, told, picture)
    return told, picture


def _drawn(document: Document, page: int, zoom: str) -> tuple[Shown, bytes]:
    path = Path(settings.MEDIA_ROOT) / document.storage_name
    if not path.is_file():
        log.error("The file %s is missing.", document.storage_name)
        return Shown(error="missing"), b""
    if not _turn.acquire(timeout=WAIT_SECONDS):
        return Shown(error="busy"), b""
    try:
        return _ask(path, DRAWN[document.content_type], page, zoom)
    finally:
        _turn.release()


def _ask(path: Path, kind: str, page: int, zoom: str) -> tuple[Shown, bytes]:
    """Let the child draw. Whatever becomes of it, there is an answer."""
    command = [sys.executable, "-I", str(ARTIST), kind, str(page), zoom]
    try:
        with path.open("rb") as file:
            answer = subprocess.run(  # noqa: S603 -- our own program; of the request only a number and a known word
                command, stdin=file, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
            )
    except subprocess.TimeoutExpired:
        return Shown(error="too_heavy"), b""
    if answer.returncode != 0:
        log.warning("Drawing page %s ended with %s: %s", page, answer.returncode, answer.stderr[-300:])
        return Shown(error="too_heavy" if answer.returncode < 0 else "damaged"), b""
    head, _line, picture = answer.stdout.partition(b"\n")
    return Shown(**json.loads(head)), picture


# -- kept for the day -------------------------------------------------------------------------------------------------


def _folder() -> Path:
    """Today's folder. Making it takes away those from before yesterday."""
    views, today = Path(settings.VAR_DIR) / "views", timezone.localdate()
    folder = views / today.isoformat()
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for old in views.iterdir():
            if old.name < _day_before(today):
                shutil.rmtree(old, ignore_errors=True)
    return folder


def _day_before(day: date) -> str:
    return (day - timedelta(days=1)).isoformat()


def _read(kept: Path) -> tuple[Shown, bytes] | None:
    try:
        head, _line, picture = kept.read_bytes().partition(b"\n")
        return Shown(**json.loads(head)), picture
    except (OSError, ValueError, TypeError):
        return None


def _keep(kept: Path, told: Shown, picture: bytes) -> None:
    """Whole or not at all; a full disk costs only time."""
    words: dict[str, Any] = asdict(told)
    half = kept.with_name(f"{kept.name}.{uuid.uuid4().hex}.part")
    try:
        half.write_bytes(json.dumps(words).encode() + b"\n" + picture)
        half.replace(kept)
    except OSError:
        log.exception("A drawn page could not be kept")
        half.unlink(missing_ok=True)

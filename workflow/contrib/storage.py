"""Files on disk: written whole or not at all, under names of our own, served only through views.

A stored name is a path below ``MEDIA_ROOT``. What was made may be overwritten by the same name; what was uploaded gets
a random one.
"""

from __future__ import annotations

import hashlib
import logging
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404

log = logging.getLogger(__name__)

# A stored file is a stranger's content: no browser runs anything of it, whatever it turns out to be.
NO_RIGHTS = "default-src 'none'; sandbox"


class RefusedUpload(ValueError):
    """A file we do not take; ``code`` for machines, ``sentence`` for the person who sent it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Written:
    """What stands on disk now: SHA-256 in hex and the size in bytes."""

    sha256: str
    size: int


def path_of(storage_name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / storage_name


def write_whole(storage_name: str, chunks: Iterable[bytes]) -> Written:
    """Write a file below ``MEDIA_ROOT`` and rename it into place: nobody ever sees half of it. Raises OSError."""
    path = path_of(storage_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    half = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with half.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return Written(sha256=digest.hexdigest(), size=size)


def attachment(storage_name: str, *, name: str, content_type: str) -> FileResponse:
    """A stored file to be saved and never opened inside our pages. Raises Http404 when it is not on this server."""
    return _served(storage_name, name=name, content_type=content_type, as_attachment=True)


def inline(storage_name: str, *, content_type: str) -> FileResponse:
    """A stored file to be shown: only for what we made ourselves. Raises Http404 when it is not on this server."""
    return _served(storage_name, name="", content_type=content_type, as_attachment=False)


def _served(storage_name: str, *, name: str, content_type: str, as_attachment: bool) -> FileResponse:
    try:
        content = path_of(storage_name).open("rb")
    except OSError:
        log.error("The file %s is missing.", storage_name)
        raise Http404(f"The file{f' of “{name}”' if name else ''} is not on this server.") from None
    response = FileResponse(content, as_attachment=as_attachment, filename=name, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = NO_RIGHTS
    response.headers["Cache-Control"] = "private, no-store"
    return response

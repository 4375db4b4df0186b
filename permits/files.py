"""Files on disk: written whole or not at all, under names of our own, served only through views."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from permits.rules.uploads import HEAD_BYTES, MEDIA_TYPES, check_size, clean_name, identify
from workflow.models import Document


def path_of(storage_name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / storage_name


def store_made(content: bytes, *, name: str, key: str) -> dict[str, Any]:
    """Write a file a service made. Named by ``key``: running the service again replaces it, whole, by rename."""
    storage_name = f"made/{key[:2]}/{key}.pdf"
    digest, size = _write(path_of(storage_name), [content])
    return {"storage_name": storage_name, "name": name, "sha256": digest, "size": size}


def store_upload(case: Any, upload: UploadedFile[Any], *, kind: str, added_by: str) -> Document:
    """Check and keep an uploaded file; the row is written in the caller's transaction.

    Raises RefusedUpload with a code and a sentence: too large, not a type we take, content other than the name says.
    """
    already = sum(case.documents.filter(replaced_at=None).values_list("size", flat=True))
    check_size(upload.size or 0, already_bytes=already)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    file_type = identify(head, upload.name or "")
    storage_name = f"uploads/{uuid.uuid4().hex}"
    digest, size = _write(path_of(storage_name), upload.chunks())
    return Document.objects.create(
        case_id=case.pk,
        kind=kind,
        name=clean_name(upload.name or "file", file_type),
        storage_name=storage_name,
        content_type=MEDIA_TYPES[file_type],
        size=size,
        sha256=digest,
        public=True,
        revision=case.application_revision,
        added_by=added_by[:120],
    )


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
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
    return digest.hexdigest(), size

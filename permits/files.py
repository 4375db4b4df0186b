"""The files of permits: what a service made, what an applicant sent, and how both are served."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from permits.rules.uploads import HEAD_BYTES, MEDIA_TYPES, check_size, clean_name, identify
from workflow.contrib import storage
from workflow.contrib.storage import path_of
from workflow.models import Document

__all__ = ["attachment", "path_of", "store_made", "store_upload"]


def store_made(content: bytes, *, name: str, key: str) -> dict[str, Any]:
    """Write a file a service made. Named by ``key``: running the service again replaces it, whole, by rename."""
    storage_name = f"made/{key[:2]}/{key}.pdf"
    written = storage.write_whole(storage_name, [content])
    return {"storage_name": storage_name, "name": name, "sha256": written.sha256, "size": written.size}


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
    written = storage.write_whole(storage_name, upload.chunks())
    return Document.objects.create(
        case_id=case.pk,
        kind=kind,
        name=clean_name(upload.name or "file", file_type),
        storage_name=storage_name,
        content_type=MEDIA_TYPES[file_type],
        size=written.size,
        sha256=written.sha256,
        public=True,
        revision=case.application_revision,
        added_by=added_by[:120],
    )


def attachment(document: Document) -> FileResponse:
    """A document as a download that no browser runs anything of. Raises Http404 when its file is not here."""
    return storage.attachment(document.storage_name, name=document.name, content_type=document.content_type)

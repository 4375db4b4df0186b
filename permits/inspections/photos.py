"""Photos of an inspection: drawn anew without position or any other trace, kept as documents of the permit.

A photo is kept as soon as it arrives, so that no error page loses it; the next inspection of the permit that is
recorded takes it, and its line of history names it. Until then only officers see it.
"""

from __future__ import annotations

import uuid
from hashlib import sha256
from typing import Any

from workflow.contrib import storage
from workflow.contrib.pictures import MOST_BYTES, RefusedPhoto, check_size, read_picture
from workflow.models import Document

__all__ = ["KIND", "MOST", "RefusedPhoto", "keep", "waiting"]

KIND = "inspection_photo"
MOST = 12  # of one inspection


def waiting(permit: Any) -> Any:
    """Photos that no inspection has taken yet, oldest first."""
    return Document.objects.filter(case_id=permit.pk, kind=KIND, inspections=None, replaced_at=None).order_by("pk")


def keep(permit: Any, upload: Any, *, by: str) -> Document:
    """Check, redraw and store one picture; the same picture again is the one that waits. Raises RefusedPhoto."""
    check_size(upload.size or 0)
    picture = read_picture(upload.read(MOST_BYTES + 1), upload.name or "")
    digest = sha256(picture.content).hexdigest()
    there: list[Document] = list(waiting(permit))
    if same := next((photo for photo in there if photo.sha256 == digest), None):
        return same
    if len(there) >= MOST:
        raise RefusedPhoto("too_many_photos", f"An inspection takes up to {MOST} photos.")
    storage_name = f"uploads/{uuid.uuid4().hex}"
    storage.write_whole(storage_name, [picture.content])
    return Document.objects.create(
        case_id=permit.pk,
        kind=KIND,
        name=f"inspection-{len(there) + 1}.jpg",
        storage_name=storage_name,
        content_type="image/jpeg",
        size=len(picture.content),
        sha256=digest,
        public=False,
        revision=permit.application_revision,
        added_by=by[:120],
    )

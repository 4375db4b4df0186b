"""Photos of incidents: kept as pictures we wrote ourselves, shown to whoever may see them.

Files lie below ``MEDIA_ROOT/photos`` under random names. The file is written before its row, so a row never stands
without its file; a transaction rolled back leaves a file without a row, which ``sweep`` removes a day later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from incidents.models import Incident, Photo, Report
from incidents.reporting import MOST_PHOTOS
from workflow.contrib import pictures
from workflow.contrib.pictures import Place, RefusedPhoto
from workflow.contrib.storage import path_of, write_whole
from workflow.models.case import new_nonce

__all__ = ["Kept", "RefusedPhoto", "keep", "public_photos", "sweep", "url_for", "url_of"]

FOLDER = "photos"
UNCLAIMED = timedelta(days=1)
_LIFETIME = Signer(salt="milepost.photo")

type Holder = Incident | Report


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A stored photo, and where the original says it was taken: offered to the reporter, stored nowhere with it."""

    photo: Photo
    place: Place | None


def keep(upload: Any, *, report: Report | None = None, incident: Incident | None = None, kind: str = "report") -> Kept:
    """Check, redraw and store an uploaded picture; the row is written in the caller's transaction.

    The same picture sent twice to one report or incident is one photo. Raises RefusedPhoto.
    """
    pictures.check_size(upload.size or 0)
    content = upload.read(pictures.MOST_BYTES + 1)
    picture = pictures.read_picture(content, upload.name or "")
    digest = sha256(picture.content).hexdigest()
    beside = Photo.objects.filter(report=report, incident=incident, kind=kind)
    if report is not None or incident is not None:
        if same := beside.filter(sha256=digest).first():
            return Kept(photo=same, place=picture.place)
        if report is not None and beside.count() >= MOST_PHOTOS:
            sentence = f"A report takes up to {MOST_PHOTOS} photos. Remove one before you add another."
            raise RefusedPhoto("too_many_photos", sentence)
    token = new_nonce()
    for name, written in zip(names_of(token), (picture.content, picture.small), strict=True):
        write_whole(name, [written])
    photo = Photo.objects.create(
        report=report, incident=incident, kind=kind, token=token, sha256=digest,
        size=len(picture.content), width=picture.width, height=picture.height,
    )  # fmt: skip
    return Kept(photo=photo, place=picture.place)


def remove(photo: Photo) -> None:
    """Take a photo back that nobody has looked at yet: the row now, its files once the transaction is through."""
    names = names_of(photo.token)
    photo.delete()
    transaction.on_commit(lambda: _unlink(path_of(name) for name in names), robust=True)


def names_of(token: str) -> tuple[str, str]:
    """Where the picture and its small version lie below MEDIA_ROOT."""
    return f"{FOLDER}/{token[:2]}/{token}.jpg", f"{FOLDER}/{token[:2]}/{token}-small.jpg"


# -- who sees it ------------------------------------------------------------------------------------------------------


def public_photos(incident: Incident) -> list[Photo]:
    """What everybody may see: looked at by an officer, of a report that is not hidden. One query."""
    if incident.hidden_because:
        return []
    return list(incident.photos.filter(is_public=True))


def photos_of_reporter(incident: Incident) -> list[Photo]:
    """For the tracking page: the public ones, and those that came with this very report. One query."""
    came_with = Q(created_at__lte=incident.created_at, kind=Photo.Kind.REPORT)
    own = Q(from_incident=incident) | Q(incident=incident, from_incident=None)
    return list(Photo.objects.filter(Q(incident=incident, is_public=True) | (came_with & own)).order_by("pk"))


def is_public(photo: Photo) -> bool:
    return bool(photo.is_public and photo.incident is not None and not photo.incident.hidden_because)


def url_of(photo: Photo, *, small: bool = False) -> str:
    """The path of a photo. It opens for everybody when the photo is public, otherwise for officers only."""
    return reverse("incidents_public:photo_small" if small else "incidents_public:photo", args=[photo.token])


def address_of(photo: Photo) -> str:
    """The full address, from SITE_URL, for what leaves this site (Open311, feeds)."""
    return f"{settings.SITE_URL}{url_of(photo)}"


def url_for(holder: Holder, photo: Photo, *, small: bool = False) -> str:
    """The path of a photo for whoever holds the link of ``holder`` (a report being written, or an incident)."""
    return f"{url_of(photo, small=small)}?for={_signature(photo, holder)}"


def url_for_reporter(incident: Incident, photo: Photo, *, small: bool = False) -> str:
    """As ``url_for``; a public photo's own path when that is enough."""
    return url_of(photo, small=small) if is_public(photo) else url_for(incident, photo, small=small)


def opens_with(photo: Photo, signature: str) -> bool:
    """Whether a signature of ``url_for`` fits: made for the report or incident that has, or first had, the photo."""
    holders: Iterable[Any] = (photo.report, photo.incident, photo.from_incident)
    given = signature.encode("utf-8", "replace")
    return any(constant_time_compare(_signature(photo, holder), given) for holder in holders if holder is not None)


def _signature(photo: Photo, holder: Holder) -> str:
    """From the holder's secret: a new one revokes every address given out."""
    secret = holder.tracking_nonce if isinstance(holder, Incident) else holder.token
    return _LIFETIME.signature(f"{photo.token}:{secret}")[:26]


# -- files without rows -----------------------------------------------------------------------------------------------


def sweep(*, older_than: timedelta = UNCLAIMED) -> int:
    """Remove rows nobody claimed, and files no row names (a transaction rolled back, a draft deleted); answer how many
    files. Safe at any time."""
    folder = path_of(FOLDER)
    before = timezone.now() - older_than
    Photo.objects.filter(report=None, incident=None, created_at__lte=before).delete()
    latest = before.timestamp()
    removed = 0
    for part in sorted(folder.glob("??")):
        old = [path for path in part.iterdir() if path.is_file() and path.stat().st_mtime <= latest]
        removed += _unlink(_unclaimed(old))
    return removed


def _unclaimed(files: Sequence[Path]) -> list[Path]:
    tokens = {path: path.name.split(".")[0].removesuffix("-small") for path in files}
    known = set(Photo.objects.filter(token__in=set(tokens.values())).values_list("token", flat=True))
    return [path for path, token in tokens.items() if token not in known or path.suffix == ".part"]


def _unlink(paths: Iterable[Path]) -> int:
    found = list(paths)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)

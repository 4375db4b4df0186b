"""The photos of a report: those the caller may see, and adding one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import photos
from incidents.api.serializers import PhotoSerializer, PhotosSerializer, PhotoUploadSerializer, is_filer
from incidents.api.views import OF
from incidents.lifecycle import REPORTER
from incidents.models import Incident, Photo
from incidents.photos import RefusedPhoto
from incidents.views.act import MOST_BY_LINK
from workflow import engine
from workflow.api import documented
from workflow.api.etag import etag, expected_revision
from workflow.api.parsers import UploadParser
from workflow.api.problems import Problem, finding
from workflow.api.views import READ, SUBMIT, OfCase, tagged
from workflow.errors import NotAllowed, WrongState
from workflow.models import Event

TAGS = ["photos"]
ADDED = "photo_added"  # the line of history, as the tracking page writes it; its data name the row
# Codes of refused photos that are no fault of the type.
CODES = {"photo_too_large": "too_large", "photo_too_many_pixels": "too_large", "photo_too_many": "refused"}


class IncidentPhotos(OfCase):
    """The photos of a report."""

    model = Incident
    parser_classes: Sequence[Any] = [UploadParser]
    scopes = {"GET": READ, "POST": SUBMIT}

    @extend_schema(
        operation_id="list_photos", summary="Photos of a report", tags=TAGS,
        description="The key that filed the report sees its own and the public ones, others the public ones.",
        parameters=[OF, documented.IF_NONE_MATCH, documented.ETAG],
        responses=documented.answers({200: PhotosSerializer, 304: None}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> Response:
        incident = self.case(reference)
        own = is_filer(incident, self.actor)
        found = _of_filer(incident) if own else photos.public_photos(incident)
        shown = PhotosSerializer({"results": found}, context=_context(incident, own=own))
        return tagged(request, incident, shown.data)

    @extend_schema(
        operation_id="add_photo", summary="Add a photo",
        description="It is redrawn before it is kept: nothing of the camera's data stays in it. The same picture "
        "again answers 200 with the photo that is there.", tags=TAGS,
        parameters=[OF, documented.ETAG], request={"multipart/form-data": PhotoUploadSerializer},
        responses=documented.answers(
            {201: PhotoSerializer, 200: PhotoSerializer}, 401, 403, 404, 409, 412, 413, 415, 422
        ),
    )  # fmt: skip
    def post(self, request: Request, reference: str) -> Response:
        incident = self.case(reference)
        if not REPORTER(incident, self.actor):
            raise NotAllowed("Only the key that filed the report may add photos to it.")
        if incident.is_closed:
            raise WrongState("This report has ended: reopen it first.", allowed=[])
        upload = _upload_in(request)
        revision = expected_revision(request, incident, required=False)
        try:
            changed, photo, is_new = _add(incident, upload, self.actor, revision)
        except RefusedPhoto as refused:
            raise _refusal(refused) from None
        body = PhotoSerializer(photo, context=_context(changed, own=True)).data
        return Response(body, status=201 if is_new else 200, headers={"ETag": etag(changed)})


def _add(incident: Any, upload: Any, actor: Any, revision: int | None) -> tuple[Any, Photo, bool]:
    """Redraw the picture before anybody is kept from writing; then give it to the report, unless it has it already."""
    engine.expect(incident, revision)
    kept = photos.keep(upload).photo
    same = _same(incident, kept)
    if same is not None:
        photos.remove(kept)
        return incident, same, False

    def give(fresh: Any) -> Mapping[str, Any]:
        if fresh.photos.filter(kind=Photo.Kind.REPORT).count() >= MOST_BY_LINK:
            raise RefusedPhoto("photo_too_many", "This report has enough photos. Thank you.")
        kept.incident = fresh
        kept.save(update_fields=["incident"])
        return {"photo": kept.pk}

    try:
        changed = engine.change(incident, ADDED, actor=actor, apply=give, revision=revision, public=True)
    except BaseException:
        photos.remove(kept)
        raise
    return changed, kept, True


def _of_filer(incident: Any) -> list[Photo]:
    """The public ones, those that came with the report, and those its key added since, which its history names."""
    lines = Event.objects.filter(case_id=incident.pk, kind=ADDED).values_list("data", flat=True)
    added = Photo.objects.filter(pk__in=[line["photo"] for line in lines])
    found = {photo.pk: photo for photo in (*photos.photos_of_reporter(incident), *added)}
    return [found[pk] for pk in sorted(found)]


def _same(incident: Any, photo: Photo) -> Photo | None:
    found: Photo | None = incident.photos.filter(sha256=photo.sha256, kind=Photo.Kind.REPORT).first()
    return found


def _context(incident: Any, *, own: bool) -> dict[str, Any]:
    return {"address": partial(photos.url_for_reporter, incident) if own else photos.url_of}


def _upload_in(request: Request) -> UploadedFile[Any]:
    """The file. Raises Problem with a line for each fault."""
    body: Any = request.data
    upload = request.FILES.get("file")
    errors = []
    if not isinstance(upload, UploadedFile):
        errors.append(finding("required", "Send the picture in the part “file”.", pointer="/file"))
    errors += [finding("unknown_field", "Send file only.", pointer=f"/{name}"[:80]) for name in body if name != "file"]
    if errors or not isinstance(upload, UploadedFile):
        raise Problem("invalid_data", "Correct the parts named in errors.", errors=errors)
    return upload


def _refusal(refused: RefusedPhoto) -> Problem:
    code = CODES.get(refused.code, "unsupported_media_type")
    return Problem(code, refused.sentence, errors=[finding(refused.code, refused.sentence, pointer="/file")])

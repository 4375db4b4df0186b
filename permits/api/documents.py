"""The files of a permit: what the applicant may fetch, what is added, and the permit itself as PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from permits import files
from permits.api.serializers import DocumentSerializer, DocumentsSerializer, UploadSerializer, public_id
from permits.lifecycle import APPLICANT
from permits.models import RoadPermit
from permits.rules.documents import DocumentKind
from permits.rules.uploads import RefusedUpload
from workflow import engine
from workflow.api import documented
from workflow.api.etag import etag, expected_revision
from workflow.api.parsers import UploadParser
from workflow.api.problems import Problem, finding
from workflow.api.views import READ, SUBMIT, OfCase, tagged
from workflow.errors import NotAllowed, WrongState
from workflow.models import Document

TAGS = ["documents"]
TOO_LARGE = ("file_too_large", "files_too_large")


class PermitDocuments(OfCase):
    """The documents of a permit."""

    model = RoadPermit
    parser_classes: Sequence[Any] = [UploadParser]
    scopes = {"GET": READ, "POST": SUBMIT}

    @extend_schema(
        operation_id="list_documents", summary="Documents of a permit", tags=TAGS,
        parameters=[documented.REFERENCE, documented.IF_NONE_MATCH, documented.ETAG],
        responses=documented.answers({200: DocumentsSerializer}, 401, 403, 404),
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> Response:
        permit = self.case(reference)
        rows = DocumentsSerializer({"results": list(permit.documents.filter(public=True))}, context={"case": permit})
        return tagged(request, permit, rows.data)

    @extend_schema(
        operation_id="add_document", summary="Add a document",
        description="The same file of the same kind again answers 200 with the document that is there.", tags=TAGS,
        parameters=[documented.REFERENCE, documented.ETAG],
        request={"multipart/form-data": UploadSerializer},
        responses=documented.answers(
            {201: DocumentSerializer, 200: DocumentSerializer}, 401, 403, 404, 409, 412, 413, 415
        ),
    )  # fmt: skip
    def post(self, request: Request, reference: str) -> Response:
        permit = self.case(reference)
        if not APPLICANT(permit, self.actor):
            raise NotAllowed("Only the applicant, or the key that filed the application, may add documents.")
        if permit.is_closed:
            raise WrongState("This request is closed: no documents can be added to it.", allowed=[])
        upload, kind = _upload_in(request)
        revision = expected_revision(request, permit, required=False)
        known = _same_file(permit, kind, _sha256(upload))
        if known is not None:
            body = DocumentSerializer(known, context={"case": permit}).data
            return Response(body, headers={"ETag": etag(permit)})
        changed, document = self._add(permit, upload, kind, revision)
        body = DocumentSerializer(document, context={"case": changed}).data
        return Response(body, status=201, headers={"ETag": etag(changed)})

    def _add(self, permit: Any, upload: UploadedFile[Any], kind: str, revision: int | None) -> tuple[Any, Document]:
        made: list[Document] = []

        def keep(fresh: Any) -> Mapping[str, Any]:
            # Asked again under the lock: two requests with the same file may have passed the question before it.
            document = _same_file(fresh, kind, _sha256(upload))
            made.append(document or files.store_upload(fresh, upload, kind=kind, added_by=self.actor.name))
            return {"kind": kind, "name": made[0].name, "sha256": made[0].sha256}

        try:
            changed = engine.change(permit, "document", actor=self.actor, apply=keep, revision=revision, public=True)
        except RefusedUpload as refused:
            raise _refusal(refused) from None
        return changed, made[0]


class PermitDocument(OfCase):
    """One file."""

    model = RoadPermit
    scopes = {"GET": READ}

    @extend_schema(
        operation_id="get_document", summary="Fetch a document", tags=TAGS,
        parameters=[documented.REFERENCE, OpenApiParameter("document", str, OpenApiParameter.PATH)],
        responses=documented.answers({(200, "application/octet-stream"): OpenApiTypes.BINARY}, 401, 403, 404),  # type: ignore[dict-item]
    )  # fmt: skip
    def get(self, request: Request, reference: str, document: str) -> FileResponse:
        permit = self.case(reference)
        found = next((row for row in permit.documents.filter(public=True) if public_id(row) == document), None)
        if found is None:
            raise Http404
        return files.attachment(found)


class PermitPdf(OfCase):
    """The permit as a document."""

    model = RoadPermit
    related = ("team", "permit_document")
    scopes = {"GET": READ}

    @extend_schema(
        operation_id="get_permit_pdf", summary="The permit as PDF", tags=TAGS, parameters=[documented.REFERENCE],
        responses=documented.answers({(200, "application/pdf"): OpenApiTypes.BINARY}, 401, 403, 404),  # type: ignore[dict-item]
    )  # fmt: skip
    def get(self, request: Request, reference: str) -> FileResponse:
        permit = self.case(reference)
        if permit.issued_at is None or permit.permit_document is None:
            raise Problem("not_issued", "This permit is not issued yet. Look at its timeline, and try again later.")
        return files.attachment(permit.permit_document)


def _upload_in(request: Request) -> tuple[UploadedFile[Any], str]:
    """The file and its kind. Raises Problem with a line for each fault."""
    body: Any = request.data
    upload, kind = request.FILES.get("file"), body.get("kind")
    errors = []
    if not isinstance(upload, UploadedFile):
        errors.append(finding("required", "Send the file in the part “file”.", pointer="/file"))
    if kind not in set(DocumentKind):
        offered = ", ".join(DocumentKind)
        errors.append(finding("invalid_choice", f"Say what the file is: one of {offered}.", pointer="/kind"))
    errors += [
        finding("unknown_field", "Send file and kind only.", pointer=f"/{name}"[:80])
        for name in body
        if name not in ("file", "kind")
    ]
    if errors or not isinstance(upload, UploadedFile):
        raise Problem("invalid_data", "Correct the parts named in errors.", errors=errors)
    return upload, str(kind)


def _refusal(refused: RefusedUpload) -> Problem:
    code = "too_large" if refused.code in TOO_LARGE else "unsupported_media_type"
    return Problem(code, refused.sentence, errors=[finding(refused.code, refused.sentence, pointer="/file")])


def _sha256(upload: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _same_file(permit: Any, kind: str, sha256: str) -> Document | None:
    found: Document | None = permit.documents.filter(kind=kind, sha256=sha256, replaced_at=None, public=True).first()
    return found

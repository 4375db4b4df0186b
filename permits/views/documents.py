"""Uploads and downloads: one control for each document that is asked for, and one for any other."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from permits import applications
from permits.files import attachment, path_of, store_upload
from permits.models import RoadPermit
from permits.rules.documents import Before, DocumentKind, RequiredDocument, required_documents, satisfied_by
from permits.rules.uploads import ALLOWED, RefusedUpload
from permits.views import doors, draft
from permits.views.steps import DOCUMENTS, page_url, place_of, progress, resume_url, steps_of, track_url
from workflow import engine
from workflow.contrib.uswds.forms import UswdsForm
from workflow.writing import writing

log = logging.getLogger(__name__)

OTHER, OTHER_KIND = "other_file", "other_kind"
MEGABYTE = 1024**2


@dataclass(frozen=True, kw_only=True)
class File:
    """A document in a list, with its path."""

    pk: int
    name: str
    label: str
    size_bytes: int
    created_at: datetime
    url: str


class Upload(forms.FileField):
    """A file that may come later: marked as required where it is, and never refused for being missing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, max_length=1000, **kwargs)  # what it may be, the upload rules say

    def clean(self, data: Any, initial: Any = None) -> Any:
        return super().clean(data, initial) if data else None


class UploadForm(UswdsForm):
    """``needed``: the documents this application asks for; ``there``: the kinds it has."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, needed: Mapping[DocumentKind, RequiredDocument], there: set[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for kind, document in needed.items():
            missing = not there & {str(one) for one in satisfied_by(kind)}
            required = missing and document.before is Before.SUBMISSION
            label = kind.label if missing else f"{kind.label}: add another file"
            self.fields[str(kind)] = Upload(label=label, required=required, help_text=self._help(document, missing))
        others = [("", "- Choose -"), *((kind.value, kind.label) for kind in DocumentKind if kind not in needed)]
        self.fields[OTHER_KIND] = forms.ChoiceField(label="Another document", choices=others, required=False)
        self.fields[OTHER] = Upload(label="File of the other document", required=False)

    @staticmethod
    def _help(document: RequiredDocument, missing: bool) -> str:
        when = "" if document.before is Before.SUBMISSION else f" {document.before.label}: not needed yet."
        return f"{document.why}{when}" if missing else "We have this document."

    def uploads(self) -> dict[str, tuple[str, UploadedFile[bytes]]]:
        """Field -> (kind, file) of every file that was sent."""
        sent = {name: (name, file) for name, file in self.cleaned_data.items() if name != OTHER_KIND and file}
        if OTHER in sent:
            sent[OTHER] = (self.cleaned_data.get(OTHER_KIND) or DocumentKind.OTHER.value, sent[OTHER][1])
        return sent


def form_for(
    permit: RoadPermit, request: HttpRequest | None = None, *, only_missing: Collection[str] | None = None
) -> UploadForm:
    """The controls for this application, with what was sent if something was. One query.

    ``only_missing``: no control for what is there, but for the kinds named here.
    """
    kinds = set(permit.documents.filter(replaced_at=None).values_list("kind", flat=True))
    asked = () if permit.answer("applicant_kind") == "agency" else required_documents(applications.answers_of(permit))
    needed: dict[DocumentKind, RequiredDocument] = {}
    for document in asked:
        if only_missing is None or document.kind in only_missing or not kinds & satisfied_by(document.kind):
            needed.setdefault(document.kind, document)
    if request is None:
        return UploadForm(needed=needed, there=kinds)
    return UploadForm(request.POST, request.FILES, needed=needed, there=kinds)


def keep_uploads(permit: RoadPermit, form: UploadForm) -> int:
    """Store every file that is fine and put a sentence at every other; answers how many were stored."""
    form.full_clean()
    stored = 0
    for field, (kind, file) in form.uploads().items():
        try:
            _store(permit, file, kind)
            stored += 1
        except RefusedUpload as refused:
            form.add_error(field, f"{Path(file.name or 'The file').name[:80]}: {refused.sentence}")
    return stored


def _store(permit: RoadPermit, file: UploadedFile[bytes], kind: str) -> None:
    who = doors.actor_of(permit)

    def apply(case: Any) -> dict[str, Any]:
        document = store_upload(case, file, kind=kind, added_by=who.name)
        return {"kind": kind, "document": document.pk}

    if permit.state != RoadPermit.State.DRAFT:
        engine.change(permit, "document", actor=who, apply=apply, public=True)
        return
    with writing():
        fresh = engine.lock(permit.pk)
        if fresh.state != RoadPermit.State.DRAFT:
            raise RefusedUpload("already_filed", "The application was submitted meanwhile. Add the file on its page.")
        apply(fresh)  # no line of history, as with the draft's pages


def files_of(permit: RoadPermit) -> list[File]:
    """What the applicant may fetch, oldest first. One query."""
    return [
        File(
            pk=document.pk,
            name=document.name,
            label=_label(document.kind),
            size_bytes=document.size,
            created_at=document.created_at,
            url=track_url(permit, "file", document.pk),
        )
        for document in permit.documents.filter(public=True, replaced_at=None).order_by("pk")
    ]


def _label(kind: str) -> str:
    made = {"permit": "The permit", "letter": "Letter"}
    return made.get(kind) or (
        DocumentKind[kind.upper()].label if kind in set(DocumentKind) else kind.replace("_", " ").capitalize()
    )


def documents_page(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """The draft's page “Documents”."""
    form = form_for(permit)
    if request.method == "POST":
        if "remove" in request.POST:
            _remove(request, permit)
            return redirect(page_url(permit, DOCUMENTS))
        form = form_for(permit, request)
        stored = keep_uploads(permit, form)
        if not form.errors:
            return _after(request, permit, stored)
    steps = steps_of(permit, draft.examine(permit))
    context = _context(permit, form) | progress(steps, DOCUMENTS) | {"resume_url": resume_url(permit)}
    return render(request, "permits/apply/documents.html", context)


def _after(request: HttpRequest, permit: RoadPermit, stored: int) -> HttpResponse:
    then = request.POST.get("then", "next")
    if stored:
        messages.success(request, "The file is kept." if stored == 1 else f"{stored} files are kept.")
    if then == "add":
        return redirect(page_url(permit, DOCUMENTS))
    steps = steps_of(permit, draft.examine(permit))
    place = place_of(steps, DOCUMENTS) or 0
    targets = {"later": "saved", "back": steps[place - 1].slug, "next": steps[place + 1].slug}
    if then == "next" and "check" in request.GET:
        then = "go:review"
    target = targets.get(then) or then.removeprefix("go:")
    return redirect(page_url(permit, target if target in (*targets.values(), *(s.slug for s in steps)) else DOCUMENTS))


def _remove(request: HttpRequest, permit: RoadPermit) -> None:
    """A draft's file is really removed: nobody has looked at it yet."""
    with writing():
        fresh = engine.lock(permit.pk)
        number = request.POST["remove"]
        document = fresh.documents.filter(pk=number).first() if number.isascii() and number.isdigit() else None
        if document is None or fresh.state != RoadPermit.State.DRAFT:
            return
        path = path_of(document.storage_name)
        document.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)
    messages.success(request, f"{document.name} is removed.")


@doors.by_link
@require_http_methods(["GET", "HEAD", "POST"])
def files_page(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """Add documents to an application that is filed and not closed."""
    if permit.state == RoadPermit.State.DRAFT:
        return redirect(page_url(permit, DOCUMENTS))
    if permit.closed_at:
        messages.error(request, "This request is closed: nothing can be added to it any more.")
        return redirect(track_url(permit))
    form = form_for(permit, request if request.method == "POST" else None)
    if request.method == "POST":
        stored = keep_uploads(permit, form)
        if not form.errors:
            said = f"Thank you: {stored} file{'s' if stored > 1 else ''} added." if stored else "No file was chosen."
            messages.info(request, said)
            return redirect(track_url(permit))
    return render(request, "permits/track/files.html", _context(permit, form))


def _context(permit: RoadPermit, form: UploadForm) -> dict[str, Any]:
    return {
        "permit": permit,
        "form": form,
        "files": files_of(permit),
        "allowed": ALLOWED,
        "most_mb": settings.UPLOAD_MAX_BYTES // MEGABYTE,
        "most_total_mb": settings.UPLOAD_MAX_TOTAL_BYTES // MEGABYTE,
    }


@doors.by_link
@require_safe
def download(request: HttpRequest, permit: RoadPermit, number: int) -> FileResponse:
    """A document of this very permit, never shown inside our pages: as an attachment without any rights."""
    document = permit.documents.filter(pk=number, public=True).first()
    if document is None:
        raise Http404
    return attachment(document)

"""A document of a case looked at in place, page by page. The file itself is only ever saved (``pages.document``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from workflow.admin.pages import case_or_404, document_or_404, frame, sees_persons
from workflow.models import Document
from workflow.viewing import pictures
from workflow.viewing.pictures import FIT, FULL, ZOOMS, Shown

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

# The picture is our own; nothing may be done with it but look. Its page never changes: the document's content does not.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=600",
}
STATUS = {"busy": 503, "missing": 404}


def view_page(request: HttpRequest, kind: CaseAdmin, pk: str, document_pk: int) -> HttpResponse:
    """``…/documents/7/view/?page=2&zoom=full``: a page of a document with the ways to the others."""
    case = case_or_404(request, kind, pk)
    document = document_or_404(kind, case, document_pk)
    page, zoom = _asked(request)
    seen, _picture = pictures.shown(document, page=page, zoom=zoom)
    here = kind.address("view", case.pk, document.pk)
    context: dict[str, Any] = {
        **frame(request, kind, case),
        **kind.head(case, with_persons=sees_persons(request)),
        "title": document.name,
        "document": document,
        "kind_of_document": kind.document_label(document),
        "seen": seen,
        "zoom": zoom,
        "picture": f"{kind.address('picture', case.pk, document.pk)}?page={seen.page}&zoom={zoom}",
        "ways": [] if seen.error else _ways(here, seen, zoom),
        "zooms": [] if seen.error else _zooms(here, seen, zoom),
        "back": kind.address("change", case.pk),
        "download": kind.address("document", case.pk, document.pk),
    }
    status = STATUS.get(seen.error, 200)
    return TemplateResponse(request, "admin/workflow/case/document.html", context, status=status)


def picture(request: HttpRequest, kind: CaseAdmin, pk: str, document_pk: int) -> HttpResponse:
    """The PNG of a page. Raises Http404 where there is none."""
    case = case_or_404(request, kind, pk)
    document: Document = document_or_404(kind, case, document_pk)
    page, zoom = _asked(request)
    seen, drawn = pictures.shown(document, page=page, zoom=zoom)
    if seen.error:
        raise Http404(seen.sentence)
    return HttpResponse(drawn, content_type="image/png", headers=HEADERS)


def _asked(request: HttpRequest) -> tuple[int, str]:
    """The page and the zoom of the address; nonsense means the first page, fitted."""
    page, zoom = request.GET.get("page", ""), request.GET.get("zoom", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    return max(1, number), zoom if zoom in ZOOMS else FIT


def _ways(here: str, seen: Shown, zoom: str) -> list[tuple[str, str]]:
    """(words, address) of the page before and after."""
    ways = [("Previous page", seen.page - 1), ("Next page", seen.page + 1)]
    return [(words, f"{here}?page={number}&zoom={zoom}") for words, number in ways if 1 <= number <= seen.pages]


def _zooms(here: str, seen: Shown, zoom: str) -> list[tuple[str, str, bool]]:
    """(words, address, whether it is the present one)."""
    choices = ((FIT, "Fit the window"), (FULL, "100 %"))
    return [(words, f"{here}?page={seen.page}&zoom={name}", name == zoom) for name, words in choices]

"""Photos by their address: public ones for everybody, the others for officers and whoever holds the link."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from incidents import photos
from incidents.models import Photo
from workflow.contrib.storage import inline

# Short: an officer may take a photo back at any time, and then no cache shall show it for long.
PUBLIC = "public, max-age=300"
PRIVATE = "private, no-store"


@require_safe
def photo(request: HttpRequest, token: str, *, small: bool = False) -> HttpResponseBase:
    """``/m/<token>.jpg``: a JPEG we wrote ourselves. Whoever may not see it reads that it is not there."""
    found = Photo.objects.select_related("incident", "report", "from_incident").filter(token=token).first()
    if found is None:
        raise Http404("There is no such photo.")
    is_public = photos.is_public(found)
    if not (is_public or _may_see(request, found)):
        raise Http404("There is no such photo.")
    tag = f'"{token}{"-small" if small else ""}"'  # what a token names never changes
    unchanged = get_conditional_response(request, etag=tag) if is_public else None
    response = unchanged or inline(photos.names_of(token)[small], content_type="image/jpeg")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = PUBLIC if is_public else PRIVATE
    response.headers["X-Robots-Tag"] = "noimageindex"
    return response


def _may_see(request: HttpRequest, found: Photo) -> bool:
    signature = request.GET.get("for", "")
    if signature:
        return photos.opens_with(found, signature)
    # A photo nobody has looked at may show persons: for those who may see persons.
    return request.user.has_perms(["incidents.view_incident", "workflow.view_contact"])

"""The short code of a report, as it is read out or written on paper: /r/IR-26-7K3QXM."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from incidents.models import Incident
from incidents.views.similar import public_url
from workflow.contrib.citizens.references import as_stored


@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """To the public page; a code nobody may see is a 404 like one that does not exist."""
    page = public_page(as_stored(code))
    if not page:
        raise Http404
    return redirect(page)


def public_page(reference: str) -> str:
    """The path of the page everybody may see; empty when there is none. One query."""
    found = Incident.objects.public().filter(reference=reference).first() if reference else None
    return public_url(found) if isinstance(found, Incident) else ""

"""The addresses of GeoReport v2."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from incidents.open311 import entries, filing, listing, services, updates
from incidents.open311.door import Answer, Door, check_jurisdiction
from incidents.open311.form import Form, read_form
from incidents.open311.keys import integrator
from workflow.actors import Actor

READ = ("GET", "HEAD", "OPTIONS")


class Discovery(Door):
    """Where the server is and what it speaks."""

    of_jurisdiction = False

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        changed = services.changed_at()
        return Answer(document=services.discovery(changed), changed=changed)


class Services(Door):
    """What can be reported."""

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        return Answer(document=services.service_list(self.query), changed=services.changed_at())


class Definition(Door):
    """The questions of one service."""

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        return Answer(document=services.definition(kwargs["code"]), changed=services.changed_at())


class Requests(Door):
    """Reports: all that a query asks for, and one more."""

    methods = (*READ, "POST")

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        rows = listing.found(self.query, now=timezone.now())
        return Answer(document=entries.document_of(rows, extended=self.query.flag("extensions")))

    def post(self, request: HttpRequest, **kwargs: Any) -> Answer:
        form, actor = posted(self, request)
        return Answer(document=filing.file(form, actor))


class OneRequest(Door):
    """One report."""

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        rows = listing.one(kwargs["reference"])
        document = entries.document_of(rows, extended=self.query.flag("extensions"))
        if not document.value.items:
            raise updates.unknown_request()
        return Answer(document=document)


class Token(Door):
    """What became of a report that was answered with a token."""

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        return Answer(document=filing.token_document(kwargs["token"]))


class Updates(Door):
    """What happened to reports, and what others tell us of them."""

    methods = (*READ, "POST")

    def get(self, request: HttpRequest, **kwargs: Any) -> Answer:
        return Answer(document=updates.listed(self.query, now=timezone.now()))

    def post(self, request: HttpRequest, **kwargs: Any) -> Answer:
        form, actor = posted(self, request)
        return Answer(document=updates.take(form, actor))


def posted(door: Door, request: HttpRequest) -> tuple[Form, Actor]:
    """The body of a POST and who sent it. Raises Refusal."""
    form = read_form(request)
    actor = integrator(request, form.values, door.query)
    check_jurisdiction(form.values)
    return form, actor

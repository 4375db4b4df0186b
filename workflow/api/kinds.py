"""The views that every kind of case has: its short door, its collection, one case. A kind names its model, its door and
its shapes, and describes its operations with workflow.api.documented."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from workflow.api import paging
from workflow.api.filing import Door
from workflow.api.filters import narrowed
from workflow.api.idempotency import REPLAYED, idempotency_key, status_then
from workflow.api.serializers import url_of
from workflow.api.views import READ, SUBMIT, Base, OfCase, Public, begun, tagged
from workflow.engine import Started
from workflow.tracker import tracking_url


class ShortDoor(Public):
    """File in one call, with an API key or as anybody."""

    door: ClassVar[Door]

    def post(self, request: Request) -> Response:
        actor, key = self.door.caller(request)
        started = self.door.file(request, actor=actor, key=key)
        receipt = {"workflowId": started.id, "status": status_then(started)}
        if actor.key_id is None:
            receipt["trackingUrl"] = tracking_url(started.case)
        return Response(receipt, status=201, headers=_filed_headers(started))


class Collection(Base):
    """All cases of a kind that the key may see; and filing. ``page``: the serializer of a page; ``unlisted``: columns
    no list reads."""

    scopes = {"GET": READ, "POST": SUBMIT}
    door: ClassVar[Door]
    page: ClassVar[Any]
    unlisted: ClassVar[Sequence[str]] = ()

    def get(self, request: Request) -> Response:
        rows = begun(self.model, self.actor).select_related("team").defer(*self.unlisted)
        found = paging.page_of(narrowed(rows, self.values, self.parameters), request, self.values)
        shown = self.page({"results": found.rows, "next": found.next}, context=self.context(found.rows))
        return Response(shown.data)

    def post(self, request: Request) -> Response:
        key = idempotency_key(request, required=True)
        started = self.door.file(request, actor=self.actor, key=key)
        body = {"reference": started.id, "status": status_then(started), "url": url_of(started.case)}
        return Response(body, status=201, headers=_filed_headers(started))

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        """What the shapes need to know beside the rows."""
        return {"actor": self.actor}


class One(OfCase):
    """One case. ``shape``: its serializer."""

    scopes = {"GET": READ}
    shape: ClassVar[Any]

    def get(self, request: Request, reference: str) -> Response:
        case = self.case(reference)
        return tagged(request, case, self.shape(case, context={"actor": self.actor}).data)


def _filed_headers(started: Started) -> dict[str, str]:
    headers = {"Location": url_of(started.case)}
    return headers | {REPLAYED: "true"} if started.replayed else headers

"""The base of every API view, and what any kind of case offers: its moves and its history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import Http404
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workflow import engine
from workflow.actors import Actor
from workflow.api import serializers
from workflow.api.authentication import HasScope, actor_of
from workflow.api.etag import etag, expected_revision, is_unchanged
from workflow.api.filters import Parameter, read_parameters
from workflow.api.parsers import StrictJSONParser
from workflow.api.problems import Problem, finding, findings, pointer_to
from workflow.api.transition_data import check_data, data_schema
from workflow.errors import InvalidData, Refused
from workflow.tracker import REFERENCE, timeline

# Scopes without the kind of case they open, which the view's model knows: permits:read, incidents:read.
READ = frozenset({"read", "read_all"})
SUBMIT = frozenset({"submit"})
LONGEST_NOTE = 2000
MOVE = ("transition", "note", "data")
ONLY_A_MOVE = "Send transition, note and data only: nothing else can be set."
_TRANSITION = re.compile(r"[a-z_]{1,40}")


class JsonAlways(BaseContentNegotiation):
    """JSON whatever Accept says: a browser's or a script's habits are no reason to answer 406."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next(
            (p for p in parsers if str(request.content_type).partition(";")[0].strip().lower() == p.media_type), None
        )

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class Base(APIView):
    """Strict about parameters, private in caches, problems for whatever goes wrong.

    ``scopes``: method -> scopes of ``model`` of which the key needs one. ``parameters``: the query parameters a GET
    takes.
    """

    permission_classes: Sequence[Any] = [HasScope]
    parser_classes: Sequence[Any] = [StrictJSONParser]
    content_negotiation_class = JsonAlways
    http_method_names = ["get", "head", "post"]  # nothing is replaced, patched or deleted: cases only move
    model: ClassVar[Any] = None
    scopes: ClassVar[Mapping[str, frozenset[str]]] = {}
    parameters: ClassVar[Sequence[Parameter]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            # The server interface hands such a body over as empty: better said than filed as an empty application.
            raise Problem("length_required", "Send the body with Content-Length, not in chunks.")
        known = self.parameters if request.method in ("GET", "HEAD") else ()
        self.values = read_parameters(request.query_params, known)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "private, no-cache")
        final.headers.setdefault("Vary", "Authorization")
        return final

    @property
    def actor(self) -> Actor:
        actor = actor_of(self.request)
        assert actor is not None  # HasScope let nobody else in
        return actor


class Public(Base):
    """A view that needs no key; a wrong key is a 401 here, too."""

    permission_classes: Sequence[Any] = [AllowAny]


class OfCase(Base):
    """A view below one case of ``model``, found by its public reference among what the caller may see."""

    related: ClassVar[Sequence[str]] = ("team",)

    def case(self, reference: str) -> Any:
        """Raises Http404 for what does not exist and for what is not the caller's: the two look the same."""
        shown = reference.upper()
        if not REFERENCE.fullmatch(shown):
            raise Http404
        rows = begun(self.model, self.actor).select_related(*self.related)
        case = rows.filter(reference=shown).first()
        if case is None:
            raise Http404
        return case


def begun(model: Any, actor: Actor) -> Any:
    """The cases of ``model`` that the actor may see. A draft in the form is nobody's but its author's."""
    return model.objects.visible_to(actor).exclude(state=model.initial_state)


def tagged(request: Request, case: Any, body: Any, *, status: int = 200) -> Response:
    """The answer with the case's ETag; 304 without a body when the caller has it already."""
    headers = {"ETag": etag(case)}
    if request.method in ("GET", "HEAD") and is_unchanged(request, case):
        return Response(status=304, headers=headers)
    return Response(body, status=status, headers=headers)


class Transitions(OfCase):
    """What this caller may do now, and why not the rest; and doing it. A state changes in no other way.

    ``takes_note``: off where the caller's own words must be able to be forgotten, which no history can.
    """

    scopes = {"GET": READ, "POST": SUBMIT}
    takes_note: ClassVar[bool] = True

    def get(self, request: Request, reference: str) -> Response:
        case = self.case(reference)
        shown = [
            {
                "name": option.name,
                "label": option.label,
                "description": option.description,
                "permitted": option.permitted,
                "reasons": option.reasons,
                "data": data_schema(type(case), option.name),
            }
            for option in engine.options(case, self.actor)
        ]
        # No 304: what stands in the way may change while the case does not.
        body = serializers.OptionsSerializer({"state": case.state, "results": shown}).data
        return Response(body, headers={"ETag": etag(case)})

    def post(self, request: Request, reference: str) -> Response:
        case = self.case(reference)
        revision = expected_revision(request, case, required=True)
        transition, note, data = _move_in(request.data)
        if note and not self.takes_note:
            sentence = "Send your words in data, where the transition takes them: no note is kept here."
            raise Problem("invalid_data", sentence, errors=[finding("note_not_taken", sentence, pointer="/note")])
        try:
            check_data(type(case), transition, data)
            moved = engine.fire(case, transition, actor=self.actor, revision=revision, note=note, data=data)
        except (InvalidData, Refused) as error:
            errors = findings(error.reasons, lambda field: pointer_in_data(field, data))
            raise Problem(error.code, error.sentence, errors=errors) from None
        return tagged(request, moved, serializers.MovedSerializer(moved).data)


class Timeline(OfCase):
    """The history that the applicant may read, oldest first."""

    scopes = {"GET": READ}

    def get(self, request: Request, reference: str) -> Response:
        case = self.case(reference)
        lines = serializers.TimelineSerializer({"results": timeline(case, public_only=True)}, context={"case": case})
        return tagged(request, case, lines.data)


def _move_in(body: Any) -> tuple[str, str, Mapping[str, Any]]:
    """``transition``, ``note`` and ``data`` of a body. Raises Problem with a line for each fault."""
    transition, note, data = body.get("transition"), body.get("note", ""), body.get("data", {})
    named = isinstance(transition, str) and _TRANSITION.fullmatch(transition)
    short = isinstance(note, str) and len(note) <= LONGEST_NOTE
    checks = (
        (named, "transition", "Name the transition; GET lists them."),
        (short, "note", f"A note is text of at most {LONGEST_NOTE} characters."),
        (isinstance(data, Mapping), "data", "The data of a transition are a JSON object."),
    )
    errors = [finding("invalid", sentence, pointer=f"/{name}") for fine, name, sentence in checks if not fine]
    errors += [
        finding("unknown_field", ONLY_A_MOVE, pointer=pointer_to(name, body)) for name in body if name not in MOVE
    ]
    if errors:
        raise Problem("invalid_data", "Correct the fields named in errors.", errors=errors)
    return transition, note, data


def pointer_in_data(field: str, data: Mapping[str, Any]) -> str:
    """Where a reason's field stands in ``data``: at its top, or in an object of it that holds such a field."""
    if not field or field == "data":
        return "/data" if field else ""
    head = field.split(".")[0]
    for name, inner in data.items():
        if head not in data and isinstance(inner, Mapping) and (head in inner or field in inner):
            return f"/data{pointer_to(name, data)}{pointer_to(field, inner)}"
    return f"/data{pointer_to(field, data)}"

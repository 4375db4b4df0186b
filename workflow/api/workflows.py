"""The definitions of the workflows: public, so that an integrator can read what will happen to a request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workflow.api.documented import IF_NONE_MATCH, answers
from workflow.api.views import Public
from workflow.definition import Edge, Step, Workflow
from workflow.diagrams.bpmn import bpmn
from workflow.diagrams.svg import svg
from workflow.registry import lifecycle_of, registry

NAME = OpenApiParameter("name", str, OpenApiParameter.PATH, description="Such as roadPermit.")
DRAWN = OpenApiParameter("name", str, OpenApiParameter.PATH, description="Such as roadPermit or technicalReview.")
FRESH_S = 300  # a drawing changes with the code only


class StepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    service = serializers.CharField(allow_null=True, help_text="What a machine does here.")
    doing = serializers.CharField()
    then = serializers.CharField(allow_null=True, help_text="The transition that follows the service.")
    decisions = serializers.ListField(child=serializers.CharField(), help_text="The transitions people choose from.")
    awaits = serializers.CharField(help_text="Who must act.")
    pauses = serializers.BooleanField(help_text="Whether the clock stands still.")


class StateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    final = serializers.BooleanField()


class GuardSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class TransitionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField())
    targets = serializers.ListField(child=serializers.CharField())
    who = serializers.CharField()
    guards = GuardSerializer(many=True)


class WorkflowSummarySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()


class DiagramSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    part_of = serializers.CharField(help_text="The workflow it belongs to; the same name for a workflow itself.")
    diagram_svg = serializers.CharField(help_text="The address of the drawing for people.")
    diagram_bpmn = serializers.CharField(help_text="The address of the drawing for modelling tools, BPMN 2.0.")


class WorkflowListSerializer(serializers.Serializer[Any]):
    results = WorkflowSummarySerializer(many=True)
    diagrams = DiagramSerializer(many=True, help_text="Every drawing there is, also of flows inside a workflow.")


class WorkflowSerializer(WorkflowSummarySerializer):
    diagram_svg = serializers.CharField(help_text="The address of the drawing for people.")
    diagram_bpmn = serializers.CharField(help_text="The address of the drawing for modelling tools, BPMN 2.0.")
    initial = serializers.CharField()
    begins_with = serializers.CharField()
    states = StateSerializer(many=True)
    steps = StepSerializer(many=True)
    waits = StepSerializer(many=True)
    transitions = TransitionSerializer(many=True)


class Workflows(Public):
    @extend_schema(
        operation_id="list_workflows", summary="Workflows there are", tags=["workflows"], auth=[],
        responses=answers({200: WorkflowListSerializer}),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        newest = {workflow.name: registry.get(workflow.name) for workflow in registry}
        results = [summary(newest[name]) for name in sorted(newest)]
        drawn = [diagram(name, newest[name].title, part_of=name) for name in sorted(newest)]
        drawn += [diagram(one.name, one.title, part_of=one.part_of) for one in registry.diagrams]
        return Response({"results": results, "diagrams": drawn})


class Definition(Public):
    @extend_schema(
        operation_id="get_workflow", summary="One workflow: states, steps, transitions, rules", tags=["workflows"],
        auth=[], parameters=[NAME],
        responses=answers({200: WorkflowSerializer}, 404),
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        return Response(definition(registry.get(name)))


type Get = Callable[[Any, Request, str], HttpResponseBase]


def _drawing(media_type: str, **words: str) -> Callable[[Get], Get]:
    content = OpenApiResponse(OpenApiTypes.STR, description="The document; its ETag changes with its content.")
    documented: Callable[[Get], Get] = extend_schema(
        **words, tags=["workflows"], auth=[], parameters=[DRAWN, IF_NONE_MATCH],  # type: ignore[arg-type]
        responses={**answers({304: None}, 404), (200, media_type): content},
    )  # fmt: skip
    return documented


class DiagramSvg(Public):
    @_drawing(
        "image/svg+xml", operation_id="get_workflow_svg", summary="One workflow drawn: steps, states and moves, as SVG"
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        return _kept(request, "image/svg+xml", *_svg(name))


class DiagramBpmn(Public):
    @_drawing(
        "application/xml",
        operation_id="get_workflow_bpmn",
        summary="One workflow as BPMN 2.0 with its diagram, for tools",
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        return _kept(request, "application/xml", *_bpmn(name))


def _svg(name: str) -> tuple[bytes, str]:
    further = registry.diagram(name)
    return _drawn(further.svg) if further else _drawn(svg, registry.get(name))


def _bpmn(name: str) -> tuple[bytes, str]:
    further = registry.diagram(name)
    return _drawn(further.bpmn) if further else _drawn(bpmn, registry.get(name))


@cache
def _drawn(draw: Callable[..., str], *of: Workflow) -> tuple[bytes, str]:
    """The document and its entity tag."""
    content = draw(*of).encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _kept(request: Request, media_type: str, content: bytes, tag: str) -> HttpResponseBase:
    """An answer anybody may keep for a while; 304 without a body when the caller has it already."""
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={FRESH_S}", "Vary": "Accept-Encoding"}
    whole = HttpResponse(content, content_type=media_type, headers=headers)
    answer = get_conditional_response(request._request, etag=tag, response=whole)
    assert answer is not None, "without a condition it is the document itself"
    return answer


def summary(workflow: Workflow) -> dict[str, Any]:
    return {
        "name": workflow.name,
        "version": workflow.version,
        "title": workflow.title,
        "url": f"/api/v1/workflows/{workflow.name}/",
    }


def diagram(name: str, title: str, *, part_of: str) -> dict[str, str]:
    """Where a drawing is."""
    at = f"/api/v1/workflows/{name}/diagram"
    return {
        "name": name,
        "title": title,
        "part_of": part_of,
        "diagram_svg": f"{at}.svg",
        "diagram_bpmn": f"{at}.bpmn",
    }


def definition(workflow: Workflow) -> Mapping[str, Any]:
    """A workflow in words that JSON has."""
    return {
        **summary(workflow),
        "diagram_svg": f"/api/v1/workflows/{workflow.name}/diagram.svg",
        "diagram_bpmn": f"/api/v1/workflows/{workflow.name}/diagram.bpmn",
        "initial": str(workflow.initial),
        "begins_with": workflow.begin,
        "states": [
            {"name": str(state.value), "label": str(state.label), "final": state.value in workflow.final}
            for state in workflow.model.State
        ],
        "steps": [_step(step) for step in workflow.steps],
        "waits": [_step(step) for step in workflow.waits],
        "transitions": [_edge(edge) for edge in lifecycle_of(workflow.model)],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "title": step.title,
        "state": str(step.state),
        "service": step.service.name if step.service else None,
        "doing": step.service.doing if step.service else "",
        "then": step.then,
        "decisions": list(step.decisions),
        "awaits": step.awaits,
        "pauses": step.pauses,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "name": edge.name,
        "label": edge.label,
        "description": edge.description,
        "sources": list(edge.sources),
        "targets": list(edge.targets),
        "who": edge.permission.who,
        "guards": [{"code": g.code, "sentence": g.sentence, "source": g.source} for g in edge.guards],
    }

"""The definitions of the workflows: public, so that an integrator can read what will happen to a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workflow.api.documented import answers
from workflow.api.views import Public
from workflow.definition import Edge, Step, Workflow
from workflow.registry import lifecycle_of, registry


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


class WorkflowListSerializer(serializers.Serializer[Any]):
    results = WorkflowSummarySerializer(many=True)


class WorkflowSerializer(WorkflowSummarySerializer):
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
        return Response({"results": [summary(newest[name]) for name in sorted(newest)]})


class Definition(Public):
    @extend_schema(
        operation_id="get_workflow", summary="One workflow: states, steps, transitions, rules", tags=["workflows"],
        auth=[], parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, description="Such as roadPermit.")],
        responses=answers({200: WorkflowSerializer}, 404),
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        return Response(definition(registry.get(name)))


def summary(workflow: Workflow) -> dict[str, Any]:
    return {
        "name": workflow.name,
        "version": workflow.version,
        "title": workflow.title,
        "url": f"/api/v1/workflows/{workflow.name}/",
    }


def definition(workflow: Workflow) -> Mapping[str, Any]:
    """A workflow in words that JSON has."""
    return {
        **summary(workflow),
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

"""Everything below /api/. The last line catches every other address, so that a wrong one is a problem document, too."""

from django.urls import include, path, re_path

from workflow.api import events, site, workflows

urlpatterns = [
    path("", site.Start.as_view(), name="api"),
    path("openapi.json", site.openapi, name="api-openapi"),
    path("docs/", site.docs, name="api-docs"),
    path("problems/<slug:code>/", site.ProblemCode.as_view(), name="api-problem"),
    path("v1/events/", events.Events.as_view(), name="api-events"),
    path("v1/workflows/", workflows.Workflows.as_view(), name="api-workflows"),
    path("v1/workflows/<str:name>/", workflows.Definition.as_view(), name="api-workflow"),
    path("v1/workflows/<str:name>/diagram.svg", workflows.DiagramSvg.as_view(), name="api-workflow-svg"),
    path("v1/workflows/<str:name>/diagram.bpmn", workflows.DiagramBpmn.as_view(), name="api-workflow-bpmn"),
    path("", include("workflow.contrib.webhooks.urls")),
    path("", include("permits.api.urls")),
    path("", include("incidents.api.urls")),
    re_path(r"", site.Unknown.as_view(), name="api-unknown"),
]

"""Addresses of the permits' API, below /api/."""

from django.urls import path

from permits.api import documents, views

ONE = "v1/permits/<str:reference>/"

urlpatterns = [
    path("permit", views.ShortDoor.as_view(), name="api-short-permit"),
    path("v1/permits/", views.Permits.as_view(), name="api-permits"),
    path(ONE, views.Permit.as_view(), name="api-permit"),
    path(f"{ONE}transitions/", views.PermitTransitions.as_view(), name="api-permit-transitions"),
    path(f"{ONE}timeline/", views.PermitTimeline.as_view(), name="api-permit-timeline"),
    path(f"{ONE}documents/", documents.PermitDocuments.as_view(), name="api-permit-documents"),
    path(f"{ONE}documents/<str:document>/", documents.PermitDocument.as_view(), name="api-permit-document"),
    path(f"{ONE}pdf/", documents.PermitPdf.as_view(), name="api-permit-pdf"),
]

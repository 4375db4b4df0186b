"""Addresses of the incidents' API, below /api/."""

from django.urls import path

from incidents.api import photos, views

ONE = "v1/incidents/<str:reference>/"

urlpatterns = [
    path("incident", views.ShortDoor.as_view(), name="api-short-incident"),
    path("v1/categories/", views.Categories.as_view(), name="api-categories"),
    path("v1/incidents/", views.Incidents.as_view(), name="api-incidents"),
    path(ONE, views.OneIncident.as_view(), name="api-incident"),
    path(f"{ONE}transitions/", views.IncidentTransitions.as_view(), name="api-incident-transitions"),
    path(f"{ONE}timeline/", views.IncidentTimeline.as_view(), name="api-incident-timeline"),
    path(f"{ONE}photos/", photos.IncidentPhotos.as_view(), name="api-incident-photos"),
]

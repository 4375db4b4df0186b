"""Feeds that everybody may read."""

from django.urls import path

from permits.public import views

app_name = "permits_public"
urlpatterns = [
    path("feeds/wzdx/v4.2/workzones.geojson", views.workzones, name="wzdx"),
    path("feeds/works.geojson", views.works_geojson, name="works"),
]

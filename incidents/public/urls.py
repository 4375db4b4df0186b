"""The addresses everybody may open: the list, a report, the data behind both, and photos."""

from django.urls import path, re_path

from incidents import photo_views
from incidents.public import views

app_name = "incidents_public"
# As the converter of incidents.urls reads it, which may be registered only once.
REFERENCE = r"(?P<reference>[Ii][Rr]-[0-9A-Za-z-]{1,13})"
PHOTO = r"(?P<token>[0-9a-f]{32})"

urlpatterns = [
    path("incidents/", views.listing, name="list"),
    re_path(rf"^incidents/{REFERENCE}/$", views.incident, name="incident"),
    path("incidents.geojson", views.geojson, name="geojson"),
    path("incidents.atom", views.atom, name="atom"),
    path("incidents.csv", views.export, name="csv"),
    path("map/counties.json", views.outlines, name="counties"),
    re_path(rf"^m/{PHOTO}\.jpg$", photo_views.photo, name="photo"),
    re_path(rf"^m/{PHOTO}-small\.jpg$", photo_views.photo, {"small": True}, name="photo_small"),
]

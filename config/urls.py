"""Addresses that do not move."""

from django.contrib import admin
from django.urls import include, path

from config import views
from incidents.views.links import LOOKUP as INCIDENTS
from permits.views.links import LOOKUP as PERMITS
from workflow.contrib.citizens.lookup import lookup_page

handler400 = "config.views.bad_request"
handler403 = "config.views.not_allowed"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("config.api_urls")),
    path("track/", lookup_page([PERMITS, INCIDENTS]), name="track"),
    path("", include("permits.urls")),
    path("", include("permits.public.urls")),
    path("", include("incidents.urls")),
    path("", include("incidents.public.urls")),
    path("open311/", include("incidents.open311.urls")),
]

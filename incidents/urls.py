"""The citizens' addresses. Those with a token are opened by the link of a report, or of what it became."""

from django.urls import include, path

from incidents.views import act, details, place, report, send, short, similar, track
from workflow.contrib.citizens.references import add_converter

app_name = "incidents"
DRAFT = "report/<str:token>"
REFERENCE = f"<{add_converter('IR')}:reference>"
FILED = f"track/{REFERENCE}/<str:token>"

urlpatterns = [
    path("report/", report.start, name="report"),
    path(f"{DRAFT}/", report.resume, name="report_resume"),
    path(f"{DRAFT}/stop/", report.stop, name="report_stop"),
    path(f"{DRAFT}/thanks/", similar.thanks, name="report_thanks"),
    path(f"{DRAFT}/done/", send.done, name="report_done"),
    path(f"{DRAFT}/what/", report.what, name="report_what"),
    path(f"{DRAFT}/place/", place.place, name="report_place"),
    path(f"{DRAFT}/similar/", similar.similar, name="report_similar"),
    path(f"{DRAFT}/details/", details.details, name="report_details"),
    path(f"{DRAFT}/check/", send.check, name="report_check"),
    path(f"{FILED}/", track.tracking, name="tracking"),
    path(f"{FILED}/reply/", act.reply, name="reply"),
    path(f"{FILED}/not-fixed/", act.not_fixed, name="not_fixed"),
    path(f"{FILED}/photos/", act.add_photos, name="photos"),
    path(f"incidents/{REFERENCE}/me-too/", similar.public_me_too, name="me_too"),
    path("", include("incidents.watch_urls")),
    path("", include("incidents.watch_urls")),
    path("r/<str:code>/", short.short, name="short"),
    path("r/<str:code>", short.short),
]

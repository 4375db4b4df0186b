"""The citizens' addresses. Those with a token are opened by the case's tracking link."""

from django.urls import path

from permits.views import act, apply, documents, reply, review, site, track, verify
from workflow.contrib.citizens.references import add_converter

app_name = "permits"
DRAFT = "permits/apply/<str:reference>/<str:token>"
FILED = f"track/<{add_converter('RP')}:reference>/<str:token>"
ON_SITE = f"site/<{add_converter('RP')}:reference>/<str:token>"

urlpatterns = [
    path("permits/apply/", apply.start, name="apply"),
    path("permits/apply/new/", apply.new, name="new"),
    path(f"{DRAFT}/", apply.resume, name="resume"),
    path(f"{DRAFT}/done/", review.done, name="done"),
    path(f"{DRAFT}/<slug:slug>/", apply.page, name="apply_page"),
    path(f"{FILED}/", track.tracking, name="tracking"),
    path(f"{FILED}/reply/", reply.reply, name="reply"),
    path(f"{FILED}/documents/", documents.files_page, name="files"),
    path(f"{FILED}/documents/<int:number>/", documents.download, name="file"),
    path(f"{FILED}/<slug:slug>/", act.act, name="act"),
    path(f"{ON_SITE}/", site.site, name="site"),
    path(f"{ON_SITE}/<slug:slug>/", site.deed, name="site_deed"),
    path("verify/", verify.lookup, name="verify"),
    path("verify/<str:token>/", verify.verify, name="verify_permit"),
]

"""Addresses below /open311/. The extension names the format; anything else is a 404 in one of the two."""

from django.urls import re_path

from incidents.open311 import views
from incidents.open311.door import Unknown

app_name = "open311"
FORMAT = r"\.(?P<extension>xml|json)\Z"

urlpatterns = [
    re_path(rf"^discovery{FORMAT}", views.Discovery.as_view(), name="discovery"),
    re_path(rf"^v2/services{FORMAT}", views.Services.as_view(), name="services"),
    re_path(rf"^v2/services/(?P<code>[\w-]{{1,80}}){FORMAT}", views.Definition.as_view(), name="definition"),
    re_path(rf"^v2/requests{FORMAT}", views.Requests.as_view(), name="requests"),
    re_path(rf"^v2/requests/(?P<reference>[\w-]{{1,40}}){FORMAT}", views.OneRequest.as_view(), name="request"),
    re_path(rf"^v2/tokens/(?P<token>[\w-]{{1,64}}){FORMAT}", views.Token.as_view(), name="token"),
    re_path(rf"^v2/servicerequestupdates{FORMAT}", views.Updates.as_view(), name="updates"),
    re_path(r"", Unknown.as_view(), name="unknown"),
]

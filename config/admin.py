"""The admin site: our name, and a first screen that says what there is to do."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


class MilepostAdminSite(admin.AdminSite):
    """The officers' side of Milepost."""

    site_header = "Milepost"
    site_title = "Milepost"
    index_title = "Your work"
    enable_nav_sidebar = False  # the queue needs the width; the first screen lists everything
    # What the first screen shows, set once every table is registered (config/all_work.py).
    first_screen: Callable[[admin.AdminSite, HttpRequest], Mapping[str, Any]] | None = None

    def index(self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None) -> TemplateResponse:
        shown = self.first_screen(self, request) if self.first_screen is not None else {}
        return super().index(request, {**shown, **(extra_context or {})})

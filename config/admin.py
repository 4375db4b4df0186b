from django.contrib import admin


class MilepostAdminSite(admin.AdminSite):
    """The officers' side of Milepost."""

    site_header = "Milepost"
    site_title = "Milepost"
    index_title = "Work of the office"
    enable_nav_sidebar = True

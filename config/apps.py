from django.contrib.admin.apps import AdminConfig


class MilepostAdminConfig(AdminConfig):
    """The stock admin under our own site object (name, first screen)."""

    default_site = "config.admin.MilepostAdminSite"

    def ready(self) -> None:
        super().ready()
        import config.all_work  # noqa: F401 - after every kind has registered its queue

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "workflow.contrib.notifications"
    label = "notifications"
    verbose_name = "Messages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workflow.contrib.notifications import digest
        from workflow.contrib.notifications.delivery import DELIVER_MESSAGE, DELIVER_NEWS
        from workflow.registry import registry

        registry.register_service(DELIVER_MESSAGE)
        registry.register_service(DELIVER_NEWS)
        registry.register_sweep("reminded", digest.sweep)

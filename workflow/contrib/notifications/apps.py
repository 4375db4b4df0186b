from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "workflow.contrib.notifications"
    label = "notifications"
    verbose_name = "Messages"

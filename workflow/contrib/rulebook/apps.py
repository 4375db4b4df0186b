from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "workflow.contrib.rulebook"
    label = "rulebook"
    verbose_name = "Rules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workflow import tracker
        from workflow.admin import recorded
        from workflow.contrib.rulebook import book, changing

        tracker.own_days = book.own_days
        recorded.keep = changing.keep

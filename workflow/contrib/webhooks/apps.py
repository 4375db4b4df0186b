from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "workflow.contrib.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workflow.contrib.webhooks.runner import Runner
        from workflow.registry import registry

        registry.register_scopes({"webhooks:manage": "be told of what this key may read, at addresses of its own"})
        registry.register_companion(Runner)

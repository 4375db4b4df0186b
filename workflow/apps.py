from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"
    verbose_name = "Management layer"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workflow import doorbell, orchestrator

        doorbell.run_inline = orchestrator.run_inline

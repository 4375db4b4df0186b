from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "workflow"
    verbose_name = "Management layer"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workflow import doorbell, escalation, orchestrator
        from workflow.registry import registry

        doorbell.run_inline = orchestrator.run_inline
        registry.register_sweep("escalated", escalation.sweep)

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    name = "permits"
    verbose_name = "Road permits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permits import invariants, letters, messages
        from permits.workflow import ROAD_PERMIT
        from workflow.registry import register_workflow, registry

        register_workflow(ROAD_PERMIT, request_type="permit")
        registry.register_service(letters.MAKE_LETTER)
        registry.register_service(messages.REMIND_APPLICANT)
        for check in invariants.CHECKS:
            registry.register_invariant(check)

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    name = "permits"
    verbose_name = "Road permits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from permits import invariants, letters, messages, neighbours, roles
        from permits.book import codes, deadlines, fees
        from permits.book import notices as book_of_messages
        from permits.technical.diagram import DIAGRAM
        from permits.technical.reviews import TECHNICAL_DEADLINE
        from permits.workflow import ROAD_PERMIT
        from workflow import nearby
        from workflow.contrib.rulebook.rules import register
        from workflow.registry import register_workflow, registry
        from workflow.roles import register_roles

        register_workflow(ROAD_PERMIT, request_type="permit")
        registry.register_scopes(
            {
                "permits:read": "read the permits this key filed",
                "permits:read_all": "read every permit",
                "permits:submit": "file applications and act for the applicant",
            }
        )
        registry.register_service(letters.MAKE_LETTER)
        registry.register_service(messages.REMIND_APPLICANT)
        registry.register_service(TECHNICAL_DEADLINE)
        registry.register_diagram(DIAGRAM)
        register_roles(roles.ROLES)
        register([*fees.RULES, *deadlines.RULES, *codes.RULES, *book_of_messages.RULES])
        nearby.register("permits", neighbours.KIND)
        for check in invariants.CHECKS:
            registry.register_invariant(check)

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = "Incident reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from incidents import book, forgetting, invariants, neighbours, notice_rules, roles, services
        from incidents.workflow import INCIDENT
        from workflow import nearby
        from workflow.contrib.rulebook.rules import register
        from workflow.registry import register_workflow, registry
        from workflow.roles import register_roles

        register_workflow(INCIDENT, request_type="incident")
        registry.register_scopes(
            {
                "incidents:read": "read the reports this key filed",
                "incidents:read_all": "read every report",
                "incidents:submit": "report incidents and act for the reporter",
                "open311:write": "report incidents over Open311",
            }
        )
        register_roles(roles.ROLES)
        register([*book.RULES, *notice_rules.RULES])
        nearby.register("incidents", neighbours.KIND)
        for service in services.TASKS:
            registry.register_service(service)
        for check in invariants.CHECKS:
            registry.register_invariant(check)
        for forget in forgetting.FORGETTINGS:
            registry.register_forgetting(forget)

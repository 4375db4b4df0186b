from django.apps import AppConfig


class ParcelsConfig(AppConfig):
    name = "tests.parcels"
    label = "parcels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tests.parcels.workflow import EXPRESS, PARCEL
        from workflow.registry import register_workflow

        register_workflow(PARCEL, request_type="parcel")
        register_workflow(EXPRESS)

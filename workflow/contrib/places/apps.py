from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "workflow.contrib.places"
    label = "places"
    verbose_name = "Places"

"""Settings with the management layer and parcels only: for processes that tests start by the dozen."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = ["tests.parcels", "workflow", "django.contrib.auth", "django.contrib.contenttypes"]
ROOT_URLCONF = "tests.lean"
urlpatterns: list[object] = []
MIDDLEWARE: list[str] = []

"""The product's settings plus a small case of our own, so that the management layer is tested without permits."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, VAR_DIR

INSTALLED_APPS = [*INSTALLED_APPS, "tests.parcels"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # log-ins in tests need not be slow
MAILERS = {
    "default": {
        "BACKEND": "workflow.contrib.notifications.backends.OutboxEmailBackend",
        "OPTIONS": {"file_path": VAR_DIR / "test-outbox"},
    }
}

"""The web application; with EMBEDDED_WORKER=yes a worker runs beside it, in its process (docs/operations.md)."""

import atexit
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

if settings.EMBEDDED_WORKER:
    from workflow.station import Station

    atexit.register(Station().start().stop)

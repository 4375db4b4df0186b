"""The road permit application, declared once: forms, API, importer, review page and schema all read ``sections``."""

"""The officers' side of incidents: their queue, records and decisions, the map, and the catalogue of categories."""

from incidents.admin import categories, queue

__all__ = ["categories", "queue"]

"""The officers' side of the management layer. Importing it registers its tables; a kind of case adds its own queue."""

from workflow.admin import absences, keys, log, teams

__all__ = ["absences", "keys", "log", "teams"]

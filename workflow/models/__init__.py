"""The rows of the management layer. It knows no permit and no incident."""

from workflow.models.case import Case, CaseQuerySet
from workflow.models.desk import Delegation, SavedFilter
from workflow.models.event import Event
from workflow.models.fields import StateField
from workflow.models.keys import ApiKey, StartKey
from workflow.models.people import Contact, Document
from workflow.models.teams import RoutingRule, Team
from workflow.models.work import Work, lease_end

__all__ = [
    "ApiKey",
    "Case",
    "CaseQuerySet",
    "Contact",
    "Delegation",
    "Document",
    "Event",
    "RoutingRule",
    "SavedFilter",
    "StartKey",
    "StateField",
    "Team",
    "Work",
    "lease_end",
]

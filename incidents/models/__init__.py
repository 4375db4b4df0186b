"""The tables of incident reports. ``Incident`` is the case; the rest hangs on it."""

from incidents.models.catalogue import Category, Datatype, Group, Question
from incidents.models.incident import Incident
from incidents.models.outside import Open311Request, Open311Update
from incidents.models.people import Inquiry, Subscriber, Watch
from incidents.models.photo import Photo
from incidents.models.report import Report
from incidents.models.work import Job, Merge

__all__ = [
    "Category",
    "Datatype",
    "Group",
    "Incident",
    "Inquiry",
    "Job",
    "Merge",
    "Open311Request",
    "Open311Update",
    "Photo",
    "Question",
    "Report",
    "Subscriber",
    "Watch",
]

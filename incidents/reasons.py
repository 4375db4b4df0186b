"""Why a report ends: stable codes, their public words, and the Open311 words behind them."""

from __future__ import annotations

from django.db import models


class Reason(models.TextChoices):
    """Each end has exactly one. The first is the only one with a repair."""

    FIXED = "fixed", "Fixed"
    NOTHING_FOUND = "nothing_found", "We looked and found nothing to repair"
    NO_DANGER = "no_danger", "Within our standards: no repair is due"
    NOT_OURS = "not_ours", "Not a road of ours"
    OTHER_AGENCY = "other_agency", "Passed to the agency in charge"
    PLANNED_WORK = "planned_work", "Covered by work already planned"
    NOT_A_REPORT = "not_a_report", "Not a report about the road"
    CANNOT_FIND = "cannot_find", "We could not find the place"
    JOINED = "joined", "Joined with another report"


REJECTIONS = (Reason.NOT_OURS, Reason.NOT_A_REPORT, Reason.NO_DANGER, Reason.CANNOT_FIND, Reason.PLANNED_WORK)
CLOSINGS = (Reason.NOTHING_FOUND, Reason.NO_DANGER, Reason.OTHER_AGENCY, Reason.PLANNED_WORK, Reason.CANNOT_FIND)

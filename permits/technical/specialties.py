"""Who is asked in a technical review, and how many working days each has. See docs/rules.md#technical-review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from permits.rules.deadlines import PermitClass
from permits.rules.documents import DEEP_EXCAVATION_FT, deepest_ft
from permits.rules.words import Answers
from workflow.clock import WorkingDays

ADVISE = "permits.advise_roadpermit"


class Specialty(models.TextChoices):
    """A field of knowledge; its officers are the members of the team ``technical-<word>``."""

    TRAFFIC = "traffic", "Traffic"  # lanes, signals, detours: always asked
    STRUCTURES = "structures", "Structures"  # bridges, walls, culverts, deep trenches
    UTILITIES = "utilities", "Utilities"  # what lies in the ground and hangs above the road
    ENVIRONMENT = "environment", "Environment"  # water, trees, protected places

    @property
    def team_code(self) -> str:
        return f"technical-{self.value}"

    @property
    def team_name(self) -> str:
        return f"Technical review: {self.label}"


class Recommendation(models.TextChoices):
    """What a specialist says; the decision stays with the officers of the district."""

    APPROVE = "approve", "Approve"
    WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
    REFUSE = "refuse", "Refuse"


# Working days of a specialist by the class of the permit: well within the decision's own term.
DAYS: Mapping[str, WorkingDays] = {
    PermitClass.EMERGENCY: WorkingDays(1),
    PermitClass.MINOR: WorkingDays(2),
    PermitClass.STANDARD: WorkingDays(5),
    PermitClass.MAJOR: WorkingDays(10),
}


def needed_for(answers: Answers) -> list[Specialty]:
    """Which specialists an application calls for, in the order of ``Specialty``."""
    wanted: dict[Specialty, bool] = {
        Specialty.TRAFFIC: True,
        Specialty.STRUCTURES: bool(answers.get("structures_affected")) or deepest_ft(answers) > DEEP_EXCAVATION_FT,
        Specialty.UTILITIES: answers.get("permit_type") == "utility" or bool(answers.get("excavation")),
        Specialty.ENVIRONMENT: answers.get("environmental_review") in ("pending", "cleared"),
    }
    return [specialty for specialty, asked in wanted.items() if asked]


# What needed_for asks, in words; the others are always asked.
ASKED_WHEN: Mapping[Specialty, str] = {
    Specialty.STRUCTURES: "bridges, walls or culverts are affected, or an excavation is deeper than 5 ft",
    Specialty.UTILITIES: "it is a utility permit, or there is any excavation",
    Specialty.ENVIRONMENT: "an environmental review is under way or cleared",
}


def days_for(permit: Any) -> WorkingDays:
    return DAYS[PermitClass(permit.permit_class)]

"""Reasons of refusal and conditions of a permit, with the full text that letters and permits print."""

from typing import Self

from permits.rules.documents import DEEP_EXCAVATION_FT, deepest_ft
from permits.rules.impact import ImpactIndex, duration_days
from permits.rules.traffic import (
    ALTERNATING_IMPACTS,
    affects_lane_or_shoulder,
    has_full_closure,
    impacts_of,
    takes_a_lane,
)
from permits.rules.words import Answers, Labelled


class Coded(Labelled):
    """A code with a title for lists and a text for letters: ``X = "R99", "Title", "Text."``."""

    text: str

    def __new__(cls, value: str, label: str = "", text: str = "") -> Self:
        member = str.__new__(cls, value)  # Enum hides the parent's __new__
        member._value_ = value
        member.label = label
        member.text = text
        return member


class RefusalCode(Coded):
    """Why an application is refused; one to five of them and an explanation make a refusal."""

    R10 = "R10", "Incomplete", "The application is not complete, and what was missing did not arrive in time."
    R11 = (
        "R11",
        "Wrong form or authority",
        "The work needs another form or lies on a road of another authority. The explanation says whom to ask.",
    )
    R20 = "R20", "Traffic control plan unsafe", "The traffic control plan does not keep road users and workers safe."
    R21 = (
        "R21",
        "Pedestrian route missing",
        "People on foot, among them people with disabilities, have no safe and usable route past the work.",
    )
    R22 = (
        "R22",
        "Sight distance or geometry",
        "Drivers would not see far enough, or the layout does not meet the standards for this road.",
    )
    R30 = "R30", "Conflict with other work", "Other work has a permit at the same place and time."
    R31 = (
        "R31",
        "Road under embargo",
        "The road may not be worked on at this time because of new pavement, a holiday or an event.",
    )
    R40 = "R40", "Risk to a structure or drainage", "The work endangers a structure or the drainage of the road."
    R41 = (
        "R41",
        "Utility accommodation policy",
        "The facility may not be placed like this under the State's utility accommodation policy.",
    )
    R50 = "R50", "Insurance or bond", "Insurance or bond are missing, too low, or do not cover the whole time."
    R51 = "R51", "Licence", "The contractor's licence is missing or not valid until the end of the work."
    R60 = "R60", "Environment", "The environmental review does not allow the work, or is not complete."
    R90 = "R90", "Other reason", "The explanation states the reason."


class ConditionCode(Coded):
    """Under which conditions a permit is granted."""

    C01 = "C01", "Dates", "Work only between the first and the last day of this permit."
    C02 = "C02", "Hours", "Work only on the days and in the hours this permit names."
    C03 = "C03", "Lanes kept open", "Keep every lane open that this permit does not name as closed."
    C04 = (
        "C04",
        "Traffic control plan",
        "Set up and maintain traffic control exactly as in the approved plan, and remove it when it is not needed.",
    )
    C05 = (
        "C05",
        "Pedestrian route",
        "Keep a route for people on foot open at all times, firm, marked, and usable with a wheelchair.",
    )
    C06 = "C06", "Notice before start", "Tell the district at least 2 business days before work starts."
    C07 = (
        "C07",
        "Residents informed",
        "Inform residents, businesses and emergency services on the road before work starts.",
    )
    C08 = (
        "C08",
        "Restoration",
        "Restore the right-of-way to the State's standard, and repair what settles within 2 years after acceptance.",
    )
    C09 = "C09", "Inspection hold point", "Stop and wait for the inspector before you cover what was dug or built."
    C10 = "C10", "Permit on site", "Keep this permit at the site and show its QR code where the public can scan it."
    C11 = (
        "C11",
        "Police or flaggers",
        "Have certified flaggers or police direct traffic whenever a lane or direction is stopped.",
    )
    C12 = "C12", "Noise", "Keep noisy work out of the hours from 22:00 to 06:00 unless this permit allows it."


# A work zone of two weeks or more, or with this index, is felt beyond the people who drive past.
LONG_DAYS = 14
INFORM_RESIDENTS_FROM = 3


def standard_conditions(answers: Answers, index: ImpactIndex) -> tuple[ConditionCode, ...]:
    """The conditions a permit gets unless the reviewer changes them, in the order of their codes."""
    digs = bool(answers.get("excavation"))
    applies = {
        ConditionCode.C01: True,
        ConditionCode.C02: True,
        ConditionCode.C03: takes_a_lane(answers),
        ConditionCode.C04: affects_lane_or_shoulder(answers),
        ConditionCode.C05: _affects_walkers(answers),
        ConditionCode.C06: not answers.get("is_emergency"),
        ConditionCode.C07: _informs_residents(answers, index),
        ConditionCode.C08: digs or answers.get("permit_type") in ("driveway", "utility"),
        ConditionCode.C09: deepest_ft(answers) > DEEP_EXCAVATION_FT or bool(answers.get("structures_affected")),
        ConditionCode.C10: True,
        ConditionCode.C11: _stops_traffic(answers),
        ConditionCode.C12: bool(answers.get("night_work")),
    }
    return tuple(code for code, needed in applies.items() if needed)


def _affects_walkers(answers: Answers) -> bool:
    portion = answers.get("row_portion") or []
    return "sidewalk" in portion or answers.get("pedestrian_access") in ("alternate_route", "closed")


def _informs_residents(answers: Answers, index: ImpactIndex) -> bool:
    long = duration_days(answers) >= LONG_DAYS
    return has_full_closure(answers) or long or index.value >= INFORM_RESIDENTS_FROM or bool(answers.get("night_work"))


def _stops_traffic(answers: Answers) -> bool:
    shared = any(impact["vehicle_impact"] in ALTERNATING_IMPACTS for impact in impacts_of(answers))
    return shared or has_full_closure(answers) or answers.get("permit_type") == "special_event"

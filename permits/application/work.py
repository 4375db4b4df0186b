"""Questions that depend on the kind of work: digging, utility lines, driveways, events."""

from decimal import Decimal

from permits.application import choices
from permits.application.base import Section, given, refuse, require
from permits.application.fields import ChoiceField, IntField, TextField, TickField, YesNoField
from permits.application.rows import ExcavationsField
from permits.rules.words import Answers

SHORING_FROM_FT = Decimal(5)  # deeper trenches need a protective system: 29 CFR 1926.652(a)(1)

_TYPE = choices.PermitType


def deeper_than_shoring_limit(answers: Answers) -> bool:
    """Whether an opening is deeper than 5 feet."""
    return any(opening["max_depth_ft"] > SHORING_FROM_FT for opening in answers.get("excavations") or [])


class ExcavationSection(Section):
    slug = "excavation"
    title = "Digging"
    intro = "Openings in the pavement, the shoulder or the ground. Fees go by their length."

    excavation = YesNoField(label="Will you dig?")
    excavations = ExcavationsField(label="Openings", help_text="Fill in those you make; leave the others empty.")
    shoring_declared = TickField(label="Trenches deeper than 5 feet will be shored, sloped or shielded", required=False)
    one_call_ticket = TextField(
        label="811 ticket",
        max_length=40,
        required=False,
        help_text="The One Call number, if you have it. You need it before work begins, not now.",
    )
    restoration_standard = ChoiceField(
        label="How the surface is restored", choices=choices.Restoration, radio=True, required=False
    )
    conditions = (
        refuse(
            lambda a: a.get("permit_type") == _TYPE.EXCAVATION and a.get("excavation") is False,
            "excavation",
            "You apply for an excavation: answer yes here, or choose another kind of permit.",
            "excavation_expected",
        ),
        require(
            lambda a: a.get("excavation"),
            "excavations",
            "You will dig: fill in at least one opening.",
            "excavations_missing",
        ),
        refuse(
            lambda a: a.get("excavation") is False and given(a.get("excavations")),
            "excavations",
            "You answered that you will not dig. Empty the openings, or answer yes.",
            "excavations_not_expected",
        ),
        require(
            deeper_than_shoring_limit,
            "shoring_declared",
            "An opening is deeper than 5 feet: tick that it will be shored, sloped or shielded.",
            "shoring_needed",
        ),
        require(
            lambda a: a.get("excavation"),
            "restoration_standard",
            "Choose how the surface is restored.",
            "restoration_needed",
        ),
    )

    @classmethod
    def applies(cls, answers: Answers) -> bool:
        return answers.get("permit_type") != _TYPE.SPECIAL_EVENT


class FacilitySection(Section):
    slug = "facility"
    title = "The line or facility"
    intro = "What stays in the right-of-way."

    utility_kind = ChoiceField(label="It carries", choices=choices.UtilityKind, radio=True)
    facility_size = TextField(label="Size", max_length=80, help_text="For example 4-inch conduit, 144 fibers.")
    facility_material = TextField(label="Material", max_length=80, help_text="For example HDPE.")
    facility_rating = TextField(
        label="Voltage or pressure", max_length=80, required=False, help_text="For example 13.8 kV or 60 psi."
    )
    facility_method = ChoiceField(label="How it is placed", choices=choices.FacilityMethod, radio=True)
    aerial_poles = IntField(
        label="Poles in the right-of-way",
        required=False,
        min_value=0,
        max_value=10_000,
        help_text="Only overhead lines.",
    )
    overhead_crossings = IntField(
        label="Crossings above the road", required=False, empty_value=0, min_value=0, max_value=1000
    )
    underground_crossing_lanes = IntField(
        label="Lanes crossed below the road",
        required=False,
        empty_value=0,
        min_value=0,
        max_value=1000,
        help_text="Count each lane at each crossing.",
    )
    conditions = (
        require(
            lambda a: a.get("facility_method") == choices.FacilityMethod.AERIAL,
            "aerial_poles",
            "Enter how many poles stand in the right-of-way; 0 if none does.",
            "aerial_poles_needed",
        ),
    )

    @classmethod
    def applies(cls, answers: Answers) -> bool:
        return answers.get("permit_type") == _TYPE.UTILITY


class DrivewaySection(Section):
    slug = "driveway"
    title = "The driveway"
    intro = "The fee goes by the trips a day."

    land_use = ChoiceField(label="Use of the land", choices=choices.LandUse, radio=True)
    daily_trips = IntField(
        label="Trips a day", min_value=0, max_value=100_000, help_text="In and out counted: a home has about 10."
    )
    sight_distance_ft = IntField(
        label="Sight distance in feet",
        min_value=0,
        max_value=10_000,
        help_text="How far a driver who leaves can see along the road, the shorter side.",
    )

    @classmethod
    def applies(cls, answers: Answers) -> bool:
        return answers.get("permit_type") == _TYPE.DRIVEWAY


class EventSection(Section):
    slug = "event"
    title = "The event"
    intro = "Special events need the local police to agree."

    event_organiser = TextField(label="Organizer", max_length=120)
    event_attendance = IntField(label="People expected", min_value=1, max_value=1_000_000)
    event_police_plan = TickField(
        label="The police have a plan for this event", required=False, help_text="Upload it under “Documents”."
    )

    @classmethod
    def applies(cls, answers: Answers) -> bool:
        return answers.get("permit_type") == _TYPE.SPECIAL_EVENT

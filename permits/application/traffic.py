"""What the work does to everybody who passes it."""

from typing import Any

from permits.application import choices
from permits.application.base import Section, given, refuse, require
from permits.application.fields import ChoiceField, IntField, PhoneField, TextField
from permits.application.people import by_agency
from permits.application.rows import DetourField, ImpactsField, RecurringField, RestrictionsField
from permits.application.shapes import Geometry
from permits.rules.geometry import from_geojson, within_m
from permits.rules.traffic import affects_lane_or_shoulder, has_full_closure, impacts_of, needs_sealed_plan
from permits.rules.words import Answers

CENTERLINE_REACH_M = 50
ALWAYS_ASKED = {"pedestrian_access"}  # also of work that drivers do not meet

_CUSTOM, _STANDARD = choices.TrafficPlan.CUSTOM_PLAN, choices.TrafficPlan.STANDARD_TA


def _works_in_lane_or_shoulder(answers: Answers) -> bool:
    return bool({"travel_lane", "shoulder"} & set(answers.get("row_portion") or []))


def _no_line(answers: Answers) -> bool:
    """A feed of work zones can only show a line: the direction's own, or else the place itself."""
    area: Geometry | None = answers.get("area")
    if area is None or area["type"] == "LineString":
        return False
    return any(not impact.get("centerline") for impact in impacts_of(answers))


def _line_far_off(answers: Answers) -> bool:
    if not (area := answers.get("area")):
        return False
    lines = [impact["centerline"] for impact in impacts_of(answers) if impact.get("centerline")]
    return any(not within_m(from_geojson(line), from_geojson(area), CENTERLINE_REACH_M) for line in lines)


def _night_outside(answers: Answers) -> bool:
    start, end = answers.get("start_at"), answers.get("end_at")
    if not start or not end:
        return False
    return any(night["start_at"] < start or night["end_at"] > end for night in answers.get("recurring") or [])


def _no_detour(answers: Answers) -> bool:
    described = given(answers.get("detour_text")) or given(answers.get("detour_lines"))
    return has_full_closure(answers) and not described and not by_agency(answers)


def _faster_than_posted(answers: Answers) -> bool:
    asked, posted = answers.get("work_zone_speed_mph"), answers.get("posted_speed_mph")
    return bool(asked and posted and asked > posted)


class TrafficSection(Section):
    slug = "traffic"
    title = "Traffic and people on foot"
    intro = "Tell us what drivers, cyclists and people on foot meet. This goes into maps and navigation."

    impacts = ImpactsField(
        label="Affected directions", help_text="Needed when you work in a travel lane or on a shoulder."
    )
    ttcp_kind = ChoiceField(
        label="Traffic control plan",
        choices=choices.TrafficPlan,
        radio=True,
        required=False,
        help_text="From 45 mph, or when a direction is closed, it must be drawn for this site and sealed.",
    )
    ttcp_number = TextField(
        label="Number of the typical application", max_length=20, required=False, help_text="For example TA-10."
    )
    traffic_control_name = TextField(
        label="Who sets up the traffic control", max_length=120, required=False, help_text="Company or crew."
    )
    traffic_control_phone = PhoneField(label="Phone of the traffic control", required=False)
    work_zone_speed_mph = IntField(
        label="Speed limit at the work zone in mph",
        required=False,
        min_value=15,
        max_value=75,
        step_size=5,
        help_text="Only if it is lower than the posted limit. In steps of 5.",
    )
    pedestrian_access = ChoiceField(label="People on foot", choices=choices.PedestrianAccess, radio=True)
    detour_text = TextField(
        label="Detour",
        max_length=1000,
        long=True,
        required=False,
        help_text="The roads in order, when all lanes of a direction are closed.",
    )
    detour_lines = DetourField(label="Detour on the map")
    restrictions = RestrictionsField(label="Limits for vehicles", help_text="For example a lane only 10 feet wide.")
    location_method = ChoiceField(
        label="How the ends of the work zone were located",
        choices=choices.LocationMethod,
        required=False,
        help_text="Leave it empty if you are not sure.",
    )
    recurring = RecurringField(label="Single nights or days", help_text="For work that comes back.")
    conditions = (
        require(
            _works_in_lane_or_shoulder,
            "impacts",
            "You work in a travel lane or on a shoulder: fill in at least one direction and what drivers meet there.",
            "impacts_missing",
        ),
        refuse(
            _no_line,
            "impacts",
            "The map needs a line for every affected direction. Under “Where the work is”, give two points: "
            "where the work begins and where it ends.",
            "centerline_missing",
        ),
        refuse(
            _line_far_off,
            "impacts",
            f"A center line is more than {CENTERLINE_REACH_M} meters away from the place of the work. Draw it again.",
            "centerline_far_from_area",
        ),
        refuse(
            lambda a: given(a.get("ttcp_kind")) and a["ttcp_kind"] != _CUSTOM and needs_sealed_plan(a),
            "ttcp_kind",
            "From 45 mph, or when a direction is closed, choose the plan drawn for this site. "
            "You can upload it under “Documents”.",
            "custom_plan_needed",
        ),
        refuse(
            lambda a: a.get("ttcp_kind") not in (_CUSTOM, _STANDARD) and affects_lane_or_shoulder(a),
            "ttcp_kind",
            "A lane or shoulder is affected: choose a typical application or a plan drawn for this site.",
            "traffic_plan_needed",
        ),
        require(
            lambda a: a.get("ttcp_kind") == _STANDARD,
            "ttcp_number",
            "Enter the number of the typical application, for example TA-10.",
            "ttcp_number_needed",
        ),
        require(
            affects_lane_or_shoulder,
            "traffic_control_name",
            "A lane or shoulder is affected: say who sets up the traffic control.",
            "traffic_control_name_needed",
        ),
        require(
            affects_lane_or_shoulder,
            "traffic_control_phone",
            "A lane or shoulder is affected: enter the phone of who sets up the traffic control.",
            "traffic_control_phone_needed",
        ),
        refuse(
            _faster_than_posted,
            "work_zone_speed_mph",
            "The road’s own limit is {posted_speed_mph} mph. Enter that or less.",
            "work_zone_speed_above_posted",
        ),
        refuse(
            _no_detour,
            "detour_text",
            "All lanes of a direction are closed: describe the detour, road by road.",
            "detour_needed",
        ),
        refuse(
            _night_outside,
            "recurring",
            "A night or day lies outside the start and end of the work. Change one of them.",
            "recurring_outside_window",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.answers.get("row_portion") and not _works_in_lane_or_shoulder(self.answers):
            self._keep_short()

    def _keep_short(self) -> None:
        """Work beside the road gets one question, unless the others have been answered already."""
        named = {name for source in (self.data, self.initial) for name in source if given(source[name])}
        others = [name for name in self.fields if name not in ALWAYS_ASKED]
        if not any(_is_part(part, name) for part in named for name in others):
            for name in others:
                del self.fields[name]


def _is_part(key: str, field: str) -> bool:
    """Whether a posted name belongs to a field: ``impacts-0-direction`` to ``impacts``."""
    return key == field or key.startswith(f"{field}-")

"""Where the work is and when."""

from datetime import timedelta
from functools import partial

from permits.application import choices
from permits.application.base import Section, given, is_empty, refuse, require
from permits.application.fields import ChoiceField, DecimalField, IntField, MultiChoiceField, TextField, TickField
from permits.application.moments import LocalDateTimeField, TypedTimeField
from permits.application.people import LICENCE_TOO_SHORT, by_agency, licence_ends_too_early
from permits.application.shapes import Geometry, GeometryField
from permits.rules.geometry import from_geojson
from permits.rules.words import Answers
from workflow.contrib.places.counties import county_of, inside_state, state
from workflow.tracker import calendar

LONGEST_WINDOW = timedelta(days=365)  # longer work needs a yearly permit
_DAY = timedelta(days=1)


def county_choices() -> list[tuple[str, str]]:
    """Slug and name of every county of our state."""
    return [(county.slug, county.name) for county in state().counties]


def _only_one(one: str, other: str, answers: Answers) -> bool:
    return given(answers.get(one)) and is_empty(answers.get(other))


def _no_pair(answers: Answers) -> bool:
    area: Geometry | None = answers.get("area")
    if by_agency(answers) and area is not None and area["type"] != "Point":
        return False  # its line shows where the work begins and ends
    names = ("from_milepost", "to_milepost", "from_cross_street", "to_cross_street")
    return all(is_empty(answers.get(name)) for name in names)


def _mileposts_reversed(answers: Answers) -> bool:
    first, last = answers.get("from_milepost"), answers.get("to_milepost")
    return first is not None and last is not None and first > last


def _outside_state(answers: Answers) -> bool:
    area: Geometry | None = answers.get("area")
    return area is not None and not inside_state(from_geojson(area))


class LocationSection(Section):
    slug = "location"
    title = "Where the work is"
    intro = "Give the road and either mileposts or cross streets, then show the place."

    county = ChoiceField(
        label="County", choices=county_choices, required=False, help_text="Leave it empty to let us find it."
    )
    route_designation = TextField(label="Route", max_length=80, help_text="As on the route sign, for example US-69.")
    road_name = TextField(label="Road name", max_length=80, help_text="For example Duff Avenue.")
    from_milepost = DecimalField(
        label="From milepost",
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=3,
        help_text="For example 121.4",
    )
    to_milepost = DecimalField(label="To milepost", required=False, min_value=0, max_digits=7, decimal_places=3)
    from_cross_street = TextField(
        label="From cross street", max_length=80, required=False, help_text="If you do not know the mileposts."
    )
    to_cross_street = TextField(label="To cross street", max_length=80, required=False)
    area = GeometryField(
        label="The place",
        help_text="Decimal degrees, for example 42.0308 and -93.6105. One point, or two for a stretch of road.",
    )
    row_portion = MultiChoiceField(label="Parts of the right-of-way you work in", choices=choices.RowPortion)
    functional_class = IntField(
        label="Functional class of the road, 1 to 7",
        required=False,
        min_value=1,
        max_value=7,
        help_text="If you know it.",
    )
    aadt = IntField(
        label="Vehicles a day (AADT)", required=False, min_value=0, max_value=500_000, help_text="If you know it."
    )
    posted_speed_mph = IntField(
        label="Posted speed limit in mph", required=False, min_value=5, max_value=85, help_text="As on the signs."
    )
    conditions = (
        refuse(
            _no_pair,
            "from_milepost",
            "Enter the mileposts, or the two cross streets between which you work.",
            "location_pair_missing",
        ),
        *(
            refuse(partial(_only_one, one, other), other, sentence, f"{other}_missing")
            for one, other, sentence in (
                ("to_milepost", "from_milepost", "Enter the milepost where the work begins, too."),
                ("from_milepost", "to_milepost", "Enter the milepost where the work ends, too."),
                ("to_cross_street", "from_cross_street", "Enter the cross street where the work begins, too."),
                ("from_cross_street", "to_cross_street", "Enter the cross street where the work ends, too."),
            )
        ),
        refuse(
            _mileposts_reversed,
            "to_milepost",
            "Milepost {to_milepost} comes before {from_milepost}. Enter the lower one under “From milepost”.",
            "milepost_order",
        ),
        refuse(
            _outside_state,
            "area",
            "This place is not in our state. Check the coordinates: a longitude in the United States has a minus sign.",
            "outside_state",
        ),
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if cleaned.get("area") and not cleaned.get("county"):
            found = county_of(from_geojson(cleaned["area"]))
            cleaned["county"] = found.slug if found else ""
        return cleaned


def _both(answers: Answers, one: str, other: str) -> bool:
    return answers.get(one) is not None and answers.get(other) is not None


def _ends_before_start(answers: Answers) -> bool:
    return _both(answers, "start_at", "end_at") and bool(answers["end_at"] <= answers["start_at"])


def _too_long(answers: Answers) -> bool:
    # By the calendar, so that the hour of a clock change does not make a year too long.
    # Public works last as long as they last; a yearly permit is for those who pay for it.
    return (
        not by_agency(answers)
        and _both(answers, "start_at", "end_at")
        and answers["end_at"].replace(tzinfo=None) - answers["start_at"].replace(tzinfo=None) > LONGEST_WINDOW
    )


def _same_hours(answers: Answers) -> bool:
    return _both(answers, "working_hours_from", "working_hours_to") and (
        answers["working_hours_from"] == answers["working_hours_to"]
    )


def _crosses_midnight(answers: Answers) -> bool:
    return _both(answers, "working_hours_from", "working_hours_to") and (
        answers["working_hours_from"] > answers["working_hours_to"]
    )


def _hours_outside(answers: Answers) -> bool:
    """Only work of one day has hours that can lie outside its window."""
    if not (_both(answers, "start_at", "end_at") and _both(answers, "working_hours_from", "working_hours_to")):
        return False
    start, end = answers["start_at"], answers["end_at"]
    first, last = answers["working_hours_from"], answers["working_hours_to"]
    outside = first < start.time() or last > end.time()
    return bool(start.date() == end.date() and first <= last and outside)


def days_of_work(answers: Answers) -> int:
    """Days of the window on which work is done: the ticked weekdays, or the state's working days if none is ticked."""
    first, last = answers["start_at"].date(), answers["end_at"].date()
    days = [first + _DAY * number for number in range(min((last - first).days, LONGEST_WINDOW.days) + 1)]
    if ticked := answers.get("working_days"):
        words = choices.Weekday.values
        return sum(words[day.weekday()] in ticked for day in days)
    office = calendar()
    return sum(office.is_working_day(day) for day in days)


def _more_days_than_there_are(answers: Answers) -> bool:
    asked = answers.get("working_days_in_row")
    return asked is not None and _both(answers, "start_at", "end_at") and asked > days_of_work(answers)


class TimeSection(Section):
    slug = "time"
    title = "When you work"
    intro = "All times are local. Ask for the whole window you may need; you tell us the actual days later."

    start_at = LocalDateTimeField(label="Work begins")
    end_at = LocalDateTimeField(label="Work ends", fold=1, help_text="At most one year after it begins.")
    working_hours_from = TypedTimeField(
        label="Daily from", required=False, help_text="For example 7:30 AM. Leave both empty for around the clock."
    )
    working_hours_to = TypedTimeField(label="Daily to", required=False, help_text="For example 4 PM.")
    working_days = MultiChoiceField(
        label="Days of work", choices=choices.Weekday, required=False, help_text="None ticked: Monday to Friday."
    )
    night_work = TickField(label="We also work at night", required=False)
    working_days_in_row = IntField(
        label="Days of work in the right-of-way",
        required=False,
        min_value=1,
        max_value=260,
        help_text="On how many days somebody will be there.",
    )
    early_start_reason = TextField(
        label="Why it cannot begin later",
        max_length=500,
        long=True,
        required=False,
        help_text="Only if you begin before the notice we need has passed.",
    )
    conditions = (
        refuse(
            _ends_before_start, "end_at", "The end must come after the start. Check both dates.", "end_before_start"
        ),
        refuse(
            _too_long,
            "end_at",
            "A permit lasts at most 365 days. Choose an earlier end, or ask us for a yearly permit.",
            "window_too_long",
        ),
        refuse(
            licence_ends_too_early,
            "end_at",
            "The contractor’s license expires on {contractor_licence_expiry:%m/%d/%Y}, before the work ends. "
            "Choose an earlier end, or enter the renewed license.",
            LICENCE_TOO_SHORT,
        ),
        require(
            lambda a: a.get("working_hours_to") is not None,
            "working_hours_from",
            "Enter when the daily work begins, too.",
            "hours_from_missing",
        ),
        require(
            lambda a: a.get("working_hours_from") is not None,
            "working_hours_to",
            "Enter when the daily work ends, too.",
            "hours_to_missing",
        ),
        refuse(
            _same_hours,
            "working_hours_to",
            "The daily hours begin and end at the same time. Leave both empty for around the clock.",
            "hours_empty",
        ),
        refuse(
            lambda a: _crosses_midnight(a) and not a.get("night_work"),
            "working_hours_to",
            "These hours run past midnight. Tick “We also work at night”, or check AM and PM.",
            "night_work_not_ticked",
        ),
        refuse(
            _hours_outside,
            "working_hours_from",
            "These hours lie outside the start and end above. Change one of them.",
            "hours_outside_window",
        ),
        refuse(
            _more_days_than_there_are,
            "working_days_in_row",
            "Between start and end are fewer than {working_days_in_row} working days. Enter fewer, or a later end.",
            "too_many_working_days",
        ),
    )

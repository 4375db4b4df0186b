"""An application in words, for the review page, the officers and the printed sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms

from permits.application import choices
from permits.application.base import is_empty
from permits.application.fields import ChoiceField, IntField, MoneyField, MultiChoiceField, PhoneField
from permits.application.rows import DetourField, ExcavationsField, ImpactsField, RestrictionsField, RowsField
from permits.application.sections import sections_for
from permits.application.shapes import GeometryField
from permits.rules.words import Answers

# How traffic is led says more than the lanes listed can.
_SAID_AFTER_LANES = ("alternating-one-way", "flagging", "temporary-traffic-signal")


@dataclass(frozen=True, kw_only=True)
class SectionReview:
    """One page of the application: (label, text) for every answer given, in the order of the page."""

    slug: str
    title: str
    rows: list[tuple[str, str]]


def review_rows(answers: Answers) -> list[SectionReview]:
    """Every page that applies with its answers in words. Empty answers are left out; an answer No is not empty."""
    return [
        SectionReview(
            slug=section.slug,
            title=section.title,
            rows=[
                (str(field.label), in_words(field, answers[name]))
                for name, field in section.base_fields.items()
                if not _is_unanswered(answers.get(name))
            ],
        )
        for section in sections_for(answers)
    ]


def impact_sentences(answers: Answers) -> tuple[str, ...]:
    """One sentence a direction: “Northbound: lane 2 of 3 closed, shoulder closed”."""
    return tuple(_impact_sentence(impact) for impact in answers.get("impacts") or [])


def in_words(field: forms.Field, value: Any) -> str:
    """A cleaned answer as people say it."""
    match field:
        case ChoiceField():
            return field.words().get(str(value), str(value))
        case MultiChoiceField():
            labels = field.words()
            return ", ".join(labels.get(word, word) for word in value)
        case ImpactsField():
            return "\n".join(impact_sentences({"impacts": value}))
        case RowsField():
            return "\n".join(_row_in_words(field, row) for row in value)
        case GeometryField():
            return _place_in_words(value)
        case MoneyField():
            return f"${value:,.2f}"
        case PhoneField():
            return _phone_in_words(value)
        case _:
            return _plain_in_words(value, separators=isinstance(field, IntField))


def _plain_in_words(value: Any, *, separators: bool) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return f"{_day(value)}, {_clock(value.time())}"
        case date():
            return _day(value)
        case time():
            return _clock(value)
        case int() if separators:
            return f"{value:,}"
        case Decimal():
            return f"{value:f}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _is_unanswered(value: Any) -> bool:
    return value is not False and is_empty(value)


def _day(day: date) -> str:
    return f"{day:%A, %B} {day.day}, {day.year}"


def _clock(moment: time) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M %p}"


def _phone_in_words(number: str) -> str:
    home = number.removeprefix("+1")
    return f"({home[:3]}) {home[3:6]}-{home[6:]}" if number.startswith("+1") and len(home) == 10 else number


def _place_in_words(geometry: Mapping[str, Any]) -> str:
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "Point":
            return f"Point at {_position(coordinates)}"
        case "LineString":
            count = f" through {len(coordinates)} points" if len(coordinates) > 2 else ""
            return f"Line from {_position(coordinates[0])} to {_position(coordinates[-1])}{count}"
        case _:
            corners = coordinates[0]
            return f"Area with {len(corners) - 1} corners, the first at {_position(corners[0])}"


def _position(position: Sequence[float]) -> str:
    lon, lat = position[0], position[1]
    return f"{abs(lat):.5f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.5f}° {'E' if lon >= 0 else 'W'}"


def _row_in_words(field: RowsField, row: Mapping[str, Any]) -> str:
    match field:
        case ExcavationsField():
            return _opening_in_words(row)
        case DetourField():
            return f"{row['road_name']}, {_lower_first(_direction(row))}"
        case RestrictionsField():
            label = choices.RestrictionType(row["type"]).label
            return f"{label}: {row['value']:g} {row['unit']}" if row.get("value") is not None else str(label)
        case _:
            return " to ".join(_plain_in_words(row[name], separators=False) for name in ("start_at", "end_at"))


def _opening_in_words(row: Mapping[str, Any]) -> str:
    length, width, depth = (f"{row[name]:f}" for name in ("length_ft", "width_ft", "max_depth_ft"))
    along = ", along the same length as the one before" if row.get("same_length") else ""
    surface = choices.Surface(row["surface"]).label
    return f"{surface}: {length} ft long, {width} ft wide, up to {depth} ft deep{along}"


def _direction(row: Mapping[str, Any]) -> str:
    return str(choices.Direction(row["direction"]).label)


def _impact_sentence(impact: Mapping[str, Any]) -> str:
    word = choices.VehicleImpact(impact["vehicle_impact"])
    said = _lanes_in_words(impact.get("lanes") or [])
    if not said or word == choices.VehicleImpact.ALL_LANES_CLOSED:
        said = [_lower_first(str(word.label))]
    elif word in _SAID_AFTER_LANES:
        said.append(_lower_first(str(word.label)))
    return f"{_direction(impact)}: {', '.join(said)}"


def _lanes_in_words(lanes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What happens to the lanes that are not simply open; through lanes are counted from the left."""
    through = [lane for lane in lanes if lane["type"] == choices.LaneType.GENERAL]
    by_status: dict[str, list[int]] = {}
    for number, lane in enumerate(through, start=1):
        by_status.setdefault(lane["status"], []).append(number)
    said = [
        _numbers(numbers, len(through), _lower_first(str(choices.LaneStatus(status).label)))
        for status, numbers in by_status.items()
        if status != choices.LaneStatus.OPEN
    ]
    said += [
        _lane_in_words(lane) for lane in lanes if lane not in through and lane["status"] != choices.LaneStatus.OPEN
    ]
    return list(dict.fromkeys(said))


def _lane_in_words(lane: Mapping[str, Any]) -> str:
    words = choices.LaneType(lane["type"]).label, choices.LaneStatus(lane["status"]).label
    return " ".join(_lower_first(str(word)) for word in words)


def _numbers(numbers: Sequence[int], total: int, status: str) -> str:
    if total == 1:
        return f"the only lane {status}"
    if len(numbers) == total:
        return f"all {total} lanes {status}"
    *first, last = map(str, numbers)
    return f"lanes {', '.join(first)} and {last} of {total} {status}" if first else f"lane {last} of {total} {status}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]

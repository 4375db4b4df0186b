"""Answers that are lists: directions with their lanes, openings, detours, nights, restrictions. Each row is a form."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from permits.application import choices
from permits.application.base import (
    ConditionalForm,
    PathError,
    complaints,
    given,
    is_empty,
    known_part,
    refuse,
    require,
)
from permits.application.fields import ChoiceField, DecimalField, FloatField, IntField, TextField, TickField, Typed
from permits.application.moments import LocalDateTimeField
from permits.application.shapes import LineField, read_json
from permits.application.widgets import JsonInput, RowsWidget
from workflow.contrib.uswds.boundfield import UswdsBoundField

type Row = dict[str, Any]

SMALLEST_FT = Decimal("0.01")
MOST_LANES = 16  # the widest freeways have half of that in one direction


class RowsBoundField(UswdsBoundField):
    """A group of its own with a legend; the summary of errors leads to the first row."""

    @property
    def kind(self) -> str:
        return "rows"

    @property
    def use_fieldset(self) -> bool:
        return True


class RowsField(Typed):
    """A list of rows, each read by the form ``row``. Errors lead to their place: ``0.lanes.2.type``.

    Codes: ``wrong_type``, ``too_many_rows``, ``invalid`` (no JSON), ``unknown_field`` and those of the row's fields.
    """

    accepts = (list, str)
    wanted = "a list"
    bound_field_class = RowsBoundField
    row: type[ConditionalForm]
    row_word = "Row"
    most = 50

    def to_python(self, value: Any) -> list[Row]:
        rows = self._sent(value) if isinstance(value, str) else value or []
        if len(rows) > self.most:
            raise ValidationError(f"Give at most {self.most} here; there are {len(rows)} now.", code="too_many_rows")
        read: list[Row] = []
        errors: list[ValidationError] = []
        for number, answers in enumerate(rows):
            cleaned, wrong = self._read(number, answers)
            read.append(cleaned)
            errors += wrong
        if errors:
            raise ValidationError(errors)
        return self.check(read)

    def check(self, rows: list[Row]) -> list[Row]:
        """The rows if they fit together. Raises ValidationError if they do not."""
        return rows

    def _sent(self, text: str) -> list[Any]:
        try:
            rows = read_json(text) if text.strip() else []
        except ValueError:
            rows = None
        if not isinstance(rows, list):
            raise ValidationError("This list could not be read. Leave it out, or enter it again.", code="invalid")
        return rows

    def _read(self, number: int, answers: Any) -> tuple[Row, list[ValidationError]]:
        place = f"{self.row_word} {number + 1}"
        if not isinstance(answers, dict):
            return {}, [PathError(f"{place}: this must be a JSON object.", code="wrong_type", path=str(number))]
        known, unknown = known_part(self.row, answers)
        form = self.row(data=known)
        wrong: list[ValidationError] = [
            PathError(f"{place}: “{name}” is not a field we know.", code="unknown_field", path=f"{number}.{name}")
            for name in unknown
        ]
        for one in complaints(form):
            label = form.base_fields[one.path.split(".")[0]].label
            sentence = f"{place}, {label}: {one.sentence}"
            wrong.append(PathError(sentence, code=one.code, path=f"{number}.{one.path}"))
        return form.cleaned_data, wrong


class LaneRow(ConditionalForm):
    order = IntField(
        label="Place from the left", min_value=1, max_value=MOST_LANES, help_text="1 is the left-most lane."
    )
    type = ChoiceField(label="Lane", choices=choices.LaneType)
    status = ChoiceField(label="During the work", choices=choices.LaneStatus)


class LanesField(RowsField):
    """All lanes of one direction from left to right, or none."""

    row = LaneRow
    row_word = "Lane"
    most = MOST_LANES

    def __init__(self, **kwargs: Any) -> None:
        widget = RowsWidget(
            row=LaneRow, titles=("Lane {number} from the left",), rows=6, position="order", most=self.most
        )
        super().__init__(required=False, widget=widget, **kwargs)

    def check(self, rows: list[Row]) -> list[Row]:
        lanes = sorted(rows, key=lambda lane: lane["order"])
        if [lane["order"] for lane in lanes] != list(range(1, len(lanes) + 1)):
            sentence = "List every lane from left to right, without a gap: 1, 2, 3 and so on."
            raise ValidationError(sentence, code="lanes_not_in_order")
        return lanes


class ImpactRow(ConditionalForm):
    direction = ChoiceField(label="Direction", choices=choices.Direction)
    vehicle_impact = ChoiceField(label="What drivers meet", choices=choices.VehicleImpact)
    lanes = LanesField(
        label="Lanes",
        help_text="Seen in the direction of travel, from left to right, the shoulder too. Give all lanes or none.",
    )
    centerline = LineField(
        label="Center line", required=False, help_text="In the direction of travel, 2 to 500 points. The map draws it."
    )
    source_id = TextField(label="Identifier in your system", max_length=200, required=False, widget=forms.HiddenInput)


class ImpactsField(RowsField):
    """What the work does to traffic, one row a direction."""

    row = ImpactRow
    row_word = "Direction"
    most = len(choices.Direction)

    def __init__(self, **kwargs: Any) -> None:
        titles = ("First direction", "Second direction (leave empty if only one is affected)", "Direction {number}")
        super().__init__(
            required=False, widget=RowsWidget(row=ImpactRow, titles=titles, rows=2, most=self.most), **kwargs
        )

    def check(self, rows: list[Row]) -> list[Row]:
        for number, row in enumerate(rows):
            if row["direction"] in [earlier["direction"] for earlier in rows[:number]]:
                sentence = f"Direction {number + 1}: this direction is listed twice. Give each direction once."
                raise PathError(sentence, code="direction_twice", path=f"{number}.direction")
        return rows


class ExcavationRow(ConditionalForm):
    surface = ChoiceField(label="Surface", choices=choices.Surface)
    length_ft = DecimalField(label="Length in feet", min_value=SMALLEST_FT, max_digits=9, decimal_places=2)
    width_ft = DecimalField(label="Width in feet", min_value=SMALLEST_FT, max_digits=7, decimal_places=2)
    max_depth_ft = DecimalField(label="Greatest depth in feet", min_value=SMALLEST_FT, max_digits=6, decimal_places=2)
    same_length = TickField(
        label="Runs along the same length as the opening before",
        required=False,
        help_text="Then only the higher fee of the two is charged.",
    )


class ExcavationsField(RowsField):
    """Openings, one row a surface; more by API."""

    row = ExcavationRow
    row_word = "Opening"
    most = 20

    def __init__(self, **kwargs: Any) -> None:
        labels = choices.Surface.labels
        presets = [{"surface": surface} for surface in choices.Surface.values]
        titles = (*map(str, labels), "Opening {number}")
        widget = RowsWidget(row=ExcavationRow, titles=titles, presets=presets, most=self.most)
        super().__init__(required=False, widget=widget, **kwargs)

    def check(self, rows: list[Row]) -> list[Row]:
        if rows and rows[0]["same_length"]:
            sentence = "Opening 1: there is no opening before this one. Clear “runs along the same length”."
            raise PathError(sentence, code="same_length_first", path="0.same_length")
        return rows


class DetourRow(ConditionalForm):
    road_name = TextField(label="Road", max_length=80)
    direction = ChoiceField(label="Direction", choices=choices.Direction)
    geometry = LineField(label="Line")
    source_id = TextField(label="Identifier in your system", max_length=200, required=False)


class DetourField(RowsField):
    """The roads of the detour as lines. People describe the detour in words; the map and clients send lines."""

    row = DetourRow
    row_word = "Detour road"
    widget = JsonInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class RecurringRow(ConditionalForm):
    start_at = LocalDateTimeField(label="Start")
    end_at = LocalDateTimeField(label="End", fold=1)
    source_id = TextField(label="Identifier in your system", max_length=200, required=False)
    conditions = (
        refuse(
            lambda row: given(row.get("start_at")) and given(row.get("end_at")) and row["end_at"] <= row["start_at"],
            "end_at",
            "The end must come after the start.",
            "end_before_start",
        ),
    )


class RecurringField(RowsField):
    """The single nights or days of work that comes back."""

    row = RecurringRow
    row_word = "Occurrence"
    most = 366
    widget = JsonInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class RestrictionRow(ConditionalForm):
    type = ChoiceField(label="Restriction", choices=choices.RestrictionType)
    value = FloatField(label="Limit", required=False, min_value=0, max_value=1_000_000)
    unit = ChoiceField(label="Unit", choices=choices.Unit, required=False)
    conditions = (
        require(lambda row: given(row.get("value")), "unit", "Choose the unit of the limit.", "unit_missing"),
        refuse(
            lambda row: given(row.get("unit")) and is_empty(row.get("value")),
            "value",
            "Enter the limit, or leave the unit empty.",
            "value_missing",
        ),
    )

    def clean(self) -> Row:
        cleaned = super().clean()
        return cleaned | {"unit": cleaned.get("unit") or None}


class RestrictionsField(RowsField):
    """Limits for vehicles that pass the work."""

    row = RestrictionRow
    row_word = "Restriction"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, widget=RowsWidget(row=RestrictionRow, titles=("Restriction {number}",), rows=2), **kwargs
        )

"""Small charts drawn by the server: where each bar of them stands, in pixels. Templates turn that into SVG.

Colours come with classes, so that light and dark are the style sheet's business; every chart has a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.admin.overview import Flow

WIDTH = 360
LABEL = 96  # room for words left of a horizontal bar
VALUE = 64  # and for its number on the right
ROW, BAR = 30, 18
HALF, TOP = 70, 18  # of the mirrored chart: height of each half, and the room above it
LEAST = 1.5  # pixels of a bar that is not nothing


@dataclass(frozen=True, kw_only=True)
class Line:
    """One horizontal bar: ``width`` of ``room`` pixels; ``text`` beside it."""

    label: str
    text: str
    y: float
    width: float
    room: float = WIDTH - LABEL - VALUE

    @property
    def baseline(self) -> float:
        return self.y + BAR - 4

    @property
    def text_x(self) -> float:
        return LABEL + self.width + 6


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A chart of horizontal bars."""

    lines: Sequence[Line]
    width: int = WIDTH
    label_x: int = LABEL - 6
    bar_x: int = LABEL
    bar_height: int = BAR

    @property
    def height(self) -> int:
        return ROW * len(self.lines)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One upright bar."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Mirrored:
    """What came in stands above the line, what ended hangs below it, in one scale; ``most`` fills half the height."""

    came: Sequence[Bar]
    ended: Sequence[Bar]
    most: int
    first: date
    last: date
    width: int = WIDTH
    height: int = TOP + 2 * HALF + 36
    line_y: int = TOP + HALF
    dates_y: int = TOP + 2 * HALF + 32
    below_y: int = TOP + 2 * HALF + 14


def bars(rows: Sequence[tuple[str, float, str]], *, most: float | None = None) -> Lines:
    """``rows``: (label, value, text beside it). The largest value, or ``most``, fills the width."""
    top = most or max((value for _label, value, _text in rows), default=0) or 1
    return Lines(
        lines=[
            Line(label=label, text=text, y=number * ROW, width=_length(value, top, WIDTH - LABEL - VALUE))
            for number, (label, value, text) in enumerate(rows)
        ]
    )


def mirrored(days: Sequence[Flow]) -> Mirrored | None:
    """None without a day to show."""
    if not days:
        return None
    most = max(max(day.came, day.ended) for day in days)
    slot = WIDTH / len(days)

    def bar(number: int, value: int, *, above: bool) -> Bar:
        height = _length(value, most or 1, HALF)
        y = TOP + HALF - (height + 1 if above else -1)
        return Bar(x=round(number * slot + 1, 1), y=round(y, 1), width=round(slot - 2, 1), height=height)

    return Mirrored(
        came=[bar(number, day.came, above=True) for number, day in enumerate(days) if day.came],
        ended=[bar(number, day.ended, above=False) for number, day in enumerate(days) if day.ended],
        most=most,
        first=days[0].day,
        last=days[-1].day,
    )


def _length(value: float, most: float, room: float) -> float:
    return round(max(LEAST, value / most * room), 1) if value else 0

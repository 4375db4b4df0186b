"""What an inspector looks at, by kind of inspection and kind of work. The table is the whole list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from permits.inspections.models import Inspection
from permits.rules.documents import DEEP_EXCAVATION_FT, deepest_ft
from permits.rules.traffic import takes_a_lane
from permits.rules.words import Answers, Labelled

LONGEST_REMARK = 500  # characters

type Kinds = frozenset[str]
type Row = dict[str, str]


class Answer(Labelled):
    """What is ticked."""

    YES = "yes", "Yes"
    NO = "no", "No"
    # Nothing of the kind is here.
    NOT_APPLICABLE = "na", "Does not apply"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line, said so that "yes" is good."""

    code: str
    text: str
    kinds: Kinds
    applies: Callable[[Answers], bool] = lambda answers: True


K = Inspection.Kind
DURING, HOLD, AFTER = frozenset({K.ROUTINE, K.HOLD_POINT}), frozenset({K.HOLD_POINT}), frozenset(Inspection.ENDS_WORK)


def _digs(answers: Answers) -> bool:
    return bool(answers.get("excavation"))


def _on_foot(answers: Answers) -> bool:
    return answers.get("pedestrian_access") in ("alternate_route", "closed")


def _for(permit_type: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get("permit_type") == permit_type


ITEMS = (
    Item(code="permit_on_site", text="The permit is on site", kinds=DURING),
    Item(code="traffic_control", text="Traffic control stands as planned", kinds=DURING),
    Item(code="signs", text="Signs are upright, clean and the right ones", kinds=DURING),
    Item(code="lanes", text="The lanes that must stay open are open", kinds=DURING, applies=takes_a_lane),
    Item(code="on_foot", text="People on foot and in wheelchairs get by safely", kinds=DURING, applies=_on_foot),
    Item(code="hours", text="Work keeps to the permitted hours", kinds=DURING),
    Item(code="utility_marks", text="Utility marks are visible", kinds=DURING, applies=_digs),
    Item(
        code="shoring",
        text=f"A trench deeper than {DEEP_EXCAVATION_FT} ft is shored or sloped",
        kinds=DURING,
        applies=lambda answers: deepest_ft(answers) > DEEP_EXCAVATION_FT,
    ),
    Item(code="backfill", text="Backfill is compacted in layers", kinds=HOLD, applies=_digs),
    Item(code="may_go_on", text="The step that waited may go on", kinds=HOLD),
    Item(code="cleared", text="Signs, barriers and equipment are gone", kinds=AFTER),
    Item(code="surface", text="The surface is even and sealed", kinds=AFTER, applies=_digs),
    Item(code="roadside", text="Ditch, grass and drainage are as before", kinds=AFTER),
    Item(code="markings", text="Lane markings and road signs are back", kinds=AFTER, applies=takes_a_lane),
    Item(code="sidewalk", text="Sidewalk and ramps are whole", kinds=AFTER, applies=_on_foot),
    Item(code="sight", text="Drivers who leave the driveway see far enough", kinds=AFTER, applies=_for("driveway")),
    Item(code="litter", text="No litter is left on the road", kinds=AFTER, applies=_for("special_event")),
)
TEXTS: Mapping[str, str] = {item.code: item.text for item in ITEMS}


def items_for(kind: str, answers: Answers) -> list[Item]:
    """The lines for one inspection, in the order of the table."""
    return [item for item in ITEMS if kind in item.kinds and item.applies(answers)]


def fault_of(rows: object) -> str:
    """What is wrong with the rows that a client sent, as a sentence; empty: nothing."""
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > len(ITEMS):
        return "The checklist is a list of rows, each with item, answer and remark."
    for row in rows:
        if not isinstance(row, Mapping) or row.get("item") not in TEXTS or row.get("answer") not in set(Answer):
            return f"A row of the checklist names an item of the list and answers {', '.join(Answer)}."
        if len(str(row.get("remark", ""))) > LONGEST_REMARK:
            return f"A remark has at most {LONGEST_REMARK} characters."
    return ""


def rows_of(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The rows as they are stored."""
    return [
        {"item": str(row["item"]), "answer": str(row["answer"]), "remark": str(row.get("remark", "")).strip()}
        for row in rows
    ]


def says_no(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The texts of what is not as it should be."""
    return [TEXTS[str(row["item"])] for row in rows if row["answer"] == Answer.NO]


def in_words(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(text, answer in words, remark) of stored rows; an item that has left the table keeps its code."""
    return [
        (
            TEXTS.get(str(row.get("item")), str(row.get("item"))),
            Answer(row["answer"]).label if row.get("answer") in set(Answer) else str(row.get("answer")),
            str(row.get("remark", "")),
        )
        for row in rows
    ]


def told(value: Any) -> str:
    """A checklist in the history as one text; empty when ``value`` is none."""
    rows = value if isinstance(value, list) and value and isinstance(value[0], Mapping) and "item" in value[0] else []
    lines = [f"{text}: {answer.lower()}{f' ({remark})' if remark else ''}" for text, answer, remark in in_words(rows)]
    return "; ".join(lines)

"""The shape of the catalogue's content, and the questions several categories share."""

from __future__ import annotations

from dataclasses import dataclass

type Json = dict[str, str]

CALL_911 = "Leave here and call 911 now. Reports made here are not read at once."


@dataclass(frozen=True, kw_only=True)
class Value:
    """One answer of a list. An answer with ``stop`` ends the form with that sentence."""

    key: str
    name: str
    stop: str = ""

    def as_json(self) -> Json:
        return {"key": self.key, "name": self.name, "stop": self.stop}


@dataclass(frozen=True, kw_only=True)
class QuestionText:
    """One question; ``datatype`` as Open311 names it. ``variable`` off: a sentence that is only shown."""

    code: str
    text: str
    datatype: str = "singlevaluelist"
    required: bool = False
    variable: bool = True
    hint: str = ""
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CategoryText:
    """One category as it comes with the product; the fields are those of ``Category``."""

    code: str
    group: str
    name: str
    description: str
    keywords: str
    safety: bool = False
    first_action_hours: int | None = None
    first_action_days: int = 10
    repair_days: int = 10
    duplicate_radius_m: int = 50
    stop: str = ""
    questions: tuple[QuestionText, ...] = ()


HURT = Value(key="hurt", name="Someone is hurt or trapped", stop=f"If someone is hurt, every minute counts. {CALL_911}")
FIRE = Value(key="fire", name="Something burns or smokes", stop=f"Keep away from the fire. {CALL_911}")
GAS = Value(
    key="gas", name="It smells of gas or chemicals", stop=f"Keep away, do not smoke or start an engine. {CALL_911}"
)
WIRES = Value(
    key="wires",
    name="Wires are down or hang low",
    stop=f"Stay in your car or at least 35 feet away from the wires. {CALL_911}",
)
NONE = Value(key="none", name="None of these")


def danger(*dangers: Value) -> QuestionText:
    """The question that sends people to 911; required, because it must be read."""
    return QuestionText(
        code="danger",
        text="Is anyone in danger right now?",
        required=True,
        hint="Some answers end the report here and tell you whom to call.",
        values=(NONE, *dangers),
    )


LANE = QuestionText(
    code="lane",
    text="Where on the road is it?",
    hint="Right and left as you drive.",
    values=(
        Value(key="right", name="Right lane"),
        Value(key="middle", name="A middle lane"),
        Value(key="left", name="Left lane"),
        Value(key="all", name="All lanes"),
        Value(key="ramp", name="A ramp"),
        Value(key="shoulder", name="The shoulder"),
    ),
)
LANE_REQUIRED = QuestionText(
    code=LANE.code, text=LANE.text, hint=LANE.hint, values=LANE.values, required=True
)  # whoever clears a lane must know which
SINCE = QuestionText(
    code="since", text="When did you first see it?", datatype="datetime", hint="A rough time is good enough."
)
DETAILS = QuestionText(code="details", text="What else should the crew know?", datatype="text")
KEEP_OFF = QuestionText(
    code="keep_off",
    text="Please do not step onto the road to move it or to take a picture.",
    datatype="string",
    variable=False,
)
SIGNAL_ID = QuestionText(
    code="signal_id",
    text="What is the number on the gray box at the corner?",
    datatype="string",
    hint="Only if you can read it from the sidewalk.",
)

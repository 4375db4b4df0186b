"""What people write about what they see, and what crews answer when it is done. Invented, and in nobody's words."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LANES = ("right", "left", "right", "shoulder", "all")
CAUSES = ("hit", "weather", "age", "unknown")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A category as it turns up: how often, what is said, what may be answered to its questions, how it ends."""

    weight: int
    said: Sequence[str]
    fixed: Sequence[str]
    asked: str = "On which side of the road is it, and how far from the nearest crossing?"
    answers: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    urgent: bool = False  # its clock runs day and night: nobody lets it lie
    crossing: bool = False  # not on a freeway


KINDS: Mapping[str, Kind] = {
    "pothole": Kind(
        weight=60,
        said=("Deep hole in the wheel path. Cars swerve around it.",
              "Pothole about the size of a tire, near the joint.",
              "Two holes one after the other. My wheel cover came off.", "The patch from last year is gone again.",
              "Hole at the edge of the bridge approach, you feel it at every speed."),
        fixed=("We filled the hole with hot mix and sealed its edges.", "The hole is patched; the lane is open.",
               "We cut the edges square and filled both holes."),
        asked="Is it in the wheel path of the right or the left lane?",
        answers={"lane": LANES, "size": ("plate", "tire", "larger"), "depth_inches": ("2", "3", "4.5", "")},
    ),
    "debris": Kind(
        weight=24,
        urgent=True,
        said=("A ladder lies in the right lane.", "Truck tire tread across the lane.", "Lumber fell off a trailer.",
              "A mattress stands half on the shoulder, half in the lane."),
        fixed=("Our crew took it off the road within the hour.", "The road is clear again."),
        asked="Is it still in the lane, and which vehicle could move it?",
        answers={"danger": ("none",), "lane": ("right", "left", "shoulder"), "what": ("ladder", "tire tread", "wood")},
    ),
    "signal_dark": Kind(
        weight=12,
        urgent=True,
        crossing=True,
        said=("All signals at this crossing are dark.", "The signal flashes red in every direction.",
              "Signal dark since the storm last night."),
        fixed=("Power is back and the signal runs its normal plan.", "We replaced the controller; the signal works."),
        answers={"danger": ("none",), "shows": ("dark", "red", "yellow"), "signal_id": ("", "SIG-0417")},
    ),
    "signal_mistimed": Kind(
        weight=10,
        crossing=True,
        said=("The left-turn arrow lets two cars through, then it is red for minutes.",
              "The walk button does nothing.", "Green for the side street all night, nobody is there."),
        fixed=("We reset the detector; the green is long enough again.", "The push button was replaced."),
        answers={"problem": ("long_red", "short_green", "skipped", "walk")},
    ),
    "sign_missing": Kind(
        weight=16,
        said=("The curve warning sign lies in the ditch.", "The route marker at the junction is gone.",
              "Speed limit sign bent to the ground.", "Somebody drove over the exit sign."),
        fixed=("A new sign stands on a new post.", "We set the sign up again and straightened the post."),
        answers={"sign_text": ("Curve 45 mph", "Speed limit 55", ""), "cause": CAUSES},
    ),
    "flooding": Kind(
        weight=8,
        urgent=True,
        said=("Water stands across both lanes under the railroad bridge.", "The ditch runs over the road after rain."),
        fixed=("The drain is open again and the water is gone.", "We pumped the underpass dry and cleaned the inlets."),
        answers={"danger": ("none",), "depth": ("film", "ankle", "deeper")},
    ),
    "guardrail": Kind(
        weight=14,
        said=("The guardrail is torn open after a crash.", "Rail end bent into the ditch, posts are broken."),
        fixed=("We replaced two panels and four posts.", "The end terminal is new."),
        answers={"cause": ("hit", "weather"), "length_feet": ("12", "25", ""), "in_lane": ("no",)},
    ),
    "light_out": Kind(
        weight=15,
        said=("Three lights in a row are out on the ramp.", "The light above the crossing is dark.",
              "Street lights at the interchange are out since Monday."),
        fixed=("New lamps are in; all of them burn.", "A cable was cut; it is mended."),
        answers={"how_many": ("one", "several", "all"), "pole_id": ("", "L-2207")},
    ),
    "tree_down": Kind(
        weight=10,
        urgent=True,
        said=("A tree lies across the shoulder.", "A large branch hangs into the lane after the wind."),
        fixed=("The tree is cut up and gone.", "We took the branch down and cleared the road."),
        answers={"danger": ("none",), "blocks": ("lane", "shoulder", "leaning")},
    ),
    "dead_animal": Kind(
        weight=12,
        said=("Dead deer on the shoulder.", "A dead animal in the right lane, hard to see at night."),
        fixed=("Removed from the road.",),
        asked="Is it in the lane or on the shoulder?",
        answers={"lane": ("right", "shoulder"), "animal": ("deer", "small")},
    ),
    "marking_worn": Kind(
        weight=8,
        said=("You cannot see the lane lines in the rain.", "The center line is gone on this stretch."),
        fixed=("The lines are painted anew.",),
        answers={"markings": (["lane"], ["center", "edge"]), "worst": ("night", "rain")},
    ),
    "shoulder_drop_off": Kind(
        weight=9,
        said=("The gravel has washed away beside the pavement.", "Deep edge: my trailer nearly went off the road."),
        fixed=("We filled and rolled the shoulder.",),
        answers={"drop_inches": ("4", "6"), "length_feet": ("40", "100")},
    ),
    "surface_failure": Kind(
        weight=9,
        said=("The pavement is buckled and throws cars up.", "Loose pieces of concrete at the joint."),
        fixed=("We milled the bump off and sealed the joint.", "The broken slab is replaced."),
        answers={"kinds": (["cracks"], ["buckled", "loose"]), "lane": LANES},
    ),
    "bridge_deck": Kind(
        weight=7,
        said=("A hole in the bridge deck, you can see the steel.", "The plate at the joint bangs and moves."),
        fixed=("The deck is patched and was inspected.", "The joint plate is bolted down again."),
        answers={"part": ("deck", "joint"), "lane": LANES},
    ),
    "culvert": Kind(
        weight=6,
        said=("The culvert end is crushed and water backs up.",),
        fixed=("The pipe end is cut off and the ditch is cleaned.",),
        answers={"cause": CAUSES},
    ),
    "drainage": Kind(
        weight=8,
        crossing=True,
        said=("The inlet is full of leaves.", "Manhole cover rattles and sits low."),
        fixed=("The inlet is clean.", "The cover has a new ring."),
        answers={"part": ("inlet", "ditch", "cover")},
    ),
    "mowing": Kind(
        weight=6,
        crossing=True,
        said=("Grass as high as my car at the crossing.", "Thistles along the whole stretch."),
        fixed=("Mowed today.",),
        answers={"plants": ("grass", "weeds", "both")},
    ),
    "blocked_sight_line": Kind(
        weight=6,
        crossing=True,
        said=("Bushes hide the traffic from the left.",),
        fixed=("The bushes are cut back.",),
        answers={"hides": (["traffic"], ["sign"])},
    ),
    "work_zone": Kind(
        weight=7,
        said=("The cones lie in the open lane.", "The detour signs point into a closed road."),
        fixed=("The contractor set the devices right while we were there.",),
        answers={"danger": ("none",), "problems": (["cones"], ["signs", "detour"])},
    ),
    "litter": Kind(
        weight=6,
        said=("Bags of trash along the ramp.",),
        fixed=("Picked up. The ramp is clean.",),
        answers={"amount": ("bag", "pickup", "more")},
    ),
    "spill": Kind(
        weight=5,
        urgent=True,
        said=("Gravel all over the curve.", "Grain on the road, it is like ice."),
        fixed=("Swept and dry. The road is open.",),
        answers={"danger": ("none",), "substance": ("farm", "stones"), "lane": LANES},
    ),
    "fence": Kind(
        weight=4,
        said=("The right-of-way fence is down, cattle are close.",),
        fixed=("The fence stands and is tight.",),
        answers={"cause": CAUSES, "livestock": ("no", "beside")},
    ),
    "stop_sign_down": Kind(
        weight=4,
        urgent=True,
        crossing=True,
        said=("The stop sign is down at the side road.",),
        fixed=("The sign stands again.",),
        answers={"danger": ("none",), "sign": ("stop", "yield")},
    ),
    "message_board": Kind(
        weight=3,
        said=("The board still shows last week's closure.",),
        fixed=("The board shows what is on today.",),
        answers={"message": ("Ramp closed",)},
    ),
}  # fmt: skip


def some(rng: random.Random, *, urgent: bool | None = None) -> str:
    """A category, as often as it turns up. ``urgent``: only those that cannot wait, or only the others."""
    kinds = {code: kind for code, kind in KINDS.items() if urgent is None or kind.urgent == urgent}
    return rng.choices(list(kinds), [kind.weight for kind in kinds.values()])[0]


def words(rng: random.Random, category: str) -> dict[str, Any]:
    """Category, description and answers of one report."""
    kind = KINDS[category]
    given = {code: rng.choice(list(options)) for code, options in kind.answers.items()}
    return {
        "category": category,
        "description": rng.choice(kind.said),
        "answers": {k: v for k, v in given.items() if v},
    }


def done(rng: random.Random, category: str) -> str:
    """What the crew says when it is fixed."""
    return rng.choice(KINDS[category].fixed)

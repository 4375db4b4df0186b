"""Roadway: what is broken, in the way or on the surface."""

from incidents.categories.texts import (
    DETAILS,
    FIRE,
    GAS,
    HURT,
    KEEP_OFF,
    LANE,
    LANE_REQUIRED,
    SINCE,
    WIRES,
    CategoryText,
    QuestionText,
    Value,
    danger,
)

GROUP = "roadway"

CATEGORIES = (
    CategoryText(
        code="pothole",
        group=GROUP,
        name="Pothole",
        description="A hole in the surface of the road.",
        keywords="pot hole, hole, crater, chuck hole, pavement, asphalt, concrete, bump, tire, rim, wheel, damage, "
        "broken road",
        first_action_days=3,
        duplicate_radius_m=100,
        questions=(
            LANE,
            QuestionText(
                code="size",
                text="How big is it?",
                values=(
                    Value(key="plate", name="Like a dinner plate or smaller"),
                    Value(key="tire", name="Like a car tire"),
                    Value(key="larger", name="Larger"),
                ),
            ),
            QuestionText(
                code="depth_inches",
                text="How deep is it, in inches?",
                datatype="number",
                hint="A guess from where you stand is fine.",
            ),
        ),
    ),
    CategoryText(
        code="sinkhole",
        group=GROUP,
        name="Sinkhole or road collapse",
        description="The ground under the road has given way, or the road is sinking.",
        keywords="sink hole, cave in, collapse, washout, washed out, undermined, void, ground, sinking, settled",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=100,
        questions=(danger(HURT, GAS, WIRES), LANE_REQUIRED, SINCE),
    ),
    CategoryText(
        code="surface_failure",
        group=GROUP,
        name="Cracked, rough or buckled surface",
        description="Cracks, ruts, bumps or a surface that has lifted in the heat.",
        keywords="crack, cracks, rut, ruts, bump, buckle, blow up, blowup, heave, rough, uneven, "
        "washboard, patch, joint",
        duplicate_radius_m=150,
        questions=(
            LANE,
            QuestionText(
                code="kinds",
                text="What do you see?",
                datatype="multivaluelist",
                values=(
                    Value(key="cracks", name="Cracks"),
                    Value(key="ruts", name="Ruts in the wheel tracks"),
                    Value(key="buckled", name="The surface has lifted"),
                    Value(key="loose", name="Loose pieces"),
                ),
            ),
        ),
    ),
    CategoryText(
        code="shoulder_drop_off",
        group=GROUP,
        name="Shoulder drop-off",
        description="The edge of the pavement is much higher than the shoulder beside it.",
        keywords="edge, drop, shoulder, low shoulder, gravel, rutted shoulder, washed out, pavement edge, ditch",
        duplicate_radius_m=200,
        questions=(
            QuestionText(code="drop_inches", text="How high is the edge, in inches?", datatype="number"),
            QuestionText(code="length_feet", text="How long is it, in feet?", datatype="number"),
        ),
    ),
    CategoryText(
        code="debris",
        group=GROUP,
        name="Debris in a lane",
        description="Something lies where people drive: cargo, a tire, rocks, parts of a car.",
        keywords="object, obstacle, cargo, load, ladder, tire, tread, rock, rocks, mattress, furniture, lumber, metal, "
        "glass, junk, lane blocked, in the road",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=100,
        questions=(
            danger(HURT, FIRE, WIRES),
            LANE_REQUIRED,
            QuestionText(
                code="what", text="What is it?", datatype="string", hint="For example: a ladder, a truck tire."
            ),
            KEEP_OFF,
        ),
    ),
    CategoryText(
        code="litter",
        group=GROUP,
        name="Litter on the roadside",
        description="Trash or dumped things beside the road, not in a lane.",
        keywords="trash, garbage, rubbish, dumping, dumped, bags, waste, clean up, bottles, ditch",
        duplicate_radius_m=150,
        questions=(
            QuestionText(
                code="amount",
                text="How much is it?",
                values=(
                    Value(key="bag", name="About a bag"),
                    Value(key="pickup", name="About a pickup load"),
                    Value(key="more", name="More"),
                ),
            ),
            DETAILS,
        ),
    ),
    CategoryText(
        code="dead_animal",
        group=GROUP,
        name="Dead animal",
        description="A dead animal in a lane or on the shoulder.",
        keywords="roadkill, road kill, carcass, deer, dog, raccoon, animal, body",
        first_action_days=2,
        questions=(
            LANE,
            QuestionText(
                code="animal",
                text="What kind of animal is it?",
                values=(
                    Value(key="deer", name="A deer or something as large"),
                    Value(key="small", name="A small wild animal"),
                    Value(key="pet", name="A pet, with or without a collar"),
                    Value(key="livestock", name="Cattle, a horse or another farm animal"),
                    Value(
                        key="alive",
                        name="It is still alive",
                        stop="Please do not go near it. Call 911 if it blocks the road, else the county sheriff.",
                    ),
                ),
            ),
        ),
    ),
    CategoryText(
        code="spill",
        group=GROUP,
        name="Spill on the road",
        description="Oil, fuel, grain, manure, paint or gravel spread over the road.",
        keywords="oil, fuel, diesel, gas, gasoline, chemical, hazmat, grain, corn, manure, paint, gravel, mud, slick, "
        "slippery, leak",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=150,
        questions=(
            danger(HURT, FIRE, GAS),
            QuestionText(
                code="substance",
                text="What was spilled?",
                values=(
                    Value(key="fuel", name="Oil or fuel"),
                    Value(key="farm", name="Grain, manure or mud"),
                    Value(key="stones", name="Gravel or sand"),
                    Value(
                        key="chemical",
                        name="A chemical, or a truck with a hazard sign",
                        stop="It may be poisonous. Stay away, upwind and uphill. Leave here and call 911 now.",
                    ),
                    Value(key="unknown", name="I do not know"),
                ),
            ),
            LANE,
        ),
    ),
    CategoryText(
        code="flooding",
        group=GROUP,
        name="Water over the road",
        description="Water stands on the road or runs across it.",
        keywords="flood, flooded, flooding, high water, standing water, underpass, ponding, river, creek, rain, "
        "hydroplane, washed over",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=250,
        questions=(
            danger(HURT, WIRES),
            QuestionText(
                code="depth",
                text="How deep is the water?",
                hint="Never drive into it to find out.",
                values=(
                    Value(key="film", name="A film; the lines show through"),
                    Value(key="ankle", name="Up to the ankle"),
                    Value(key="deeper", name="Deeper"),
                    Value(key="unknown", name="I cannot tell"),
                ),
            ),
            SINCE,
        ),
    ),
    CategoryText(
        code="drainage",
        group=GROUP,
        name="Blocked drain or ditch",
        description="A drain, inlet or ditch is full or broken; the road itself is not under water.",
        keywords="storm drain, inlet, grate, catch basin, manhole, cover, gutter, clogged, plugged, ditch, leaves",
        questions=(
            QuestionText(
                code="part",
                text="What is it?",
                values=(
                    Value(key="inlet", name="A drain in the road or curb"),
                    Value(key="ditch", name="A ditch"),
                    Value(key="cover", name="A cover is missing or loose"),
                ),
            ),
            DETAILS,
        ),
    ),
    CategoryText(
        code="snow_ice",
        group=GROUP,
        name="Snow or ice",
        description="A state road is icy, drifted over or has not been plowed.",
        keywords="snow, ice, icy, black ice, plow, plowing, salt, sand, slick, slippery, drift, drifting, winter, "
        "freeze, mailbox hit by plow",
        first_action_days=1,
        repair_days=2,
        duplicate_radius_m=500,
        questions=(
            QuestionText(
                code="surface",
                text="What does the road look like?",
                required=True,
                values=(
                    Value(key="ice", name="Ice"),
                    Value(key="snow", name="Snow, not plowed"),
                    Value(key="drift", name="Drifts across the road"),
                    Value(key="damage", name="A plow damaged something"),
                ),
            ),
            SINCE,
        ),
    ),
    CategoryText(
        code="sidewalk",
        group=GROUP,
        name="Sidewalk or curb ramp",
        description="A sidewalk, crossing or curb ramp along a state road that cannot be walked or rolled on.",
        keywords="sidewalk, curb, ramp, ada, wheelchair, accessibility, crosswalk, trip hazard, trail, path, bike lane",
        questions=(
            QuestionText(
                code="barrier",
                text="What is the problem?",
                datatype="multivaluelist",
                values=(
                    Value(key="broken", name="Broken or lifted"),
                    Value(key="no_ramp", name="No ramp, or a step at the ramp"),
                    Value(key="blocked", name="Something blocks the way"),
                    Value(key="button", name="The walk button cannot be reached"),
                ),
            ),
            DETAILS,
        ),
    ),
)

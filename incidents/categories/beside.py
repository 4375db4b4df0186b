"""Lights, plants, work zones, and what belongs to somebody else."""

from incidents.categories.texts import (
    CALL_911,
    DETAILS,
    FIRE,
    HURT,
    LANE,
    SINCE,
    WIRES,
    CategoryText,
    QuestionText,
    Value,
    danger,
)

LIGHTING = (
    CategoryText(
        code="light_out",
        group="lighting",
        name="Street light out",
        description="A light along a state road or at an interchange that is off, flickers or burns all day.",
        keywords="street light, streetlight, lamp, lighting, dark, bulb, flickering, on all day, interchange, "
        "underpass, tunnel",
        repair_days=20,
        duplicate_radius_m=60,
        questions=(
            QuestionText(
                code="how_many",
                text="How many lights?",
                values=(
                    Value(key="one", name="One"),
                    Value(key="several", name="Several in a row"),
                    Value(key="all", name="All around here"),
                ),
            ),
            QuestionText(
                code="pole_id",
                text="What is the number on the pole?",
                datatype="string",
                hint="Only if you can read it from the sidewalk.",
            ),
        ),
    ),
    CategoryText(
        code="pole_down",
        group="lighting",
        name="Light or sign pole down",
        description="A pole or a mast has fallen or leans over the road.",
        keywords="pole, light pole, lamp post, mast, knocked down, fallen, leaning, cabinet, open wires, sign truss",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=60,
        questions=(danger(HURT, FIRE, WIRES), LANE),
    ),
)

VEGETATION = (
    CategoryText(
        code="tree_down",
        group="vegetation",
        name="Tree or limb down",
        description="A tree or a large limb lies on the road or is about to fall on it.",
        keywords="tree, limb, branch, fallen, storm, wind, leaning, blocking, trunk, dead tree, ash",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=75,
        questions=(
            danger(HURT, WIRES),
            QuestionText(
                code="blocks",
                text="What does it block?",
                required=True,
                values=(
                    Value(key="all", name="The whole road"),
                    Value(key="lane", name="One lane"),
                    Value(key="shoulder", name="The shoulder"),
                    Value(key="leaning", name="Nothing yet: it leans"),
                ),
            ),
        ),
    ),
    CategoryText(
        code="blocked_sight_line",
        group="vegetation",
        name="Plants hide the view",
        description="Trees, brush or tall crops hide a sign, a signal or the cars that come.",
        keywords="sight, view, visibility, blind corner, brush, bush, overgrown, trim, trimming, corn, hidden sign",
        first_action_days=5,
        duplicate_radius_m=75,
        questions=(
            QuestionText(
                code="hides",
                text="What is hidden?",
                datatype="multivaluelist",
                required=True,
                values=(
                    Value(key="traffic", name="Traffic that comes"),
                    Value(key="sign", name="A sign"),
                    Value(key="signal", name="A signal"),
                    Value(key="walkers", name="People who cross"),
                ),
            ),
        ),
    ),
    CategoryText(
        code="mowing",
        group="vegetation",
        name="Mowing or weeds",
        description="Tall grass or noxious weeds along a state road.",
        keywords="mow, mowing, grass, weeds, thistle, noxious, spraying, median, tall, roadside, prairie",
        repair_days=30,
        duplicate_radius_m=500,
        questions=(
            QuestionText(
                code="plants",
                text="What grows there?",
                values=(
                    Value(key="grass", name="Grass"),
                    Value(key="weeds", name="Weeds"),
                    Value(key="both", name="Both"),
                ),
            ),
            DETAILS,
        ),
    ),
)

WORK_ZONES = (
    CategoryText(
        code="work_zone",
        group="work_zone",
        name="Problem in a work zone",
        description="Cones, barriers, signs or a detour that are wrong, missing or left behind.",
        keywords="construction, road work, roadwork, cones, barrels, barricade, detour, flagger, lane closed, "
        "steel plate, left behind, work",
        first_action_days=1,
        repair_days=2,
        duplicate_radius_m=250,
        questions=(
            danger(HURT, FIRE, WIRES),
            QuestionText(
                code="problems",
                text="What is wrong?",
                datatype="multivaluelist",
                values=(
                    Value(key="cones", name="Cones or barriers in the lane"),
                    Value(key="signs", name="Signs wrong or missing"),
                    Value(key="detour", name="The detour leads nowhere"),
                    Value(key="surface", name="Plates, bumps or mud"),
                    Value(key="left", name="Things left behind, no work going on"),
                ),
            ),
            SINCE,
        ),
    ),
)

NOT_OURS = (
    CategoryText(
        code="city_street",
        group="not_ours",
        name="City street",
        description="A problem on a street that belongs to a city.",
        keywords="city, town, street, avenue, alley, city sidewalk, park, neighborhood, parking",
        stop="City streets belong to the city. Please tell its public works office: you find the number on the website "
        "of the city.",
    ),
    CategoryText(
        code="county_road",
        group="not_ours",
        name="County road",
        description="A problem on a gravel or county road.",
        keywords="county, gravel, gravel road, secondary road, farm road, county bridge, grading, dust, blading",
        stop="County roads belong to the county. Please tell the county engineer (secondary roads): you find the "
        "number on the website of the county.",
    ),
    CategoryText(
        code="private_road",
        group="not_ours",
        name="Private road or parking lot",
        description="A driveway, parking lot or private lane.",
        keywords="driveway, parking lot, private, lane, apartment, store, shopping, neighbor",
        stop="This belongs to the owner of the property. Please tell the owner or the manager there.",
    ),
    CategoryText(
        code="railroad_crossing",
        group="not_ours",
        name="Railroad crossing",
        description="Gates, lights or rails where a railroad crosses a road.",
        keywords="railroad, railway, train, tracks, crossing, gate, gates, arms, rail, rough crossing, stuck",
        stop="Crossings belong to the railroad. Call the number on the blue sign at the crossing and give the crossing "
        "number that is on it. If a vehicle is stuck on the tracks, call it first, then 911.",
    ),
    CategoryText(
        code="power_line",
        group="not_ours",
        name="Wires down or a utility pole",
        description="Power, phone or cable wires, and the poles that carry them.",
        keywords="power line, wire, wires, electric, electricity, cable, phone line, utility pole, transformer, "
        "sparks, outage",
        stop=f"Wires and their poles belong to the utility. If wires are down or hang low, stay at least 35 feet away. "
        f"{CALL_911}",
    ),
    CategoryText(
        code="emergency",
        group="not_ours",
        name="Crash, fire or someone hurt",
        description="Anything that needs police, firefighters or an ambulance now.",
        keywords="crash, accident, collision, wreck, fire, injured, hurt, drunk driver, reckless, wrong way driver, "
        "stalled, emergency, 911, police",
        stop=f"This is an emergency. {CALL_911}",
    ),
)

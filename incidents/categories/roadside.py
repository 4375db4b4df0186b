"""Signals and signs, and structures along the road."""

from incidents.categories.texts import (
    DETAILS,
    FIRE,
    HURT,
    LANE,
    SIGNAL_ID,
    SINCE,
    WIRES,
    CategoryText,
    QuestionText,
    Value,
    danger,
)

SIGN_TEXT = QuestionText(
    code="sign_text", text="What does the sign say?", datatype="string", hint="For example: Speed limit 45."
)
DAMAGE_CAUSE = QuestionText(
    code="cause",
    text="What happened to it?",
    values=(
        Value(key="hit", name="A vehicle hit it"),
        Value(key="weather", name="Wind, water or snow"),
        Value(key="age", name="Rust or age"),
        Value(key="unknown", name="I do not know"),
    ),
)

TRAFFIC_CONTROL = (
    CategoryText(
        code="signal_dark",
        group="traffic_control",
        name="Traffic signal dark or flashing",
        description="A traffic signal is off, flashes red or yellow, or hangs down.",
        keywords="traffic light, stoplight, stop light, signal out, power out, dark, flashing, blinking, red, "
        "not working, fallen signal, intersection",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=60,
        questions=(
            danger(HURT, WIRES),
            QuestionText(
                code="shows",
                text="What does the signal show?",
                required=True,
                values=(
                    Value(key="dark", name="Nothing: it is dark"),
                    Value(key="red", name="Flashing red"),
                    Value(key="yellow", name="Flashing yellow"),
                    Value(key="conflict", name="Green in two crossing directions"),
                    Value(key="hanging", name="It hangs down or is turned away"),
                ),
            ),
            SIGNAL_ID,
        ),
    ),
    CategoryText(
        code="signal_mistimed",
        group="traffic_control",
        name="Traffic signal badly timed",
        description="A signal that skips you, stays red too long, or a walk button that does nothing.",
        keywords="traffic light, timing, too long, too short, stuck, skips, left turn, arrow, walk button, pedestrian, "
        "sensor, bike, one bulb out",
        duplicate_radius_m=60,
        questions=(
            QuestionText(
                code="problem",
                text="What goes wrong?",
                values=(
                    Value(key="long_red", name="Red for too long"),
                    Value(key="short_green", name="Green too short"),
                    Value(key="skipped", name="It skips a lane or an arrow"),
                    Value(key="walk", name="The walk button or walk light"),
                    Value(key="bulb", name="One light is out"),
                ),
            ),
            QuestionText(code="when", text="When did it happen?", datatype="datetime"),
            SIGNAL_ID,
        ),
    ),
    CategoryText(
        code="stop_sign_down",
        group="traffic_control",
        name="Stop, yield or wrong way sign down",
        description="A sign that keeps cars from crashing is gone, down or turned.",
        keywords="stop sign, yield, wrong way, do not enter, one way, knocked down, stolen, missing, turned, hidden",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=40,
        questions=(
            danger(HURT, WIRES),
            QuestionText(
                code="sign",
                text="Which sign?",
                required=True,
                values=(
                    Value(key="stop", name="Stop"),
                    Value(key="yield", name="Yield"),
                    Value(key="wrong_way", name="Wrong way or do not enter"),
                    Value(key="one_way", name="One way"),
                ),
            ),
        ),
    ),
    CategoryText(
        code="sign_missing",
        group="traffic_control",
        name="Sign missing or damaged",
        description="Any other sign that is gone, bent, faded or hidden.",
        keywords="sign, speed limit, guide sign, exit sign, mile marker, milepost, street name, bent, faded, graffiti, "
        "knocked down, unreadable, reflective",
        duplicate_radius_m=40,
        questions=(SIGN_TEXT, DAMAGE_CAUSE),
    ),
    CategoryText(
        code="marking_worn",
        group="traffic_control",
        name="Lines or markings worn",
        description="Lane lines, arrows or crosswalks that can hardly be seen.",
        keywords="paint, stripe, striping, line, lines, lane marking, center line, edge line, crosswalk, arrow, faded, "
        "reflectors, night",
        repair_days=60,
        duplicate_radius_m=250,
        questions=(
            QuestionText(
                code="markings",
                text="Which markings?",
                datatype="multivaluelist",
                values=(
                    Value(key="center", name="Center line"),
                    Value(key="lane", name="Lane lines"),
                    Value(key="edge", name="Edge lines"),
                    Value(key="crosswalk", name="Crosswalk or stop bar"),
                    Value(key="arrows", name="Arrows or words"),
                ),
            ),
            QuestionText(
                code="worst",
                text="When is it hardest to see?",
                values=(
                    Value(key="night", name="At night"),
                    Value(key="rain", name="In rain"),
                    Value(key="always", name="Always"),
                ),
            ),
        ),
    ),
    CategoryText(
        code="message_board",
        group="traffic_control",
        name="Electronic message board",
        description="A board over or beside the road that is off, wrong or cannot be read.",
        keywords="dynamic message sign, dms, vms, electronic sign, led, travel time, wrong message, off, pixels, amber",
        duplicate_radius_m=150,
        questions=(QuestionText(code="message", text="What does the board show?", datatype="string"), SINCE),
    ),
)

STRUCTURES = (
    CategoryText(
        code="bridge_deck",
        group="structures",
        name="Bridge damaged",
        description="A hole, loose joint, falling concrete or broken railing on a bridge or overpass.",
        keywords="bridge, overpass, deck, joint, expansion joint, railing, rail, concrete falling, rebar, hole, "
        "viaduct",
        first_action_days=1,
        duplicate_radius_m=150,
        questions=(
            QuestionText(
                code="part",
                text="Which part of the bridge?",
                required=True,
                values=(
                    Value(key="deck", name="The surface you drive on"),
                    Value(key="joint", name="A joint across the road"),
                    Value(key="rail", name="The railing"),
                    Value(key="below", name="Underneath"),
                ),
            ),
            LANE,
        ),
    ),
    CategoryText(
        code="bridge_hit",
        group="structures",
        name="Bridge hit by a vehicle or boat",
        description="Something has struck a bridge, its beams or its piers.",
        keywords="bridge strike, overheight, over height, truck, beam, girder, pier, barge, clearance, struck",
        safety=True,
        first_action_hours=2,
        duplicate_radius_m=150,
        questions=(danger(HURT, FIRE, WIRES), QuestionText(code="when", text="When was it hit?", datatype="datetime")),
    ),
    CategoryText(
        code="guardrail",
        group="structures",
        name="Guardrail or barrier damaged",
        description="A guardrail, cable barrier or crash cushion that is bent, broken or gone.",
        keywords="guard rail, barrier, cable, crash cushion, attenuator, median, post, hit, bent, concrete barrier",
        repair_days=20,
        duplicate_radius_m=100,
        questions=(
            DAMAGE_CAUSE,
            QuestionText(code="length_feet", text="How long is the damaged part, in feet?", datatype="number"),
            QuestionText(
                code="in_lane",
                text="Does any of it reach into a lane?",
                values=(Value(key="no", name="No"), Value(key="yes", name="Yes")),
            ),
        ),
    ),
    CategoryText(
        code="fence",
        group="structures",
        name="Fence or noise wall damaged",
        description="A fence or noise wall along a state road that is down or has a gap.",
        keywords="fence, right of way fence, noise wall, sound wall, gate, gap, livestock, cattle, deer",
        repair_days=20,
        duplicate_radius_m=100,
        questions=(
            DAMAGE_CAUSE,
            QuestionText(
                code="livestock",
                text="Are farm animals near the gap?",
                values=(
                    Value(key="no", name="No"),
                    Value(key="beside", name="Yes, beside the road"),
                    Value(
                        key="on_road",
                        name="Yes, on the road",
                        stop="Animals on the road are an emergency. Leave here and call 911 now.",
                    ),
                ),
            ),
        ),
    ),
    CategoryText(
        code="retaining_wall",
        group="structures",
        name="Retaining wall or slope",
        description="A wall that leans or cracks, or a slope that slides toward the road.",
        keywords="wall, retaining, slope, slide, landslide, mudslide, erosion, embankment, rockfall, bulging, leaning",
        first_action_days=3,
        duplicate_radius_m=150,
        questions=(
            QuestionText(
                code="moving",
                text="Has it moved lately?",
                values=(
                    Value(key="no", name="Not that I know"),
                    Value(key="slow", name="Yes, over weeks"),
                    Value(key="fast", name="Yes, today or yesterday"),
                ),
            ),
            DETAILS,
        ),
    ),
    CategoryText(
        code="culvert",
        group="structures",
        name="Culvert blocked or broken",
        description="A pipe or box under the road that is blocked, crushed or washed out.",
        keywords="culvert, pipe, tile, box culvert, clogged, beaver, washed out, crushed, stream, water backing up",
        duplicate_radius_m=75,
        questions=(DAMAGE_CAUSE, DETAILS),
    ),
)

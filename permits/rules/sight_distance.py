"""How far a driver must see at a driveway: formulas of AASHTO, A Policy on Geometric Design of Highways and Streets.

Distances are in feet, rounded up to the next 5 as in AASHTO's tables. The posted speed stands in for the design speed.
Not covered: grades steeper than 3 %, trucks leaving the driveway, roads with a median.
"""

import math

REACTION_SECONDS = 2.5
DECELERATION_FT_PER_S2 = 11.2
LEFT_TURN_GAP_SECONDS = 7.5  # passenger car, left turn from a stop
FT_PER_S_PER_MPH = 1.47  # the rounded factor of the tables


def stopping_sight_distance_ft(speed_mph: int) -> int:
    """What a driver on the road needs to stop for a car that pulls out; below this a driveway is unsafe."""
    braking = 1.075 * speed_mph**2 / DECELERATION_FT_PER_S2
    return _up_to_5(FT_PER_S_PER_MPH * speed_mph * REACTION_SECONDS + braking)


def intersection_sight_distance_ft(speed_mph: int) -> int:
    """What a driver needs to turn left out of the driveway without slowing the road's traffic."""
    return _up_to_5(FT_PER_S_PER_MPH * speed_mph * LEFT_TURN_GAP_SECONDS)


def _up_to_5(feet: float) -> int:
    return math.ceil(feet / 5) * 5

"""State routes as a few points with their mile markers: enough to put a report where a road really runs."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

# Mile, latitude, longitude; by mile. Rounded to what a driver would call the place.
type Marker = tuple[float, float, float]
NORTH, EAST = ("NB", "SB"), ("EB", "WB")  # ways of travel
ROUTES: Mapping[str, tuple[tuple[str, str], Sequence[Marker]]] = {
    "I-35": (NORTH, ((4, 40.63, -93.93), (33, 41.03, -93.80), (68, 41.55, -93.78), (87, 41.65, -93.57),
                     (111, 42.01, -93.57), (142, 42.45, -93.57), (165, 42.75, -93.35), (194, 43.14, -93.35),
                     (214, 43.44, -93.35))),
    "I-80": (EAST, ((5, 41.23, -95.78), (40, 41.49, -95.34), (76, 41.50, -94.64), (110, 41.54, -94.03),
                    (123, 41.59, -93.78), (137, 41.65, -93.57), (164, 41.68, -93.05), (182, 41.70, -92.72),
                    (220, 41.69, -92.00), (246, 41.69, -91.50), (271, 41.65, -91.03), (290, 41.60, -90.65))),
    "I-29": (NORTH, ((4, 40.64, -95.66), (32, 41.00, -95.80), (55, 41.33, -95.86), (75, 41.56, -95.91),
                     (112, 42.02, -96.10), (140, 42.40, -96.34))),
    "I-380": (NORTH, ((2, 41.72, -91.66), (18, 41.94, -91.67), (35, 42.16, -91.79), (49, 42.30, -92.00),
                      (70, 42.45, -92.28))),
    "I-235": (EAST, ((1, 41.59, -93.75), (6, 41.59, -93.67), (9, 41.60, -93.61), (13, 41.64, -93.58))),
    "US-30": (EAST, ((14, 41.56, -95.85), (50, 42.01, -95.37), (80, 42.06, -94.87), (110, 42.02, -94.38),
                     (148, 42.01, -93.62), (185, 42.02, -92.91), (203, 41.97, -92.57), (250, 41.92, -91.67),
                     (290, 41.84, -90.93), (325, 41.82, -90.26))),
    "US-20": (EAST, ((10, 42.46, -96.20), (50, 42.46, -95.44), (92, 42.44, -94.75), (124, 42.44, -94.15),
                     (155, 42.45, -93.57), (180, 42.45, -93.09), (225, 42.46, -92.40), (255, 42.47, -91.86),
                     (290, 42.48, -91.13), (312, 42.49, -90.74))),
    "US-69": (NORTH, ((5, 40.66, -93.90), (36, 41.03, -93.77), (62, 41.36, -93.56), (82, 41.60, -93.58),
                      (91, 41.73, -93.60), (112, 42.03, -93.61), (128, 42.25, -93.60), (170, 42.85, -93.61),
                      (192, 43.15, -93.64))),
    "US-65": (NORTH, ((8, 40.70, -93.40), (30, 41.02, -93.31), (58, 41.36, -93.54), (78, 41.60, -93.51),
                      (110, 41.99, -93.26), (145, 42.52, -93.26), (190, 43.15, -93.20))),
    "US-63": (NORTH, ((3, 40.63, -92.43), (34, 41.01, -92.41), (55, 41.29, -92.64), (84, 41.70, -92.58),
                      (112, 42.05, -92.57), (145, 42.49, -92.34), (185, 43.06, -92.32), (205, 43.37, -92.31))),
    "US-61": (NORTH, ((15, 40.65, -91.38), (38, 40.93, -91.15), (70, 41.34, -91.14), (90, 41.43, -91.05),
                      (110, 41.53, -90.72), (143, 42.00, -90.58), (185, 42.46, -90.68))),
    "US-218": (NORTH, ((20, 40.70, -91.59), (50, 41.12, -91.57), (90, 41.60, -91.56), (185, 42.72, -92.47),
                       (225, 43.22, -92.70))),
    "US-18": (EAST, ((10, 43.20, -96.30), (45, 43.18, -95.83), (80, 43.14, -95.14), (125, 43.08, -94.24),
                     (180, 43.11, -93.30), (235, 43.05, -92.32), (275, 43.02, -91.50))),
    "US-34": (EAST, ((10, 41.03, -95.76), (55, 41.01, -94.98), (95, 41.06, -94.37), (128, 41.03, -93.77),
                     (160, 41.02, -93.31), (200, 41.01, -92.43), (235, 40.98, -91.80), (262, 40.84, -91.22))),
    "US-71": (NORTH, ((10, 40.73, -95.03), (45, 41.15, -94.98), (68, 41.40, -94.99), (112, 42.03, -94.86),
                      (160, 42.66, -95.05), (200, 43.14, -95.14), (220, 43.41, -95.11))),
    "US-151": (EAST, ((40, 42.06, -91.52), (55, 42.20, -91.20), (75, 42.36, -90.92))),
    "US-52": (NORTH, ((150, 43.02, -91.40), (165, 43.23, -91.78))),
    "IA-92": (EAST, ((10, 41.24, -95.66), (60, 41.31, -94.95), (100, 41.33, -94.20), (140, 41.36, -93.58),
                     (175, 41.32, -93.10), (200, 41.29, -92.64), (250, 41.31, -91.85), (280, 41.28, -91.36))),
    "IA-14": (NORTH, ((30, 41.02, -93.31), (60, 41.32, -93.10), (90, 41.70, -93.05), (120, 42.04, -92.91),
                      (160, 42.66, -92.91))),
    "IA-3": (EAST, ((15, 42.78, -96.15), (50, 42.75, -95.55), (105, 42.72, -94.67), (160, 42.73, -93.73),
                    (205, 42.74, -92.80), (240, 42.73, -92.18), (275, 42.68, -91.55))),
    "IA-175": (EAST, ((10, 42.03, -95.99), (45, 42.34, -95.46), (90, 42.28, -94.72), (130, 42.27, -93.95),
                      (160, 42.36, -93.10))),
    "IA-141": (EAST, ((80, 41.89, -94.68), (110, 41.83, -94.10), (135, 41.71, -93.80))),
    "IA-13": (NORTH, ((15, 42.10, -91.53), (45, 42.48, -91.45), (65, 42.75, -91.40))),
    "IA-9": (EAST, ((10, 43.43, -96.25), (70, 43.42, -95.10), (120, 43.40, -94.40), (180, 43.42, -93.30),
                    (240, 43.38, -92.30), (280, 43.36, -91.40))),
    "IA-2": (EAST, ((10, 40.67, -95.60), (60, 40.70, -94.80), (110, 40.74, -93.87), (160, 40.73, -92.87),
                    (200, 40.75, -92.30), (230, 40.70, -91.70))),
}  # fmt: skip
METRES_PER_DEGREE = 111_320


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place on a route; degrees, miles."""

    route: str
    direction: str
    milepost: float
    latitude: float
    longitude: float

    def moved(self, metres: float, *, rng: random.Random) -> Spot:
        """A place some metres away, as another reporter's finger puts it."""
        north, east = rng.uniform(-1, 1) * metres, rng.uniform(-1, 1) * metres
        wide = METRES_PER_DEGREE * cos(radians(self.latitude))
        return Spot(
            route=self.route,
            direction=self.direction,
            milepost=self.milepost,
            latitude=round(self.latitude + north / METRES_PER_DEGREE, 6),
            longitude=round(self.longitude + east / wide, 6),
        )


def spot(route: str, milepost: float, direction: str) -> Spot:
    """The place of a mile marker."""
    _, markers = ROUTES[route]
    after = min(max(bisect_right([mile for mile, _, _ in markers], milepost), 1), len(markers) - 1)
    (m0, lat0, lon0), (m1, lat1, lon1) = markers[after - 1], markers[after]
    share = (milepost - m0) / (m1 - m0)
    latitude, longitude = lat0 + share * (lat1 - lat0), lon0 + share * (lon1 - lon0)
    return Spot(
        route=route, direction=direction, milepost=milepost, latitude=round(latitude, 6), longitude=round(longitude, 6)
    )


def anywhere(rng: random.Random, *, freeways: bool = True) -> Spot:
    """Some place; longer routes have more of them, and so have the metropolitan ones."""
    routes = {name: rows for name, rows in ROUTES.items() if freeways or not name.startswith("I-")}
    lengths = [(rows[-1][0] - rows[0][0]) * (6 if name == "I-235" else 1) for name, (_, rows) in routes.items()]
    name = rng.choices(list(routes), lengths)[0]
    ways, markers = routes[name]
    milepost = round(rng.uniform(markers[0][0], markers[-1][0]), 1)
    return spot(name, milepost, rng.choice(ways))

"""Write the county outlines of US states as GeoJSON, from the TopoJSON of us-atlas (US Census Bureau outlines, ISC).

Usage: python tools/extract_counties.py PATH_TO_us-atlas/counties-10m.json FIPS...
For example `... 19 08` writes workflow/contrib/places/data/19.json and 08.json. The same input gives the same bytes.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.text import slugify
from shapely import make_valid, to_geojson, union_all
from shapely.geometry import MultiPoint, MultiPolygon, Polygon

DATA_DIR = Path(__file__).resolve().parent.parent / "workflow" / "contrib" / "places" / "data"
DECIMALS = 5  # about a metre; the outlines themselves are good to a few hundred
SMALLEST_RADIUS_DEGREES = 0.01  # about a kilometre
ONE_DISTRICT_BELOW = 12  # a state with fewer counties is not worth dividing
GRID = (  # of a state without a district table: from west to east, in each the south and the north
    (("southwest", "Southwest"), ("northwest", "Northwest")),
    (("south", "South"), ("north", "North")),
    (("southeast", "Southeast"), ("northeast", "Northeast")),
)
type District = dict[str, str]
type Ring = list[tuple[float, float]]


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    topology = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    arcs = [list(_decoded(arc, topology["transform"])) for arc in topology["arcs"]]
    states = {row["id"]: row["properties"]["name"] for row in topology["objects"]["states"]["geometries"]}
    for state_fips in arguments[1:]:
        if state_fips not in states:
            print(f"No state has the FIPS code {state_fips!r}: give two digits, for example 19.", file=sys.stderr)
            return 1
        counties = _counties(topology, arcs, state_fips)
        table = DATA_DIR / "districts" / f"{state_fips}.json"
        districts, district_of = (
            _districts_from_table(table, counties) if table.exists() else _districts_by_place(counties)
        )
        path = DATA_DIR / f"{state_fips}.json"
        path.write_text(_document(state_fips, states[state_fips], counties, districts, district_of), encoding="utf-8")
        print(f"{path.name}: {states[state_fips]}, {len(counties)} counties, {len(districts)} districts")
    return 0


def _decoded(arc: list[list[int]], transform: dict[str, list[float]]) -> Iterator[tuple[float, float]]:
    # TopoJSON stores an arc as steps on an integer grid.
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        yield round(x * scale_x + shift_x, DECIMALS), round(y * scale_y + shift_y, DECIMALS)


def _ring(indexes: list[int], arcs: list[Ring]) -> Ring:
    # A negative index ~i is arc i backwards; each arc begins where the one before it ended.
    ring: Ring = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring


def _outline(geometry: dict[str, Any], arcs: list[Ring]) -> Polygon | MultiPolygon:
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    rings = [[_ring(indexes, arcs) for indexes in polygon] for polygon in polygons]
    # An islet smaller than the grid has fewer than four points left and no area.
    kept = [[ring for ring in polygon if len(ring) >= 4] for polygon in rings if len(polygon[0]) >= 4]
    # Simplified outlines may touch themselves; make_valid repairs that and leaves the area as it is.
    shape = make_valid(MultiPolygon([Polygon(shell, holes) for shell, *holes in kept]), method="structure")
    parts = getattr(shape, "geoms", [shape])
    polygons_only: list[Polygon] = [part for part in parts if isinstance(part, Polygon) and not part.is_empty]
    if not polygons_only:  # Falls Church, Virginia: a city of its own smaller than the grid, kept as a dot
        dot: Polygon = MultiPoint([point for ring in rings[0] for point in ring]).centroid.buffer(
            SMALLEST_RADIUS_DEGREES
        )
        return dot
    return MultiPolygon(polygons_only) if len(polygons_only) > 1 else polygons_only[0]


def _counties(topology: dict[str, Any], arcs: list[Ring], state_fips: str) -> list[dict[str, Any]]:
    rows = [row for row in topology["objects"]["counties"]["geometries"] if row["id"].startswith(state_fips)]
    rows.sort(key=lambda row: row["id"])
    names = Counter(row["properties"]["name"] for row in rows)
    return [
        {
            "fips": row["id"],
            "name": row["properties"]["name"],
            # Maryland and Virginia have a county and a city of one name: the code keeps the slug unique.
            "slug": slugify(row["properties"]["name"])
            + (f"-{row['id']}" if names[row["properties"]["name"]] > 1 else ""),
            "shape": _outline(row, arcs),
        }
        for row in rows
    ]


def _districts_from_table(path: Path, counties: list[dict[str, Any]]) -> tuple[list[District], dict[str, str]]:
    table = json.loads(path.read_text(encoding="utf-8"))["districts"]
    listed = [(name, district["slug"]) for district in table for name in district["counties"]]
    expected = sorted(county["name"] for county in counties)
    if sorted(name for name, _ in listed) != expected:
        wrong = set(expected) ^ {name for name, _ in listed} or "some counties twice"
        raise SystemExit(f"{path} must name each county of the state once; look at {wrong}.")
    by_name = dict(listed)
    districts = [{"slug": district["slug"], "name": district["name"]} for district in table]
    return districts, {county["fips"]: by_name[county["name"]] for county in counties}


def _districts_by_place(counties: list[dict[str, Any]]) -> tuple[list[District], dict[str, str]]:
    """Six districts of nearly equal county numbers: three bands from west to east, each cut into south and north."""
    if len(counties) < ONE_DISTRICT_BELOW:
        return [{"slug": "statewide", "name": "Statewide"}], dict.fromkeys((c["fips"] for c in counties), "statewide")
    places = {county["fips"]: county["shape"].representative_point() for county in counties}
    west_to_east = sorted(places, key=lambda fips: (places[fips].x, fips))
    districts: list[District] = []
    district_of: dict[str, str] = {}
    for band, halves in zip(_cut(west_to_east, len(GRID)), GRID, strict=True):
        south_to_north = sorted(band, key=lambda fips: (places[fips].y, fips))
        for part, (slug, name) in zip(_cut(south_to_north, len(halves)), halves, strict=True):
            districts.append({"slug": slug, "name": name})
            district_of |= dict.fromkeys(part, slug)
    shapes = {county["fips"]: county["shape"] for county in counties}
    for _ in counties:  # each round joins at least one county, or it is done
        if not _exclaves_joined(shapes, district_of):
            break
    return districts, district_of


def _exclaves_joined(shapes: dict[str, Any], district_of: dict[str, str]) -> int:
    """Give each county cut off from its district to the one it borders most; answer how many. Islands stay."""
    bodies = {}
    for slug in sorted(set(district_of.values())):
        merged = union_all([shapes[fips] for fips, district in district_of.items() if district == slug])
        bodies[slug] = max(getattr(merged, "geoms", [merged]), key=lambda part: part.area)
    moves = {}
    for fips, own in district_of.items():
        if not shapes[fips].intersection(bodies[own]).area:
            borders = {slug: shapes[fips].boundary.intersection(body).length for slug, body in bodies.items()}
            best = max(sorted(borders), key=lambda slug: borders[slug])
            if best != own and borders[best]:
                moves[fips] = best
    district_of |= moves
    return len(moves)


def _cut[T](rows: list[T], parts: int) -> list[list[T]]:
    edges = [round(len(rows) * part / parts) for part in range(parts + 1)]
    return [rows[begin:end] for begin, end in pairwise(edges)]


def _document(
    state_fips: str,
    state_name: str,
    counties: list[dict[str, Any]],
    districts: list[District],
    district_of: dict[str, str],
) -> str:
    """GeoJSON with one line a county, so that a change of one county is one line in a diff."""
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {key: county[key] for key in ("fips", "name", "slug")}
                | {"district": district_of[county["fips"]]},
                "geometry": json.loads(to_geojson(county["shape"])),
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )
        for county in counties
    ]
    head = {"type": "FeatureCollection", "fips": state_fips, "name": state_name, "districts": districts}
    return json.dumps(head, ensure_ascii=False)[:-1] + ',\n"features": [\n' + ",\n".join(features) + "\n]}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

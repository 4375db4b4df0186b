"""The sequence flows of a BPMN drawing: every move, led to the elements inside its cells, and what joins these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflow.diagrams.bpmn_nodes import JOG, Node, Nodes
from workflow.diagrams.layout import DOWN, LEFT, Drawing, Point, Route

COMB = 15  # from a gateway's corner to where its lines part


@dataclass(frozen=True, kw_only=True)
class Line:
    """A sequence flow; without a ``route`` it joins two elements of the same state."""

    id: str
    source: str
    target: str
    points: Sequence[Point]
    route: Route | None = None


def lines_of(drawing: Drawing, states: Mapping[str, Nodes], nodes: Sequence[Node]) -> Iterator[Line]:
    for begin in nodes:
        if begin.id == "begin":
            first = next(one for one in states.values() if one.cell.place.is_initial)
            yield _joint("begin", begin, first.entry)
    for state, one in states.items():
        for number, (before, after) in enumerate(pairwise(one.chain)):
            yield _joint(f"within_{state}_{number + 1}", before, after)
        if one.end is not None:
            yield _joint(f"stays_{state}", one.exit, one.end)
    for route in drawing.routes:
        flow = route.flow
        source, target = states[flow.source], states[flow.target]
        leaves = source.timers.get(flow.move.name, source.exit)
        own = route.points[1:] if route.side == DOWN else route.points
        points = _tidy([*_out(route, source, leaves), *own, *_in(route, target)])
        id_ = f"flow_{flow.move.name}_{flow.source}_{flow.target}"
        yield Line(id=id_, source=leaves.id, target=target.entry.id, points=points, route=route)


def _joint(id_: str, before: Node, after: Node) -> Line:
    """Straight down, or to the right where the two stand side by side."""
    one, other = before.box, after.box
    beside = other.x >= one.right
    points = [(one.right, one.centre), (other.x, one.centre)] if beside else [
        (one.middle, one.bottom), (other.middle, other.y)
    ]  # fmt: skip
    return Line(id=f"flow_{id_}", source=before.id, target=after.id, points=points)


def _out(route: Route, state: Nodes, leaves: Node) -> list[Point]:
    """From the element to the edge of its cell."""
    x, y = route.points[0]
    box = leaves.box
    if route.side == DOWN:
        jog = state.cell.bottom + JOG / 2
        return [(box.middle, box.bottom), (box.middle, jog), (x, jog)]
    if leaves.tag == "exclusiveGateway" and (state.cell.place.on_the_way or len(state.chain) > 1):
        corner, comb = (box.x, box.x - COMB) if route.side == LEFT else (box.right, box.right + COMB)
        return [(corner, box.centre), (comb, box.centre), (comb, y)]
    return [(box.middle, box.bottom), (box.middle, y)]


def _in(route: Route, state: Nodes) -> list[Point]:
    """From the edge of the cell to the element; a task fills its cell up to the edge."""
    x, y = route.points[-1]
    box = state.entry.box
    if state.entry.is_task:
        return []
    if route.side == DOWN:
        return [(box.middle, y), (box.middle, box.y)]
    corner, comb = (box.x, state.cell.x + 10) if x <= box.x else (box.right, state.cell.right - 10)
    return [(comb, y), (comb, box.centre), (corner, box.centre)]


def _tidy(points: Sequence[Point]) -> list[Point]:
    """Without points that are passed twice or lie on a straight piece."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept[-1] = point
        else:
            kept.append(point)
    return kept


def _in_line(one: Point, two: Point, three: Point) -> bool:
    return one[0] == two[0] == three[0] or one[1] == two[1] == three[1]

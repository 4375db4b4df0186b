"""Where everything of a drawing goes: a column of states from top to bottom, the rest in a second column.

Moves to the next state go straight down. Every other move has a line of its own beside the column: out of the lower
part of a state, up or down, and into the upper part of another. So no two lines share a piece, labels stand where only
their own line begins, and every loop is drawn around. Nothing is random: the same definition, the same drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workflow.diagrams.graph import Flow, Graph, Place
from workflow.diagrams.lanes import Lane, in_best_order

type Point = tuple[float, float]
type PortKey = tuple[str, str, str]  # state, side, move

LEFT, RIGHT, DOWN = "left", "right", "down"
OFFSET = 5  # the second column's lines lie between those of the first


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Sizes in pixels; heights are multiples of ten. ``room(place)``: how much a state needs between its entries and
    its ways out, and at least below that."""

    label_width: Callable[[Flow], float]
    place_width: Callable[[Place], float]
    room: Callable[[Place], tuple[float, float]] = lambda place: (0, 0)
    entry_min: float = 50
    exit_pitch: float = 20
    gap: float = 40
    entry_pitch: float = 10
    lane_pitch: float = 12
    margin: float = 20
    jog: float = 0  # between a state and the words of its moves straight down
    below: float = 0  # for a legend


@dataclass(kw_only=True)
class Cell:
    """A state on the paper: entries along the upper ``entry_height``, ways out from ``exits_at`` down."""

    place: Place
    x: float = 0
    y: float = 0
    width: float
    height: float
    entry_height: float
    exits_at: float  # from the top of the cell

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, kw_only=True)
class Route:
    """The line of one move, from the edge of a cell to the edge of another. ``label``: left, top, right, bottom of
    where its words may stand; the same for all lines of a move that begin together. ``side`` of its source."""

    flow: Flow
    side: str
    points: Sequence[Point]
    label: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    graph: Graph
    width: float
    height: float
    cells: dict[str, Cell]
    routes: Sequence[Route]


def lay_out(graph: Graph, metrics: Metrics) -> Drawing:
    return _Paper(graph, metrics).drawn()


@dataclass
class _Ports:
    """Which moves leave and enter each side of each state; their heights once they are known."""

    exits: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    entries: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    out_y: dict[PortKey, float] = field(default_factory=dict)
    in_y: dict[PortKey, float] = field(default_factory=dict)

    def add(self, flow: Flow, source_side: str, target_side: str) -> None:
        for ports, key in ((self.exits, (flow.source, source_side)), (self.entries, (flow.target, target_side))):
            moves = ports.setdefault(key, [])
            if flow.move.name not in moves:
                moves.append(flow.move.name)

    def most(self, ports: dict[tuple[str, str], list[str]], state: str) -> int:
        return max((len(moves) for (of, _), moves in ports.items() if of == state), default=0)


class _Paper:
    """One drawing while it is being made."""

    def __init__(self, graph: Graph, metrics: Metrics) -> None:
        self.graph, self.metrics = graph, metrics
        self.way = [place.state for place in graph.way]
        self.straight = [flow for flow in graph.flows if self._is_straight(flow)]
        self.around = [flow for flow in graph.flows if not self._is_straight(flow)]
        self.ports = _Ports()
        for flow in self.around:
            self.ports.add(flow, self._side(flow, flow.source), self._side(flow, flow.target))
        self.cells = self._cells()

    def drawn(self) -> Drawing:
        self._stack()
        self._set_heights_of_ports()
        left, right = (in_best_order(self._lanes(gutter)) for gutter in (LEFT, RIGHT))
        metrics, label = self.metrics, self._label_zone
        ways, others = (max((c.width for c in self._column(way)), default=0) for way in (True, False))
        way_x = metrics.margin + len(left) * metrics.lane_pitch + label(LEFT)
        lanes_x = way_x + ways + max(label(RIGHT), self._standing_out(ways))
        other_x = lanes_x + len(right) * metrics.lane_pitch + self._label_zone(LEFT, beside=True)
        for cell in self.cells.values():
            cell.x = way_x if cell.place.on_the_way else other_x
            cell.width = ways if cell.place.on_the_way else others
        pitch = metrics.lane_pitch
        at = {(LEFT, lane.move): metrics.margin + (i + 0.5) * pitch for i, lane in enumerate(left)}
        at |= {(RIGHT, lane.move): lanes_x + (i + 0.5) * pitch for i, lane in enumerate(right)}
        return Drawing(
            graph=self.graph,
            width=other_x + others + metrics.margin,
            height=max(cell.bottom for cell in self.cells.values()) + metrics.margin + metrics.below,
            cells=self.cells,
            routes=[*self._down(), *(self._round(flow, at) for flow in self.around)],
        )

    # -- which way ----------------------------------------------------------------------------------------------------
    def _is_straight(self, flow: Flow) -> bool:
        return (flow.source, flow.target) in zip(self.way, self.way[1:], strict=False)

    def _gutter(self, flow: Flow) -> str:
        return LEFT if flow.source in self.way and flow.target in self.way else RIGHT

    def _side(self, flow: Flow, state: str) -> str:
        return self._gutter(flow) if state in self.way else LEFT

    # -- from top to bottom -------------------------------------------------------------------------------------------
    def _cells(self) -> dict[str, Cell]:
        return {place.state: self._cell(place) for place in self.graph.places}

    def _cell(self, place: Place) -> Cell:
        metrics, most = self.metrics, self.ports.most
        entry = max(metrics.entry_min, (most(self.ports.entries, place.state) // 2 * 2 + 1) * metrics.entry_pitch)
        inside, least = metrics.room(place)
        exits = most(self.ports.exits, place.state) * metrics.exit_pitch
        return Cell(
            place=place,
            width=max(metrics.place_width(place), self._width_of_straights(place.state)),
            height=entry + inside + max(exits, least) + (10 if exits else 0),
            entry_height=entry,
            exits_at=entry + inside,
        )

    def _column(self, on_the_way: bool) -> list[Cell]:
        return [cell for cell in self.cells.values() if cell.place.on_the_way == on_the_way]

    def _stack(self) -> None:
        """The way from top to bottom; the others as near to the states they belong to as there is room."""
        y = self.metrics.margin + self.metrics.gap  # above the first: where it begins
        for cell in self._column(True):
            cell.y, y = y, y + cell.height + self.metrics.gap
        wanted = [(self._wanted_y(cell), number, cell) for number, cell in enumerate(self._column(False))]
        y = self.metrics.margin + OFFSET
        for want, _, cell in sorted(wanted, key=lambda each: each[:2]):
            grid = round((want - OFFSET) / 10) * 10 + OFFSET
            cell.y = max(y, grid)
            y = cell.y + cell.height + 20

    def _wanted_y(self, cell: Cell) -> float:
        state = cell.place.state
        near = [f.source if f.target == state else f.target for f in self.graph.flows if state in (f.source, f.target)]
        ys = [self.cells[other].y for other in near if other in self.way]
        return (min(ys) + max(ys)) / 2 if ys else 0

    def _set_heights_of_ports(self) -> None:
        for (state, side), moves in self.ports.exits.items():
            cell = self.cells[state]
            for number, move in enumerate(sorted(moves, key=lambda m: self._exit_order(m, state))):
                y = cell.y + cell.exits_at + (number + 1) * self.metrics.exit_pitch
                self.ports.out_y[state, side, move] = y
        for (state, side), moves in self.ports.entries.items():
            cell = self.cells[state]
            first = cell.entry_height // 20 * 10 - (len(moves) - 1) // 2 * self.metrics.entry_pitch
            for number, move in enumerate(sorted(moves, key=lambda m: self._entry_order(m, state))):
                self.ports.in_y[state, side, move] = cell.y + first + number * self.metrics.entry_pitch

    def _exit_order(self, move: str, state: str) -> tuple[bool, float, str]:
        """What fires by itself first, then by where it leads."""
        flows = [f for f in self.around if f.move.name == move and f.source == state]
        ys = [self.cells[flow.target].y for flow in flows]
        return all(flow.timer is None for flow in flows), sum(ys) / len(ys), move

    def _entry_order(self, move: str, state: str) -> tuple[float, str]:
        ys = [self.cells[f.source].y for f in self.around if f.move.name == move and f.target == state]
        return sum(ys) / len(ys), move

    # -- from left to right -------------------------------------------------------------------------------------------
    def _lanes(self, gutter: str) -> list[Lane]:
        lanes: dict[str, Lane] = {}
        for flow in self.around:
            if self._gutter(flow) != gutter:
                continue
            lane = lanes.setdefault(flow.move.name, Lane(move=flow.move.name))
            for state, y in ((flow.source, self._out(flow)), (flow.target, self._in(flow))):
                from_left = gutter == RIGHT and state in self.way
                (lane.left if from_left else lane.right).add(y)
        return list(lanes.values())

    def _out(self, flow: Flow) -> float:
        return self.ports.out_y[flow.source, self._side(flow, flow.source), flow.move.name]

    def _in(self, flow: Flow) -> float:
        return self.ports.in_y[flow.target, self._side(flow, flow.target), flow.move.name]

    def _label_zone(self, side: str, *, beside: bool = False) -> float:
        flows = [f for f in self.around if self._side(f, f.source) == side and (f.source not in self.way) == beside]
        widest = max((self.metrics.label_width(flow) for flow in flows), default=0)
        return widest + 18  # room for an arrow's head at least

    def _round(self, flow: Flow, at: dict[tuple[str, str], float]) -> Route:
        side, lane_x = self._side(flow, flow.source), at[self._gutter(flow), flow.move.name]
        source, target = self.cells[flow.source], self.cells[flow.target]
        start = source.x if side == LEFT else source.right
        end = target.x if self._side(flow, flow.target) == LEFT else target.right
        out_y, in_y = self._out(flow), self._in(flow)
        wide = self.metrics.label_width(flow)
        left = start - 8 - wide if side == LEFT else start + 8
        label = (left, out_y - self.metrics.exit_pitch * 0.8, left + wide, out_y - 2)
        points = [(start, out_y), (lane_x, out_y), (lane_x, in_y), (end, in_y)]
        return Route(flow=flow, side=side, points=points, label=label)

    # -- straight down ------------------------------------------------------------------------------------------------
    def _width_of_straights(self, state: str) -> float:
        """What the moves to the next state need side by side, but for the words of the last: they may stand out."""
        wide = [self.metrics.label_width(flow) + 20 for flow in self.straight if flow.source == state]
        return sum(wide) + 20 if len(wide) > 1 else 0

    def _standing_out(self, width: float) -> float:
        """How far the words beside a line from the middle reach beyond the column."""
        return max((self.metrics.label_width(flow) + 20 - width / 2 for flow in self.straight), default=0)

    def _down(self) -> list[Route]:
        routes = []
        for state in self.way:
            flows = sorted((f for f in self.straight if f.source == state), key=lambda f: f.timer is not None)
            cell = self.cells[state]
            x = cell.middle if len(flows) == 1 else cell.x + 20
            for flow in flows:
                wide, top = self.metrics.label_width(flow), self.cells[flow.target].y
                label = (x + 8, cell.bottom + 6 + self.metrics.jog, x + 8 + wide, top - 6)
                routes.append(Route(flow=flow, side=DOWN, points=[(x, cell.bottom), (x, top)], label=label))
                x += wide + 20
        return routes

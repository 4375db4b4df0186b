"""What stands in BPMN for one state of a case, and where: tasks, timers on their edge, a gateway, an event.

| of a state | in BPMN |
|---|---|
| the first, if nothing leads back to it | start event |
| a final one | end event |
| a step whose service leads on by itself (``then``) | service task; people's other ways leave the gateway below it |
| a step with a service and then people's decision | service task, user task |
| a step with people's decisions | user task |
| no step | task |
| several ways on | exclusive gateway |
| a way that a timer takes | timer on the edge of the task |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workflow.diagrams.graph import Flow, Graph, Place
from workflow.diagrams.layout import DOWN, LEFT, Cell, Metrics, Route

WIDTH, TASK_HEIGHT, GAP = 220, 60, 20
GATEWAY, EVENT = 50, 36
GATEWAY_GAP = 15  # so that the first line out of a gateway is straight
LABEL_WIDTH = 90
JOG = 16  # below a state, for lines straight down that change their column
TASKS = frozenset({"task", "userTask", "serviceTask"})


@dataclass(frozen=True, kw_only=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def centre(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, kw_only=True)
class Node:
    """One element of the process. ``flow``: for a timer on the edge of ``host``, the move it fires."""

    id: str
    tag: str
    name: str = ""
    notes: Sequence[str] = ()
    box: Box
    host: str = ""
    flow: Flow | None = None

    @property
    def is_task(self) -> bool:
        return self.tag in TASKS


@dataclass(kw_only=True)
class Nodes:
    """The elements of one state: ``chain`` from where moves come in to where they leave, then what hangs on it."""

    cell: Cell
    chain: list[Node] = field(default_factory=list)
    timers: dict[str, Node] = field(default_factory=dict)  # by move
    end: Node | None = None  # behind a gateway: the case may stay where it is

    @property
    def entry(self) -> Node:
        return self.chain[0]

    @property
    def exit(self) -> Node:
        return self.chain[-1]

    def all(self) -> list[Node]:
        return [*self.chain, *self.timers.values(), *([self.end] if self.end else [])]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Which elements a place needs."""

    service: bool  # a service task of its own before the rest
    main: str
    gateway: bool
    timed: frozenset[str]  # moves that leave from a timer on the task's edge

    @property
    def tasks(self) -> int:
        return self.service + (self.main in TASKS)


def metrics(graph: Graph) -> Metrics:
    """Sizes for ``lay_out``, so that every element finds room in its cell."""

    def room(place: Place) -> tuple[float, float]:
        kind = kind_of(place, graph)
        inside = TASK_HEIGHT + GAP if kind.tasks == 2 else 0
        if not kind.gateway or (kind.tasks == 0 and place.is_final):
            return inside, GAP
        below = GAP + EVENT if place.is_final else 0
        return inside, GAP + GATEWAY + 10 + below // 10 * 10 + (10 if below else 0)

    return Metrics(
        label_width=lambda flow: LABEL_WIDTH, place_width=lambda place: WIDTH, room=room, entry_min=TASK_HEIGHT,
        exit_pitch=40, gap=60, lane_pitch=14, jog=JOG,
    )  # fmt: skip


def kind_of(place: Place, graph: Graph) -> Kind:
    main, step = _main(place, graph), place.step
    has_service = step is not None and step.service is not None
    service = has_service and main != "serviceTask"
    leaving = [flow for flow in graph.flows if flow.source == place.state]
    on_task = main in TASKS or service
    timed = frozenset(flow.move.name for flow in leaving if flow.timer and on_task)
    ways = [flow for flow in leaving if flow.move.name not in timed]
    return Kind(service=service, main=main, gateway=len(ways) + place.is_final > 1, timed=timed)


def _main(place: Place, graph: Graph) -> str:
    step = place.step
    if place.is_final:
        return "endEvent"
    if place.is_initial and step is None and all(flow.target != place.state for flow in graph.flows):
        return "startEvent"
    if step is None:
        return "task"
    if step.service is not None and (step.then or not step.decisions):
        return "serviceTask"
    return "userTask"


def nodes_of(cell: Cell, graph: Graph, routes: Sequence[Route]) -> Nodes:
    """``routes``: those that leave the cell."""
    place, kind = cell.place, kind_of(cell.place, graph)
    nodes = Nodes(cell=cell)
    main = {"id": f"state_{place.state}", "tag": kind.main, "name": place.title, "notes": _notes(place)}
    if kind.service:
        box = Box(x=cell.x, y=cell.y, width=cell.width, height=cell.entry_height)
        named = {"id": f"service_{place.state}", "tag": "serviceTask", "name": place.machine}
        nodes.chain.append(Node(**named, box=box))  # type: ignore[arg-type]
    if kind.main in TASKS:
        y, height = (cell.y + cell.exits_at - TASK_HEIGHT, TASK_HEIGHT) if kind.service else (cell.y, cell.entry_height)
        nodes.chain.append(Node(**main, box=Box(x=cell.x, y=y, width=cell.width, height=height)))  # type: ignore[arg-type]
    nodes.timers = _timers(cell, kind, nodes, routes)
    if kind.gateway:
        nodes.chain.append(Node(id=f"ways_{place.state}", tag="exclusiveGateway", box=_gateway(cell, nodes)))
    if kind.main not in TASKS:
        event = Node(**main, box=_event(cell, nodes))  # type: ignore[arg-type]
        if kind.main == "startEvent" or not nodes.chain:
            nodes.chain.insert(0, event)
        else:
            nodes.end = event
    return nodes


def _notes(place: Place) -> list[str]:
    step = place.step
    if step is None:
        return []
    said = [f"Step {step.name}."]
    if place.machine:
        said.append(f"{place.machine}.")
    if step.then:
        said.append(f"When the result is accepted, {step.then} follows by itself.")
    if step.decisions:
        said.append(f"{place.who} may decide: {', '.join(step.decisions)}.")
    if step.pauses:
        said.append("The clock stands still.")
    return said


def _timers(cell: Cell, kind: Kind, nodes: Nodes, routes: Sequence[Route]) -> dict[str, Node]:
    """On the lower edge of the last task, at the side where their lines leave."""
    timers: dict[str, Node] = {}
    at = {LEFT: cell.x + 30, DOWN: cell.right - 30}
    for route in routes:
        name, timer = route.flow.move.name, route.flow.timer
        if name not in kind.timed or timer is None or name in timers:
            continue
        side = LEFT if route.side == LEFT else DOWN
        x, at[side] = at[side], at[side] + (40 if side == LEFT else -40)
        box = Box(x=x - EVENT / 2, y=nodes.exit.box.bottom - EVENT / 2, width=EVENT, height=EVENT)
        timers[name] = Node(
            id=f"timer_{timer.name}_{cell.place.state}", tag="boundaryEvent", box=box, host=nodes.exit.id,
            notes=["Fires by itself when the moment of the case comes."], flow=route.flow,
        )  # fmt: skip
    return timers


def _gateway(cell: Cell, nodes: Nodes) -> Box:
    if nodes.chain:
        return Box(x=cell.middle - GATEWAY / 2, y=nodes.exit.box.bottom + GATEWAY_GAP, width=GATEWAY, height=GATEWAY)
    y = cell.y + cell.exits_at + GATEWAY_GAP if cell.place.is_initial else cell.y + (cell.entry_height - GATEWAY) / 2
    x = cell.middle - GATEWAY / 2 if cell.place.on_the_way else cell.x + 24
    return Box(x=x, y=y, width=GATEWAY, height=GATEWAY)


def _event(cell: Cell, nodes: Nodes) -> Box:
    y = cell.y + (cell.entry_height - EVENT) / 2
    if cell.place.is_initial or not nodes.chain:
        x = cell.middle - EVENT / 2 if cell.place.on_the_way else cell.x + 24
    elif cell.place.on_the_way:
        x, y = cell.middle - EVENT / 2, nodes.exit.box.bottom + GAP
    else:
        x = nodes.exit.box.right + 30
    return Box(x=x, y=y, width=EVENT, height=EVENT)

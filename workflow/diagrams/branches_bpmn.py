"""Work at the same time as BPMN 2.0: a pool with a lane for each party, a parallel gateway at both ends.

A parallel gateway takes every way on, and its join waits for every way in. So a branch that is not always asked begins
with an exclusive gateway of its own: on to the task, or past it, and the two meet again before the join. A task has a
timer on its edge that does not interrupt it: it leads to an end that says who is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from workflow.diagrams.bpmn_nodes import EVENT, GATEWAY, Box
from workflow.diagrams.bpmn_xml import bounds, child, document, qualified, root_of, text_of, waypoints
from workflow.diagrams.branches import Branch, Fork

type Point = tuple[float, float]

LEFT, TOP, HEADER = 40, 40, 30
HOUSE_HEIGHT, LANE_HEIGHT = 120, 170
TASK_WIDTH, TASK_HEIGHT = 180, 70
BEGIN_X, SPLIT_X, ASK_X, TASK_X, TOLD_X, MERGE_X, JOIN_X, END_X = 130, 220, 310, 430, 650, 700, 800, 910
RIGHT = 1020
EVENT_TAGS = frozenset({"startEvent", "endEvent", "boundaryEvent"})


@dataclass(frozen=True, kw_only=True)
class Node:
    """One element. ``lane``: its place from the top; ``performer``: of a user task; ``host``: of a timer."""

    id: str
    tag: str
    name: str
    box: Box
    lane: int
    notes: Sequence[str] = ()
    performer: str = ""
    host: str = ""
    default: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    id: str
    source: str
    target: str
    points: Sequence[Point]
    name: str = ""
    when: str = ""


def branches_bpmn(fork: Fork) -> str:
    """A BPMN 2.0 document with its diagram."""
    nodes = [*_house(fork), *(node for at, one in enumerate(fork.branches, 1) for node in _branch(fork, one, at))]
    lines = [*_house_lines(), *(line for at, one in enumerate(fork.branches, 1) for line in _lines(one, at))]
    root = root_of(fork.name, fork.version)
    together = child(root, "bpmn:collaboration", {"id": f"collaboration_{fork.name}"})
    pool = {"id": f"pool_{fork.name}", "name": fork.title, "processRef": f"process_{fork.name}"}
    child(together, "bpmn:participant", pool)
    root.append(_process(fork, nodes, lines))
    root.append(_diagram(fork, nodes, lines))
    return text_of(root)


# -- what stands where ------------------------------------------------------------------------------------------------


def _centre(lane: int) -> float:
    """The height of the line that a lane's elements stand on."""
    return TOP + HOUSE_HEIGHT / 2 if lane == 0 else TOP + HOUSE_HEIGHT + LANE_HEIGHT * (lane - 1) + 75


def _on(lane: int, x: float, width: float, height: float) -> Box:
    return Box(x=x, y=_centre(lane) - height / 2, width=width, height=height)


def _house(fork: Fork) -> Iterator[Node]:
    yield Node(id="begin", tag="startEvent", name=fork.begins, box=_on(0, BEGIN_X, EVENT, EVENT), lane=0)
    for name, x in (("split", SPLIT_X), ("join", JOIN_X)):
        yield Node(id=name, tag="parallelGateway", name=name.title(), box=_on(0, x, GATEWAY, GATEWAY), lane=0)
    yield Node(id="end", tag="endEvent", name=fork.ends, box=_on(0, END_X, EVENT, EVENT), lane=0)


def _branch(fork: Fork, branch: Branch, lane: int) -> Iterator[Node]:
    task, key = _task_box(lane), branch.key
    if branch.asked_when:
        yield Node(
            id=f"ask_{key}", tag="exclusiveGateway", name="Called for?", box=_on(lane, ASK_X, GATEWAY, GATEWAY),
            lane=lane, notes=[f"Asked when {branch.asked_when}."], default=f"flow_past_{key}",
        )  # fmt: skip
        yield Node(
            id=f"merge_{key}", tag="exclusiveGateway", name="", box=_on(lane, MERGE_X, GATEWAY, GATEWAY), lane=lane
        )
    yield Node(
        id=f"task_{key}", tag="userTask", name=branch.title, box=task, lane=lane, performer=branch.performer,
        notes=[f"{branch.performer}. {fork.due}.", *([] if branch.asked_when else ["Always asked."])],
    )  # fmt: skip
    at = Box(x=task.right - 50 - EVENT / 2, y=task.bottom - EVENT / 2, width=EVENT, height=EVENT)
    yield Node(
        id=f"timer_{key}", tag="boundaryEvent", name="", box=at, lane=lane, host=f"task_{key}",
        notes=[f"{fork.due}; the task stays open."],
    )  # fmt: skip
    told = Box(x=TOLD_X, y=_told_y(lane) - EVENT / 2, width=EVENT, height=EVENT)
    yield Node(id=f"told_{key}", tag="endEvent", name=_sentence(fork.escalation), box=told, lane=lane)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _task_box(lane: int) -> Box:
    return _on(lane, TASK_X, TASK_WIDTH, TASK_HEIGHT)


def _told_y(lane: int) -> float:
    return _centre(lane) + 65


def _house_lines() -> Iterator[Line]:
    y = _centre(0)
    yield Line(id="flow_begin", source="begin", target="split", points=[(BEGIN_X + EVENT, y), (SPLIT_X, y)])
    yield Line(id="flow_end", source="join", target="end", points=[(JOIN_X + GATEWAY, y), (END_X, y)])


def _lines(branch: Branch, lane: int) -> Iterator[Line]:
    """Down from the split, into the task, up to the join; past the task where it is not called for."""
    key, y, task = branch.key, _centre(lane), _task_box(lane)
    down, up = (SPLIT_X + GATEWAY / 2, _centre(0) + GATEWAY / 2), (JOIN_X + GATEWAY / 2, _centre(0) + GATEWAY / 2)
    first, last, into, out = f"task_{key}", f"task_{key}", TASK_X, task.right
    if branch.asked_when:
        first, last, into, out = f"ask_{key}", f"merge_{key}", ASK_X, MERGE_X + GATEWAY
        yield from _choice(branch, y, task)
    yield Line(id=f"flow_to_{key}", source="split", target=first, points=[down, (down[0], y), (into, y)])
    yield Line(id=f"flow_from_{key}", source=last, target="join", points=[(out, y), (up[0], y), up])
    below = (task.right - 50, task.bottom + EVENT / 2)
    late: list[Point] = [below, (below[0], _told_y(lane)), (TOLD_X, _told_y(lane))]
    yield Line(id=f"flow_late_{key}", source=f"timer_{key}", target=f"told_{key}", points=late)


def _choice(branch: Branch, y: float, task: Box) -> Iterator[Line]:
    """Between the two gateways of a branch that is not always asked."""
    key, above, top = branch.key, y - 55, y - GATEWAY / 2
    ask, merge = ASK_X + GATEWAY / 2, MERGE_X + GATEWAY / 2
    over: list[Point] = [(ask, top), (ask, above), (merge, above), (merge, top)]
    through: list[Point] = [(ASK_X + GATEWAY, y), (TASK_X, y)]
    asked, task_id, merged = f"ask_{key}", f"task_{key}", f"merge_{key}"
    yield Line(
        id=f"flow_ask_{key}", source=asked, target=task_id, points=through, name="Yes", when=branch.asked_when
    )  # fmt: skip
    yield Line(id=f"flow_past_{key}", source=asked, target=merged, points=over, name="No")
    yield Line(id=f"flow_done_{key}", source=task_id, target=merged, points=[(task.right, y), (MERGE_X, y)])


# -- what it means ----------------------------------------------------------------------------------------------------


def _process(fork: Fork, nodes: Sequence[Node], lines: Sequence[Line]) -> ET.Element:
    attributes = {"id": f"process_{fork.name}", "name": fork.title, "isExecutable": "false"}
    process = ET.Element(qualified("bpmn:process"), attributes)
    document(process, list(fork.about))
    lanes = child(process, "bpmn:laneSet", {"id": f"lanes_{fork.name}"})
    for number, name in enumerate(_lane_names(fork)):
        lane = child(lanes, "bpmn:lane", {"id": f"lane_{number}", "name": name})
        for node in nodes:
            if node.lane == number:
                child(lane, "bpmn:flowNodeRef").text = node.id
    for node in nodes:
        _element(process, node, lines)
    for line in lines:
        ends = {"sourceRef": line.source, "targetRef": line.target}
        named = {"name": line.name} if line.name else {}
        element = child(process, "bpmn:sequenceFlow", {"id": line.id, **named, **ends})
        document(element, [f"Only when {line.when}."] if line.when else [])
    return process


def _lane_names(fork: Fork) -> list[str]:
    return [fork.house, *(branch.performer for branch in fork.branches)]


def _element(process: ET.Element, node: Node, lines: Sequence[Line]) -> None:
    wanted = {"name": node.name, "attachedToRef": node.host, "default": node.default}
    attributes = {"id": node.id, **{name: value for name, value in wanted.items() if value}}
    if node.host:
        attributes["cancelActivity"] = "false"
    element = child(process, f"bpmn:{node.tag}", attributes)
    document(element, node.notes)
    for tag, end in (("incoming", "target"), ("outgoing", "source")):
        for line in lines:
            if getattr(line, end) == node.id:
                child(element, f"bpmn:{tag}").text = line.id
    if node.host:
        child(element, "bpmn:timerEventDefinition", {"id": f"when_{node.id}"})
    if node.id.startswith("told_"):
        child(element, "bpmn:escalationEventDefinition", {"id": f"escalation_{node.id}"})
    if node.performer:
        owner = child(element, "bpmn:potentialOwner", {"id": f"owner_{node.id}", "name": node.performer})
        assigned = child(owner, "bpmn:resourceAssignmentExpression", {"id": f"assigned_{node.id}"})
        child(assigned, "bpmn:formalExpression", {"id": f"group_{node.id}"}).text = f"group({node.performer})"


# -- where it is drawn ------------------------------------------------------------------------------------------------


def _diagram(fork: Fork, nodes: Sequence[Node], lines: Sequence[Line]) -> ET.Element:
    diagram = ET.Element(qualified("bpmndi:BPMNDiagram"), {"id": f"diagram_{fork.name}", "name": fork.title})
    plane = child(
        diagram, "bpmndi:BPMNPlane", {"id": f"plane_{fork.name}", "bpmnElement": f"collaboration_{fork.name}"}
    )
    height = HOUSE_HEIGHT + LANE_HEIGHT * len(fork.branches)
    _flat(plane, f"pool_{fork.name}", Box(x=LEFT, y=TOP, width=RIGHT - LEFT, height=height))
    y: float = TOP
    for number in range(len(fork.branches) + 1):
        tall = LANE_HEIGHT if number else HOUSE_HEIGHT
        _flat(plane, f"lane_{number}", Box(x=LEFT + HEADER, y=y, width=RIGHT - LEFT - HEADER, height=tall))
        y += tall
    for node in nodes:
        marked = {"isMarkerVisible": "true"} if node.tag == "exclusiveGateway" else {}
        shape = {"id": f"shape_{node.id}", "bpmnElement": node.id, **marked}
        element = child(plane, "bpmndi:BPMNShape", shape)
        bounds(element, node.box)
        if node.name and node.tag != "userTask":
            bounds(child(element, "bpmndi:BPMNLabel"), _label(node))
    for line in lines:
        element = child(plane, "bpmndi:BPMNEdge", {"id": f"edge_{line.id}", "bpmnElement": line.id})
        waypoints(element, line.points)
        if line.name:
            x, y = line.points[0]
            near = Box(x=x + 12, y=y - 18, width=24, height=14)
            bounds(child(element, "bpmndi:BPMNLabel"), near)
    return diagram


def _flat(plane: ET.Element, name: str, box: Box) -> None:
    shape = child(plane, "bpmndi:BPMNShape", {"id": f"shape_{name}", "bpmnElement": name, "isHorizontal": "true"})
    bounds(shape, box)


def _label(node: Node) -> Box:
    """Below an event or a gateway of the first lane; beside an end that tells; below a question."""
    box = node.box
    if node.id.startswith("told_"):
        return Box(x=box.right + 6, y=box.centre - 14, width=100, height=28)
    wide = 90
    if node.tag == "parallelGateway":
        return Box(x=box.middle - wide / 2, y=box.y - 20, width=wide, height=14)
    return Box(x=box.middle - wide / 2, y=box.bottom + 5, width=wide, height=28)

"""A workflow as BPMN 2.0: what it means, and where each element is drawn, so that any viewer opens it.

Ids come from the names of states and moves and stay the same as long as those do. Not executable: the rules live in
the code, and what they ask is told in each element's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from workflow.definition import Edge, Workflow
from workflow.describing import in_words
from workflow.diagrams.bpmn_lines import Line, lines_of
from workflow.diagrams.bpmn_nodes import EVENT, LABEL_WIDTH, Box, Node, Nodes, metrics, nodes_of
from workflow.diagrams.bpmn_xml import bounds, child, document, qualified, root_of, text_of, waypoints
from workflow.diagrams.graph import graph_of
from workflow.diagrams.layout import Drawing, lay_out


def bpmn(workflow: Workflow) -> str:
    """A BPMN 2.0 document with its diagram."""
    graph = graph_of(workflow)
    drawing = lay_out(graph, metrics(graph))
    states = [
        nodes_of(cell, graph, [route for route in drawing.routes if route.flow.source == state])
        for state, cell in drawing.cells.items()
    ]
    nodes = [*_begin(states), *(node for one in states for node in one.all())]
    lines = list(lines_of(drawing, {one.cell.place.state: one for one in states}, nodes))
    root = root_of(workflow.name, workflow.version)
    root.append(_process(drawing, nodes, lines))
    root.append(_diagram(workflow, nodes, lines))
    return text_of(root)


def _begin(states: Sequence[Nodes]) -> Iterator[Node]:
    """A start event of its own where the first state is one a case may come back to."""
    first = next(one for one in states if one.cell.place.is_initial)
    if first.entry.tag != "startEvent":
        box = Box(x=first.cell.middle - EVENT / 2, y=first.cell.y - EVENT - 10, width=EVENT, height=EVENT)
        yield Node(id="begin", tag="startEvent", box=box)


# -- what it means ----------------------------------------------------------------------------------------------------


def _process(drawing: Drawing, nodes: Sequence[Node], lines: Sequence[Line]) -> ET.Element:
    workflow = drawing.graph.workflow
    attributes = {"id": f"process_{workflow.name}", "name": workflow.title, "isExecutable": "false"}
    process = ET.Element(qualified("bpmn:process"), attributes)
    document(process, [f"Workflow {workflow.name}, version {workflow.version}. Cases begin with {workflow.begin}."])
    dues = {f"state_{step.state}": step.due for step in workflow.by_name.values() if step.due is not None}
    defaults = _defaults(workflow, lines)
    for node in nodes:
        element = child(process, f"bpmn:{node.tag}", _attributes(node, defaults))
        due = dues.get(node.id)
        told = [] if due is None else ["Due: it depends on the case." if callable(due) else f"Due: {in_words(due)}."]
        document(element, [*node.notes, *told])
        for tag, end in (("incoming", "target"), ("outgoing", "source")):
            for line in lines:
                if getattr(line, end) == node.id:
                    child(element, f"bpmn:{tag}").text = line.id
        if node.tag == "boundaryEvent":
            child(element, "bpmn:timerEventDefinition", {"id": f"when_{node.id}"})
    for line in lines:
        named = {"name": line.route.flow.move.label} if line.route else {}
        ends = {"sourceRef": line.source, "targetRef": line.target}
        element = child(process, "bpmn:sequenceFlow", {"id": line.id, **named, **ends})
        document(element, _rules(line.route.flow.move) if line.route else [])
    return process


def _attributes(node: Node, defaults: dict[str, str]) -> dict[str, str]:
    more = {"attachedToRef": node.host, "cancelActivity": "true"} if node.tag == "boundaryEvent" else {}
    if node.tag == "exclusiveGateway":
        more = {"gatewayDirection": "Diverging"}
    named = {"name": node.name} if node.name else {}
    default = {"default": defaults[node.id]} if node.id in defaults else {}
    return {"id": node.id, **named, **more, **default}


def _defaults(workflow: Workflow, lines: Sequence[Line]) -> dict[str, str]:
    """What follows when nobody does anything: the move of an accepted result, or that an end stays one."""
    thens = {(step.state, step.then) for step in workflow.by_name.values() if step.then}
    found: dict[str, str] = {}
    for line in lines:
        flow = line.route.flow if line.route else None
        leads = (flow.source, flow.move.name) in thens if flow else not line.target.startswith("ways_")
        if leads and line.source.startswith("ways_"):
            found.setdefault(line.source, line.id)
    return found


def _rules(move: Edge) -> list[str]:
    guards = [f"Only if {guard.code}; else: {guard.sentence} [{guard.source}]" for guard in move.guards]
    return [move.description or move.label, f"Who: {move.permission.who}.", *guards]


# -- where it is drawn ------------------------------------------------------------------------------------------------


def _diagram(workflow: Workflow, nodes: Sequence[Node], lines: Sequence[Line]) -> ET.Element:
    diagram = ET.Element(qualified("bpmndi:BPMNDiagram"), {"id": f"diagram_{workflow.name}", "name": workflow.title})
    plane = child(
        diagram, "bpmndi:BPMNPlane", {"id": f"plane_{workflow.name}", "bpmnElement": f"process_{workflow.name}"}
    )
    for node in nodes:
        marked = {"isMarkerVisible": "true"} if node.tag == "exclusiveGateway" else {}
        shape = {"id": f"shape_{node.id}", "bpmnElement": node.id, **marked}
        element = child(plane, "bpmndi:BPMNShape", shape)
        bounds(element, node.box)
        if node.tag in ("startEvent", "endEvent") and node.name:
            bounds(child(element, "bpmndi:BPMNLabel"), _beside(node.box))
    for line in lines:
        edge = {"id": f"edge_{line.id}", "bpmnElement": line.id}
        element = child(plane, "bpmndi:BPMNEdge", edge)
        waypoints(element, line.points)
        if line.route:
            left, top, right, bottom = line.route.label
            label = Box(x=left, y=top, width=right - left, height=bottom - top)
            bounds(child(element, "bpmndi:BPMNLabel"), label)
    return diagram


def _beside(event: Box) -> Box:
    return Box(x=event.right + 6, y=event.centre - 14, width=LABEL_WIDTH, height=28)

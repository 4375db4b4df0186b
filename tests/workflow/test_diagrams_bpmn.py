"""The BPMN of every workflow: whole, consistent, and with a place on the paper for everything."""

from collections import Counter
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest

from workflow.definition import Workflow
from workflow.diagrams.bpmn import bpmn
from workflow.diagrams.bpmn_xml import SPACES
from workflow.registry import lifecycle_of, registry

EVERY = pytest.mark.parametrize("workflow", list(registry), ids=lambda workflow: workflow.name)
MODEL, DRAWN, SIZES, POINTS = (f"{{{SPACES[name]}}}" for name in ("bpmn", "bpmndi", "dc", "di"))


class Process:
    """A BPMN document, looked at."""

    def __init__(self, workflow: Workflow) -> None:
        self.root = ET.fromstring(bpmn(workflow).encode())
        process = self.root.find(f"{MODEL}process")
        self.flows = process.findall(f"{MODEL}sequenceFlow")
        self.nodes = {e.get("id"): e for e in process if e.get("id") and e not in self.flows}
        self.shapes = {e.get("bpmnElement"): e for e in self.root.iter(f"{DRAWN}BPMNShape")}
        self.edges = {e.get("bpmnElement"): e for e in self.root.iter(f"{DRAWN}BPMNEdge")}

    def tag(self, name: str) -> str:
        return self.nodes[name].tag.removeprefix(MODEL)

    def box(self, name: str) -> tuple[float, float, float, float]:
        x, y, width, height = (
            float(self.shapes[name].find(f"{SIZES}Bounds").get(n)) for n in ["x", "y", "width", "height"]
        )
        return x, y, x + width, y + height

    def words(self, name: str) -> str:
        found = self.nodes[name].find(f"{MODEL}documentation")
        return "" if found is None else found.text


@EVERY
def test_every_state_and_every_move_is_in_it_once(workflow: Workflow):
    process = Process(workflow)
    states = [name for name in process.nodes if name.startswith("state_")]
    assert Counter(states) == Counter(f"state_{state}" for state in workflow.model.State.values)
    moves = [f.get("id") for f in process.flows if f.get("name")]
    assert Counter(moves) == Counter(
        f"flow_{move.name}_{source}_{target}"
        for move in lifecycle_of(workflow.model)
        for source in move.sources
        for target in move.targets
    )


@EVERY
def test_ids_are_unique(workflow: Workflow):
    ids = [e.get("id") for e in Process(workflow).root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


@EVERY
def test_both_ends_of_every_flow_exist_and_know_it(workflow: Workflow):
    process = Process(workflow)
    listed = {
        (tag, name, e.text)
        for name, node in process.nodes.items()
        for tag in ("incoming", "outgoing")
        for e in node.findall(f"{MODEL}{tag}")
    }
    said = {("outgoing", flow.get("sourceRef"), flow.get("id")) for flow in process.flows}
    said |= {("incoming", flow.get("targetRef"), flow.get("id")) for flow in process.flows}
    assert listed == said
    assert {name for _, name, _ in said} <= process.nodes.keys()


@EVERY
def test_elements_are_joined_as_bpmn_allows(workflow: Workflow):
    process = Process(workflow)
    for name, node in process.nodes.items():
        ways_in, ways_out = (len(node.findall(f"{MODEL}{tag}")) for tag in ("incoming", "outgoing"))
        match process.tag(name):
            case "startEvent":
                assert (ways_in, ways_out) == (0, 1)
            case "endEvent":
                assert (ways_in > 0, ways_out) == (True, 0)
            case "exclusiveGateway":
                assert (ways_in > 0, ways_out > 1) == (True, True)
                assert node.get("default") in {None, *(e.text for e in node.findall(f"{MODEL}outgoing"))}
            case "boundaryEvent":
                assert (ways_in, ways_out > 0) == (0, True)
                assert process.tag(node.get("attachedToRef")).lower().endswith("task")
                assert node.find(f"{MODEL}timerEventDefinition") is not None
            case "serviceTask" | "userTask" | "task":
                assert (ways_in > 0, ways_out < 2) == (True, True)
            case other:
                pytest.fail(other)


@EVERY
def test_children_stand_in_the_order_of_the_standard(workflow: Workflow):
    order = [f"{MODEL}{tag}" for tag in ("documentation", "incoming", "outgoing", "timerEventDefinition")]
    for node in Process(workflow).nodes.values():
        places = [order.index(child.tag) for child in node]
        assert places == sorted(places)


@EVERY
def test_what_a_step_is_shows_in_its_element(workflow: Workflow):
    process = Process(workflow)
    assert [process.tag(name) for name in process.nodes].count("startEvent") == 1
    for step in workflow.by_name.values():
        own = {process.tag(name) for name in process.nodes if name in (f"state_{step.state}", f"service_{step.state}")}
        assert ("serviceTask" in own) == (step.service is not None)
        if step.decisions and not (step.service and step.then) and step.state not in workflow.final:
            assert "userTask" in own
        assert f"Step {step.name}." in process.words(f"state_{step.state}")
    assert all(process.tag(f"state_{state}") == "endEvent" for state in workflow.final)
    for timer in workflow.timers:
        assert {name for name in process.nodes if name.startswith(f"timer_{timer.name}_")} == {
            f"timer_{timer.name}_{state}" for state in timer.states
        }
        leaving = {f.get("id") for f in process.flows if f.get("sourceRef").startswith(f"timer_{timer.name}_")}
        assert leaving
        assert all(id_.startswith(f"flow_{timer.fires}_") for id_ in leaving)


@EVERY
def test_moves_tell_who_and_only_if(workflow: Workflow):
    process = Process(workflow)
    told = {flow.get("id"): flow.findtext(f"{MODEL}documentation") or "" for flow in process.flows}
    for move in lifecycle_of(workflow.model):
        words = told[f"flow_{move.name}_{move.sources[0]}_{move.targets[0]}"]
        assert move.description in words
        assert f"Who: {move.permission.who}." in words
        assert all(guard.sentence in words and guard.code in words for guard in move.guards)


# -- the diagram ------------------------------------------------------------------------------------------------------
@EVERY
def test_everything_has_a_place_and_nothing_else_has(workflow: Workflow):
    process = Process(workflow)
    assert process.shapes.keys() == process.nodes.keys()
    assert process.edges.keys() == {flow.get("id") for flow in process.flows}


@EVERY
def test_shapes_do_not_overlap_but_for_timers_on_their_tasks(workflow: Workflow):
    process = Process(workflow)
    for one, other in combinations(process.shapes, 2):
        a, b = process.box(one), process.box(other)
        together = a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        hosts = {process.nodes[one].get("attachedToRef"), process.nodes[other].get("attachedToRef")}
        assert not together or hosts & {one, other}, (one, other)


@EVERY
def test_every_edge_begins_and_ends_at_its_shapes_and_has_only_right_angles(workflow: Workflow):
    process = Process(workflow)
    for flow in process.flows:
        points = [
            (float(p.get("x")), float(p.get("y"))) for p in process.edges[flow.get("id")].findall(f"{POINTS}waypoint")
        ]
        assert len(points) > 1
        assert all((a[0] == b[0]) != (a[1] == b[1]) for a, b in pairwise(points)), flow.get("id")
        for (x, y), name in ((points[0], flow.get("sourceRef")), (points[-1], flow.get("targetRef"))):
            left, top, right, bottom = process.box(name)
            assert left <= x <= right, (flow.get("id"), name)
            assert top <= y <= bottom, (flow.get("id"), name)
            assert x in (left, right) or y in (top, bottom), (flow.get("id"), name)


@EVERY
def test_the_same_definition_gives_the_same_document(workflow: Workflow):
    assert bpmn(workflow) == bpmn(workflow)

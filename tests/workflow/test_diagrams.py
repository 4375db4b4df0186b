"""The drawings of a workflow: complete, readable, the same every time; and the doors to them."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.parcels.models import State
from tests.parcels.workflow import PARCEL
from workflow.definition import Timer, Workflow
from workflow.diagrams import svg as svg_module
from workflow.diagrams.bpmn_nodes import metrics
from workflow.diagrams.graph import graph_of
from workflow.diagrams.lanes import Lane, crossings, in_best_order
from workflow.diagrams.layout import Drawing, Route, lay_out
from workflow.diagrams.svg import svg
from workflow.registry import lifecycle_of, registry

EVERY = pytest.mark.parametrize("workflow", list(registry), ids=lambda workflow: workflow.name)
SVG = "{http://www.w3.org/2000/svg}"


def for_people(workflow: Workflow) -> Drawing:
    return svg_module._drawing(workflow, (), "You")


def for_tools(workflow: Workflow) -> Drawing:
    graph = graph_of(workflow)
    return lay_out(graph, metrics(graph))


BOTH = pytest.mark.parametrize("drawn", [for_people, for_tools])


def overlap(one, other) -> bool:
    """Of two boxes (left, top, right, bottom)."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def box_of(cell):
    return (cell.x, cell.y, cell.right, cell.bottom)


def pieces(route: Route):
    return [piece for piece in pairwise(route.points) if piece[0] != piece[1]]


# -- complete ---------------------------------------------------------------------------------------------------------
@EVERY
def test_every_state_step_and_move_is_drawn_once(workflow: Workflow):
    root = ET.fromstring(svg(workflow))
    assert Counter(e.get("data-state") for e in root.iter() if e.get("data-state")) == Counter(
        map(str, workflow.model.State.values)
    )
    assert Counter(e.get("data-step") for e in root.iter() if e.get("data-step")) == Counter(workflow.by_name.keys())
    moves = lifecycle_of(workflow.model)
    assert Counter(e.get("data-move") for e in root.iter() if e.get("data-move")) == Counter(m.name for m in moves)
    pairs = [f"{m.name}-{source}-{target}" for m in moves for source in m.sources for target in m.targets]
    assert Counter(e.get("data-flow") for e in root.iter() if e.get("data-flow")) == Counter(pairs)


@EVERY
def test_words_stay_words_and_every_state_and_move_has_its_own(workflow: Workflow):
    root = ET.fromstring(svg(workflow))
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {place.title for place in graph_of(workflow).places} <= set(words)
    assert {move.label for move in lifecycle_of(workflow.model)} <= set(words)
    assert root.get("role") == "img"
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby").split() == [title.get("id"), described.get("id")]
    assert all(f"{move.label}: from “" in described.text for move in lifecycle_of(workflow.model))


@EVERY
def test_the_drawing_keeps_the_content_security_policy(workflow: Workflow):
    root = ET.fromstring(svg(workflow))
    assert not [e for e in root.iter() if e.tag in (f"{SVG}style", f"{SVG}script") or "style" in e.attrib]


# -- readable ---------------------------------------------------------------------------------------------------------
@EVERY
@BOTH
def test_no_two_boxes_overlap_and_everything_is_on_the_paper(workflow: Workflow, drawn):
    drawing = drawn(workflow)
    boxes = [box_of(cell) for cell in drawing.cells.values()]
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    labels = {route.label for route in drawing.routes}
    points = [(x, y, x, y) for route in drawing.routes for x, y in route.points]
    for left, top, right, bottom in [*boxes, *labels, *points]:
        assert 0 <= left <= right <= drawing.width
        assert 0 <= top <= bottom <= drawing.height


@EVERY
@BOTH
def test_words_touch_neither_words_nor_boxes_nor_lines_that_are_not_theirs(workflow: Workflow, drawn):
    drawing = drawn(workflow)
    labels = {(route.flow.source, route.flow.move.name, route.label) for route in drawing.routes}
    assert not [(a, b) for a, b in combinations(sorted(labels), 2) if overlap(a[2], b[2])]
    for _, name, label in labels:
        assert not [cell for cell in drawing.cells.values() if overlap(label, box_of(cell))]
        for route in drawing.routes:
            for (x1, y1), (x2, y2) in pieces(route):
                line = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
                assert not overlap(label, line), (name, route.flow.key)


@EVERY
@BOTH
def test_lines_of_different_moves_share_no_piece(workflow: Workflow, drawn):
    routes = drawn(workflow).routes
    for one, other in combinations(routes, 2):
        if one.flow.move.name == other.flow.move.name:
            continue
        for (a, b), (c, d) in ((p, q) for p in pieces(one) for q in pieces(other)):
            for axis in (0, 1):
                if a[axis] == b[axis] == c[axis] == d[axis]:
                    along = 1 - axis
                    shared = min(max(a[along], b[along]), max(c[along], d[along])) - max(
                        min(a[along], b[along]), min(c[along], d[along])
                    )
                    assert shared < 0, (one.flow.key, other.flow.key)


@EVERY
@BOTH
def test_every_line_begins_and_ends_at_the_edge_of_its_states(workflow: Workflow, drawn):
    drawing = drawn(workflow)
    for route in drawing.routes:
        for (x, y), cell in (
            (route.points[0], drawing.cells[route.flow.source]),
            (route.points[-1], drawing.cells[route.flow.target]),
        ):
            on_a_side = x in (cell.x, cell.right) and cell.y < y < cell.bottom
            above_or_below = y in (cell.y, cell.bottom) and cell.x < x < cell.right
            assert on_a_side or above_or_below, route.flow.key


@EVERY
def test_the_ordered_steps_stand_in_their_order_and_waits_and_ends_beside_them(workflow: Workflow):
    cells = for_people(workflow).cells
    ys = [cells[step.state].y for step in workflow.steps]
    assert ys == sorted(ys)
    beside = {cell.place.state for cell in cells.values() if not cell.place.on_the_way}
    assert {wait.state for wait in workflow.waits} <= beside
    assert set(map(str, workflow.final)) - {step.state for step in workflow.steps} <= beside


def test_a_detour_stands_beside_the_way_and_what_follows_the_last_step_on_it():
    way = [place.state for place in graph_of(registry.get("roadPermit")).way]
    assert way[-3:] == ["in_force", "active", "completed"]
    assert "suspended" not in way


def test_lanes_are_put_where_they_cross_least():
    outer = Lane(move="outer", left={0, 100}, right=set())
    inner = Lane(move="inner", left={40, 60}, right=set())
    assert [lane.move for lane in in_best_order([outer, inner])] == ["inner", "outer"]
    assert crossings([inner, outer]) == 0
    assert crossings([outer, inner]) == 2


# -- the same every time ----------------------------------------------------------------------------------------------
@EVERY
def test_the_same_definition_gives_the_same_drawing(workflow: Workflow):
    first = svg(workflow)
    svg_module._drawing.cache_clear()
    assert svg(workflow) == first


# -- where a case stands ----------------------------------------------------------------------------------------------
def marks(drawing: str) -> dict[str, str]:
    return {e.get("data-state"): e.get("data-mark") for e in ET.fromstring(drawing).iter() if e.get("data-mark")}


def test_where_a_case_is_and_where_it_was_are_marked_in_words_too():
    drawing = svg(PARCEL, current=State.INSPECTION, visited={"", "new", "received", "inspection"}, inline=True)
    assert marks(drawing) == {"new": "done", "received": "done", "inspection": "now"}
    words = [text.text for text in ET.fromstring(drawing).iter(f"{SVG}text")]
    assert (words.count("done"), words.count("now")) == (2, 1)
    assert "Now: Inspection. What may follow:" in drawing
    assert "Receive" not in ET.fromstring(drawing).find(f"{SVG}desc").text


def test_an_inline_drawing_takes_the_colours_of_its_page_and_a_document_brings_paper():
    assert 'fill="#ffffff"' not in svg(PARCEL, inline=True)
    assert 'color="#' not in svg(PARCEL, inline=True)
    assert 'fill="#ffffff"' in svg(PARCEL)
    assert 'color="#1b1b1b"' in svg(PARCEL)


def test_officers_read_their_own_words():
    drawing = svg(PARCEL, names={"asked": "Waits for the sender"}, citizen="The sender")
    assert ">Waits for the sender<" in drawing
    assert ">The sender<" in drawing
    assert ">A question for you<" not in drawing


def test_words_are_escaped():
    wait = replace(PARCEL.waits[0], title="<b>&amp;")
    assert "&lt;b&gt;&amp;amp;" in svg(replace(PARCEL, waits=(wait,)))


def test_what_happens_by_itself_has_a_clock():
    timer = Timer(name="late", states=frozenset({State.LABELLING}), at=lambda case: None, fires="dispatch")
    without, more = svg(PARCEL), svg(replace(PARCEL, timers=(*PARCEL.timers, timer)))
    assert more.count('r="5"') == without.count('r="5"') + 1


# -- doors ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("end", "kind"), [("svg", "image/svg+xml"), ("bpmn", "application/xml")])
def test_anybody_may_read_a_drawing_and_keep_it(end: str, kind: str):
    address = Client().get("/api/v1/workflows/parcel/").json()[f"diagram_{end}"]
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer["Cache-Control"] == "public, max-age=300"
    assert ET.fromstring(answer.content) is not None
    again = Client().get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    assert Client().head(address).content == b""


def test_the_drawing_of_an_unknown_workflow_is_a_problem():
    answer = Client().get("/api/v1/workflows/pigeon/diagram.svg")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_command_writes_drawings_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    drawn, modelled = tmp_path / "parcel.svg", tmp_path / "parcel.bpmn"
    call_command("describe_workflow", "parcel", "--svg", str(drawn), "--bpmn", str(modelled))
    assert drawn.read_text() == svg(registry.get("parcel"))
    assert modelled.read_text().startswith("<?xml")
    assert capsys.readouterr().out == f"Written: {drawn}\nWritten: {modelled}\n"
    with pytest.raises(CommandError, match="Name a file in a folder you may write to"):
        call_command("describe_workflow", "parcel", "--svg", str(tmp_path / "none" / "parcel.svg"))

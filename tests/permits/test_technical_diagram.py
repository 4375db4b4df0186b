"""The technical review drawn: read from the flow, complete, and right about where each specialist stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from permits.technical import diagram, reviews
from permits.technical.flows import TechnicalReviewFlow
from permits.technical.models import TechnicalReview, TechnicalTask
from permits.technical.specialties import ASKED_WHEN, Specialty
from tests.permits import factories as make
from workflow.definition import Diagram
from workflow.diagrams.bpmn_xml import SPACES
from workflow.diagrams.branches_svg import branches_svg
from workflow.registry import Registry, registry

SVG = "{http://www.w3.org/2000/svg}"
MODEL, DRAWN, SIZES, POINTS = (f"{{{SPACES[name]}}}" for name in ("bpmn", "bpmndi", "dc", "di"))
HUMAN = list(Specialty.values)  # in the order of the flow


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def words_of(drawing: str) -> dict[str, list[str]]:
    """Branch -> the words in its box."""
    boxes = [e for e in ET.fromstring(drawing).iter(f"{SVG}g") if e.get("data-branch")]
    return {str(box.get("data-branch")): [str(text.text) for text in box.iter(f"{SVG}text")] for box in boxes}


def live(permit: Any) -> dict[str, list[str]]:
    return words_of(diagram.live(reviews.tasks_of(permit)))


# -- the flow itself --------------------------------------------------------------------------------------------------
def test_every_task_of_the_flow_is_a_box_and_those_asked_on_a_condition_say_it() -> None:
    drawn = words_of(diagram.DIAGRAM.svg())
    assert list(drawn) == HUMAN
    assert {node.name for node in TechnicalReviewFlow.instance.nodes() if node.task_type == "HUMAN"} == set(HUMAN)
    assert "Always asked" in drawn["traffic"]
    asked_when = {key for key, words in drawn.items() if any(word.startswith("Asked when") for word in words)}
    assert asked_when == {str(one) for one in ASKED_WHEN}


def test_the_drawing_says_what_happens_when_a_deadline_passes() -> None:
    described = ET.fromstring(diagram.DIAGRAM.svg()).findtext(f"{SVG}desc") or ""
    assert "1 to 10 working days, by the class of the permit; then the district manager is told." in described


def test_a_flow_of_another_shape_is_not_drawn_with_something_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = list(TechnicalReviewFlow.instance.nodes())
    node = next(one for one in nodes if one.task_type == "HUMAN")
    monkeypatch.setattr(TechnicalReviewFlow.instance, "nodes", lambda: iter([*nodes, node]), raising=False)
    with pytest.raises(ImproperlyConfigured, match="draw it anew"):
        diagram.fork()


def test_the_drawing_keeps_the_content_security_policy() -> None:
    for drawing in (diagram.DIAGRAM.svg(), diagram.DIAGRAM.bpmn()):
        root = ET.fromstring(drawing.encode())
        assert not [e for e in root.iter() if e.tag in (f"{SVG}style", f"{SVG}script") or "style" in e.attrib]


# -- one review -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_each_state_of_a_branch_is_told_in_words() -> None:
    permit = make.filed(structures_affected=True, environmental_review="pending")
    by = {task.specialty: task for task in make.open_tasks(permit)}
    assert set(by) == set(Specialty.values)
    reviews.recommend(permit, task=by["traffic"].pk, recommendation="approve", actor=make.specialist(by["traffic"]))
    reviews.recommend(
        permit, task=by["structures"].pk, recommendation="approve_with_conditions", conditions=["C12"],
        comment="Noise near the school.", actor=make.specialist(by["structures"]),
    )  # fmt: skip
    reviews.recommend(
        permit, task=by["utilities"].pk, recommendation="refuse", comment="The main lies there.",
        actor=make.specialist(by["utilities"]),
    )  # fmt: skip
    TechnicalTask.objects.filter(pk=by["environment"].pk).update(
        due_at=timezone.now() - timedelta(hours=1), late_at=timezone.now()
    )
    drawn = live(permit)
    assert drawn["traffic"][:2] == ["Approve", "Traffic"]
    assert "Traffic-expert Reyes" in drawn["traffic"]
    assert drawn["structures"][0] == "Approve with conditions"
    assert drawn["utilities"][0] == "Refuse"
    assert drawn["environment"][0] == "Late"
    assert "The district manager was told" in drawn["environment"]


@pytest.mark.django_db
def test_who_is_not_asked_stands_there_as_such_and_who_waits_has_a_date() -> None:
    permit = make.filed(structures_affected=False, environmental_review="not_needed")
    drawn = live(permit)
    assert drawn["structures"] == ["Not asked", "Structures"]
    assert drawn["traffic"][0] == "Waiting"
    assert drawn["traffic"][2] == "Nobody yet, Technical review: Traffic"
    assert drawn["traffic"][3].startswith("Due ")


@pytest.mark.django_db
def test_a_review_that_a_refusal_ended_is_called_off() -> None:
    permit = make.in_state("refused")
    assert {words[0] for words in live(permit).values()} == {"Called off", "Not asked"}


@pytest.mark.django_db
def test_a_permit_without_a_review_has_no_drawing(settings: Any) -> None:
    settings.TECHNICAL_REVIEW_FROM_INDEX = 99
    assert diagram.live(reviews.tasks_of(make.filed())) == ""


@pytest.mark.django_db
def test_the_record_shows_it_and_names_are_escaped() -> None:
    permit = make.filed()
    task = make.open_tasks(permit)[0]
    expert = make.user("eva", permissions=("view",), first_name="<b>Eva", last_name="& Co")
    TechnicalTask.objects.filter(pk=task.pk).update(owner=expert)
    officer = Client()
    officer.force_login(make.user("rita"))
    page = officer.get(f"/admin/permits/roadpermit/{permit.pk}/change/").content.decode()
    assert 'id="technicalReview-title"' in page
    assert "&lt;b&gt;Eva &amp; Co</text>" in page
    assert "<b>Eva" not in page


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_boxes_do_not_overlap_and_stay_on_the_paper_for_any_number_of_specialists(number: int) -> None:
    fork = diagram.fork()
    root = ET.fromstring(branches_svg(replace(fork, branches=fork.branches[:number])))
    boxes = [[float(r.get(n, 0)) for n in ("x", "y", "width", "height")] for r in root.iter(f"{SVG}rect")]
    boxes = [box for box in boxes if box[:2] != [0, 0]]
    assert len(boxes) == number
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for x, y, wide, high in boxes:
        assert 0 < x < x + wide < width
        assert 0 < y < y + high < height
    assert all(a[1] + a[3] < b[1] for a, b in pairwise(boxes))


# -- BPMN -------------------------------------------------------------------------------------------------------------
class Process:
    """The BPMN document, looked at."""

    def __init__(self) -> None:
        self.root = ET.fromstring(diagram.DIAGRAM.bpmn().encode())
        process = self.root.find(f"{MODEL}process")
        assert process is not None
        self.flows = process.findall(f"{MODEL}sequenceFlow")
        self.lanes = list(process.iter(f"{MODEL}lane"))
        skipped = {f"{MODEL}sequenceFlow", f"{MODEL}laneSet", f"{MODEL}documentation"}
        self.nodes = {str(e.get("id")): e for e in process if e.tag not in skipped}
        self.shapes = {str(e.get("bpmnElement")): e for e in self.root.iter(f"{DRAWN}BPMNShape")}
        self.edges = {str(e.get("bpmnElement")): e for e in self.root.iter(f"{DRAWN}BPMNEdge")}

    def all(self, tag: str) -> list[ET.Element]:
        return [node for node in self.nodes.values() if node.tag == f"{MODEL}{tag}"]

    def box(self, name: str) -> tuple[float, float, float, float]:
        found = self.shapes[name].find(f"{SIZES}Bounds")
        assert found is not None
        x, y, width, height = (float(found.get(n, 0)) for n in ("x", "y", "width", "height"))
        return x, y, x + width, y + height


def test_a_user_task_for_each_specialist_stands_in_its_teams_lane() -> None:
    process = Process()
    tasks = process.all("userTask")
    assert [task.get("id") for task in tasks] == [f"task_{name}" for name in HUMAN]
    for task in tasks:
        lane = next(one for one in process.lanes if task.get("id") in [ref.text for ref in one])
        specialty = Specialty(str(task.get("id")).removeprefix("task_"))
        assert lane.get("name") == specialty.team_name
        owner = task.find(f"{MODEL}potentialOwner/{MODEL}resourceAssignmentExpression/{MODEL}formalExpression")
        assert owner is not None
        assert owner.text == f"group({specialty.team_name})"
    in_lanes = sorted(str(ref.text) for lane in process.lanes for ref in lane)
    assert in_lanes == sorted(process.nodes)


def test_a_deadline_is_a_timer_that_does_not_interrupt_and_leads_to_an_escalation() -> None:
    process = Process()
    timers = process.all("boundaryEvent")
    assert {timer.get("attachedToRef") for timer in timers} == {f"task_{name}" for name in HUMAN}
    for timer in timers:
        assert timer.get("cancelActivity") == "false"
        assert timer.find(f"{MODEL}timerEventDefinition") is not None
        (target,) = [flow.get("targetRef") for flow in process.flows if flow.get("sourceRef") == timer.get("id")]
        assert process.nodes[str(target)].find(f"{MODEL}escalationEventDefinition") is not None
        assert process.nodes[str(target)].get("name") == "The district manager is told"


def _tokens(process: Process, name: str, choose: Callable[[list[str]], str]) -> list[str]:
    """Where the tokens that leave ``name`` come to rest, when ``choose`` decides at exclusive gateways."""
    node, out = process.nodes[name], [str(f.get("targetRef")) for f in process.flows if f.get("sourceRef") == name]
    if node.get("id") == "join" or not out:
        return [name]
    chosen = [choose(out)] if node.tag == f"{MODEL}exclusiveGateway" and len(out) > 1 else out
    return [end for target in chosen for end in _tokens(process, target, choose)]


@pytest.mark.parametrize("choose", [min, max], ids=["past", "asked"])
def test_the_join_gets_one_token_on_every_way_in_whoever_is_asked(choose: Callable[[list[str]], str]) -> None:
    process = Process()
    ways_in = [flow for flow in process.flows if flow.get("targetRef") == "join"]
    assert len(ways_in) == len(HUMAN)
    assert _tokens(process, "split", choose) == ["join"] * len(HUMAN)
    assert [gate.get("id") for gate in process.all("parallelGateway")] == ["split", "join"]


def test_both_ends_of_every_flow_know_it_and_everything_has_a_place() -> None:
    process = Process()
    listed = {
        (tag, name, e.text)
        for name, node in process.nodes.items()
        for tag in ("incoming", "outgoing")
        for e in node.findall(f"{MODEL}{tag}")
    }
    said = {("outgoing", flow.get("sourceRef"), flow.get("id")) for flow in process.flows}
    assert listed == said | {("incoming", flow.get("targetRef"), flow.get("id")) for flow in process.flows}
    lanes = {str(lane.get("id")) for lane in process.lanes}
    assert process.shapes.keys() == process.nodes.keys() | lanes | {"pool_technicalReview"}
    assert process.edges.keys() == {flow.get("id") for flow in process.flows}
    ids = [e.get("id") for e in process.root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_shapes_do_not_overlap_but_for_timers_and_lie_in_their_lanes() -> None:
    process = Process()
    for one, other in combinations(process.nodes, 2):
        a, b = process.box(one), process.box(other)
        together = a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        hosts = {process.nodes[one].get("attachedToRef"), process.nodes[other].get("attachedToRef")}
        assert not together or hosts & {one, other}, (one, other)
    for lane in process.lanes:
        left, top, right, bottom = process.box(str(lane.get("id")))
        for ref in lane:
            x1, y1, x2, y2 = process.box(str(ref.text))
            assert left < x1 < x2 < right
            assert top < y1 < y2 < bottom


def test_every_edge_begins_and_ends_at_its_shapes_and_has_only_right_angles() -> None:
    process = Process()
    for flow in process.flows:
        places = process.edges[str(flow.get("id"))].findall(f"{POINTS}waypoint")
        points = [(float(p.get("x", 0)), float(p.get("y", 0))) for p in places]
        assert all((a[0] == b[0]) != (a[1] == b[1]) for a, b in pairwise(points)), flow.get("id")
        for (x, y), end in ((points[0], "sourceRef"), (points[-1], "targetRef")):
            left, top, right, bottom = process.box(str(flow.get(end)))
            assert left <= x <= right, flow.get("id")
            assert top <= y <= bottom, flow.get("id")
            assert x in (left, right) or y in (top, bottom), flow.get("id")


# -- doors ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("end", "kind"), [("svg", "image/svg+xml"), ("bpmn", "application/xml")])
def test_it_is_at_its_address_and_may_be_kept(end: str, kind: str) -> None:
    answer = Client().get(f"/api/v1/workflows/technicalReview/diagram.{end}")
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    again = Client().get(answer.wsgi_request.path, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_list_of_workflows_names_every_drawing_and_each_opens() -> None:
    found = Client().get("/api/v1/workflows/").json()["diagrams"]
    assert {"roadPermit", "incident", "technicalReview"} <= {one["name"] for one in found}
    assert [one["part_of"] for one in found if one["name"] == "technicalReview"] == ["roadPermit"]
    for one in found:
        assert Client().get(one["diagram_svg"]).status_code == Client().get(one["diagram_bpmn"]).status_code == 200


def test_a_name_is_given_once() -> None:
    own = Registry()
    own.register_diagram(diagram.DIAGRAM)
    with pytest.raises(ImproperlyConfigured, match="already"):
        own.register_diagram(diagram.DIAGRAM)
    with pytest.raises(ImproperlyConfigured, match="already"):
        registry.register_diagram(Diagram(name="roadPermit", title="", part_of="", svg=str, bpmn=str))


def test_the_command_draws_it_and_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = tmp_path / "review.svg"
    call_command("describe_workflow", "technicalReview", "--svg", str(drawn))
    assert drawn.read_text() == diagram.DIAGRAM.svg()
    assert capsys.readouterr().out == f"Written: {drawn}\n"
    with pytest.raises(CommandError, match="give --svg FILE or --bpmn FILE"):
        call_command("describe_workflow", "technicalReview")


@pytest.mark.django_db
def test_drawing_a_review_asks_the_database_nothing_more(django_assert_num_queries: Any) -> None:
    permit = make.filed()
    assert TechnicalReview.objects.filter(permit=permit).exists()
    tasks = reviews.tasks_of(permit)
    with django_assert_num_queries(0):
        assert diagram.live(tasks)

"""The drawings in a real browser: BPMN in a standard viewer, SVG by itself and on the records of officers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import test_officer, test_officer_incidents
from tests.incidents import factories as incidents
from tests.permits import factories as permits
from workflow.diagrams.bpmn import bpmn
from workflow.registry import registry

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
VIEWER = (Path(__file__).parent / "vendor" / "bpmn-viewer.min.js").read_text()
NAMES = pytest.mark.parametrize("name", ["roadPermit", "incident"])
OPEN = """async document => {
  const viewer = new BpmnJS({container: '#paper'});
  const {warnings} = await viewer.importXML(document);
  return [warnings.map(warning => warning.message), viewer.get('elementRegistry').getAll().map(element => element.id)];
}"""
# Every pair of words that touch, and all words that leave the paper, as the browser has set them.
MISPLACED = """svg => {
  const paper = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  const outside = words.filter(([, box]) => box.left < paper.left || box.right > paper.right
    || box.top < paper.top || box.bottom > paper.bottom);
  const touching = words.flatMap(([one, a], number) => words.slice(number + 1).filter(([, b]) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2)
    .map(([other]) => [one, other]));
  const boxes = [...svg.querySelectorAll('[data-state]')];
  const wide = boxes.flatMap(state => [...state.querySelectorAll('text')].filter(text =>
    text.getBoundingClientRect().right > state.querySelector('rect').getBoundingClientRect().right - 4));
  return [outside.map(([text]) => text), touching, wide.map(text => text.textContent)];
}"""

SCROLLED = """async region => {
  for (let turn = 0; turn < 100 && !region.scrollTop; turn += 1) await new Promise(requestAnimationFrame);
  return region.scrollTop > 0;
}"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@NAMES
def test_a_standard_viewer_opens_the_bpmn_without_a_warning(page: OpenPage, name: str):
    opened = page()
    opened.set_content('<div id="paper" style="height: 800px"></div>')
    opened.evaluate(VIEWER)
    warnings, shown = opened.evaluate(OPEN, bpmn(registry.get(name)))
    assert warnings == []
    states = registry.get(name).model.State.values
    assert {f"state_{state}" for state in states} <= set(shown)


@NAMES
def test_the_svg_opens_by_itself_and_no_words_touch(page: OpenPage, name: str):
    opened = page()
    opened.goto(f"/api/v1/workflows/{name}/diagram.svg")
    assert opened.locator("svg").evaluate(MISPLACED) == [[], [], []]


def record_of(kind: str) -> str:
    if kind == "incidents/incident":
        return f"/admin/{kind}/{incidents.in_state('needs_info').pk}/change/"
    return f"/admin/{kind}/{permits.ready().pk}/change/"


@pytest.mark.parametrize("kind", ["permits/roadpermit", "incidents/incident"])
@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_record_shows_where_it_stands(page: OpenPage, axe: Axe, kind: str, width: int, scheme: str):
    record = record_of(kind)
    office = test_officer if kind.startswith("permits") else test_officer_incidents
    opened = office.signed_in(page(width=width))
    opened.emulate_media(color_scheme=scheme)
    opened.goto(record)
    assert not opened.locator("[data-mark=now]").is_visible()
    opened.get_by_text("Where it stands", exact=True).focus()
    opened.keyboard.press("Enter")
    assert opened.locator("[data-mark=now]").count() == 1
    assert opened.locator("[data-mark=done]").count() >= 1
    assert opened.locator(".mp-diagram svg").evaluate(MISPLACED) == [[], [], []]
    axe(opened)
    assert office.fits(opened)
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    expect(opened.locator("[data-mark=now]")).to_be_in_viewport()
    opened.goto(record)
    opened.get_by_text("Where it stands", exact=True).click()
    opened.get_by_role("link", name="Go to the current step").focus()
    opened.keyboard.press("Tab")
    region = opened.get_by_role("region", name="The whole way, drawn")
    assert region.evaluate("region => region === document.activeElement")
    opened.keyboard.press("ArrowDown")
    assert region.evaluate(SCROLLED)


def test_a_record_shows_the_way_in_officers_words_without_javascript(page: OpenPage):
    record = record_of("incidents/incident")
    opened = test_officer_incidents.signed_in(page(javascript=False))
    opened.goto(record)
    opened.get_by_text("Where it stands", exact=True).click()
    drawn = opened.locator(".mp-diagram svg")
    assert drawn.get_by_text("Waits for the reporter", exact=True).is_visible()
    assert drawn.get_by_text("We have a question for you").count() == 0

"""Every page of the officers' office, in a real browser: nothing that axe-core finds, nothing that leaves the screen.

One test walks them all, because what costs time is the office itself: each page is loaded once, at 1280 px in light,
and looked at again in dark and at 375 px. It reports every finding at once, by page.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from permits.admin import RoadPermitAdmin
from permits.lifecycle import State
from permits.models import RoadPermit
from tests.e2e.conftest import AXE
from tests.e2e.office import Office, furnished, list_pages

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
# The second scheme differs by its colours only.
FINDINGS = """async colours => {
  const chosen = colours ? {runOnly: ['color-contrast', 'link-in-text-block']} : {};
  const {violations} = await axe.run(document, {...chosen, resultTypes: ['violations']});
  return violations.flatMap(rule => rule.nodes.slice(0, 3).map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
}"""
# What stands in what, by tags and classes: what colours hang on.
PAIRS = """() => {
  const name = e => [e.tagName, ...[...e.classList].sort()].join('.');
  return [...new Set([...document.body.querySelectorAll('*')].map(e => `${name(e.parentElement)} > ${name(e)}`))];
}"""
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > room + 1);
  return [`wider than the screen (${document.documentElement.scrollWidth}): `
    + wide.slice(-3).map(e => e.outerHTML.slice(0, 120)).join(' | ')];
}"""
LOOKS = ((1280, "light"), (1280, "dark"), (375, "dark"), (375, "light"))


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def as_(office: Office, name: str, opened: Page) -> Page:
    """Sign in by the cookie of a client that is signed in already."""
    cookie = office.clients[name].cookies["sessionid"].value
    url = opened.context.browser and opened.evaluate("location.origin")
    opened.context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(url)}])
    return opened


def findings(opened: Page, painted: set[str] | None = None) -> list[str]:
    """Of the page that is loaded, in both schemes and at both widths. ``painted``: what was seen in every look before;
    a page of nothing else has no new colours in the other two."""
    found: dict[str, None] = {}
    opened.evaluate(AXE)
    pairs = set(opened.evaluate(PAIRS))
    is_known = painted is not None and pairs <= painted
    for number, (width, scheme) in enumerate(LOOKS):
        only_colours = number in (1, 3)
        opened.set_viewport_size({"width": width, "height": 900})
        opened.emulate_media(color_scheme=scheme)
        lines = [] if only_colours and is_known else opened.evaluate(FINDINGS, only_colours)
        found |= dict.fromkeys(f"{width} {scheme}: {line}" for line in [*lines, *opened.evaluate(TOO_WIDE)])
    if painted is not None:
        painted |= pairs
    return list(found)


def test_no_page_of_the_office_has_a_finding_in_any_look(page: OpenPage, monkeypatch: pytest.MonkeyPatch):
    office = furnished()
    list_pages(office)
    assert len(office.pages) > 100
    told: list[str] = []
    painted: set[str] = set()
    tabs = {name: _tab(page, office, name, told) for name in office.clients}
    refused = dict.fromkeys(office.refused[:1], "chief")
    shown = {**office.pages, "/admin/nowhere/": "chief", **refused}
    problems = [f"{address}: it answers with an error of ours" for address in office.broken]
    for address, name in [*shown.items(), ("/admin/", "auditor")]:
        told.clear()
        answer = tabs[name].goto(address)
        is_fine = answer is not None and answer.status < 400
        lines = [*findings(tabs[name], painted), *(told if is_fine else [])]
        problems += [f"{address} ({name}): {line}" for line in lines]
    for words, turn in (("422", _nothing_typed), ("409", _stale), ("bulk", _handing_over)):
        opened = turn(tabs["chief"])
        problems += [f"{words}: {line}" for line in findings(opened)]
    monkeypatch.setattr(RoadPermitAdmin, "load", _fails)
    opened = tabs["chief"]
    assert opened.goto(_refusal()).status == 500  # type: ignore[union-attr]
    problems += [f"500: {line}" for line in findings(opened)]
    assert not problems, f"{len(shown)} pages\n" + "\n".join(problems)


def _tab(page: OpenPage, office: Office, name: str, told: list[str]) -> Page:
    opened = page()
    opened.goto("/admin/login/")
    opened.on("console", lambda said: told.append(f"console: {said.text}") if said.type == "error" else None)
    return as_(office, name, opened)


# -- pages that answer what was sent ----------------------------------------------------------------------------------


def _refusal() -> str:
    """The page to refuse the newest permit in review."""
    return f"/admin/permits/roadpermit/{RoadPermit.objects.filter(state=State.IN_REVIEW).latest('pk').pk}/do/refuse/"


def _nothing_typed(opened: Page) -> Page:
    opened.goto(_refusal())
    opened.get_by_role("button", name="Refuse").click()
    opened.get_by_role("alert").wait_for()
    return opened


def _stale(opened: Page) -> Page:
    opened.goto(_refusal())
    opened.locator("form [name=revision]").evaluate("field => { field.value = '0'; }")
    opened.get_by_label("R20 Traffic control plan unsafe", exact=False).check()
    opened.get_by_role("textbox", name="Explanation").fill(
        "The traffic control plan leaves no room for people on foot."
    )
    opened.get_by_role("button", name="Refuse").click()
    opened.get_by_role("heading", name="The record changed meanwhile").wait_for()
    return opened


def _handing_over(opened: Page) -> Page:
    opened.goto("/admin/workflow/case/")
    opened.locator("#result_list .action-select").first.check()
    opened.locator("select[name=action]").select_option("hand_over")
    opened.locator("button[name=index]").click()
    opened.get_by_role("heading", name="Hand over 1").wait_for()
    return opened


def _fails(*_arguments: Any) -> Any:
    raise RuntimeError("a fault of ours")

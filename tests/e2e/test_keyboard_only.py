"""A decision with the keyboard alone: from signing in to done, with the focus always to be seen and nowhere caught."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_officer import QUEUE
from tests.permits import factories
from tests.permits.factories import fresh, ready, user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
MOST_STOPS = 150
# Whether the focused element shows it: by an outline or a shadow of its own.
SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return outline || style.boxShadow !== 'none';
}"""
STOP = """() => {
  const e = document.activeElement;
  return [e.tagName, e.id, e.getAttribute('name'), (e.innerText || e.value || '').trim().slice(0, 60)].join('|');
}"""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def tab_to(opened: Page, wanted: Locator) -> list[str]:
    """Press Tab until ``wanted`` has the focus; the stops on the way. Each must be seen."""
    stops: list[str] = []
    for _ in range(MOST_STOPS):
        opened.keyboard.press("Tab")
        stops.append(opened.evaluate(STOP))
        assert stops[-1].startswith("BODY") or opened.evaluate(SEEN), f"the focus cannot be seen: {stops[-1]}"
        if wanted.evaluate("element => element === document.activeElement"):
            return stops
    raise AssertionError(f"not reached: {wanted}; stops: {stops}")


def press_enter(opened: Page, wanted: Locator) -> list[str]:
    """On a link or a button that leads to another page, or to another place of this one."""
    stops = tab_to(opened, wanted)
    with opened.expect_navigation():
        opened.keyboard.press("Enter")
    return stops


def sign_in(opened: Page) -> None:
    user("rita", permissions=(*factories.DESK, "advise"))
    opened.goto("/admin/login/?next=/admin/")
    expect(opened.get_by_label("Username")).to_be_focused()
    opened.keyboard.type("rita")
    tab_to(opened, opened.get_by_label("Password"))
    opened.keyboard.type("correct horse battery")
    opened.keyboard.press("Enter")
    opened.get_by_role("heading", name="Your work").wait_for()


@pytest.mark.parametrize("width", [1280, 375])
def test_a_permit_is_approved_with_the_keyboard_alone(page: OpenPage, width: int):
    permit = ready()
    opened = page(width=width)
    sign_in(opened)
    skip = opened.get_by_role("link", name="Skip to main content")
    assert len(press_enter(opened, skip)) == 1, "the first stop skips what every page begins with"
    press_enter(opened, opened.get_by_role("link", name="Unassigned").first)
    press_enter(opened, opened.get_by_role("link", name=permit.reference))
    press_enter(opened, opened.get_by_role("button", name="Claim"))
    opened.get_by_text("Rita Reyes works on it").wait_for()
    press_enter(opened, opened.get_by_role("link", name="Approve").first)
    tab_to(opened, opened.get_by_label("C12 Noise"))
    opened.keyboard.press("Space")
    why = opened.get_by_label("Why may it be granted", exact=False)
    if why.count():
        tab_to(opened, why)
        opened.keyboard.type(factories.EXPLANATION)
    press_enter(opened, opened.get_by_role("button", name="Approve"))
    told = opened.get_by_text(f"Approve: done. {permit.reference} is now")
    told.wait_for()
    assert "C12" in fresh(permit).conditions


@pytest.mark.parametrize("width", [1280, 375])
def test_search_filters_and_actions_of_a_queue_are_reached_and_left(page: OpenPage, width: int):
    ready()
    opened = page(width=width)
    sign_in(opened)
    opened.goto(QUEUE)
    press_enter(opened, opened.get_by_role("link", name="Skip the filters"))
    stops = tab_to(opened, opened.locator("#result_list input[name=_selected_action]").first)
    assert len(stops) < 12, stops
    assert any("searchbar" in stop for stop in stops), stops
    tab_to(opened, opened.locator("#changelist-form select[name=action]"))
    opened.reload()
    last = opened.locator("#changelist-filter summary").last
    was_open = last.evaluate("summary => summary.parentElement.open")
    stops = tab_to(opened, last)
    opened.keyboard.press("Enter")
    assert last.evaluate("summary => summary.parentElement.open") != was_open
    opened.keyboard.press("Tab")
    assert opened.evaluate(STOP) != stops[-1], "the focus is caught"

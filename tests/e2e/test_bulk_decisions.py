"""A decision on many permits at once, in a real browser: two widths, and without JavaScript."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from permits.models import RoadPermit
from tests.permits import factories as permits

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
QUEUE = "/admin/permits/roadpermit/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def furnished() -> tuple[RoadPermit, RoadPermit]:
    """One permit that can be approved at once, one that cannot."""
    safe, unsafe = permits.ready(**permits.at(0)), permits.ready(**permits.at(3))
    RoadPermit.objects.filter(pk=safe.pk).update(safety=safe.safety | {"verdict": "pass"})
    permits.user("rita")
    return safe, unsafe


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (375, True), (375, False)])
def test_an_officer_approves_what_can_be_approved(page: OpenPage, axe: Axe, width: int, javascript: bool) -> None:
    safe, unsafe = furnished()
    opened = page(width=width, javascript=javascript)
    opened.goto(f"/admin/login/?next={QUEUE}")
    opened.get_by_label("Username").fill("rita")
    opened.get_by_label("Password").fill("correct horse battery")
    opened.get_by_role("button", name="Log in").click()
    for permit in (safe, unsafe):
        opened.locator(f'input[name="_selected_action"][value="{permit.pk}"]').check()
    opened.get_by_label("Action:").select_option("Approve with standard conditions")
    opened.get_by_role("button", name="Run").or_(opened.get_by_role("button", name="Go")).first.click()
    opened.get_by_role("heading", name="Approve with standard conditions: 2 permits").wait_for()
    assert opened.get_by_label(safe.reference).is_checked()
    assert opened.get_by_label(unsafe.reference).is_disabled()
    looked_at(opened, axe, f"ask-{width}-{javascript}")
    opened.get_by_role("button", name="Approve with standard conditions").click()
    opened.get_by_role("heading", name="Approve with standard conditions: 1 of 1 done").wait_for()
    looked_at(opened, axe, f"done-{width}-{javascript}")
    opened.get_by_role("link", name="Back to the queue").click()
    assert permits.fresh(unsafe).state == "in_review"
    assert permits.fresh(safe).decided_by.username == "rita"


def looked_at(opened: Page, axe: Axe, name: str) -> None:
    if shots := os.environ.get("SHOTS"):
        opened.screenshot(path=Path(shots) / f"{name}.png", full_page=True)
    assert fits(opened)
    if "True" in name:
        axe(opened)

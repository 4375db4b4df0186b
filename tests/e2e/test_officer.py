"""The officers' pages in a real browser: claim, decide, be told of a stale page; two widths, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.permits import factories
from tests.permits.factories import filed, fresh, ready, user
from workflow import desk

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
QUEUE = "/admin/permits/roadpermit/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def signed_in(opened: Page) -> Page:
    user("rita", permissions=(*factories.DESK, "advise"))
    opened.goto("/admin/login/?next=/admin/")
    opened.get_by_label("Username").fill("rita")
    opened.get_by_label("Password").fill("correct horse battery")
    opened.get_by_role("button", name="Log in").click()
    opened.get_by_role("heading", name="Your work").wait_for()
    return opened


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_office_has_no_finding_and_fits_the_screen(page: OpenPage, axe: Axe, width: int, scheme: str):
    filed()
    permit = filed()  # meets the first one
    task = factories.open_tasks(permit)[0]
    user("rita", team=task.team)  # a specialist, too
    opened = signed_in(page(width=width))
    opened.emulate_media(color_scheme=scheme)
    record = f"{QUEUE}{permit.pk}/"
    pages = ("/admin/", QUEUE, f"{record}change/", f"{record}do/refuse/", f"{record}do/request_information/")
    for path in (*pages, f"{record}desk/assign/", f"{record}desk/recommend_traffic/", "/admin/permits/technicaltask/"):
        opened.goto(path)
        axe(opened)
        assert fits(opened), path


def test_an_officer_claims_and_approves_without_javascript(page: OpenPage):
    permit = ready()
    opened = signed_in(page(javascript=False))
    opened.get_by_role("link", name="Unassigned").click()
    opened.get_by_role("link", name=permit.reference).click()
    opened.get_by_role("button", name="Claim").click()
    assert opened.get_by_text("Rita Reyes works on it").is_visible()
    opened.get_by_role("link", name="Approve").click()
    opened.get_by_label("C12 Noise").check()
    why = opened.get_by_label("Why may it be granted", exact=False)
    if why.count():
        why.fill(factories.EXPLANATION)
    opened.get_by_role("button", name="Approve").click()
    assert opened.get_by_text(f"Approve: done. {permit.reference} is now").is_visible()
    assert "C12" in fresh(permit).conditions


def test_a_stale_page_keeps_what_was_typed_and_says_who_was_faster(page: OpenPage, axe: Axe):
    permit = ready()
    opened = signed_in(page())
    opened.goto(f"{QUEUE}{permit.pk}/do/refuse/")
    opened.get_by_label("R20 Traffic control plan unsafe", exact=False).check()
    opened.get_by_role("textbox", name="Explanation").fill(factories.EXPLANATION)
    desk.claim(permit, actor=factories.officer("olga"))
    opened.get_by_role("button", name="Refuse").click()
    told = opened.get_by_role("alert")
    assert "Olga Reyes: Claimed" in told.inner_text()
    assert opened.evaluate("document.activeElement.matches('[data-error-summary]')")
    assert opened.get_by_role("textbox", name="Explanation").input_value() == factories.EXPLANATION
    axe(opened)
    opened.get_by_role("button", name="Refuse").click()
    assert opened.get_by_text("Refuse: done.").is_visible()
    assert fresh(permit).state == "refused"

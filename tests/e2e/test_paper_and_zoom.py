"""The office on paper, and at 200 % zoom: the work without the tools, and nothing that leaves the screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e import test_officer
from tests.e2e.test_technical_diagram import under_review

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
# What can only be pressed and is printed all the same.
TOOLS = """() => [...document.querySelectorAll('button, [type=submit], .mp-button, nav, #header, #changelist-filter')]
  .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 100))"""
ADDRESSES = """() => [...document.querySelectorAll('a[href]')]
  .filter(a => !['none', 'normal', '""'].includes(getComputedStyle(a, '::after').content)).map(a => a.href)"""
PAPER = "() => getComputedStyle(document.body).backgroundColor"
WIDER = """() => [...document.querySelectorAll('#content *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 100))"""
LETTER_PX = 716  # Letter at 96 dpi without its margins


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def pages() -> list[str]:
    permit = under_review()
    record = f"/admin/permits/roadpermit/{permit.pk}/change/"
    return ["/admin/", "/admin/permits/roadpermit/", "/admin/permits/technicaltask/", "/admin/workflow/case/", record]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_has_the_work_without_the_tools(page: OpenPage, scheme: str):
    addresses = pages()
    opened = test_officer.signed_in(page())
    opened.set_viewport_size({"width": LETTER_PX, "height": 900})
    for address in addresses:
        opened.goto(address)
        opened.emulate_media(media="print", color_scheme=scheme)
        assert opened.evaluate(TOOLS) == [], address
        assert opened.evaluate(ADDRESSES) == [], address
        assert opened.evaluate(PAPER) == "rgb(255, 255, 255)", address
        assert opened.evaluate(WIDER) == [], address
        opened.emulate_media(media="screen")
    assert len(opened.pdf(format="Letter")) > 1000


def test_at_twice_the_size_nothing_leaves_the_screen(page: OpenPage):
    addresses = pages()
    opened = test_officer.signed_in(page(width=640))  # 1280 px at 200 %
    for address in addresses:
        opened.goto(address)
        assert test_officer.fits(opened), address

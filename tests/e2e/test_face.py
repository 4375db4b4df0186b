"""The citizens' pages in a real browser: two widths, with and without JavaScript, empty and with errors."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.samples import SampleForm

pytestmark = [pytest.mark.e2e, pytest.mark.urls("tests.e2e.samples")]
WIDTHS = pytest.mark.parametrize("width", [1280, 375])
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@WIDTHS
@pytest.mark.parametrize("path", ["/", "/sample/", "/no/such/page/"])
def test_a_page_has_no_finding_and_fits_the_screen(page: OpenPage, axe: Axe, width: int, path: str) -> None:
    opened = page(width=width)
    opened.goto(path)
    axe(opened)
    assert fits(opened)


@WIDTHS
def test_a_refused_form_has_no_finding_and_starts_at_the_summary(page: OpenPage, axe: Axe, width: int) -> None:
    opened = page(width=width)
    opened.goto("/sample/")
    opened.get_by_label("Road").first.fill("US-69")
    opened.get_by_role("button", name="Save and go on").click()
    assert opened.title().startswith("Error: ")
    assert opened.evaluate("document.activeElement.matches('[data-error-summary]')")
    axe(opened)
    assert fits(opened)
    assert opened.locator("#id_road").input_value() == "US-69"


@pytest.mark.parametrize("name", [n for n, field in SampleForm.base_fields.items() if field.required])
def test_each_line_of_the_summary_takes_the_keyboard_to_its_field(page: OpenPage, name: str) -> None:
    opened = page()
    opened.goto("/sample/")
    opened.get_by_role("button", name="Save and go on").click()
    link = opened.locator(f"[data-error-summary] a[href='#id_{name}'], [data-error-summary] a[href='#id_{name}_0']")
    link.focus()
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.name") in {name, f"{name}_0"}


def test_a_refused_form_says_the_same_without_javascript(page: OpenPage) -> None:
    opened = page(javascript=False)
    opened.goto("/sample/")
    opened.get_by_role("button", name="Save and go on").click()
    required = [field for field in SampleForm.base_fields.values() if field.required]
    assert opened.locator("[data-error-summary] a").count() == len(required)
    assert opened.get_by_role("alert").get_by_role("heading", name="There is a problem").is_visible()


@WIDTHS
@pytest.mark.parametrize("javascript", [True, False])
def test_the_five_ways_are_in_sight_at_any_width(page: OpenPage, width: int, javascript: bool) -> None:
    opened = page(width=width, javascript=javascript)
    opened.goto("/")
    links = opened.get_by_role("navigation", name="Main").get_by_role("link")
    assert links.count() == 5
    assert all(link.is_visible() for link in links.all())


def test_the_first_tab_offers_to_skip_the_navigation(page: OpenPage) -> None:
    opened = page()
    opened.goto("/")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to the main content"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "main-content"


def test_the_characters_left_are_counted_and_nobody_is_stopped(page: OpenPage, axe: Axe) -> None:
    opened = page()
    opened.goto("/sample/")
    area = opened.get_by_label("What will you do?")
    area.fill("x" * 510)
    assert len(area.input_value()) == 510
    assert opened.locator("#id_summary_limit").inner_text() == "Characters too many: 10"
    axe(opened)


def test_a_file_keeps_its_own_label_as_its_name(page: OpenPage) -> None:
    opened = page()
    opened.goto("/sample/")
    assert opened.get_by_label("Site plan or sketch").get_attribute("type") == "file"


def test_print_leaves_out_what_paper_cannot_do(page: OpenPage) -> None:
    opened = page()
    opened.goto("/")
    opened.emulate_media(media="print")
    assert not opened.get_by_role("navigation", name="Main").is_visible()
    assert opened.get_by_role("heading", level=1).is_visible()


def test_the_helper_would_find_a_picture_without_words(page: OpenPage, axe: Axe) -> None:
    opened = page()
    opened.goto("/")
    opened.evaluate("document.querySelector('.mp-brand img').removeAttribute('alt')")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(opened)

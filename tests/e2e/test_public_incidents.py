"""The public pages of incidents in a real browser: the map with a script, the list without."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from incidents import photos
from incidents.models import Incident, Photo
from tests.incidents import factories as make
from tests.incidents import picture_samples as samples

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDTHS = pytest.mark.parametrize("width", [375, 1280])
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
PIN = (
    '<main><h1>Pin</h1><div data-map data-pin data-latitude-input="y" data-longitude-input="x" data-latitude="42" '
    'data-longitude="-93.5" data-zoom="9" hidden></div>'
    '<label>Latitude <input id="y"></label> <label>Longitude <input id="x"></label></main>'
)


@pytest.fixture
def reports() -> list[Incident]:
    """Three at one place, one apart with a public photo, one that is fixed."""
    near = [make.filed(description="Deep hole.\nMail me: walter@example.net") for _ in range(3)]
    fixed = make.in_state("resolved", latitude=41.6)
    apart = make.filed(latitude=41.2, longitude=-95.1, route="I-80", direction="EB", milepost=42.0)
    for incident, kind in ((apart, "report"), (fixed, "repair")):
        kept = photos.keep(samples.upload(samples.phone_photo()), incident=incident, kind=kind).photo
        Photo.objects.filter(pk=kept.pk).update(is_public=True, moderated_at=timezone.now())
    return [*near, fixed, apart]


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@WIDTHS
def test_the_list_and_its_map_have_no_finding_and_fit(
    page: OpenPage, axe: Axe, reports: list[Incident], width: int
) -> None:
    opened = page(width=width)
    opened.goto("/incidents/")
    expect(opened.locator(".mp-cluster")).to_have_count(1)
    expect(opened.locator(".mp-cluster")).to_have_text("3")
    expect(opened.locator("path.leaflet-interactive, .leaflet-overlay-pane path").first).to_be_attached()
    axe(opened)
    assert fits(opened)


@WIDTHS
def test_the_page_of_a_report_has_no_finding_and_fits(
    page: OpenPage, axe: Axe, reports: list[Incident], width: int
) -> None:
    opened = page(width=width)
    for incident in (reports[0], reports[3], reports[4]):
        opened.goto(f"/incidents/{incident.reference}/")
        expect(opened.locator("[data-map] .mp-pin")).to_be_visible()
        axe(opened)
        assert fits(opened)


def test_the_list_works_without_a_script(page: OpenPage, reports: list[Incident]) -> None:
    opened = page(javascript=False)
    opened.goto("/incidents/")
    assert not opened.locator("[data-map]").is_visible()
    opened.get_by_label("Place").fill("I-80")
    opened.get_by_role("button", name="Show reports").click()
    assert opened.locator(".mp-card").count() == 1
    opened.get_by_role("link", name=reports[4].title).click()
    assert opened.get_by_role("heading", level=1).inner_text() == reports[4].title
    assert not opened.locator("[data-map]").is_visible()


def test_a_circle_opens_into_its_reports_and_a_report_tells_about_itself(
    page: OpenPage, axe: Axe, reports: list[Incident]
) -> None:
    opened = page()
    opened.goto("/incidents/")
    opened.get_by_role("button", name=reports[4].title).click()
    popup = opened.locator(".leaflet-popup-content")
    expect(popup.get_by_role("link", name=reports[4].title)).to_be_visible()
    expect(popup.get_by_role("img")).to_be_visible()
    axe(opened)
    opened.keyboard.press("Escape")
    opened.get_by_role("button", name="3 reports").focus()
    opened.keyboard.press("Enter")  # all at one place: nothing to zoom into, so the list of them opens
    opened.wait_for_url("**/incidents/?*bbox=*")
    assert opened.locator(".mp-card").count() == 3


def test_the_map_asks_again_when_it_moves(page: OpenPage, reports: list[Incident]) -> None:
    opened = page()
    opened.goto("/incidents/")
    expect(opened.locator(".mp-cluster")).to_have_count(1)
    with opened.expect_response(lambda answer: "/incidents.geojson" in answer.url and "zoom=" in answer.url):
        opened.get_by_role("button", name="Zoom in").click()


def test_a_map_that_fails_says_so(page: OpenPage, reports: list[Incident]) -> None:
    opened = page()
    opened.route("**/incidents.geojson*", lambda route: route.fulfill(status=500, body="x"))
    opened.goto("/incidents/")
    expect(opened.get_by_role("status").get_by_text("The list shows the same reports")).to_be_visible()


def pin_page(opened: Page) -> Page:
    """A page with a pin, as forms have it, in the place of the list's content."""
    opened.goto("/incidents/")
    opened.evaluate("html => { document.body.innerHTML = html; }", PIN)
    opened.add_script_tag(url="/static/milepost/map.js")
    return opened


def test_a_pin_fills_the_inputs_and_follows_them(page: OpenPage, reports: list[Incident]) -> None:
    opened = pin_page(page())
    opened.get_by_role("button", name="Put the pin in the middle of the map").focus()
    opened.keyboard.press("Enter")
    assert opened.locator("#y").input_value() == "42.000000"
    assert opened.locator("#x").input_value() == "-93.500000"
    opened.locator("[data-map]").click(position={"x": 60, "y": 60})
    west = float(opened.locator("#x").input_value())
    assert west < -93.5
    opened.locator("#y").fill("41.5")
    opened.locator("#x").fill("-91.5")
    opened.locator("#x").blur()
    middle: Any = opened.locator("[data-map]").bounding_box()
    pin: Any = opened.locator(".mp-pin-place").bounding_box()
    assert abs(pin["x"] + pin["width"] / 2 - middle["x"] - middle["width"] / 2) < 20
    assert opened.locator("#y").input_value() == "41.5", "what was typed stays as it was typed"

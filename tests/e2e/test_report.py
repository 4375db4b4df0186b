"""A passer-by in a real browser: a report with a photo, “Is it one of these?”, the receipt, the tracking page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page

from incidents import photos
from incidents.models import Incident, Photo
from incidents.views.act import track_url
from tests.incidents import factories as make
from tests.incidents.walking_the_form import jpeg, picture

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDTHS = pytest.mark.parametrize("width", [1280, 375])
AMES = (make.LATITUDE, make.LONGITUDE)
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
type Look = Callable[[], None]


@pytest.fixture(autouse=True)
def own_place(settings, tmp_path, live_server):
    """Files of our own; links in pages lead to the live server."""
    settings.MEDIA_ROOT = tmp_path
    settings.SITE_URL = live_server.url
    cache.clear()


@pytest.fixture
def photo(tmp_path) -> Path:
    path = tmp_path / "hole in the road.jpg"
    path.write_bytes(jpeg(place=AMES))
    return path


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def looking(opened: Page, axe: Axe, *, javascript: bool) -> Look:
    def look() -> None:
        assert fits(opened), opened.url
        if javascript:
            axe(opened)

    return look


def choose(opened: Page, text: str) -> None:
    opened.get_by_text(text, exact=True).click()  # the box itself is drawn by its label


def go_on(opened: Page, name: str = "Continue") -> None:
    """Press a button that sends the page, and wait for the next one: on a busy machine it may take a moment."""
    with opened.expect_navigation():
        opened.get_by_role("button", name=name).click()


def has_errors(opened: Page) -> bool:
    return opened.locator("[data-error-summary]").count() == 1


def shown_to_all(incident: Incident) -> None:
    kept = photos.keep(picture(), incident=incident)
    Photo.objects.filter(pk=kept.photo.pk).update(is_public=True, moderated_at=timezone.now())


@pytest.mark.parametrize("javascript", [True, False])
def test_a_passer_by_reports_with_a_photo_and_sees_what_is_known_already(
    page: OpenPage, axe: Axe, photo: Path, javascript: bool
) -> None:
    known = make.filed(latitude=AMES[0] + 0.0002)
    shown_to_all(known)
    opened = page(width=375, javascript=javascript)
    look = looking(opened, axe, javascript=javascript)
    opened.goto("/")
    look()
    opened.get_by_role("link", name="Report a problem").first.click()
    look()
    opened.locator("[name=photos]").set_input_files(photo)
    choose(opened, "Pothole")
    go_on(opened)
    look()
    assert opened.locator(".mp-map").is_visible() is javascript
    opened.get_by_text("Yes, it is where my photo was taken").click()
    go_on(opened)
    look()
    assert opened.get_by_text("about 70 feet away").is_visible()
    assert opened.get_by_alt_text("Photo of this report").is_visible()
    opened.get_by_role("link", name="No, mine is another one").click()
    look()
    choose(opened, "Right lane")
    opened.get_by_label("What did you see?").fill("Deep enough to lose a wheel.")
    go_on(opened)
    look()
    opened.get_by_label("E-mail").fill("walter.hale@example.net")
    go_on(opened, "Send the report")
    look()
    incident = Incident.objects.exclude(pk=known.pk).get()
    assert opened.get_by_text(incident.reference, exact=True).is_visible()
    assert (incident.place_source, incident.photos.count()) == ("photo", 1)
    opened.get_by_role("link", name="See where it stands").click()
    look()
    assert opened.get_by_role("heading", name="The four steps").is_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_me_too_ends_with_thanks_and_without_a_second_report(page: OpenPage, axe: Axe, javascript: bool) -> None:
    known = make.filed()
    opened = page(width=375, javascript=javascript)
    look = looking(opened, axe, javascript=javascript)
    opened.goto("/report/")
    choose(opened, "Pothole")
    go_on(opened)
    opened.get_by_text("By latitude and longitude").click()
    opened.get_by_label("Latitude").fill(str(AMES[0]))
    opened.get_by_label("Longitude").fill(str(AMES[1]))
    go_on(opened)
    opened.get_by_label("E-mail").fill("no address")
    go_on(opened, "Me too")
    assert has_errors(opened)
    look()
    opened.get_by_label("E-mail").fill("")
    go_on(opened, "Me too")
    assert opened.get_by_role("heading", name="You are counted").is_visible()
    look()
    assert (Incident.objects.count(), make.fresh(known).votes) == (1, 1)


def test_the_devices_position_is_one_press(page: OpenPage) -> None:
    opened = page(width=375)
    opened.context.grant_permissions(["geolocation"])
    opened.context.set_geolocation({"latitude": 42.0308, "longitude": -93.6319})
    opened.goto("/report/")
    choose(opened, "Pothole")
    go_on(opened)
    opened.get_by_role("button", name="Use where I am now").click()
    opened.get_by_text("We have your position").wait_for()
    go_on(opened)
    assert opened.url.endswith("/details/")


@WIDTHS
def test_every_page_of_the_form_sent_empty_or_wrong_has_no_finding(
    page: OpenPage, axe: Axe, width: int, tmp_path: Path
) -> None:
    wrong = tmp_path / "drawing.jpg"
    wrong.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    opened = page(width=width)

    def refused(name: str = "Continue") -> None:
        go_on(opened, name)
        assert has_errors(opened), opened.url
        axe(opened)
        assert fits(opened), opened.url

    opened.goto("/report/?q=cave")
    axe(opened)
    opened.locator("[name=photos]").set_input_files(wrong)
    refused()
    choose(opened, "Sinkhole or road collapse")
    go_on(opened)
    refused()
    opened.get_by_label("Route").fill("Elm Street")
    refused()
    opened.get_by_label("Route").fill("I-35")
    opened.get_by_label("Mile marker").fill("120.5")
    go_on(opened)
    refused()
    choose(opened, "Right lane")
    choose(opened, "Someone is hurt or trapped")
    go_on(opened)
    axe(opened)
    assert opened.get_by_role("link", name="Call 911").is_visible()
    opened.get_by_role("link", name="Go back").click()
    choose(opened, "None of these")
    go_on(opened)
    opened.get_by_label("Phone").fill("twelve")
    refused("Send the report")


@WIDTHS
@pytest.mark.parametrize("state", ["triaged", "needs_info", "in_progress", "resolved", "rejected", "duplicate"])
def test_the_tracking_page_of_a_state_has_no_finding(page: OpenPage, axe: Axe, width: int, state: str) -> None:
    incident = make.in_state(state)
    opened = page(width=width)
    opened.goto(track_url(incident))
    axe(opened)
    assert fits(opened)
    for path in [a.get_attribute("href") for a in opened.locator(".mp-now a.usa-button, .mp-box a.usa-link").all()]:
        opened.goto(path)
        axe(opened)
        assert fits(opened), path


@WIDTHS
def test_our_question_answered_wrong_and_right_has_no_finding(page: OpenPage, axe: Axe, width: int) -> None:
    opened = page(width=width)
    opened.goto(track_url(make.in_state("needs_info"), "reply"))
    go_on(opened, "Send the answer")
    assert has_errors(opened)
    axe(opened)
    opened.get_by_label("Your answer").fill("The right one.")
    go_on(opened, "Send the answer")
    assert opened.get_by_text("Your answer has arrived").is_visible()
    axe(opened)


@WIDTHS
@pytest.mark.parametrize("path", ["/report/", "/report/?q=unicorn", "/track/"])
def test_a_door_has_no_finding(page: OpenPage, axe: Axe, width: int, path: str) -> None:
    opened = page(width=width)
    opened.goto(path)
    axe(opened)
    assert fits(opened)

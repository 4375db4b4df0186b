"""Officers work on reports in a real browser: triage, send a crew, show the repair, join reports; two widths."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from PIL import Image
from playwright.sync_api import Page

from incidents import catalogue, photos
from tests.incidents import factories
from tests.incidents.factories import drain, filed, fresh, in_state, user
from tests.incidents.test_admin_desk import picture
from workflow import desk

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
QUEUE = "/admin/incidents/incident/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def signed_in(opened: Page) -> Page:
    user("tara")
    opened.goto("/admin/login/?next=/admin/")
    opened.get_by_label("Username").fill("tara")
    opened.get_by_label("Password").fill("correct horse battery")
    opened.get_by_role("button", name="Log in").click()
    opened.get_by_role("heading", name="Your work").wait_for()
    return opened


def repair_photo() -> dict[str, object]:
    content = BytesIO()
    Image.new("RGB", (800, 600), "green").save(content, "JPEG")
    return {"name": "patch.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_for_reports_has_no_finding_and_fits_the_screen(page: OpenPage, axe: Axe, width: int, scheme: str):
    other = filed()
    report = filed(latitude=42.0309)
    photos.keep(picture(), incident=report)
    factories.fire(filed(latitude=42.03095), "merge", into=other.reference)
    working = in_state("in_progress", latitude=42.4)
    opened = signed_in(page(width=width))
    opened.emulate_media(color_scheme=scheme)
    pages = ["", "triage/", "map/", "?q=Pothole", f"{working.pk}/change/", f"{working.pk}/do/resolve/"]
    names = ("merge", "schedule", "dispatch", "reject", "ask")
    pages += [f"{report.pk}/change/", *(f"{report.pk}/do/{name}/" for name in names), f"{report.pk}/desk/recategorise/"]
    for path in pages:
        opened.goto(QUEUE + path)
        axe(opened)
        assert fits(opened), path


def test_an_officer_triages_sends_a_crew_and_shows_the_repair_without_javascript(page: OpenPage):
    report, next_one = filed(), filed(latitude=42.4)
    opened = signed_in(page(javascript=False))
    opened.goto(QUEUE)
    opened.get_by_role("link", name="Triage one by one").click()
    opened.get_by_role("heading", name=f"Triage: {report.reference}").wait_for()
    opened.get_by_role("button", name="Claim").click()
    opened.get_by_text("Tara Nolan works on it").wait_for()
    opened.get_by_role("link", name="Send a crew").click()
    opened.get_by_label("Crew", exact=True).fill("Ames garage, patching")
    opened.get_by_role("button", name="Send the crew now").click()
    opened.get_by_text("Send a crew: done.").wait_for()
    opened.get_by_role("heading", name=f"Triage: {next_one.reference}").wait_for()
    assert drain(report).state == "in_progress"

    opened.goto(f"{QUEUE}{report.pk}/change/")
    assert opened.get_by_text("Order WO-", exact=False).is_visible()
    opened.get_by_role("link", name="Fixed", exact=True).click()
    opened.get_by_label("What was done").fill("Short")
    opened.get_by_label("Photo of the repair", exact=False).set_input_files(repair_photo())
    opened.get_by_role("button", name="Mark as fixed").click()
    assert opened.get_by_role("alert").is_visible()
    assert opened.get_by_text("1 photo of the repair on the record already.", exact=False).is_visible()
    opened.get_by_label("What was done").fill("We filled the hole with hot mix.")
    opened.get_by_role("button", name="Mark as fixed").click()
    opened.get_by_text("Fixed: done.").wait_for()
    opened.get_by_role("button", name="Publish: photo 1").click()
    opened.get_by_text("Publish: done.").wait_for()
    assert opened.locator(".mp-photos img").first.evaluate("image => image.complete && image.naturalWidth > 0")
    ended = fresh(report)
    assert (ended.state, ended.photos.get().is_public) == ("resolved", True)


def test_two_reports_are_joined_and_taken_apart_again(page: OpenPage):
    first = filed()
    second = filed(latitude=42.0309, email="second@example.net")
    opened = signed_in(page())
    opened.goto(f"{QUEUE}{second.pk}/change/")
    opened.get_by_role("link", name=f"Join with {first.reference}").click()
    assert opened.get_by_role("radio", name=first.reference, exact=False).is_checked()
    opened.get_by_role("button", name="Join the reports").click()
    opened.get_by_text("Join with another report: done.").wait_for()
    assert fresh(second).duplicate_of_id == first.pk
    opened.get_by_role("link", name=first.reference).first.click()
    assert opened.get_by_role("heading", name="Joined with this report").is_visible()
    opened.get_by_role("link", name=second.reference).first.click()
    opened.get_by_role("link", name="Take apart again").click()
    opened.get_by_role("button", name="Take apart again").click()
    opened.get_by_text("Take apart again: done.").wait_for()
    assert fresh(second).state == "triaged"


def test_a_stale_page_keeps_what_was_typed_and_says_who_was_faster(page: OpenPage, axe: Axe):
    report = filed()
    opened = signed_in(page())
    opened.goto(f"{QUEUE}{report.pk}/do/reject/")
    opened.get_by_label("Not a road of ours").check()
    opened.get_by_label("In plain words").fill("This is a county road.")
    desk.claim(report, actor=factories.officer("olga"))
    opened.get_by_role("button", name="Do not take it up").click()
    assert "Olga Nolan: Claimed" in opened.get_by_role("alert").inner_text()
    assert opened.evaluate("document.activeElement.matches('[data-error-summary]')")
    assert opened.get_by_label("In plain words").input_value() == "This is a county road."
    axe(opened)
    opened.get_by_role("button", name="Do not take it up").click()
    opened.get_by_text("Do not take up: done.").wait_for()
    assert fresh(report).state == "rejected"


def test_the_map_of_the_queue_opens_a_report(page: OpenPage, axe: Axe):
    report = filed()
    opened = signed_in(page())
    opened.goto(f"{QUEUE}map/?category=pothole")
    opened.get_by_role("button", name=report.title, exact=False).click()
    axe(opened)
    opened.locator(".leaflet-popup").get_by_role("link", name=report.title).click()
    opened.get_by_role("heading", name=report.reference).wait_for()


def test_the_map_of_the_queue_is_drawn_without_javascript(page: OpenPage, axe: Axe):
    report = filed()
    opened = signed_in(page(javascript=False))
    opened.goto(f"{QUEUE}map/")
    assert opened.locator(".mp-sketch circle").count() == 1
    opened.get_by_role("link", name=report.reference).click()
    opened.get_by_role("heading", name=report.reference).wait_for()


@pytest.mark.parametrize("width", [1280, 375])
def test_the_catalogue_has_no_finding_and_fits_the_screen(page: OpenPage, axe: Axe, width: int):
    opened = signed_in(page(width=width))
    User.objects.filter(username="tara").update(is_superuser=True)
    pothole = catalogue.category("pothole")
    for path in ("", f"{pothole.pk}/change/", "add/"):
        opened.goto(f"/admin/incidents/category/{path}")
        axe(opened)
        assert fits(opened), path

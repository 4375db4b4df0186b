"""A citizen in a real browser: the whole form, the upload, the receipt, the tracking page, the reply."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Locator, Page

from permits.application.sections import SECTIONS
from permits.models import RoadPermit
from permits.views.steps import page_url, track_url
from tests.permits import factories
from tests.permits.application_samples import KINDS
from tests.permits.test_views_walk import typed

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDTHS = pytest.mark.parametrize("width", [1280, 375])
QUESTION = {"field": "contact_phone", "text": "Which number reaches you at night?"}
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]


@pytest.fixture(autouse=True)
def own_place(settings, tmp_path, live_server):
    """Files of our own; links in pages lead to the live server."""
    settings.MEDIA_ROOT = tmp_path
    settings.SITE_URL = live_server.url
    cache.clear()


@pytest.fixture
def plan(tmp_path) -> Path:
    path = tmp_path / "plan of the site.pdf"
    path.write_bytes(factories.PDF)
    return path


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def type_in(opened: Page, data: dict[str, list[str]]) -> None:
    """As a person does: only what can be seen."""
    for name, values in data.items():
        for value in values:
            inputs = opened.locator(f'main [name="{name}"]:not([type=hidden])')
            if value and inputs.count():
                answer(inputs, value)


def answer(inputs: Locator, value: str) -> None:
    kind = inputs.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind in ("radio", "checkbox"):
        box = inputs if inputs.count() == 1 else inputs.and_(inputs.page.locator(f'[value="{value}"]'))
        box.evaluate("e => e.labels[0].click()")  # the box itself is drawn by its label
    elif kind == "select":
        inputs.select_option(value)
    else:
        inputs.fill(value)


def save(opened: Page) -> None:
    """Press the button and wait for the next page: on a busy machine it may take a moment."""
    with opened.expect_navigation():
        opened.get_by_role("button", name="Save and continue").click()


def fill_in(opened: Page, answers: dict[str, object], look: Callable[[Page], None]) -> None:
    """From the start page to the documents; ``look`` at each page, empty and filled in."""
    opened.goto("/permits/apply/")
    look(opened)
    opened.get_by_role("link", name="Start now").click()
    for section in SECTIONS:
        if section.applies(answers):
            if section.slug == "declaration":
                look(opened)
                save(opened)  # the documents are left for later
            look(opened)
            type_in(opened, typed(section, answers))
            save(opened)
            assert section.slug == "declaration" or opened.locator("[data-error-summary]").count() == 0, section


def add_files(opened: Page, plan: Path, kinds: Iterable[str]) -> None:
    for kind in kinds:
        opened.locator(f"[name={kind}]").set_input_files(plan)
    opened.get_by_role("button", name="Add the chosen files").click()


@pytest.mark.parametrize(("width", "javascript"), [(375, False), (1280, True)])
def test_a_citizen_applies_and_follows_the_request(
    page: OpenPage, axe: Axe, plan: Path, width: int, javascript: bool
) -> None:
    opened = page(width=width, javascript=javascript)

    def look(shown: Page) -> None:
        assert fits(shown), shown.url
        if javascript:
            axe(shown)

    fill_in(opened, KINDS["utility"], look)
    missing = opened.get_by_role("alert").get_by_role("link", name="Site plan or sketch")
    missing.click()
    look(opened)
    permit = RoadPermit.objects.get()
    add_files(opened, plan, ["site_plan", "contractor_licence", "pedestrian_plan", "insurance_certificate"])
    look(opened)
    assert opened.get_by_role("link", name="plan of the site.pdf").count() == 4
    opened.goto(page_url(permit, "review"))
    look(opened)
    opened.get_by_role("button", name="Submit the application").click()
    look(opened)
    assert opened.get_by_role("heading", name="We have your application").is_visible()
    opened.get_by_role("link", name="See where it stands").click()
    look(opened)
    assert opened.get_by_role("heading", name="The four steps").is_visible()


@WIDTHS
def test_an_officers_question_is_answered_and_the_answer_corrected(
    page: OpenPage, axe: Axe, plan: Path, width: int
) -> None:
    permit = factories.fire(factories.filed(), "request_information", items=[QUESTION])
    opened = page(width=width)
    opened.goto(track_url(permit))
    axe(opened)
    opened.get_by_role("link", name="Answer our questions").click()
    axe(opened)
    opened.get_by_label("Phone").fill("12")
    opened.get_by_role("button", name="Send the answers").click()
    axe(opened)
    assert fits(opened)
    assert opened.get_by_label("Phone").input_value() == "12"
    opened.get_by_label("Phone").fill("515-555-0188")
    opened.get_by_label("Your answer to question 1").fill("The new one, at any hour.")
    opened.locator("[name=site_plan]").set_input_files(plan)
    opened.get_by_role("button", name="Send the answers").click()
    assert opened.get_by_text("Your answers have arrived").is_visible()
    axe(opened)
    permit = factories.fresh(permit)
    assert permit.answer("contact_phone") == "+15155550188"
    assert permit.state == "in_review"


def empty_pages(kind: str) -> list[str]:
    answers = KINDS[kind]
    return [section.slug for section in SECTIONS if section.applies(answers)]


@WIDTHS
@pytest.mark.parametrize("kind", ["driveway", "special_event", "utility"])
def test_every_page_sent_empty_shows_its_errors_without_a_finding(
    page: OpenPage, axe: Axe, width: int, kind: str
) -> None:
    permit = factories.draft(permit_type=kind)
    opened = page(width=width)
    for slug in empty_pages(kind):
        RoadPermit.objects.filter(pk=permit.pk).update(application={"permit_type": kind}, typed={})
        opened.goto(page_url(permit, slug))
        save(opened)
        assert opened.locator("[data-error-summary] a").count() or slug == "type", slug
        axe(opened)
        assert fits(opened), slug


@WIDTHS
def test_the_review_of_an_empty_draft_leads_to_each_field(page: OpenPage, axe: Axe, width: int) -> None:
    permit = factories.draft(contact_phone="nonsense", from_milepost="")
    opened = page(width=width)
    opened.goto(page_url(permit, "review"))
    axe(opened)
    assert fits(opened)
    links = opened.locator("[data-error-summary] a")
    targets = [link.get_attribute("href") or "" for link in links.all()]
    assert targets
    for target in targets:
        opened.goto(target)
        assert opened.locator(f"#{target.partition('#')[2]}").is_visible(), target


@WIDTHS
@pytest.mark.parametrize("state", ["submitted", "in_review", "in_force", "active", "completed", "refused", "cancelled"])
def test_the_tracking_page_of_a_state_has_no_finding(page: OpenPage, axe: Axe, width: int, state: str) -> None:
    permit = factories.in_state(state)
    opened = page(width=width)
    opened.goto(track_url(permit))
    axe(opened)
    assert fits(opened)
    for path in {
        track_url(permit, "files"),
        *(a.get_attribute("href") for a in opened.locator(".mp-now a.usa-button, .mp-plain a.usa-link").all()),
    }:
        opened.goto(path)
        axe(opened)
        assert fits(opened), path


@WIDTHS
@pytest.mark.parametrize(
    "path", ["/permits/apply/", "/permits/apply/new/", "/track/", "/verify/", "/verify/nosuchcode1/"]
)
def test_a_door_has_no_finding(page: OpenPage, axe: Axe, width: int, path: str) -> None:
    opened = page(width=width)
    opened.goto(path)
    axe(opened)
    assert fits(opened)


@WIDTHS
def test_the_verify_page_says_its_verdict_in_words(page: OpenPage, axe: Axe, width: int) -> None:
    permit = factories.in_state("in_force")
    opened = page(width=width)
    opened.goto(f"/verify/{permit.verify_token}/")
    axe(opened)
    assert fits(opened)
    assert opened.get_by_role("heading", level=1).inner_text().casefold() == "valid"


def test_the_form_is_filled_in_by_keyboard_alone(page: OpenPage) -> None:
    opened = page()
    opened.goto("/permits/apply/new/")
    opened.get_by_label("Lane closure without digging").focus()
    opened.keyboard.press("Space")
    opened.get_by_label("Type of work").focus()
    opened.keyboard.type("Painting")
    opened.get_by_label("What will be done").focus()
    opened.keyboard.type("Paint the lane lines between two junctions.")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/applicant/")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "main-content"


def test_a_button_of_another_page_keeps_what_was_typed_and_not_saved(page: OpenPage) -> None:
    permit = factories.draft()
    opened = page()
    opened.goto(page_url(permit, "applicant"))
    opened.get_by_label("Contact person").fill("Robin Typed")
    opened.get_by_text("All pages of the application").click()
    opened.get_by_role("button", name="When you work").click()
    opened.get_by_role("button", name="Back", exact=True).click()
    opened.goto(page_url(permit, "applicant"))
    assert opened.get_by_label("Contact person").input_value() == "Robin Typed"

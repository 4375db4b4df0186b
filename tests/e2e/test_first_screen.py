"""The first screen, the queue over all kinds and handing over, in a real browser; two widths, light and dark."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.incidents import factories as incidents
from tests.permits import factories as permits
from tests.workflow.both_kinds import both, permit, report
from workflow.models import Case

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
ALL = "/admin/workflow/case/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def signed_in(opened: Page) -> Page:
    both()
    opened.goto("/admin/login/?next=/admin/")
    opened.get_by_label("Username").fill("berit")
    opened.get_by_label("Password").fill("correct horse battery")
    opened.get_by_role("button", name="Log in").click()
    opened.get_by_role("heading", name="Your work").wait_for()
    return opened


def a_few_weeks() -> None:
    """Cases of both kinds that came and ended on different days."""
    now = timezone.now()
    cases = [permit(), permits.info_requested(**permits.at(3)), report()]
    cases += [report(latitude=42.2 + number / 10) for number in range(4)]
    cases += [incidents.in_state("rejected", latitude=42.9)]
    for number, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(created_at=now - timedelta(days=number * 4))
    Case.objects.filter(pk=cases[3].pk).update(due_at=now - timedelta(days=2))


def fits(opened: Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_over_all_kinds_have_no_finding_and_fit_the_screen(page: OpenPage, axe: Axe, width: int, scheme: str):
    a_few_weeks()
    opened = signed_in(page(width=width))
    opened.emulate_media(color_scheme=scheme)
    for path in ("/admin/", ALL, f"{ALL}?queue=overdue", f"{ALL}?kind=incident&county=story"):
        opened.goto(path)
        for summary in opened.locator(".mp-chart summary").all():
            summary.click()
        axe(opened)
        assert fits(opened), path


def test_cases_are_handed_over_without_javascript(page: OpenPage, axe: Axe):
    one, other = permit(), report()
    both("anna")
    opened = signed_in(page(javascript=False))
    opened.get_by_role("link", name="My teams'").first.click()
    for box in opened.locator("#result_list .action-select").all():
        box.check()
    opened.locator("select[name=action]").select_option("hand_over")
    opened.locator("button[name=index]").click()
    opened.get_by_label("Hand over to").select_option(label="Anna Berg")
    opened.get_by_role("button", name="Hand over").click()
    for case in (one, other):
        opened.get_by_text(f"{case.reference}: is with Anna Berg now.").wait_for()


def test_a_queue_and_a_case_are_saved(page: OpenPage):
    case = report()
    opened = signed_in(page())
    opened.goto(ALL)
    with opened.expect_download() as saved:
        opened.get_by_role("link", name="Save as spreadsheet").click()
    assert saved.value.suggested_filename == f"all-work-{timezone.localdate():%Y-%m-%d}.xlsx"
    opened.goto(f"/admin/incidents/incident/{case.pk}/change/")
    with opened.expect_download() as saved:
        opened.get_by_role("button", name="Save the case file").click()
    assert saved.value.suggested_filename == f"{case.reference}.zip"

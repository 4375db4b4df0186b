"""Saving a list in a browser: progress, the file, what is said instead, and the same without JavaScript."""

import csv

import pytest

from tests.e2e.conftest import OpenPage
from tests.workflow.both_kinds import both, report

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
INCIDENTS = "/admin/incidents/incident/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def queue(page, **options):
    both()
    opened = page(**options)
    opened.goto(f"/admin/login/?next={INCIDENTS}")
    opened.fill("#id_username", "berit")
    opened.fill("#id_password", "correct horse battery")
    opened.click("[type=submit]")
    return opened


@pytest.mark.parametrize("width", [1280, 375])
def test_the_list_is_saved_with_its_progress_told(page: OpenPage, axe, width, tmp_path):
    case = report()
    opened = queue(page, width=width)
    with opened.expect_download() as saving:
        opened.get_by_role("link", name="Save as CSV").click()
    saving.value.save_as(tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line["Reference"] for line in csv.DictReader(file)] == [case.reference]
    opened.get_by_text("Saved 1 case as incidents-").first.wait_for()
    axe(opened)
    opened.screenshot(path=tmp_path / f"saved-{width}.png")
    opened.get_by_role("button", name="Close").click()
    assert not opened.get_by_role("dialog").is_visible()


def test_of_nothing_no_file_is_made_and_the_reason_is_told(page: OpenPage):
    opened = queue(page)
    opened.get_by_role("link", name="Save as spreadsheet").click()
    opened.get_by_text("there is nothing to save").first.wait_for()


def test_cancel_ends_it_and_nothing_is_saved(page: OpenPage):
    report()
    opened = queue(page)
    opened.route("**/export.csv", lambda route: None)  # an answer that never comes
    opened.get_by_role("link", name="Save as CSV").click()
    opened.get_by_role("button", name="Cancel").click()
    assert not opened.get_by_role("dialog").is_visible()
    opened.unroute_all(behavior="ignoreErrors")
    with opened.expect_download():
        opened.get_by_role("link", name="Save as CSV").click()


def test_without_javascript_the_link_saves_the_file(page: OpenPage):
    report()
    opened = queue(page, javascript=False)
    with opened.expect_download() as saving:
        opened.get_by_role("link", name="Save as spreadsheet").click()
    assert saving.value.suggested_filename.endswith(".xlsx")

"""The technical review in a real browser: BPMN in a standard viewer, SVG by itself and live on the record."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from permits.technical import diagram, reviews
from permits.technical.models import TechnicalTask
from permits.technical.specialties import Specialty
from tests.e2e import test_officer
from tests.e2e.test_diagrams import MISPLACED, OPEN, VIEWER
from tests.permits import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_standard_viewer_opens_the_bpmn_without_a_warning(page: OpenPage):
    opened = page()
    opened.set_content('<div id="paper" style="height: 800px"></div>')
    opened.evaluate(VIEWER)
    warnings, shown = opened.evaluate(OPEN, diagram.DIAGRAM.bpmn())
    assert warnings == []
    assert {"split", "join", *(f"task_{one}" for one in Specialty), *(f"timer_{one}" for one in Specialty)} <= set(
        shown
    )
    assert {f"lane_{number}" for number in range(len(Specialty) + 1)} <= set(shown)


def test_the_svg_opens_by_itself_and_no_words_touch(page: OpenPage):
    opened = page()
    opened.goto("/api/v1/workflows/technicalReview/diagram.svg")
    assert opened.locator("svg").evaluate(MISPLACED) == [[], [], []]


def under_review():
    """Four specialists: one said yes, one yes with conditions, one is late, one waits."""
    permit = factories.filed(structures_affected=True, environmental_review="pending")
    first, second, third, _fourth = factories.open_tasks(permit)
    reviews.recommend(permit, task=first.pk, recommendation="approve", actor=factories.specialist(first))
    reviews.recommend(
        permit, task=second.pk, recommendation="approve_with_conditions", conditions=["C12"],
        comment="Noise near the school.", actor=factories.specialist(second),
    )  # fmt: skip
    late = timezone.now() - timedelta(hours=1)
    TechnicalTask.objects.filter(pk=third.pk).update(due_at=late, late_at=timezone.now())
    return permit


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_record_shows_where_each_specialist_stands(page: OpenPage, axe: Axe, width: int, scheme: str):
    permit = under_review()
    opened = test_officer.signed_in(page(width=width))
    opened.emulate_media(color_scheme=scheme)
    opened.goto(f"/admin/permits/roadpermit/{permit.pk}/change/")
    region = opened.get_by_role("region", name="The specialists, drawn")
    drawn = region.locator("svg")
    states = [drawn.locator(f"[data-branch={one}] text").first.inner_html() for one in Specialty]
    assert states == ["Approve", "Approve with conditions", "Late", "Waiting"]
    assert drawn.evaluate(MISPLACED) == [[], [], []]
    told = opened.locator("section", has=opened.get_by_role("heading", name="Technical review"))
    assert told.get_by_text("The deadline passed: the district manager was told").is_visible()
    axe(opened)
    assert test_officer.fits(opened)

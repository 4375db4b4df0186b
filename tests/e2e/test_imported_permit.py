"""From somebody's work-zone feed to a permit in force, through the command and a real browser."""

import email
import email.policy
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pypdf import PdfReader

from permits import files
from permits.models import RoadPermit
from tests.e2e.test_officer import QUEUE, Axe, OpenPage, signed_in
from tests.permits.factories import EXPLANATION, advised
from workflow import worker

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
OURS = Path(__file__).resolve().parents[1] / "permits" / "data" / "wzdx_prairie.geojson"
PUBLISHED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "wzdx" / "examples"
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
PICTURES = os.environ.get("PICTURES")  # a folder: what the browser saw is kept there


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    outbox = tmp_path / "outbox"
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": outbox}}}
    return outbox


def feeds() -> list[str]:
    """The nine published examples where they lie beside the project, else a feed of our own."""
    return [str(path) for path in sorted(PUBLISHED.glob("*.geojson"))] or [str(OURS)]


def look(opened, name: str) -> None:
    if PICTURES:
        opened.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_an_officer_approves_an_imported_permit_and_everything_follows(page: OpenPage, axe: Axe, folders: Path):
    starting = timezone.localdate() + timedelta(days=90)
    call_command("import_wzdx", *feeds(), "--starting", starting.isoformat())
    assert set(RoadPermit.objects.values_list("step", flat=True)) == {"reviewSafety"}
    worker.drain()
    permit = RoadPermit.objects.filter(conflicts=None, second_approver_needed=False).order_by("pk").first()
    advised(permit)
    opened = signed_in(page())
    opened.goto(QUEUE)
    look(opened, "queue-1280")
    opened.goto(f"{QUEUE}{permit.pk}/change/")
    look(opened, "record-1280")
    opened.get_by_role("link", name="Approve").click()
    opened.get_by_label("Why may it be granted", exact=False).fill(EXPLANATION)
    look(opened, "approve-1280")
    axe(opened)
    opened.get_by_role("button", name="Approve").click()
    worker.drain()
    opened.goto(f"{QUEUE}{permit.pk}/change/")
    look(opened, "record-in-force-1280")
    history = opened.locator("main").inner_text()
    for line in ("Approve", "Issue permit", "Take effect", "Rita Reyes"):
        assert line in history
    permit = RoadPermit.objects.get(pk=permit.pk)
    assert permit.state == RoadPermit.State.IN_FORCE
    assert permit.reference in PdfReader(files.path_of(permit.permit_document.storage_name)).pages[0].extract_text()
    assert any(permit.reference in subject and "issued" in subject for subject in subjects(folders))


def subjects(outbox: Path) -> list[str]:
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in outbox.glob("*.eml")]
    return [str(mail["Subject"]) for mail in mails]

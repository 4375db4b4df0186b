"""One officer's day in a real browser, from logging in to the last stop-work order. Read it as a story.

PICTURES=folder keeps a picture of each page at both widths.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from permits import files
from permits.models import RoadPermit
from permits.technical import reviews
from permits.technical.specialties import Specialty
from tests.e2e.people import (
    ADMIN,
    Axe,
    Office,
    OpenPage,
    deadline_passes,
    link_in,
    officer,
    press,
    technical_team,
)
from tests.permits import factories as make
from tests.permits.factories import EXPLANATION, fresh
from tests.permits.test_two_approvals import closed
from workflow.roles import sync_roles

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
QUEUE = f"{ADMIN}permits/roadpermit/"
APPLICANT = "dana.whitfield@example.com"
QUESTION = "How long is the bore pit in the shoulder?"


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Rita reviews; the three advise; Dora manages the district; Ines inspects."""

    rita: User
    tom: User
    sue: User
    uma: User
    dora: User
    ines: User


@dataclass(frozen=True, kw_only=True)
class Morning:
    """What lies on the desk: Rita takes the first three; the last is on the road already."""

    unclear: RoadPermit
    closing: RoadPermit
    hopeless: RoadPermit
    neighbor: RoadPermit
    on_the_road: RoadPermit


@pytest.fixture
def office(page: OpenPage, axe: Axe, live_server: LiveServer, settings, tmp_path: Path) -> Office:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.SITE_URL = live_server.url
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}
    return Office(page=page, axe=axe, outbox=tmp_path / "outbox", base_url=live_server.url)


@pytest.fixture
def cast() -> Cast:
    sync_roles()
    return Cast(
        rita=officer("Rita Reyes", "Safety reviewer"),
        tom=officer("Tom Abara", "Specialist", team=technical_team(Specialty.TRAFFIC)),
        sue=officer("Sue Lindqvist", "Specialist", team=technical_team(Specialty.STRUCTURES)),
        uma=officer("Uma Patel", "Specialist", team=technical_team(Specialty.UTILITIES)),
        dora=officer("Dora Vance", "District manager"),
        ines=officer("Ines Moreau", "Inspector"),
    )


@pytest.fixture
def morning(cast: Cast, office: Office) -> Morning:
    """Filed and walked through the engine; the permit on the road has a real document."""
    found = Morning(
        neighbor=make.filed(**make.at(20)),
        unclear=make.filed(**make.at(0)),
        closing=make.paid(make.with_documents(make.filed(**closed(20), structures_affected=True))),
        hopeless=make.filed(**make.at(40)),
        on_the_road=make.active(**make.at(60)),
    )
    office.works_off()
    return found


def test_one_day_of_an_officer(office: Office, cast: Cast, morning: Morning) -> None:
    rita = office.logs_in(cast.rita)
    office.look(rita, "first-screen")
    takes_three(office, rita, morning)
    asks_a_question(office, rita, morning.unclear)
    settles_a_conflict(office, rita, morning)
    three_specialists_advise(office, cast, rita, morning.closing)
    two_officers_approve(office, cast, rita, morning.closing)
    refuses(office, rita, morning.hopeless)
    the_inspector_stops_the_work(office, cast, morning.on_the_road)
    the_desk_is_as_it_should_be(office, rita, morning)


# -- the day ----------------------------------------------------------------------------------------------------------


def takes_three(office: Office, rita: Page, morning: Morning) -> None:
    """From the first screen to the queue, three boxes, one press; then they are hers."""
    press(rita.get_by_role("link", name="Unassigned").first)
    office.look(rita, "queue-unassigned")
    chosen = (morning.unclear, morning.closing, morning.hopeless)
    for permit in chosen:
        line_of(rita, permit).locator(".action-select").check()
    rita.locator("select[name=action]").select_option(label="Claim")
    press(rita.locator("button[name=index]"))
    for permit in chosen:
        rita.get_by_text(f"{permit.reference}: is yours now.").wait_for()
    office.look(rita, "queue-claimed")
    rita.goto(ADMIN)
    count = rita.get_by_role("link", name="Mine").first
    assert count.inner_text().split()[0] == "3"
    press(count)
    assert {permit.reference for permit in chosen} == references(rita)
    office.look(rita, "queue-mine")


def asks_a_question(office: Office, rita: Page, permit: RoadPermit) -> None:
    """The applicant reads it in a mail, answers on the page behind its link, and the case is back."""
    opens(rita, permit)
    office.look(rita, "record")
    press(rita.get_by_role("link", name="Request information"))
    rita.get_by_label("Question 1 is about").select_option(label="Phone")
    rita.get_by_role("textbox", name="Question 1").fill(QUESTION)
    office.look(rita, "request-information")
    press(rita.get_by_role("button", name="Request information"))
    rita.get_by_text("Request information: done.").wait_for()
    office.works_off()
    dana = office.page(width=375)
    dana.goto(link_in(office.mail_to(APPLICANT, permit.reference)))
    office.look(dana, "applicant-reads")
    press(dana.get_by_role("link", name="Answer our questions"))
    assert dana.get_by_text(QUESTION).first.is_visible()
    dana.get_by_label("Phone").fill("515-555-0188")
    dana.get_by_label("Your answer to question 1").fill("Twelve feet, behind the guard rail.")
    office.look(dana, "applicant-answers")
    press(dana.get_by_role("button", name="Send the answers"))
    dana.get_by_text("Your answers have arrived").wait_for()
    office.works_off()
    opens(rita, permit)
    assert rita.get_by_text("Twelve feet, behind the guard rail.").first.is_visible()
    assert fresh(permit).state == "in_review"
    office.look(rita, "record-answered")


def settles_a_conflict(office: Office, rita: Page, morning: Morning) -> None:
    opens(rita, morning.closing)
    office.look(rita, "record-conflict")
    assert rita.get_by_role("link", name=morning.neighbor.reference).first.is_visible()
    press(rita.get_by_role("link", name="Settle conflict").first)
    rita.get_by_label("Why can both go ahead?").fill("The contractors share one closure and one flagger.")
    office.look(rita, "settle-conflict")
    press(rita.get_by_role("button", name="Settle conflict"))
    rita.get_by_text("Settle conflict: done.").wait_for()
    assert rita.get_by_text("The contractors share one closure").first.is_visible()
    assert not fresh(morning.closing).conflicts.filter(settled_because="").exists()


def three_specialists_advise(office: Office, cast: Cast, rita: Page, permit: RoadPermit) -> None:
    """Two speak in time; the third is late, the district reads it, and then she speaks, too."""
    advises(
        office, office.sits_down(cast.tom), permit, "Approve with conditions", "Keep one sidewalk open at all times."
    )
    advises(office, office.sits_down(cast.sue), permit, "Approve")
    task = reviews.open_task(permit, Specialty.UTILITIES)
    assert task is not None
    assert task.owner == cast.uma
    deadline_passes(task)
    office.works_off()
    dora = office.sits_down(cast.dora)
    opens(dora, permit)
    assert dora.get_by_text("For the district manager: the utilities review is late.", exact=False).first.is_visible()
    office.look(dora, "record-specialist-late")
    opens(rita, permit)
    assert not decision(rita, "Approve").get_by_role("link").count()
    assert rita.get_by_text("Not every specialist has given a recommendation yet", exact=False).first.is_visible()
    uma = office.sits_down(cast.uma)
    uma.goto(f"{ADMIN}permits/technicaltask/?queue=late")
    office.look(uma, "technical-late")
    advises(office, uma, permit, "Approve")


def two_officers_approve(office: Office, cast: Cast, rita: Page, permit: RoadPermit) -> None:
    """Rita's approval is noted; Dora's makes the permit, which the applicant gets by mail."""
    opens(rita, permit)
    office.look(rita, "record-ready")
    approves(office, rita, "approve-first")
    assert (fresh(permit).state, fresh(permit).first_approved_by) == ("in_review", cast.rita)
    office.look(rita, "record-half-approved")
    dora = office.sits_down(cast.dora)
    opens(dora, permit)
    approves(office, dora, "approve-second")
    office.works_off()
    assert fresh(permit).state == "in_force"
    opens(dora, permit)
    office.look(dora, "record-in-force")
    pdf = PdfReader(files.path_of(fresh(permit).permit_document.storage_name))
    assert permit.reference in pdf.pages[0].extract_text()
    mail = office.mail_to(APPLICANT, permit.reference)
    assert "issued" in str(mail["Subject"])
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["application/pdf"]


def refuses(office: Office, rita: Page, permit: RoadPermit) -> None:
    opens(rita, permit)
    press(rita.get_by_role("link", name="Refuse"))
    rita.get_by_label("R20 Traffic control plan unsafe", exact=False).check()
    rita.get_by_role("textbox", name="Explanation").fill("Too short.")
    press(rita.get_by_role("button", name="Refuse"))
    rita.get_by_role("alert").wait_for()
    assert rita.get_by_label("R20 Traffic control plan unsafe", exact=False).is_checked()
    office.look(rita, "refuse-too-short")
    rita.get_by_role("textbox", name="Explanation").fill(EXPLANATION)
    press(rita.get_by_role("button", name="Refuse"))
    rita.get_by_text("Refuse: done.").wait_for()
    office.look(rita, "record-refused")
    office.works_off()
    assert fresh(permit).state == "refused"
    assert "refused" in str(office.mail_to(APPLICANT, permit.reference)["Subject"])


def the_inspector_stops_the_work(office: Office, cast: Cast, permit: RoadPermit) -> None:
    """Suspended, which everybody sees behind the QR code; then cleared."""
    ines = office.sits_down(cast.ines)
    opens(ines, permit)
    office.look(ines, "record-active")
    press(ines.get_by_role("link", name="Suspend"))
    ines.get_by_label("Traffic control missing or not as planned").check()
    ines.get_by_label("Why must the work stop?").fill("The signs are down and the taper is too short.")
    office.look(ines, "suspend")
    press(ines.get_by_role("button", name="Suspend"))
    ines.get_by_text("Suspend: done.").wait_for()
    anybody = office.page(width=375)
    anybody.goto(f"/verify/{permit.verify_token}/")
    assert anybody.get_by_role("heading", level=1).inner_text().casefold() == "suspended"
    office.look(anybody, "verify-suspended")
    press(ines.get_by_role("link", name="Resume"))
    ines.get_by_label("What was cleared?").fill("The signs are up, the taper is as drawn.")
    office.look(ines, "resume")
    press(ines.get_by_role("button", name="Resume"))
    ines.get_by_text("Resume: done.").wait_for()
    assert fresh(permit).state == "active"


def the_desk_is_as_it_should_be(office: Office, rita: Page, morning: Morning) -> None:
    """What is decided has left her queue; what is not is still there."""
    rita.goto(f"{QUEUE}?queue=mine")
    assert morning.unclear.reference in references(rita)
    assert morning.hopeless.reference not in references(rita)
    rita.goto(ADMIN)
    office.look(rita, "first-screen-evening")


# -- what hands do ----------------------------------------------------------------------------------------------------


def line_of(opened: Page, permit: RoadPermit) -> Locator:
    return opened.locator("#result_list tr").filter(has_text=permit.reference)


def references(opened: Page) -> set[str]:
    return set(opened.locator("#result_list a[href*='/change/']").all_inner_texts())


def opens(opened: Page, permit: RoadPermit) -> None:
    opened.goto(f"{QUEUE}{permit.pk}/change/")


def decision(opened: Page, label: str) -> Locator:
    return opened.get_by_role("region", name="What you can do").get_by_role("listitem").filter(has_text=label)


def advises(office: Office, opened: Page, permit: RoadPermit, recommends: str, because: str = "") -> None:
    """From the specialist's own list to the form, and back to the record."""
    if "technicaltask" not in opened.url:
        opened.goto(f"{ADMIN}permits/technicaltask/?queue=mine")
        office.look(opened, "technical-mine")
    press(line_of(opened, permit).get_by_role("link").nth(1))
    opened.get_by_label(recommends, exact=True).check()
    if because:
        opened.get_by_label("C12 Noise", exact=False).check()
        opened.get_by_label("Your reasons").fill(because)
        office.look(opened, "recommend")
    press(opened.get_by_role("button", name="Give recommendation"))
    opened.get_by_text("recommendation: done.").wait_for()


def approves(office: Office, opened: Page, name: str) -> None:
    press(opened.get_by_role("link", name="Approve"))
    why = opened.get_by_label("Why may it be granted", exact=False)
    if why.count():
        why.fill(EXPLANATION)
    office.look(opened, name)
    press(opened.get_by_role("button", name="Approve"))
    opened.get_by_text("Approve: done.").wait_for()

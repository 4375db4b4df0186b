"""The whole form as a citizen fills it in, page by page, without JavaScript."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from permits.application.sections import SECTIONS
from permits.application.validate import from_json, validate
from permits.models import RoadPermit
from permits.views.steps import page_url, track_url
from tests.permits.application_samples import posted
from tests.permits.factories import PDF, application
from workflow.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def typed(section, answers):
    """What a browser sends of a page on which a person has typed ``answers``."""
    data = posted(section(initial=from_json(answers), answers=validate(answers).answers).questions())
    return {key: data.getlist(key) for key in data}


def pages(answers):
    """Section -> what is typed on it, for the pages these answers lead to."""
    cleaned = validate(answers).answers
    return {section: typed(section, answers) for section in SECTIONS if section.applies(cleaned)}


def fill(client, answers=None):
    """Walk through every page but the documents; answers the draft."""
    permit = None
    for section, data in pages(answers or application()).items():
        url = page_url(permit, section.slug) if permit else "/permits/apply/new/"
        response = client.post(url, data)
        assert response.status_code == 302, (section.slug, response.context["form"].errors)
        permit = permit or RoadPermit.objects.latest("pk")
    permit.refresh_from_db()
    return permit


def upload(client, permit, *kinds):
    """Each of ``kinds`` as a PDF on the page “Documents”."""
    files = {kind: SimpleUploadedFile(f"{kind}.pdf", PDF, content_type="application/pdf") for kind in kinds}
    return client.post(page_url(permit, "documents"), files)


NEEDED = ("site_plan", "contractor_licence", "pedestrian_plan", "insurance_certificate")


def ready(client, answers=None):
    """A draft with nothing left to do but to submit."""
    permit = fill(client, answers)
    upload(client, permit, *NEEDED)
    return permit


def submit(client, permit):
    return client.post(page_url(permit, "review"))


def test_the_whole_form_becomes_an_application(client):
    permit = ready(client)
    assert "There is a problem" not in client.get(page_url(permit, "review")).content.decode()
    response = submit(client, permit)
    assert response.url == track_url(permit, "done")
    permit.refresh_from_db()
    assert permit.state == "submitted"
    assert permit.application == RoadPermit.objects.get().revisions.get().application
    assert validate(permit.application).answers == validate(application()).answers
    assert permit.typed == {}
    assert permit.signed_from == "127.0.0.1"


def test_the_receipt_shows_reference_link_and_fee(client):
    permit = ready(client)
    page = submit(client, permit)
    html = client.get(page.url).content.decode()
    permit.refresh_from_db()
    assert permit.reference in html
    assert f"{track_url(permit)}" in html
    assert f"${permit.fee_total}" in html


def test_a_second_click_lands_on_the_same_receipt(client):
    permit = ready(client)
    first, second = submit(client, permit), submit(client, permit)
    assert first.url == second.url
    assert RoadPermit.objects.count() == 1
    assert Event.objects.filter(case_id=permit.pk, transition="submit").count() == 1


@pytest.mark.parametrize("slug", ["type", "traffic", "documents", "review"])
def test_the_back_button_after_submission_ends_at_the_receipt(client, slug):
    permit = ready(client)
    submit(client, permit)
    assert client.get(page_url(permit, slug)).url == track_url(permit, "done")


def test_saving_in_an_old_tab_after_submission_changes_nothing_and_says_so(client):
    permit = ready(client)
    submit(client, permit)
    response = client.post(page_url(permit, "applicant"), {"contact_name": "Somebody Else"}, follow=True)
    permit.refresh_from_db()
    assert permit.answer("contact_name") == "Dana Whitfield"
    assert response.redirect_chain[-1][0] == track_url(permit, "done")


def test_a_draft_writes_no_history_but_its_beginning_and_the_mailed_link(client):
    permit = ready(client)
    assert list(permit.events.values_list("kind", flat=True)) == ["opened", "link_sent"]


def test_another_browser_goes_on_with_the_link(client):
    permit = fill(client)
    stranger = Client()
    response = stranger.get(page_url(permit, "applicant"))
    assert "Story County Fiber Cooperative" in response.content.decode()


def test_the_link_leads_to_the_first_page_that_is_not_done(client):
    client.post("/permits/apply/new/", typed(SECTIONS[0], application()))
    permit = RoadPermit.objects.get()
    resume = page_url(permit, "x").removesuffix("x/")
    assert client.get(resume).url == page_url(permit, "applicant")
    for section, data in list(pages(application()).items())[1:]:
        client.post(page_url(permit, section.slug), data)
    assert client.get(resume).url == page_url(permit, "documents")
    upload(client, permit, *NEEDED)
    assert client.get(resume).url == page_url(permit, "review")


def test_this_browser_lists_its_drafts_until_it_forgets_them(client):
    permit = fill(client)
    assert permit.reference in client.get("/permits/apply/").content.decode()
    assert permit.reference not in Client().get("/permits/apply/").content.decode()
    client.post("/permits/apply/")
    assert permit.reference not in client.get("/permits/apply/").content.decode()


def test_a_filed_draft_is_no_longer_listed(client):
    permit = ready(client)
    submit(client, permit)
    assert permit.reference not in client.get("/permits/apply/").content.decode()

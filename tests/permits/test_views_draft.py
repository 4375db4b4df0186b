"""What a draft keeps, and what stands in the way of submitting it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from permits import files
from permits.application.people import ApplicantSection, TypeSection
from permits.application.sections import SECTIONS, section_of
from permits.models import RoadPermit
from permits.rules.documents import DocumentKind
from permits.views import review, story
from permits.views.steps import SHORT, page_url, track_url
from tests.permits import factories
from tests.permits.application_samples import KINDS, posted, read_page
from tests.permits.test_views_walk import NEEDED, fill, ready, submit, typed, upload
from workflow.models import Document

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=y>"


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def shown(client, permit, slug):
    """What the browser would send of the page as it stands."""
    return posted(client.get(page_url(permit, slug)).content.decode())


def other(section):
    """Something no question of the section takes, for each of its text inputs."""
    return {key: f"§ {key}  <b>" for key in posted(section().questions()) if "csrf" not in key}


@pytest.mark.parametrize("slug", ["applicant", "contractor", "location", "time", "money", "declaration"])
def test_what_is_typed_and_wrong_is_shown_again_word_for_word(client, slug):
    permit, section = factories.draft(), section_of(slug)
    page = client.post(page_url(permit, slug), other(section)).content.decode()
    assert "There is a problem" in page
    again = shown(client, permit, slug)
    inputs = [
        key
        for key in other(section)
        if f'name="{key}"' in page and key in again and f'<select name="{key}"' not in page
    ]
    assert inputs
    for key in inputs:
        assert again[key] in (f"§ {key}  <b>", "on")


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_every_kind_comes_back_as_it_was_sent(client, kind):
    permit = factories.draft(**KINDS[kind])
    for section in SECTIONS:
        if section.applies(KINDS[kind]):
            data = typed(section, KINDS[kind])
            client.post(page_url(permit, section.slug), {**data, "then": "later"})
            permit.refresh_from_db()
            assert permit.typed[section.slug] == {key: list(values) for key, values in data.items()}
            answered = {
                key: values for key, values in dict(shown(client, permit, section.slug).lists()).items() if any(values)
            }
            expected = {key: values for key, values in data.items() if any(values)}
            assert {key: answered.get(key) for key in expected} == expected


@pytest.mark.parametrize(("then", "slug"), [("back", "applicant"), ("later", "saved"), ("go:money", "money")])
def test_every_way_off_a_page_keeps_what_is_wrong_on_it(client, then, slug):
    permit = factories.draft()
    response = client.post(page_url(permit, "contractor"), {"onsite_phone": "12", "then": then})
    assert response.url == page_url(permit, slug)
    assert shown(client, permit, "contractor")["onsite_phone"] == "12"


def test_a_page_left_half_done_greets_nobody_with_errors_until_the_review_asks(client):
    permit = factories.draft()
    client.post(page_url(permit, "contractor"), {"onsite_phone": "12", "then": "back"})
    assert "There is a problem" not in client.get(page_url(permit, "contractor")).content.decode()
    assert "There is a problem" in client.get(page_url(permit, "contractor", checked=True)).content.decode()


def test_the_first_page_makes_a_draft_even_when_it_is_wrong(client):
    page = client.post("/permits/apply/new/", {"work_summary": "short"})
    assert page.status_code == 200
    permit = RoadPermit.objects.get()
    assert permit.state == "draft"
    assert permit.typed["type"]["work_summary"] == ["short"]


def test_a_wrong_optional_answer_is_reported_and_never_dropped(client):
    permit = ready(client)
    data = typed(section_of("location"), factories.application()) | {"aadt": "many", "then": "later"}
    client.post(page_url(permit, "location"), data)
    page = submit(client, permit)
    permit.refresh_from_db()
    assert permit.state == "draft"
    assert "Vehicles a day (AADT) — Enter a whole number in digits." in page.content.decode()


def test_another_kind_of_permit_and_back_loses_no_page(client):
    permit = fill(client)
    kinds = typed(TypeSection, factories.application())
    client.post(page_url(permit, "type"), kinds | {"permit_type": "driveway", "then": "later"})
    assert client.get(page_url(permit, "facility")).status_code == 302
    client.post(page_url(permit, "type"), kinds | {"then": "later"})
    assert shown(client, permit, "facility")["facility_material"] == "HDPE"


def test_from_the_review_a_corrected_page_leads_back_to_the_review(client):
    permit = fill(client)
    url = page_url(permit, "applicant", checked=True)
    assert client.post(url, typed(ApplicantSection, factories.application())).url == page_url(permit, "review")


@pytest.mark.parametrize("text", [HOSTILE, "a\x00b", "\ud800".encode("utf-8", "replace").decode(), "{{ 7|add:7 }}"])
def test_hostile_text_is_kept_and_shown_escaped(client, text):
    permit = ready(client)
    data = typed(ApplicantSection, factories.application()) | {"organisation": text, "then": "later"}
    client.post(page_url(permit, "applicant"), data)
    for slug in ("applicant", "review"):
        html = client.get(page_url(permit, slug)).content.decode()
        assert HOSTILE not in html
        assert "onerror=y>" not in html.replace("&quot;", "").replace("onerror=y&gt;", "")
    assert shown(client, permit, "applicant")["organisation"] == text.replace("\x00", "")


def test_hostile_answers_of_a_filed_application_are_escaped_on_its_page(client):
    permit = factories.filed(road_name=HOSTILE[:80], contact_name=HOSTILE, organisation=HOSTILE)
    html = client.get(track_url(permit)).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_names_that_belong_to_no_question_are_not_stored(client):
    client.post(
        "/permits/apply/new/", {"work_summary": "x", "state": "in_force", "typed": "x", "csrfmiddlewaretoken": "x"}
    )
    permit = RoadPermit.objects.get()
    assert set(permit.typed["type"]) == {"work_summary"}
    assert permit.state == "draft"


def test_the_start_before_the_minimum_notice_is_named_with_the_first_day_that_is_possible(client):
    permit = ready(client, factories.application(**{k: v for k, v in factories.soon().items() if k.endswith("_at")}))
    page = submit(client, permit).content.decode()
    assert "We need time to review this: begin on" in page
    permit.refresh_from_db()
    assert permit.state == "draft"


@pytest.mark.parametrize("kind", NEEDED)
def test_a_missing_document_keeps_the_application_back_and_is_linked(client, kind):
    permit = fill(client)
    upload(client, permit, *(one for one in NEEDED if one != kind))
    page = submit(client, permit).content.decode()
    assert f"{page_url(permit, 'documents', checked=True)}#id_{kind}".replace("&", "&amp;") in page
    permit.refresh_from_db()
    assert permit.state == "draft"


def test_a_refused_file_is_a_sentence_at_its_control_and_the_others_are_kept(client):
    permit = fill(client)
    bad = SimpleUploadedFile("virus.pdf", b"MZ\x90\x00 not a pdf")
    good = SimpleUploadedFile("plan.pdf", factories.PDF)
    page = client.post(page_url(permit, "documents"), {"site_plan": bad, "pedestrian_plan": good})
    assert page.status_code == 200
    assert "virus.pdf: " in str(page.context["form"].errors["site_plan"])
    assert [document.kind for document in permit.documents.all()] == ["pedestrian_plan"]


def test_the_total_of_all_files_is_limited(client):
    permit = fill(client)
    upload(client, permit, "site_plan")
    Document.objects.update(size=100 * 1024 * 1024 - 10)
    page = upload(client, permit, "pedestrian_plan")
    assert "All files together are larger than 100 MB" in page.content.decode()


def test_a_removed_file_is_gone_from_the_disk_too(client, django_capture_on_commit_callbacks):
    permit = fill(client)
    upload(client, permit, "site_plan")
    document = permit.documents.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_url(permit, "documents"), {"remove": document.pk})
    assert not permit.documents.exists()
    assert not files.path_of(document.storage_name).exists()


def test_nobody_removes_a_file_of_another_draft(client):
    permit, stranger = fill(client), factories.draft()
    upload(client, permit, "site_plan")
    client.post(page_url(stranger, "documents"), {"remove": permit.documents.get().pk})
    assert permit.documents.exists()


def test_another_document_gets_the_kind_that_was_chosen(client):
    permit = fill(client)
    data = {"other_kind": DocumentKind.PHOTO.value, "other_file": SimpleUploadedFile("a.pdf", factories.PDF)}
    client.post(page_url(permit, "documents"), data)
    assert permit.documents.get().kind == "photo"


def test_the_review_warns_of_other_work_at_the_same_place_and_stores_nothing(client):
    factories.filed(actor=factories.integrator())
    permit = ready(client)
    page = client.get(page_url(permit, "review")).content.decode()
    assert "Other work is planned here" in page
    assert not permit.conflicts.exists()
    permit.refresh_from_db()
    assert permit.holder == ""


def test_every_error_of_the_review_leads_to_an_input_of_its_page(client):
    permit = factories.draft()
    RoadPermit.objects.filter(pk=permit.pk).update(application={"permit_type": "utility"})
    found = client.get(page_url(permit, "review")).context["form"].lines
    assert len(found) > 20
    for line in found:
        url, _, target = line.href.partition("#")
        assert target in read_page(client.get(url).content.decode()).ids, line


def test_every_page_of_the_form_and_every_state_has_its_words():
    assert {section.slug for section in SECTIONS} < set(SHORT)
    assert set(story._SENTENCES) == set(RoadPermit.State.values)
    assert set(review.SAID_ELSEWHERE) >= {"documents_with_form"}


@pytest.mark.parametrize(("slug", "most"), [("type", 6), ("traffic", 6), ("documents", 8), ("review", 12)])
def test_a_page_of_the_form_needs_few_queries(client, django_assert_max_num_queries, slug, most):
    permit = ready(client)
    with django_assert_max_num_queries(most):
        assert client.get(page_url(permit, slug)).status_code == 200


def test_saving_a_page_needs_few_queries(client, django_assert_max_num_queries):
    permit = ready(client)
    with django_assert_max_num_queries(16):
        client.post(page_url(permit, "time"), typed(section_of("time"), factories.application()))

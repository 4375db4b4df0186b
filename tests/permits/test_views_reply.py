"""The reply to an information request: answers, corrections in place, files; nothing typed is lost."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from permits.views.steps import track_url
from tests.permits import factories

pytestmark = pytest.mark.django_db
PHONE = {"field": "contact_phone", "text": "Which number reaches you at night?"}
WHY = {"field": "", "text": "Why do you need both lanes?"}


@pytest.fixture(autouse=True)
def fresh_start(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


def asked(*items):
    return factories.fire(factories.filed(), "request_information", items=list(items or [PHONE, WHY]))


def send(client, permit, **data):
    whole = {"visit": permit.step_visit, "answer_0": "The new one.", "answer_1": "The crane needs it."}
    return client.post(track_url(permit, "reply"), {**whole, "contact_phone": "+15155550142", **data})


def test_answers_and_a_corrected_field_make_a_new_revision(client):
    permit = asked()
    assert send(client, permit, contact_phone="515-555-0188").url == track_url(permit)
    permit = factories.fresh(permit)
    assert [item["answer"] for item in permit.info_items] == ["The new one.", "The crane needs it."]
    assert permit.answer("contact_phone") == "+15155550188"
    assert permit.revisions.latest("number").changed == ["contact_phone"]


def test_answers_alone_change_no_revision(client):
    permit = asked()
    send(client, permit)
    assert factories.fresh(permit).revisions.count() == 1
    assert factories.fresh(permit).state == "in_review"


def test_the_page_shows_the_question_with_its_own_field_and_no_other(client):
    page = client.get(track_url(asked(), "reply")).content.decode()
    assert PHONE["text"] in page
    assert 'name="contact_phone"' in page
    assert 'name="contact_name"' not in page


def test_a_wrong_reply_keeps_every_word_and_the_good_file(client):
    permit = asked()
    file = SimpleUploadedFile("plan.pdf", factories.PDF)
    page = send(client, permit, contact_phone="12", answer_1="", site_plan=file)
    html = page.content.decode()
    assert page.status_code == 200
    assert 'value="12"' in html
    assert "The new one." in html
    assert [document.name for document in permit.documents.all()] == ["plan.pdf"]
    assert factories.fresh(permit).state == "info_requested"


def test_a_correction_that_does_not_fit_the_other_answers_is_shown_again(client):
    permit = asked({"field": "end_at", "text": "Do you need longer?"})
    late = {"end_at_0": "01/20/2060", "end_at_1": "4 PM"}
    page = send(client, permit, **late)
    html = page.content.decode()
    assert factories.fresh(permit).state == "info_requested"
    assert 'value="01/20/2060"' in html
    assert "There is a problem" in html


def test_fields_that_a_correction_made_wrong_can_be_mended_on_the_same_page(client):
    permit = asked({"field": "applicant_kind", "text": "Are you a utility?"})
    html = send(client, permit, applicant_kind="person").content.decode()
    assert 'name="tax_id"' in html
    assert 'name="also" value="tax_id"' in html
    assert send(client, permit, applicant_kind="person", also=["tax_id"], tax_id="").status_code == 302
    assert factories.fresh(permit).answer("applicant_kind") == "person"


def test_a_second_click_finds_the_answers_there(client):
    permit = asked()
    first, second = send(client, permit), send(client, permit)
    assert first.url == second.url == track_url(permit)
    assert factories.fresh(permit).events.filter(transition="provide_information").count() == 1


def test_answers_that_come_too_late_are_shown_for_copying(client):
    permit = asked()
    factories.fire(permit, "cancel", factories.actors.applicant(permit))
    page = send(client, permit, answer_0="A long text I do not want to type again.")
    assert "A long text I do not want to type again." in page.content.decode()
    assert "We no longer wait for an answer" in page.content.decode()


def test_other_questions_than_those_on_the_page_are_not_answered_by_it(client):
    permit = asked()
    html = send(client, permit, visit=permit.step_visit - 2).content.decode()
    assert "The questions have changed" in html
    assert factories.fresh(permit).state == "info_requested"


def test_without_an_open_question_the_page_leads_back(client):
    permit = factories.filed()
    assert client.get(track_url(permit, "reply")).url == track_url(permit)

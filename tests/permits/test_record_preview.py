"""The preview of a decision shows what is sent afterwards, word for word, and writes nothing."""

import html
import re
from unittest import mock

import pytest

from permits import foresight
from permits.decisions import DECISIONS
from permits.messages import NOTICES
from tests.admin_pages import desk_url, do_url, record_url
from tests.permits import factories as make
from tests.permits.move_data import WORDS
from tests.permits.test_two_approvals import closing
from tests.workflow.counted_rows import rows_of_everything
from workflow import doorbell
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.preview import without_secrets
from workflow.tracker import tracking_token

pytestmark = pytest.mark.django_db

# Decisions that tell somebody, with what is typed; each from a state in which it is possible.
TOLD = {
    "approve": (
        "in_review",
        {"conditions": ["C01", "C07"], "message": "Please start at the north end.", "override_reason": WORDS},
    ),
    "refuse": ("in_review", {"reasons": ["R20", "R50"], "explanation": WORDS}),
    "request_information": ("in_review", {"field_1": "contact_phone", "text_1": "Which number can we call?"}),
    "suspend": ("active", {"code": "S10", "reason": "The signs are missing."}),
    "resume": ("suspended", {"reason": "The signs are up."}),
    "revoke": ("in_force", {"reasons": ["R50"], "explanation": WORDS}),
    "pass_inspection": ("completed", {"remarks": "All well."}),
    "reopen": ("refused", {"grounds": WORDS}),
}
ELSEWHERE = {"fail_inspection", "issue"}  # need a photo, or a document that was made: tested where they are made


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


@pytest.fixture
def rita(client):
    made = make.user("rita")
    client.force_login(made)
    return made


def previewed(client, permit, name, typed, *, url=do_url):
    return client.post(url(permit, name), {"revision": permit.revision, "preview": "1", **typed})


def test_every_decision_that_tells_somebody_is_tested():
    assert {name for name in DECISIONS if foresight.tells(name)} - ELSEWHERE == set(TOLD)


@pytest.mark.parametrize("name", TOLD)
def test_the_preview_says_what_is_sent_afterwards_and_writes_nothing(client, rita, name):
    state, typed = TOLD[name]
    permit = make.in_state(state)
    before, rung = rows_of_everything(), doorbell._rung
    page = previewed(client, permit, name, typed)
    assert page.status_code == 200, page.content.decode()
    assert rows_of_everything() == before
    assert doorbell._rung == rung
    shown = {(one.to, one.channel, one.subject, one.text, tuple(one.attached)) for one in page.context["letters"]}
    old = set(Message.objects.values_list("pk", flat=True))
    assert client.post(do_url(permit, name), {"revision": permit.revision, **typed}).status_code == 302
    make.drain(permit)
    sent = Message.objects.exclude(pk__in=old)
    assert shown
    assert shown == {
        (one.role, one.get_channel_display(), one.subject, without_secrets(one.text), names(one)) for one in sent
    }


def names(message):
    found = message.case.documents.filter(pk__in=message.attachments)
    return tuple(found.values_list("name", flat=True))


def test_the_page_keeps_what_was_typed_and_can_be_sent_from_there(client, rita):
    permit = make.in_state("in_review")
    typed = TOLD["refuse"][1]
    page = previewed(client, permit, "refuse", typed).content.decode()
    assert WORDS in html.unescape(page.partition("</textarea>")[0])
    assert re.search(r'value="R50"[^>]*checked', page)
    assert "nothing has been sent" in page
    again = re.search(r'name="revision" value="(\d+)"', page)
    assert client.post(do_url(permit, "refuse"), {"revision": again[1], **typed}).status_code == 302


def test_an_officer_never_reads_the_applicants_secret(client, rita):
    permit = make.in_state("in_review")
    page = previewed(client, permit, "refuse", TOLD["refuse"][1]).content.decode()
    assert tracking_token(permit) not in page
    assert f"/track/{permit.reference}/…/" in page


def test_without_the_right_to_see_persons_the_preview_names_nobody(client, rita):
    permit = make.in_state("in_review")
    rita.user_permissions.remove(*rita.user_permissions.filter(codename="view_contact"))
    page = previewed(client, permit, "refuse", TOLD["refuse"][1]).content.decode()
    assert "nothing has been sent" in page
    assert "Whitfield" not in page
    assert "dana.whitfield@example.com" not in page


def test_what_would_be_refused_is_refused_in_the_preview(client, rita):
    permit = make.filed()  # no fee paid, no documents
    page = previewed(client, permit, "approve", TOLD["approve"][1] | {"override_reason": WORDS})
    assert page.status_code == 422
    assert "fee is open" in page.content.decode()
    stale = client.post(do_url(permit, "refuse"), {"revision": 0, "preview": "1", **TOLD["refuse"][1]})
    assert stale.status_code == 409
    assert make.fresh(permit).state == "in_review"


def test_the_first_of_two_approvals_tells_nobody_yet(client, rita):
    permit = closing()
    page = previewed(client, permit, "approve", TOLD["approve"][1] | {"override_reason": WORDS})
    assert page.context["letters"] == []
    assert "Nobody gets a message by this." in page.content.decode()
    assert make.fresh(permit).first_approved_by is None


# -- notes and messages -----------------------------------------------------------------------------------------------


def test_a_message_goes_to_the_applicant_and_a_note_does_not(client, rita):
    permit = make.filed()
    for name, words in (("message", "Goes out: the applicant"), ("note", "Internal: only officers")):
        assert words in client.get(desk_url(permit, name)).content.decode()
    said, kept = "Please call us about the detour.", "He never answers the phone."
    shown = previewed(client, permit, "message", {"text": said}, url=desk_url).context["letters"]
    assert [one.to for one in shown] == ["applicant"]
    for name, text in (("message", said), ("note", kept)):
        permit = make.fresh(permit)
        answer = client.post(desk_url(permit, name), {"revision": permit.revision, "text": text})
        assert answer.status_code == 302
    mail = Message.objects.filter(case_id=permit.pk).latest("pk")
    assert (mail.role, without_secrets(mail.text)) == ("applicant", shown[0].text)
    assert said in mail.text
    tracked = client.get(f"/track/{permit.reference}/{tracking_token(permit)}/").content.decode()
    assert (said in tracked, kept in tracked) == (True, False)
    assert "We wrote to you" in tracked
    record = client.get(record_url(permit)).content.decode()
    assert (said in record, kept in record) == (True, True)


@pytest.mark.parametrize("text", ["", "Hi", "x" * 4001])
def test_a_message_too_short_or_too_long_stays_on_the_page(client, rita, text):
    permit = make.filed()
    answer = client.post(desk_url(permit, "message"), {"revision": permit.revision, "text": text})
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not Message.objects.filter(subject__contains="a message from").exists()


def test_only_officers_of_the_team_write_to_the_applicant(client):
    permit = make.filed()
    client.force_login(make.user("ann", permissions=("view",)))
    answer = client.post(desk_url(permit, "message"), {"revision": permit.revision, "text": WORDS})
    assert answer.status_code == 403
    assert "message_to_applicant" in NOTICES
    assert make.fresh(permit).revision == permit.revision

"""A report's record and decisions: previews, messages to the reporter, what was here before, what the page costs."""

import html

import pytest

from incidents import foresight, merging
from incidents.admin.acts import DECISIONS
from incidents.earlier import at_the_place
from incidents.forgetting import persons
from incidents.messages import MESSAGE
from incidents.models import Incident
from tests.admin_pages import desk_url, do_url, record_url
from tests.incidents import factories as make
from tests.workflow.counted_rows import rows_of_everything
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.preview import without_secrets
from workflow.models import Event
from workflow.tracker import tracking_token

pytestmark = pytest.mark.django_db
WORDS = "The crew comes on Tuesday morning."
TOLD = {
    "ask": ("triaged", {"question": "Which lane is it, please?"}),
    "schedule": ("triaged", {"planned_for": "2099-05-04", "crew": "Ames garage", "task": "Patch"}),
    "resolve": ("in_progress", {"sentence": "The hole is patched.", "photo_exempt_because": "Camera broken"}),
    "reject": ("triaged", {"reason_code": "not_ours", "sentence": "This is a county road."}),
    "close": ("triaged", {"reason_code": "nothing_found", "sentence": "We found no hole there."}),
    "merge": ("triaged", {}),
    "unmerge": ("duplicate", {}),
    "reopen": ("rejected", {"note": "It is ours after all."}),
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def tara(client):
    made = make.user("tara")
    client.force_login(made)
    return made


def previewed(client, report, name, typed, *, url=do_url):
    return client.post(url(report, name), {"revision": report.revision, "preview": "1", **typed})


def track(report):
    return f"/track/{report.reference}/{tracking_token(report)}/"


def test_every_decision_that_tells_somebody_is_tested():
    assert {name for name in DECISIONS if foresight.tells(name)} == set(TOLD)


@pytest.mark.parametrize("name", TOLD)
def test_the_preview_says_what_is_sent_afterwards_and_writes_nothing(client, tara, name):
    state, typed = TOLD[name]
    report = make.in_state(state)
    if name == "merge":
        typed = {"into": make.filed(latitude=42.4).reference}
    for number in range(2):
        report.subscribers.create(email=f"p{number}@example.net")
    before = rows_of_everything()
    page = previewed(client, report, name, typed)
    assert page.status_code == 200, page.content.decode()
    assert rows_of_everything() == before
    shown = {(one.to, one.subject, one.text) for one in page.context["letters"]}
    old = set(Message.objects.values_list("pk", flat=True))
    assert client.post(do_url(report, name), {"revision": report.revision, **typed}).status_code == 302
    make.drain(report)
    sent = Message.objects.filter(case_id=report.pk).exclude(pk__in=old)
    assert ("reporter" in {one.role for one in sent}) == ("reporter" in {to for to, _subject, _text in shown})
    assert {(one.subject, without_secrets(one.text)) for one in sent} >= {
        (subject, text) for _to, subject, text in shown
    }
    assert sum(1 + one.others for one in page.context["letters"]) == sent.count() > 0


def test_a_message_reaches_the_reporter_alone(client, tara):
    report = make.filed()
    assert "Goes out: the reporter" in client.get(desk_url(report, "message")).content.decode()
    letter, *others = previewed(client, report, "message", {"text": WORDS}, url=desk_url).context["letters"]
    assert (letter.to, others) == ("reporter", [])
    answer = client.post(desk_url(report, "message"), {"revision": report.revision, "text": WORDS})
    assert answer.status_code == 302
    make.drain(report)
    row = Message.objects.filter(case_id=report.pk, event__kind=MESSAGE).get()
    assert (row.address, without_secrets(row.text)) == (make.EMAIL, letter.text)
    assert WORDS in html.unescape(client.get(track(report)).content.decode())
    assert WORDS not in html.unescape(client.get(f"/incidents/{report.reference}/").content.decode())


def test_reporters_of_joined_reports_each_read_only_what_was_written_to_them(client, tara):
    survivor, joined = make.filed(), make.filed(email="other@example.net", latitude=42.0309)
    for report, text in ((survivor, "Only for the first."), (joined, "Only for the second.")):
        client.post(desk_url(report, "message"), {"revision": report.revision, "text": text})
    merging.merge(make.fresh(joined), make.fresh(survivor), actor=make.officer(team=joined.team))
    pages = {report.pk: client.get(track(report)).content.decode() for report in (survivor, joined)}
    assert ("Only for the first." in pages[survivor.pk], "Only for the second." in pages[survivor.pk]) == (True, False)
    assert ("Only for the first." in pages[joined.pk], "Only for the second." in pages[joined.pk]) == (False, True)


def test_nobody_can_be_written_to_who_left_no_address(client, tara):
    report = make.anonymous()
    assert desk_url(report, "message") not in client.get(record_url(report)).content.decode()
    answer = client.post(desk_url(report, "message"), {"revision": report.revision, "text": WORDS})
    assert answer.status_code in (403, 422)
    assert not Event.objects.filter(case_id=report.pk, kind=MESSAGE).exists()


def test_forgetting_empties_the_message_and_keeps_the_officers_line(client, tara):
    report = make.filed()
    client.post(desk_url(report, "message"), {"revision": report.revision, "text": WORDS})
    make.drain(report)
    report = make.fire(report, "reject", reason_code="not_ours", sentence="This is a county road.")
    Incident.objects.filter(pk=report.pk).update(ended_at="2020-01-01T00:00Z")
    assert list(persons(False))
    row = Message.objects.filter(case_id=report.pk, event__kind=MESSAGE).get()
    assert (row.address, row.text) == ("", "")
    assert Event.objects.get(case_id=report.pk, kind=MESSAGE).note == WORDS


def test_what_ended_here_before_is_told_with_how_it_ended(client, tara):
    fixed = make.fire(make.filed(), "reject", reason_code="not_ours", sentence="This is a county road.")
    elsewhere = make.fire(make.filed(latitude=42.2), "close", reason_code="nothing_found", sentence="We found none.")
    report = make.filed()
    assert [one.incident.pk for one in at_the_place(report)] == [fixed.pk]
    page = client.get(record_url(report)).content.decode()
    assert "Here before" in page
    assert fixed.reference in page
    assert elsewhere.reference not in page


@pytest.mark.parametrize("state", ["triaged", "needs_info", "in_progress", "resolved", "duplicate"])
def test_a_record_with_everything_takes_at_most_twenty_queries(client, tara, state, django_assert_max_num_queries):
    make.fire(make.filed(), "reject", reason_code="not_ours", sentence="This is a county road.")
    report = make.in_state(state, milepost=112.4)
    for number in range(3):
        report.jobs.create(crew=f"Crew {number}", task="Signs")
        report.subscribers.create(email=f"p{number}@example.net")
        make.photo(incident=report)
        if state in ("triaged", "in_progress"):
            joined = make.filed(latitude=make.LATITUDE + number / 100_000)
            merging.merge(joined, make.fresh(report), actor=make.officer(team=report.team))
            make.filed(latitude=make.LATITUDE + number / 100_000)
    client.get(record_url(report))
    with django_assert_max_num_queries(20):
        assert client.get(record_url(report)).status_code == 200


def test_triage_takes_no_query_for_each_photo(client, tara, django_assert_max_num_queries):
    report = make.filed()
    for _ in range(4):
        make.photo(incident=report)
    url = record_url(report).replace(f"{report.pk}/change/", "triage/")
    client.get(url)
    with django_assert_max_num_queries(20):
        assert client.get(url).status_code == 200

"""The link opens one report to whoever holds it: where it stands, our question, “not fixed”, photos; lost links."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from incidents import lifecycle
from incidents.models import Incident, Photo
from incidents.views.act import track_url
from tests.incidents import factories as make
from tests.incidents.walking_the_form import picture, texts
from tests.permits import factories as permits
from workflow.contrib.notifications.models import Message
from workflow.registry import lifecycle_of
from workflow.tracker import tracking_token

pytestmark = pytest.mark.django_db
STATES = [state for state in lifecycle.State.values if state not in ("new", "submitted")]
PAGES = ("", "reply/", "not-fixed/", "photos/")


# -- who may come in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_link_is_the_same_404_whether_or_not_the_report_exists(client, page, method):
    mine, other = make.filed(), make.filed(route="I-35")
    answers = [
        getattr(client, method)(f"/track/{reference}/{token}/{page}")
        for reference in (mine.reference, "IR-26-000000", "IR-x", "XX-26-7K3QXM")
        for token in ("a" * 26, tracking_token(other), "é")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_reference_of_the_other_kind_with_its_own_token_is_opened_by_its_own_kind_alone(client):
    permit, incident = permits.filed(), make.filed()
    assert "four steps" in texts(client.get(f"/track/{permit.reference}/{tracking_token(permit)}/"))
    assert "four steps" in texts(client.get(f"/track/{incident.reference.lower()}/{tracking_token(incident)}/"))
    assert client.get(f"/track/{incident.reference}/{tracking_token(incident)}/documents/").status_code == 404
    assert client.get(f"/track/{permit.reference}/{tracking_token(permit)}/not-fixed/").status_code == 404


@pytest.mark.parametrize("page", ["tracking", "photos"])
def test_a_private_page_is_kept_by_no_cache_and_listed_by_nobody(client, page):
    response = client.get(track_url(make.filed(), page))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]


# -- the tracking page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_each_state_says_what_is_happening_in_a_citizens_words(client, state):
    incident = make.in_state(state)
    response = client.get(track_url(incident))
    words = texts(response)
    followed = incident.duplicate_of or incident
    assert lifecycle.State(followed.state).label in words
    assert response.context["now"].sentence in words
    assert len(response.context["milestones"]) == 4
    assert "Tara" not in words
    assert "Nolan" not in words  # officers act for the office
    assert "Deep hole in the right lane." in words
    assert incident.reference in words


def test_the_page_says_by_when_somebody_acts(client):
    incident = make.filed()
    page = client.get(track_url(incident))
    assert page.context["now"].by
    assert page.context["now"].by in texts(page)
    assert incident.team.name in texts(page)


@pytest.mark.parametrize("state", ["resolved", "rejected", "closed"])
def test_the_end_is_told_with_its_public_sentence_and_its_reason(client, state):
    incident = make.in_state(state)
    assert incident.public_sentence in texts(client.get(track_url(incident)))


def test_the_steps_have_their_dates_and_begin_anew_after_a_reopening(client):
    incident = make.in_state("resolved")
    statuses = [one.status for one in client.get(track_url(incident)).context["milestones"]]
    assert statuses == ["done"] * 4
    make.fire(incident, "reopen", actor=make.reporter(incident), text="Still there")
    statuses = [one.status for one in client.get(track_url(incident)).context["milestones"]]
    assert statuses == ["done", "now", "todo", "todo"]


def test_after_a_rejection_the_repair_is_stopped(client):
    milestones = client.get(track_url(make.in_state("rejected"))).context["milestones"]
    assert [one.status for one in milestones] == ["done", "done", "stopped", "stopped"]


def test_a_joined_report_says_with_which_and_follows_that_one(client):
    incident = make.in_state("duplicate")
    survivor = incident.duplicate_of
    words = texts(client.get(track_url(incident)))
    assert f"Joined with {survivor.reference}" in words
    make.fire(survivor, "dispatch", crew="Ames patching crew")
    assert "A crew is at work." in texts(client.get(track_url(incident)))


def test_the_reporter_sees_the_own_photo_before_an_officer_has(client):
    incident = make.filed()
    client.post(track_url(incident, "photos"), {"photos": picture()})
    shown = re.search(r'<img src="([^"]+)" alt="Your photo 1"', client.get(track_url(incident)).content.decode())
    assert client.get(shown[1].replace("&amp;", "&")).status_code == 200
    assert incident.photos.get().is_public is False


@pytest.mark.parametrize("state", ["triaged", "resolved", "duplicate"])
def test_the_tracking_page_needs_few_queries(client, django_assert_max_num_queries, state):
    incident = make.in_state(state)
    with django_assert_max_num_queries(16):
        client.get(track_url(incident))


def test_a_sketch_shows_the_place_without_javascript(client):
    page = client.get(track_url(make.filed())).content.decode()
    assert "<svg" in page
    assert "style=" not in page


# -- acting -----------------------------------------------------------------------------------------------------------


def test_our_question_is_answered_by_the_link(client):
    incident = make.in_state("needs_info")
    assert "Which lane is it, please?" in texts(client.get(track_url(incident, "reply")))
    page = client.post(track_url(incident, "reply"), {"text": "The right one."}, follow=True)
    assert "Your answer has arrived" in texts(page)
    assert make.fresh(incident).state == "triaged"
    assert make.fresh(incident).inquiries.get().answer == "The right one."
    assert "The right one." in texts(page)
    again = client.post(track_url(incident, "reply"), {"text": "The right one."}, follow=True)
    assert "no open question" in texts(again)


def test_an_answer_that_comes_too_late_is_not_thrown_away(client):
    incident = make.in_state("needs_info")
    make.fire(incident, "reject", reason_code="cannot_find", sentence="We could not find the place.")
    page = client.post(track_url(incident, "reply"), {"text": "By the old mill."})
    assert page.status_code == 200
    assert "By the old mill." in page.content.decode()
    assert "There is a problem" in texts(page)


@pytest.mark.parametrize(("text", "words"), [("", "one short sentence"), ("x" * 2001, "at most 2,000")])
def test_a_wrong_answer_is_said_in_words_and_keeps_the_photo(client, text, words):
    incident = make.in_state("needs_info")
    page = client.post(track_url(incident, "reply"), {"text": text, "photos": picture()})
    assert words in texts(page)
    assert incident.photos.count() == 1
    assert make.fresh(incident).state == "needs_info"


def test_not_fixed_opens_the_report_again_first_in_line(client):
    incident = make.in_state("resolved")
    assert "Not fixed? Tell us" in texts(client.get(track_url(incident)))
    for _ in range(2):
        page = client.post(track_url(incident, "not_fixed"), {"text": "The patch came out."}, follow=True)
        assert "open" in texts(page)
    fresh = make.fresh(incident)
    assert (fresh.state, fresh.reopened, fresh.team_id) == ("triaged", 1, incident.team_id)
    assert "The patch came out." not in str(list(fresh.events.values_list("data", "note")))


def test_not_fixed_asks_for_a_sentence(client):
    incident = make.in_state("resolved")
    assert "Say in a sentence" in texts(client.post(track_url(incident, "not_fixed"), {"text": " "}))
    assert make.fresh(incident).state == "resolved"


def test_after_thirty_days_the_problem_is_reported_anew(client):
    incident = make.in_state("resolved")
    Incident.objects.filter(pk=incident.pk).update(reopen_until=timezone.now() - timedelta(minutes=1))
    assert client.get(track_url(incident)).context["actions"] == []
    page = client.post(track_url(incident, "not_fixed"), {"text": "Still there"}, follow=True)
    assert "more than 30 days ago" in texts(page)
    assert make.fresh(incident).state == "resolved"


def test_photos_are_added_while_the_report_is_open_and_not_after_its_end(client):
    incident = make.filed()
    assert "1 photo added" in texts(client.post(track_url(incident, "photos"), {"photos": picture()}, follow=True))
    assert incident.events.latest("seq").public
    ended = make.in_state("rejected", latitude=42.2)
    client.post(track_url(ended, "photos"), {"photos": picture()})
    assert Photo.objects.count() == 1


def test_a_wrong_photo_is_refused_with_a_sentence_and_the_good_one_is_kept(client):
    incident = make.filed()
    files = [SimpleUploadedFile("x.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), picture()]
    page = client.post(track_url(incident, "photos"), {"photos": files})
    assert "SVG" in texts(page)
    assert incident.photos.count() == 1


def test_every_move_open_to_the_reporter_has_its_page():
    incident = make.filed()
    offered = {edge.name for edge in lifecycle_of(Incident) if edge.permission(incident, make.reporter(incident))}
    assert offered == {"submit", "answer", "reopen"}


# -- a lost link, and the short code ----------------------------------------------------------------------------------


def ask(client, reference, email):
    return client.post("/track/", {"reference": reference, "email": email})


def test_the_link_goes_to_the_reporters_address_alone_and_the_answer_is_the_same(client):
    incident = make.filed()
    sent = Message.objects.count()
    pages = [ask(client, incident.reference, email).content for email in ("zoe@example.net", make.EMAIL.upper())]
    assert pages[0].replace(b"zoe@example.net", b"") == pages[1].replace(make.EMAIL.upper().encode(), b"")
    message = Message.objects.latest("pk")
    assert Message.objects.count() == sent + 1
    assert message.address == make.EMAIL
    assert track_url(incident) in message.text
    assert track_url(incident) in message.html
    assert make.NAME not in message.text
    assert make.EMAIL not in str(list(incident.events.values_list("data", "note", "actor")))


def test_the_code_alone_leads_to_the_public_page(client):
    incident = make.filed()
    public = f"/incidents/{incident.reference}/"
    assert client.get("/track/", {"reference": incident.reference.lower()}).url == public
    assert client.post("/track/", {"reference": incident.reference, "email": ""}).url == public
    assert client.get(f"/r/{incident.reference.lower()}").url == public
    assert client.get(f"/r/{incident.reference}/").url == public


def test_with_link_the_form_is_filled_in_even_for_a_public_report(client):
    incident = make.filed()
    page = client.get("/track/", {"reference": incident.reference, "link": "1"})
    assert f'value="{incident.reference}"' in page.content.decode()


@pytest.mark.parametrize("code", ["IR-26-000000", "RP-26-7K3QXM", "nonsense", "%00", "é"])
def test_a_code_nobody_may_see_is_a_404(client, code):
    assert client.get(f"/r/{code}/").status_code == 404


def test_a_hidden_report_has_no_public_page_by_its_code(client):
    incident = make.filed()
    Incident.objects.filter(pk=incident.pk).update(hidden_because="Names a person")
    assert client.get(f"/r/{incident.reference}").status_code == 404
    assert client.get("/track/", {"reference": incident.reference}).status_code == 200

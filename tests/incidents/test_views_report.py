"""A report from the first page to the receipt: at most four posts, and nothing typed is ever lost."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import photos
from incidents.catalogue import catalogue
from incidents.models import Incident, Photo, Report
from incidents.report import draft
from incidents.views import doors
from tests.incidents import factories as make
from tests.incidents.walking_the_form import Walk, newest, picture, texts
from workflow.models import Contact, Event
from workflow.tracker import tracking_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(client):
    return Walk(client)


# -- the way ----------------------------------------------------------------------------------------------------------


def test_a_report_with_a_photo_takes_four_posts_without_account_map_or_javascript(walk):
    walk.send(category="pothole", photos=picture())
    assert walk.path.endswith("/place/")
    walk.send(route="I-35", milepost="120.5", direction="NB", county="story")
    assert walk.path.endswith("/details/")
    walk.send(description="Deep enough to lose a wheel.", q_lane="right", q_size="tire")
    assert walk.path.endswith("/check/")
    assert "Deep enough to lose a wheel." in walk.words
    walk.send(email="walter.hale@example.net")
    assert walk.path.endswith("/done/")
    assert walk.posts == 4
    incident = Incident.objects.get()
    assert incident.reference in walk.words
    assert tracking_url(incident) in walk.words
    assert incident.team.name in walk.words
    assert "911" in walk.words
    assert (incident.route, incident.milepost, incident.direction) == ("I-35", 120.5, "NB")
    assert incident.answers == {"lane": "right", "size": "tire"}
    assert incident.photos.count() == 1
    assert Contact.objects.get(case=incident).email == "walter.hale@example.net"


def test_after_sending_the_draft_keeps_nothing_of_the_person(walk):
    walk.to_check(description="Hole").send(name="Walter Hale", email="walter.hale@example.net", phone="515 555 0147")
    kept = newest()
    assert (kept.typed, kept.photo_place) == ({}, None)
    assert kept.incident is not None
    assert "Walter" not in str(list(Event.objects.values_list("data", "note", "actor")))


def test_a_report_needs_no_contact_and_no_description(walk):
    walk.to_check().send()
    assert walk.path.endswith("/done/")
    assert not Contact.objects.exists()
    assert "please keep this link" in walk.words


def test_the_second_click_is_the_same_report(walk):
    walk.to_check(description="Hole")
    path = walk.path
    first = walk.send(email="a@example.net")
    again = walk.send(path=path, email="a@example.net")
    assert again.request["PATH_INFO"] == first.request["PATH_INFO"]
    assert Incident.objects.count() == 1


def test_two_clicks_at_once_are_one_report(walk):
    """The second request read the draft before the first one was through."""
    walk.to_check(description="Hole")
    stale = Report.objects.get()
    first = draft.file(Report.objects.get(), catalogue())
    Report.objects.update(incident=None)
    assert draft.file(stale, catalogue()) == first
    assert Incident.objects.count() == 1


def test_the_back_button_after_sending_leads_to_the_receipt(walk):
    walk.to_check().send()
    done, token = walk.path, newest().token
    for page in ("what", "place", "similar", "details", "check", "stop", ""):
        assert walk.get(f"/report/{token}/{page}/".replace("//", "/")).request["PATH_INFO"] == done
        assert walk.send(path=f"/report/{token}/{page or 'what'}/", category="debris").request["PATH_INFO"] == done
    assert Incident.objects.get().category == "pothole"


def test_the_back_button_before_sending_shows_what_was_typed(walk):
    walk.to_check(description="Deep & wide", q_lane="left")
    token = newest().token
    assert re.search(r'value="pothole"[^>]*checked', walk.get(f"/report/{token}/what/").content.decode())
    assert 'value="42.0308"' in walk.get(f"/report/{token}/place/").content.decode()
    page = walk.get(f"/report/{token}/details/").content.decode()
    assert "Deep &amp; wide" in page
    assert re.search(r'value="left"[^>]*checked', page)


def test_a_lost_session_and_a_second_tab_go_on_where_the_report_stopped(walk):
    walk.to_details()
    token = newest().token
    response = Client().get(f"/report/{token}/", follow=True)
    assert response.request["PATH_INFO"] == f"/report/{token}/details/"


def test_a_later_page_leads_to_the_first_one_that_is_open(walk):
    walk.to_place()
    for page in ("details", "check", "similar"):
        assert walk.get(f"/report/{newest().token}/{page}/").request["PATH_INFO"].endswith("/place/")


@pytest.mark.parametrize("page", ["", "what/", "place/", "details/", "check/", "done/", "thanks/", "stop/"])
@pytest.mark.parametrize("token", ["0" * 32, "%00", "x", "é" * 32])
def test_a_token_we_do_not_know_is_a_404(client, page, token):
    assert client.get(f"/report/{token}/{page}").status_code == 404


def test_the_pages_of_a_draft_are_kept_by_no_cache(walk):
    walk.to_place()
    assert walk.page.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in walk.page.headers["X-Robots-Tag"]


# -- what is wrong ----------------------------------------------------------------------------------------------------


def test_every_category_that_is_offered_is_a_radio_under_its_group(client):
    page = client.get("/report/").content.decode()
    for group, categories in catalogue().groups():
        assert group.label.replace("'", "&#x27;") in page
        assert all(f'value="{one.code}"' in page for one in categories)


@pytest.mark.parametrize(("search", "found"), [("crater", "pothole"), ("POT hole", "pothole"), ("deer", "dead_animal")])
def test_the_search_finds_a_category_by_its_other_words(client, search, found):
    page = client.get("/report/", {"q": search}).content.decode()
    assert f'value="{found}"' in page
    assert page.count('name="category"') < len(catalogue().offered)


def test_a_search_that_finds_nothing_says_so_and_shows_all(client):
    page = client.get("/report/", {"q": "<unicorn>"})
    assert "Nothing in the list fits" in texts(page)
    assert "<unicorn>" not in page.content.decode()
    assert page.content.decode().count('name="category"') == len(catalogue().offered)


def test_a_chosen_category_stays_in_sight_of_another_search(walk):
    walk.to_place()
    page = walk.get(f"/report/{newest().token}/what/?q=deer").content.decode()
    assert 'value="pothole"' in page


def test_no_category_is_an_error_that_keeps_the_photo(walk):
    walk.send(photos=picture())
    assert "There is a problem" in walk.words
    assert "choose a category" in walk.words
    walk.send(category="pothole")
    assert walk.path.endswith("/place/")
    assert newest().photos.count() == 1
    assert Report.objects.count() == 1


def test_a_made_up_category_is_refused(walk):
    walk.send(category="teleporter")
    assert "no such category" in walk.words


def test_a_category_that_is_not_ours_says_whose_it_is_and_goes_no_further(walk):
    stopping = [one for one in catalogue().offered if one.stop]
    assert stopping
    for one in stopping:
        walk.get("/report/")
        walk.send(category=one.code, photos=picture())
        assert walk.path.endswith("/stop/")
        assert one.stop.split(".")[0] in walk.words
        assert walk.get(f"/report/{newest().token}/place/").request["PATH_INFO"].endswith("/stop/")
        walk.get(f"/report/{newest().token}/what/")
        assert newest().photos.count() == 1
    assert not Incident.objects.exists()


# -- photos -----------------------------------------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WRONG = [
    (SimpleUploadedFile("drawing.jpg", SVG), "SVG"),
    (SimpleUploadedFile("hole.jpg", b""), "empty"),
    (SimpleUploadedFile("hole.jpg", b"\xff\xd8\xff\xe0 broken"), "cannot read"),
    (SimpleUploadedFile("plan.pdf", b"%PDF-1.7"), "no photo"),
]


@pytest.mark.parametrize(("file", "words"), WRONG)
def test_a_wrong_upload_is_refused_with_a_sentence_and_keeps_the_rest(walk, file, words):
    file.seek(0)
    walk.send(category="pothole", photos=[file, picture()])
    assert words in walk.words
    assert re.search(r'value="pothole"[^>]*checked', walk.html)
    assert newest().photos.count() == 1
    walk.send(category="pothole")
    assert walk.path.endswith("/place/")


def test_a_picture_of_49_million_pixels_is_refused_with_a_sentence(walk):
    walk.send(category="pothole", photos=picture(size=(7000, 7000)))
    assert "million pixels" in walk.words
    assert not Photo.objects.exists()


def test_the_sixth_photo_is_refused_and_five_are_kept(walk):
    walk.send(category="pothole", photos=[picture(size=(20 + n, 20)) for n in range(6)])
    assert "5 photos are enough" in walk.words
    assert newest().photos.count() == 5


def test_a_photo_is_removed_by_a_button_and_the_choice_stays(walk):
    walk.send(photos=picture(place=(42.03, -93.63)))
    assert newest().photo_place
    walk.send(category="pothole", remove=newest().photos.get().token)
    assert not Photo.objects.exists()
    assert newest().photo_place is None
    assert re.search(r'value="pothole"[^>]*checked', walk.html)


@pytest.mark.parametrize("token", ["\x00", "0" * 32, ""])
def test_removing_a_photo_that_is_not_there_changes_nothing(walk, token):
    walk.send(photos=picture())
    walk.send(category="pothole", remove=token)
    assert Photo.objects.count() == 1


def test_the_writer_sees_the_own_photo_and_nobody_else_does(walk):
    walk.send(photos=picture())
    photo = newest().photos.get()
    shown = re.search(r'<img src="([^"]+)" alt="Your photo 1"', walk.html)[1].replace("&amp;", "&")
    assert walk.client.get(shown).status_code == 200
    assert Client().get(photos.url_of(photo)).status_code == 404


# -- limits -----------------------------------------------------------------------------------------------------------


def test_somebody_who_files_very_often_waits_and_loses_nothing(walk, monkeypatch):
    monkeypatch.setattr(doors, "MOST_FILED", 1)
    walk.to_check().send()
    walk.get("/report/")
    walk.send(category="pothole")
    walk.send(address="Welch Avenue, Ames")
    walk.send(description="Another hole")
    walk.send(email="a@example.net")
    assert walk.page.status_code == 429
    assert walk.page.headers["Retry-After"] == "3600"
    assert newest().typed["check"]["email"] == ["a@example.net"]
    assert Incident.objects.count() == 1


def test_somebody_who_begins_very_many_reports_waits(walk, monkeypatch):
    monkeypatch.setattr(doors, "MOST_BEGUN", 2)
    codes = [walk.client.post("/report/", {}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert Report.objects.count() == 2


def test_a_cross_site_post_is_refused():
    assert Client(enforce_csrf_checks=True).post("/report/", {"category": "pothole"}).status_code == 403
    assert not Report.objects.exists()


def test_what_others_filed_is_not_shown_to_the_writer(walk):
    make.filed(description="Call Walter Hale")
    walk.to_check()
    assert "Walter" not in walk.words

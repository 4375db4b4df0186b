"""“Where is it?”: one way is enough, every wrong one is said in words; then duplicates are offered."""

import pytest

from incidents.models import Incident, Photo, Subscriber
from incidents.views import doors
from tests.incidents import factories as make
from tests.incidents.walking_the_form import POINT, Walk, newest, picture, texts

pytestmark = pytest.mark.django_db
AMES = (42.030833, -93.631944)
# 30 m and 60 m north of the factories' place.
AT_30_M, AT_60_M = make.LATITUDE + 30 / 111_320, make.LATITUDE + 60 / 111_320


@pytest.fixture
def walk(client):
    return Walk(client)


WAYS = [
    ({"latitude": "42.0308", "longitude": "-93.6319"}, "pin", "story"),
    ({"latitude": "42.0308", "longitude": "-93.6319", "place_source": "device"}, "device", "story"),
    ({"address": "Duff Avenue at South 16th Street, Ames"}, "address", ""),
    ({"address": "I-35 NB mile 120.5, Story County"}, "milepost", "story"),
    ({"route": "us 69", "milepost": "110.2", "direction": "SB", "county": "story"}, "milepost", "story"),
]


@pytest.mark.parametrize(("place", "source", "county"), WAYS)
def test_one_way_of_saying_it_is_enough(walk, place, source, county):
    walk.to_details(**place)
    assert walk.path.endswith("/details/")
    walk.send()
    walk.send()
    incident = Incident.objects.get()
    assert (incident.place_source, incident.county) == (source, county)


WRONG = [
    ({"address": " "}, "Say where it is"),
    ({"latitude": "42.0308"}, "Give the longitude, too"),
    ({"longitude": "-93.6319"}, "Give the latitude, too"),
    ({"latitude": "39.1", "longitude": "-94.6"}, "outside Iowa"),
    ({"latitude": "north", "longitude": "-93.6"}, "must be a number"),
    ({"latitude": "nan", "longitude": "inf"}, "must be a number"),
    ({"latitude": "95", "longitude": "-93.6"}, "lies between"),
    ({"route": "Elm Street", "milepost": "3"}, "not a route we know"),
    ({"route": "I-35"}, "Say where it is"),
    ({"milepost": "120.5"}, "on which route"),
    ({"route": "I-35", "milepost": "120.5", "county": "atlantis"}, "has no county"),
    ({"route": "I-35", "milepost": "120.5", "direction": "up"}, "Choose a direction"),
    ({"address": "x" * 201}, "at most 200"),
]


@pytest.mark.parametrize(("place", "words"), WRONG)
def test_a_wrong_place_is_said_in_words_and_stays_on_the_page(walk, place, words):
    walk.to_details(**place)
    assert walk.path.endswith("/place/")
    assert "There is a problem" in walk.words
    assert words in walk.words
    for name in ("latitude", "longitude", "route", "milepost", "address"):
        if place.get(name):
            assert f'value="{place[name]}"' in walk.html
    walk.send(**(place | {"latitude": "", "longitude": "", "route": "I-35", "milepost": "120", "county": "story",
                          "direction": "", "address": ""}))  # fmt: skip
    assert walk.path.endswith("/details/")


# -- the photo's own place --------------------------------------------------------------------------------------------


def test_the_place_of_the_photo_is_offered_and_taken_only_when_chosen(walk):
    walk.to_place(photos=picture(place=AMES))
    assert "Your photo was taken here" in walk.words
    assert "Story County" in walk.words
    walk.send(use_photo="on")
    assert walk.path.endswith("/details/")
    walk.send()
    walk.send()
    incident = Incident.objects.get()
    assert (incident.place_source, incident.county) == ("photo", "story")
    assert (incident.latitude, incident.longitude) == pytest.approx(AMES, abs=1e-4)
    assert newest().photo_place is None


def test_the_place_of_the_photo_goes_nowhere_when_another_is_given(walk):
    walk.to_place(photos=picture(place=AMES))
    walk.send(address="Main Street, Decorah")
    walk.send()
    walk.send()
    incident = Incident.objects.get()
    assert incident.latitude is None
    kept = str(list(Incident.objects.values())) + str(list(Photo.objects.values())) + str(newest().photo_place)
    assert "42.03" not in kept


@pytest.mark.parametrize("place", [None, (48.85, -2.35)])
def test_a_photo_that_knows_no_place_of_ours_offers_none(walk, place):
    walk.to_place(photos=picture(place=place))
    assert "Your photo was taken here" not in walk.words


def test_without_javascript_there_is_no_map(walk):
    walk.to_place()
    assert "data-map" in walk.html
    assert "data-pin" in walk.html
    assert all(part.split(">")[0].rstrip().endswith("hidden") for part in walk.html.split('<div class="mp-map"')[1:])


# -- is it one of these? ----------------------------------------------------------------------------------------------


def test_an_open_report_at_30_metres_is_offered_before_the_questions(walk):
    known = make.filed(direction="NB")
    walk.to_details(latitude=str(AT_30_M), longitude=str(make.LONGITUDE), direction="NB")
    assert walk.path.endswith("/similar/")
    assert "Is it this one?" in walk.words
    assert known.reference in walk.html
    assert "about 100 feet away" in walk.words
    assert known.state_label in walk.words
    assert known.description not in walk.words


def test_at_60_metres_on_the_opposite_carriageway_none_is_offered(walk):
    make.filed(direction="NB")
    walk.to_details(latitude=str(AT_60_M), longitude=str(make.LONGITUDE), direction="SB", route="US-69")
    assert walk.path.endswith("/details/")


def test_a_photo_is_shown_only_when_an_officer_let_it_out(walk):
    hidden = make.filed()
    make.photo(incident=hidden)
    walk.to_details()
    assert walk.path.endswith("/similar/")
    assert "<img" not in walk.html.split("usa-radio")[1]


def test_me_too_is_a_vote_with_the_photos_and_no_second_report(walk):
    known = make.filed()
    walk.to_place(photos=picture())
    walk.send(**POINT)
    before = walk.posts
    walk.send(same=known.reference, email="zoe@example.net")
    assert walk.posts == before + 1
    assert walk.path.endswith("/thanks/")
    known = make.fresh(known)
    assert (Incident.objects.count(), known.votes, known.photos.count()) == (1, 1, 1)
    assert Subscriber.objects.get().email == "zoe@example.net"
    assert known.reference in walk.words
    assert "zoe@example.net" not in str(list(known.events.values_list("data", "note", "actor")))


def test_me_too_needs_no_address_and_counts_once_however_often_it_is_clicked(walk):
    known = make.filed()
    path = walk.to_details().path
    for _ in range(3):
        walk.send(path=path, same=known.reference)
        assert walk.path.endswith("/thanks/")
    assert make.fresh(known).votes == 1
    assert newest().typed == {"joined": {"reference": [known.reference]}}
    for page in ("what", "place", "details", "check"):
        assert walk.get(f"/report/{newest().token}/{page}/").request["PATH_INFO"].endswith("/thanks/")


def test_no_mine_is_another_one_is_a_link_and_costs_no_post(walk):
    make.filed()
    walk.to_details()
    link = walk.html.split("No, mine is another one")[0].rsplit('href="', 1)[1].split('"')[0]
    walk.get(link)
    assert walk.path.endswith("/details/")
    walk.send()
    walk.send()
    assert walk.path.endswith("/done/")
    assert (walk.posts, Incident.objects.count()) == (4, 2)


@pytest.mark.parametrize(
    ("data", "words"),
    [({"same": ""}, "Choose the one you mean"), ({"same": "IR-26-000000"}, "no longer open here"),
     ({"same": None, "email": "x"}, "e-mail address like")],
)  # fmt: skip
def test_a_wrong_me_too_is_said_in_words(walk, data, words):
    known, _other = make.filed(), make.filed()
    walk.to_details().send(**{name: known.reference if value is None else value for name, value in data.items()})
    assert words in walk.words
    assert make.fresh(known).votes == 0


def test_a_report_that_ended_meanwhile_takes_no_vote(walk):
    known = make.filed()
    path = walk.to_details().path
    make.fire(known, "close", reason_code="nothing_found", sentence="We found no hole there.")
    walk.send(path=path, same=known.reference)
    assert walk.path.endswith("/details/")
    assert make.fresh(known).votes == 0


# -- me too from the public page --------------------------------------------------------------------------------------


def test_me_too_from_the_public_page_counts_a_browser_once(client):
    known = make.filed()
    path = f"/incidents/{known.reference}/me-too/"
    assert "Have you seen this, too?" in texts(client.get(path))
    for _ in range(2):
        assert "You are counted" in texts(client.post(path))
    assert make.fresh(known).votes == 1
    client.post(path, {"email": "zoe@example.net"})
    assert Subscriber.objects.get().email == "zoe@example.net"


def test_me_too_for_a_hidden_or_unknown_report_is_a_404(client):
    known = make.filed()
    Incident.objects.filter(pk=known.pk).update(hidden_because="Names a person")
    for reference in (known.reference, "IR-26-000000", "RP-26-000000"):
        assert client.post(f"/incidents/{reference}/me-too/").status_code == 404


def test_me_too_for_a_joined_report_leads_to_the_other_one(client):
    joined = make.in_state("duplicate")
    response = client.get(f"/incidents/{joined.reference}/me-too/")
    assert response.url == f"/incidents/{joined.duplicate_of.reference}/me-too/"


def test_somebody_who_votes_very_often_waits(client, monkeypatch):
    monkeypatch.setattr(doors, "MOST_VOTES", 1)
    path = f"/incidents/{make.filed().reference}/me-too/"
    assert [client.post(path).status_code for _ in range(2)] == [200, 429]

"""Watch my road, the pages: asked for, confirmed by mail, looked at, ended. Nobody hears what they did not ask for."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from incidents import watch_links, watch_mail
from incidents.models import Subscriber, Watch
from tests.incidents import factories as make
from tests.permits.test_messages import mails_in
from tests.workflow.test_notifications import smtp  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
SITE = "https://roads.dot.example.gov"
CIRCLE = {"latitude": "42.0308", "longitude": "-93.6319", "radius": "5"}
WHOLE = {
    "circle": CIRCLE,
    "county": {"county": "story"},
    "route": {"route": "i 35", "mile_from": "120", "mile_to": "100"},
}


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}
    settings.SITE_URL = SITE
    return tmp_path / "outbox"


def ask(client, kind="county", **changes):
    return client.post(f"/incidents/watch/{kind}/", WHOLE[kind] | {"email": "wanda@example.net"} | changes)


def path(watch, page=""):
    return watch_links.path_of(watch_links.watch_url(watch, page))


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def errors(answer):
    return re.findall(r'class="usa-error-message"[^>]*>([^<]*)', answer.content.decode())


# -- asking -----------------------------------------------------------------------------------------------------------


def test_the_first_page_offers_three_ways(client):
    page = client.get("/incidents/watch/").content.decode()
    for kind in WHOLE:
        assert f'href="/incidents/watch/{kind}/"' in page
    assert client.get("/incidents/watch/planet/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("circle", {"latitude": 42.0308, "longitude": -93.6319, "radius_m": 8047}),
        ("county", {"county": "story"}),
        ("route", {"route": "I-35", "milepost_from": 100.0, "milepost_to": 120.0}),
    ],
)
def test_what_is_asked_for_is_kept_and_sleeps_until_it_is_confirmed(client, kind, row, outbox):
    answer = ask(client, kind, email="Wanda@Example.net", groups=["roadway", "lighting"])
    assert "We have sent a link to Wanda@Example.net" in words(answer)
    watch = Watch.objects.get()
    assert {name: getattr(watch, name) for name in row} == row
    assert (watch.kind, watch.email, watch.categories) == (kind, "wanda@example.net", ["roadway", "lighting"])
    assert watch.confirmed_at is None
    make.filed()
    assert len([mail for mail in mails_in(outbox) if "wanda" in str(mail["To"])]) == 1


def test_one_kind_of_problem_takes_the_place_of_the_groups(client):
    ask(client, groups=["roadway"], category="pothole")
    assert Watch.objects.get().categories == ["pothole"]


def test_a_place_copied_from_a_map_app_is_both_numbers(client):
    ask(client, "circle", latitude="42.0308, -93.6319", longitude="")
    watch = Watch.objects.get()
    assert (watch.latitude, watch.longitude) == (42.0308, -93.6319)


WRONG = [
    ("county", {"county": ""}, "Choose a county."),
    ("county", {"county": "atlantis"}, "Select a valid choice"),
    ("county", {"email": "wanda"}, "Enter an e-mail address like name@example.com."),
    ("county", {"email": ""}, "Enter the address we should write to."),
    ("route", {"route": "Main Street"}, "We do not know this route: write it like I-35, US-69 or IA-92."),
    ("route", {"route": ""}, "Enter the route, for example I-35."),
    ("route", {"mile_from": "ten"}, "Enter the mile as a number, for example 100 or 100.5."),
    ("route", {"mile_from": "-1"}, "Miles begin at 0."),
    ("route", {"mile_to": "nan"}, "Enter the mile as a number, for example 100 or 100.5."),
    ("circle", {"latitude": ""}, "Enter the latitude, or choose a point on the map."),
    ("circle", {"latitude": "here"}, "Enter the latitude as a number of degrees, for example 42.0308."),
    ("circle", {"longitude": "93.6319"}, "This point is not in Iowa."),
    ("circle", {"longitude": "-193"}, "The longitude is at least -180."),
    ("circle", {"radius": "500"}, "Select a valid choice"),
]


@pytest.mark.parametrize(("kind", "changes", "sentence"), WRONG)
def test_what_cannot_be_watched_is_said_in_a_sentence(client, kind, changes, sentence, outbox):
    answer = ask(client, kind, **changes)
    assert any(found.startswith(sentence) for found in errors(answer))
    assert not Watch.objects.exists()
    assert mails_in(outbox) == []


def test_a_link_fills_the_form_and_never_the_address(client):
    incident = make.filed()
    page = client.get(
        f"/incidents/watch/circle/?at={incident.reference.lower()}&email=eve@example.net"
    ).content.decode()
    assert f'value="{make.LATITUDE}"' in page
    assert "eve@example.net" not in page
    page = client.get("/incidents/watch/route/?route=I-35&mile_from=100").content.decode()
    assert 'value="I-35"' in page
    assert 'value="100"' in page
    assert 'value="story" selected' in client.get("/incidents/watch/county/?county=story").content.decode()


# -- against bombs ----------------------------------------------------------------------------------------------------


def test_one_mailbox_gets_three_such_mails_an_hour_and_nobody_learns_it(client, outbox):
    answers = []
    for _ in range(5):
        cache.clear()  # another network each time
        answers.append(ask(client, email="victim@example.net"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({words(answer) for answer in answers}) == 1
    assert len(mails_in(outbox)) == Watch.objects.count() == 3
    Watch.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    ask(client, email="victim@example.net")
    assert len(mails_in(outbox)) == 4


def test_one_network_asks_for_twenty_an_hour(client, outbox):
    answers = [ask(client, email=f"n{number}@example.net").status_code for number in range(22)]
    assert answers == [200] * 20 + [429] * 2
    assert len(mails_in(outbox)) == 20


def test_nothing_is_kept_while_no_mail_goes_out(client, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "file" / "outbox"}}}
    answer = ask(client)
    assert answer.status_code == 503
    assert "Please try again in some minutes." in words(answer)
    assert not Watch.objects.exists()


def test_an_address_the_mail_server_refuses_looks_like_any_other(client, smtp):  # noqa: F811
    smtp.answers["RCPT"] = "550 no such user"
    assert "We have sent a link" in words(ask(client))


# -- confirming -------------------------------------------------------------------------------------------------------


def test_the_mail_says_what_is_watched_how_to_confirm_and_the_feeds(client, outbox):
    ask(client, "route")
    watch = Watch.objects.get()
    (mail,) = mails_in(outbox)
    text, markup = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert mail["Subject"] == "Please confirm: news about I-35, mile 100 to 120"
    assert "I-35, mile 100 to 120: every kind of report" in text
    for body in (text, markup.replace("&amp;", "&")):
        assert f"{SITE}{path(watch, 'confirm')}" in body
        assert f"{SITE}/incidents.atom?status=all&route=I-35&mile_from=100.0&mile_to=120.0" in body
        assert f"{SITE}/incidents.geojson?status=all&route=I-35" in body
        assert "wanda" not in body
    assert mail["List-Unsubscribe"] == f"<{SITE}{path(watch, 'stop')}>"
    assert watch_mail.confirmation(watch).message()["Message-ID"] == mail["Message-ID"]


def test_opening_the_link_confirms_nothing_and_its_button_does(client):
    ask(client)
    watch = Watch.objects.get()
    for address in (path(watch, "confirm"), path(watch), path(watch, "stop")):
        assert client.get(address, follow=True).status_code == 200
    watch.refresh_from_db()
    assert (watch.confirmed_at, watch.unsubscribed_at) == (None, None)
    assert "Yes, write to me" in words(client.get(path(watch), follow=True))
    answer = client.post(path(watch, "confirm"), follow=True)
    watch.refresh_from_db()
    assert watch.confirmed_at is not None
    assert "We write to wanda@example.net since" in words(answer)


def test_confirming_needs_the_page_of_the_link(client):
    ask(client)
    watch = Watch.objects.get()
    client.handler.enforce_csrf_checks = True
    assert client.post(path(watch, "confirm")).status_code == 403


def test_the_page_of_a_watch_names_its_feeds_and_the_way_out(client):
    ask(client, "circle")
    watch = Watch.objects.get()
    page = client.post(path(watch, "confirm"), follow=True).content.decode()
    assert f'href="{SITE}/incidents.atom?status=all&amp;near=42.030800%2C-93.631900&amp;radius=8047"' in page
    assert f'href="{path(watch, "stop")}"' in page


# -- ending -----------------------------------------------------------------------------------------------------------


def test_a_watch_ends_with_one_button_and_stays_ended(client):
    ask(client)
    watch = Watch.objects.get()
    client.post(path(watch, "confirm"))
    assert "Yes, end it" in words(client.get(path(watch, "stop")))
    assert "Your watch has ended" in words(client.post(path(watch, "stop")))
    watch.refresh_from_db()
    first = watch.unsubscribed_at
    assert "Your watch has ended" in words(client.post(path(watch, "stop")))
    assert "It has ended." in words(client.post(path(watch, "confirm"), follow=True))
    watch.refresh_from_db()
    assert watch.unsubscribed_at == first is not None


def test_a_watch_nobody_asked_for_can_be_ended_before_it_began(client):
    ask(client)
    watch = Watch.objects.get()
    client.post(path(watch, "stop"))
    client.post(path(watch, "confirm"))
    watch.refresh_from_db()
    assert watch.confirmed_at is None


PAGES = ["", "confirm", "stop"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_link_opens_nothing(client, page, method):
    ask(client)
    watch = Watch.objects.get()
    other = Watch.objects.create(email="other@example.net", kind="county", county="polk")
    for address in (
        path(watch, page).replace(watch_links.token_of(watch), watch_links.token_of(other)),
        path(watch, page).replace(f"/{watch.pk}/", "/987654321/"),
        path(watch, page).replace(f"/{watch.pk}/", f"/{10**30}/"),
        path(watch, page).replace(watch_links.token_of(watch), "é" * 26),
    ):
        assert getattr(client, method)(address).status_code == 404
    watch.refresh_from_db()
    assert (watch.confirmed_at, watch.unsubscribed_at) == (None, None)


def test_a_link_of_one_kind_opens_no_row_of_another(client):
    subscriber = Subscriber.objects.create(incident=make.filed(), email="ada@example.net")
    watch = Watch.objects.create(pk=subscriber.pk, email="w@example.net", kind="county", nonce=subscriber.nonce)
    assert watch_links.token_of(subscriber) != watch_links.token_of(watch)


@pytest.mark.parametrize("kind", WHOLE)
def test_pages_with_a_secret_are_kept_by_no_cache_and_no_search_engine(client, kind):
    ask(client, kind)
    watch = Watch.objects.get()
    for page in PAGES:
        answer = client.get(path(watch, page))
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"

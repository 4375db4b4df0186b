"""The queue of reports, triage and the map: what they show, how they are narrowed, what they cost."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.admin import charts
from incidents.models import Incident
from tests import admin_pages
from tests.admin_pages import press
from tests.incidents import factories
from tests.incidents.factories import filed, fire, fresh, in_state, user
from workflow import desk
from workflow.models import Team

pytestmark = pytest.mark.django_db
URL = "/admin/incidents/incident/"


@pytest.fixture
def tara(client):
    made = user("tara")
    client.force_login(made)
    return made


def dark_signal(**changes):
    return filed(category="signal_dark", answers={"danger": "none", "shows": "dark"}, **changes)


def shown(client, **query):
    return admin_pages.shown(client, URL, **query)


def copies(report, count, **values):
    """More rows like this one, for lists only: written past the engine."""
    for number in range(count):
        twin = Incident.objects.get(pk=report.pk)
        twin.pk = twin.id = twin.case_ptr_id = None
        twin._state.adding = True
        twin.__dict__["state"] = "new"
        twin.reference, twin.votes = f"IR-26-{number:06d}", number
        for name, value in values.items():
            setattr(twin, name, value)
        twin.save(force_insert=True)


def test_a_line_says_what_where_how_it_stands_and_how_many_saw_it(client, tara):
    report = dark_signal(route="I-35", direction="NB", milepost=120.5)
    Incident.objects.filter(pk=report.pk).update(votes=3, unanswered=True)
    page = client.get(URL).content.decode()
    for words in (report.reference, report.title, "I-35 northbound, mile 120.5", "Emergency", "No answer", "+3",
                  "With the right team"):  # fmt: skip
        assert words in page


def test_ended_reports_are_shown_only_when_asked_for(client, tara):
    running, ended = filed(), in_state("rejected", latitude=42.4)
    assert shown(client) == [running.reference]
    assert shown(client, queue="closed") == [ended.reference]
    assert shown(client, state="rejected") == [ended.reference]
    assert shown(client, q=ended.reference) == [ended.reference]


def test_category_group_county_team_and_marks_narrow_the_list(client, tara):
    hole, dark = filed(), dark_signal(latitude=41.59, longitude=-93.62)
    west = Team.objects.create(code="west", name="West")
    Incident.objects.filter(pk=hole.pk).update(team=west, unanswered=True, reopened=1)
    only_hole = [{"category": "pothole"}, {"group": "roadway"}, {"county": "story"}, {"team": west.pk},
                 {"mark": "unanswered"}, {"mark": "back"}]  # fmt: skip
    for query in only_hole:
        assert shown(client, **query) == [hole.reference], query
    for query in ({"category": "signal_dark"}, {"county": "polk"}, {"mark": "safety"}):
        assert shown(client, **query) == [dark.reference], query
    assert shown(client, mark="hidden") == []
    assert set(shown(client, mark="nonsense")) == {hole.reference, dark.reference}


@pytest.mark.parametrize("query", ["{reference}", "{lower}", "us-6", "Pothole on US", "pothole"])
def test_a_search_finds_by_reference_route_and_title(client, tara, query):
    report = filed()
    other = dark_signal(route="I-35", latitude=42.4)
    words = query.format(reference=report.reference, lower=report.reference.lower())
    assert shown(client, q=words) == [report.reference]
    assert shown(client, q="I-35") == [other.reference]


def test_a_search_that_fits_thousands_finds_the_open_ones(client, tara, monkeypatch):
    ended = in_state("rejected")
    copies(ended, 6, closed_at=timezone.now())
    running = filed(latitude=42.4)
    monkeypatch.setattr("workflow.admin.cases.MOST_FOUND", 3)
    found = shown(client, q="Pothole")
    assert running.reference in found
    assert len(found) == 3


@pytest.mark.parametrize(
    "query",
    [{"category": "'"}, {"group": "x" * 99}, {"mark": "\x01"}, {"county": "no"}, {"q": "%_\x7f"}, {"p": "99"},
     {"e": "1"}, {"nonsense": "1"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "map/", "map.geojson"])
def test_a_strange_filter_breaks_nothing(client, tara, query, path):
    filed()
    assert client.get(URL + path, query, follow=True).status_code in (200, 400)


def test_a_page_of_the_queue_takes_few_queries_however_long_it_is(client, tara, django_assert_max_num_queries):
    copies(filed(), 120)
    client.get(URL)
    queries = ({}, {"queue": "team"}, {"category": "pothole"}, {"q": "Pothole"}, {"q": "IR-26-0000"}, {"p": 2})
    for query in queries:
        with django_assert_max_num_queries(12) as captured:
            page = client.get(URL, query)
        assert page.status_code == 200
        assert all("LIMIT" in one["sql"].upper() for one in captured.captured_queries if "COUNT(" in one["sql"].upper())


def test_many_reports_are_claimed_and_released_at_once(client, tara):
    first, second = filed(), filed(latitude=42.4)
    data = {"action": "claim", "_selected_action": [first.pk, second.pk], "index": "0"}
    page = client.post(URL, data, follow=True).content.decode()
    assert f"{first.reference}: is yours now." in page
    assert {fresh(first).assignee, fresh(second).assignee} == {tara}
    client.post(URL, data | {"action": "release"})
    assert fresh(first).assignee is None


def test_the_first_screen_counts_reports_beside_permits(client, tara):
    filed()
    page = client.get("/admin/").content.decode()
    assert "Incidents" in page
    assert f"{URL}?queue=unassigned" in page


# -- triage -----------------------------------------------------------------------------------------------------------


def next_one(client, **query):
    page = client.get(f"{URL}triage/", query)
    assert page.status_code == 200
    incident = page.context.get("incident")
    return incident and incident.reference


def test_triage_shows_the_nearest_deadline_of_my_teams_first(client, tara):
    hole, dark = filed(), dark_signal(latitude=42.4)
    foreign = dark_signal(latitude=42.6)
    Incident.objects.filter(pk=foreign.pk).update(team=Team.objects.create(code="west", name="West"))
    assert next_one(client) == dark.reference
    assert next_one(client, skip=str(dark.pk)) == hole.reference
    assert next_one(client, skip=f"{dark.pk},{hole.pk}") is None
    assert "passed over everything" in client.get(f"{URL}triage/", {"skip": f"{dark.pk},{hole.pk}"}).content.decode()


def test_triage_leaves_out_what_a_colleague_has_and_what_is_decided(client, tara):
    taken, mine, planned = filed(), filed(latitude=42.4), in_state("scheduled", latitude=42.6)
    desk.claim(taken, actor=factories.officer("olga"))
    desk.claim(mine, actor=factories.officer("tara"))
    assert next_one(client) == mine.reference
    assert next_one(client, skip=str(mine.pk)) is None
    assert planned.state == "scheduled"


def test_triage_shows_what_is_nearby_with_the_buttons_and_goes_on_to_the_next(client, tara):
    first, second = filed(), filed(latitude=42.0309)
    page = client.get(f"{URL}triage/").content.decode()
    assert second.reference in page
    assert f"/do/merge/?near={second.reference}&amp;then=triage" in page
    assert f'href="?skip={first.pk}"' in page or f"triage/?skip={first.pk}" in page
    answer = client.post(
        f"{URL}{first.pk}/do/reject/?then=triage&skip=7",
        {"revision": first.revision, "reason_code": "not_ours", "sentence": "This is a county road."},
    )
    assert answer["Location"] == f"{URL}triage/?skip=7"
    assert next_one(client) == second.reference


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "../..", "triage/../x"])
def test_an_officer_comes_back_only_to_our_own_pages(client, tara, then):
    report = filed()
    answer = client.post(f"{URL}{report.pk}/desk/claim/?then={then}", {"revision": report.revision})
    assert answer["Location"] == f"{URL}{report.pk}/change/"


@pytest.mark.parametrize("skip", ["x", ",,,", "9" * 40, "777,²,-3", "777" + ",777" * 500])
def test_a_strange_list_of_skipped_reports_breaks_nothing(client, tara, skip):
    report = filed()
    assert next_one(client, skip=skip) == report.reference


def test_triage_takes_few_queries(client, tara, django_assert_max_num_queries):
    copies(filed(), 30)
    client.get(f"{URL}triage/")
    with django_assert_max_num_queries(25):
        assert client.get(f"{URL}triage/").status_code == 200


# -- the map ----------------------------------------------------------------------------------------------------------


def features(client, **query):
    answer = client.get(f"{URL}map.geojson", query)
    assert answer["Content-Type"] == "application/geo+json"
    return json.loads(answer.content)["features"]


def test_the_map_has_the_same_reports_as_the_filtered_queue(client, tara):
    hole, dark = filed(), dark_signal(latitude=41.59, longitude=-93.62)
    filed(latitude=None, longitude=None, milepost=120.0, route="I-35", county="story")
    in_state("rejected", latitude=42.5)
    assert [one["id"] for one in features(client)] == [dark.reference, hole.reference]
    assert [one["id"] for one in features(client, category="pothole")] == [hole.reference]
    (one,) = features(client, county="story")
    assert one["geometry"] == {"type": "Point", "coordinates": [hole.longitude, hole.latitude]}
    assert one["properties"] == {
        "reference": hole.reference, "title": hole.title, "state": "With the right team", "status": "open",
        "tone": "moving",
        "due": fresh(hole).due_at.isoformat(), "is_overdue": False, "is_emergency": False,
        "url": f"{URL}{hole.pk}/change/",
    }  # fmt: skip


def test_the_map_is_drawn_by_the_server_and_says_it_in_words(client, tara):
    report, late = filed(), filed(latitude=41.59, longitude=-93.62)
    Incident.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    answer = client.get(f"{URL}map/", {"category": "pothole"})
    page = answer.content.decode()
    assert page.count("<circle") == 2
    assert "2 reports" in page
    assert f'data-geojson="{URL}map.geojson?category=pothole"' in page
    for words in (report.reference, late.reference, "overdue", "Story County", "Polk County"):
        assert words in page


def test_the_map_has_no_more_points_than_a_browser_can_draw(client, tara, monkeypatch, django_assert_max_num_queries):
    copies(filed(), 8)
    monkeypatch.setattr(charts, "MOST_POINTS", 5)
    with django_assert_max_num_queries(14):
        assert len(features(client)) == 5
    with django_assert_max_num_queries(14):
        assert "The 5 most urgent reports" in client.get(f"{URL}map/").content.decode()


def test_work_moves_a_report_out_of_triage_and_stays_on_the_map(client, tara):
    report = filed()
    press(client, report, "claim")
    fire(report, "dispatch", crew="Ames garage")
    assert next_one(client) is None
    assert [one["id"] for one in features(client)] == [report.reference]

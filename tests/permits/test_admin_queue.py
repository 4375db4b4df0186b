"""The officers' queue: what it shows, how it is narrowed, what it costs, and work on many cases at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from permits.models import RoadPermit
from tests import admin_pages
from tests.permits import factories
from tests.permits.factories import at, filed, fresh, in_state, user
from workflow import desk
from workflow.admin.queue import MOST_AT_ONCE, BoundedPaginator
from workflow.models import Event, Team

pytestmark = pytest.mark.django_db
URL = "/admin/permits/roadpermit/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita(client):
    made = user("rita")
    client.force_login(made)
    return made


def shown(client, **query):
    return admin_pages.shown(client, URL, **query)


def copies(permit, count, **values):
    """More rows like this one, for lists only: written past the engine, in the state a new case has."""
    made = []
    for number in range(count):
        twin = RoadPermit.objects.get(pk=permit.pk)
        twin.pk = twin.id = twin.case_ptr_id = None
        twin._state.adding = True
        twin.__dict__["state"] = "draft"
        twin.reference, twin.verify_token = f"RP-26-{number:06d}", f"token-{number}"
        for name, value in values.items():
            setattr(twin, name, value)
        twin.save(force_insert=True)
        made.append(twin)
    return made


def due(permit, moment):
    RoadPermit.objects.filter(pk=permit.pk).update(due_at=moment)


def test_the_nearest_deadline_comes_first_and_none_last(client, rita):
    now = timezone.now()
    late, soon, none = (filed(**at(place)) for place in range(3))
    due(late, now + timedelta(days=3))
    due(soon, now - timedelta(days=1, hours=1))
    due(none, None)
    assert shown(client) == [soon.reference, late.reference, none.reference]
    page = client.get(URL).content.decode()
    assert '<strong class="mp-over">1 day over</strong>' in page


def test_closed_cases_are_shown_only_when_asked_for(client, rita):
    running, closed = filed(), in_state("refused", **at(2))
    assert shown(client) == [running.reference]
    assert shown(client, queue="closed") == [closed.reference]
    assert shown(client, state="refused") == [closed.reference]
    assert shown(client, q=closed.reference) == [closed.reference]
    assert shown(client, q="") == [running.reference]


def test_each_queue_shows_its_cases(client, rita):
    mine, free, foreign = filed(), filed(**at(2)), filed(**at(4))
    desk.claim(mine, actor=factories.officer("rita"))
    RoadPermit.objects.filter(pk=foreign.pk).update(team=Team.objects.create(code="west", name="West"))
    due(free, timezone.now() - timedelta(hours=1))
    RoadPermit.objects.filter(pk=free.pk).update(parked_at=timezone.now())
    assert shown(client, queue="mine") == [mine.reference]
    assert set(shown(client, queue="team")) == {mine.reference, free.reference}
    assert set(shown(client, queue="unassigned")) == {free.reference, foreign.reference}
    assert shown(client, queue="overdue") == [free.reference]
    assert shown(client, queue="parked") == [free.reference]


@pytest.mark.parametrize(
    ("clock", "hours", "paused"),
    [("over", -1, False), ("week", 72, False), ("paused", 5, True), ("none", None, False)],
)
def test_each_clock_shows_its_cases(client, rita, clock, hours, paused):
    chosen, other = filed(), filed(**at(2))
    now = timezone.now()
    moment = None if hours is None else now + timedelta(hours=hours)
    RoadPermit.objects.filter(pk=chosen.pk).update(due_at=moment, paused_at=now if paused else None)
    due(other, now + timedelta(days=30))
    assert shown(client, clock=clock) == [chosen.reference]


def test_team_and_county_narrow_the_list(client, rita):
    here, there = filed(), filed(**at(2))
    west = Team.objects.create(code="west", name="West")
    RoadPermit.objects.filter(pk=there.pk).update(team=west, county="polk")
    assert shown(client, team=west.pk) == [there.reference]
    assert shown(client, county="story") == [here.reference]


@pytest.mark.parametrize(
    "query",
    [
        {"team": "x"}, {"team": "'"}, {"team": "9" * 40}, {"queue": "no"}, {"clock": "no"}, {"state": "no"}, {"p": "x"},
        {"p": "99"}, {"q": "%_'\"\\"}, {"q": "\x7f" * 500}, {"q": "\U0010ffff"}, {"o": "1.2"}, {"county": "\x01"},
    ],
)  # fmt: skip
def test_a_strange_filter_breaks_nothing(client, rita, query):
    filed()
    assert client.get(URL, query, follow=True).status_code == 200


@pytest.mark.parametrize(
    "query", ["{reference}", "{lower}", "{beginning}", "Story County Fi", "story county", "US-69", "us-6"]
)
def test_a_search_finds_by_reference_holder_and_route(client, rita, query):
    permit = filed()
    other = filed(organisation="Ames Water", route_designation="I-35", **at(2))
    words = {"reference": permit.reference, "lower": permit.reference.lower(), "beginning": permit.reference[:9]}
    found = shown(client, q=query.format(**words))
    assert permit.reference in found
    assert other.reference not in found


def test_a_page_of_the_queue_takes_few_queries_however_long_it_is(client, rita, django_assert_max_num_queries):
    copies(filed(), 200)
    client.get(URL)
    for query in (
        {},
        {"queue": "team"},
        {"queue": "mine"},
        {"q": "Story"},
        {"q": "RP-26-0000"},
        {"p": 2},
        {"county": "story"},
    ):
        with django_assert_max_num_queries(12) as captured:
            page = client.get(URL, query)
        assert page.status_code == 200
        sql = [query["sql"].upper() for query in captured.captured_queries]
        assert not any("DISTINCT" in one for one in sql)
        assert all("LIMIT" in one for one in sql if "COUNT(" in one)


def test_a_paginator_counts_no_further_than_it_pages(monkeypatch):
    copies(filed(), 6)
    monkeypatch.setattr("workflow.admin.queue.MOST_LISTED", 5)
    assert BoundedPaginator(RoadPermit.objects.order_by("pk"), 2).count == 5


def bulk(client, action, *permits):
    data = {"action": action, "_selected_action": [permit.pk for permit in permits], "index": "0"}
    return client.post(URL, data, follow=True).content.decode()


def test_claiming_many_says_of_each_what_came_of_it(client, rita):
    free, taken, foreign = filed(), filed(**at(2)), filed(**at(4))
    desk.claim(taken, actor=factories.officer("olga"))
    RoadPermit.objects.filter(pk=foreign.pk).update(team=Team.objects.create(code="west", name="West"))
    page = bulk(client, "claim", free, taken, foreign)
    assert f"{free.reference}: is yours now." in page
    assert f"{taken.reference}: Olga Reyes has {taken.reference} already" in page
    assert f"{foreign.reference}: Only officers of the team West" in page
    assert [fresh(permit).assignee for permit in (free, taken, foreign)] == [
        rita,
        taken.assignee or factories.user("olga"),
        None,
    ]
    assert Event.objects.get(case=free, kind="claimed").actor == "Rita Reyes"
    assert f"{free.reference}: is back with the team." in bulk(client, "release", free, taken)
    assert fresh(free).assignee is None
    assert fresh(taken).assignee is not None


def test_a_bulk_action_has_an_end(client, rita):
    permit = filed()
    chosen = copies(permit, MOST_AT_ONCE + 5)
    data = {"action": "claim", "_selected_action": [one.pk for one in chosen], "index": "0"}
    page = client.post(URL, data, follow=True).content.decode()
    assert f"At most {MOST_AT_ONCE} at once" in page
    assert RoadPermit.objects.filter(assignee=rita).count() == MOST_AT_ONCE


def test_retrying_many_sends_parked_work_on(client, rita):
    permit, well = parked(filed(checked=False)), filed(**at(2))
    page = bulk(client, "retry", permit, well)
    assert f"{permit.reference}: is on its way again." in page
    assert f"{well.reference}: Nothing is parked" in page
    assert fresh(permit).parked_at is None


def parked(permit):
    from workflow import orchestrator
    from workflow.claims import claim
    from workflow.errors import PermanentFailure

    work = permit.work.get(step="submitApplication")
    permit.work.filter(pk=work.pk).update(lease_until=None)
    orchestrator.fail(claim(work.pk), PermanentFailure("The check cannot read the map."))
    return fresh(permit)


def test_who_may_not_work_has_no_bulk_actions(client):
    permit = filed()
    client.force_login(user("audrey", permissions=["view"]))
    assert "_selected_action" not in client.get(URL).content.decode()
    bulk(client, "claim", permit)
    assert fresh(permit).assignee is None


def test_the_first_screen_counts_the_work_and_leads_to_it(client, rita, django_assert_max_num_queries):
    mine, late = filed(), filed(**at(2))
    in_state("draft")
    in_state("refused", **at(4))
    desk.claim(mine, actor=factories.officer("rita"))
    due(late, timezone.now() - timedelta(hours=2))
    client.get(reverse("admin:index"))
    with django_assert_max_num_queries(15):
        page = client.get(reverse("admin:index"))
    (queue,) = page.context["queues"]
    assert {name: count for name, _words, count in queue["counts"]} == {
        "mine": 1, "team": 2, "unassigned": 1, "today": 0, "overdue": 1, "escalated": 0, "waiting": 0,
        "parked": 0,
    }  # fmt: skip
    for name, _words, count in queue["counts"]:
        assert f'{URL}?queue={name}"' in page.content.decode()
        assert len(shown(client, queue=name)) == count

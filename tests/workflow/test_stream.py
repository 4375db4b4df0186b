"""The events in order: whoever reads on from the last number misses none and sees none twice."""

import threading

import pytest
from django.db import connection, transaction

from tests.api_callers import assert_problem, client, key_holder
from tests.incidents import factories as incidents
from tests.permits import factories as permits
from workflow import stream
from workflow.models import Event

pytestmark = pytest.mark.django_db(transaction=True)  # on PostgreSQL a line of a running transaction is not given out
EVENTS = "/api/v1/events/"


@pytest.fixture
def reader(db):
    return key_holder("Traveller", "permits:read_all", "incidents:read_all").client


def read(client, after=0, **query):
    answer = client.get(EVENTS, {"after": after, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_move_comes_once_and_in_order_however_small_the_pages(reader):
    permit, report = permits.in_force(), incidents.filed()
    whole = read(reader, limit=1000)
    assert [one["id"] for one in whole["results"]] == sorted(one["id"] for one in whole["results"])
    moves = Event.objects.filter(kind="transition", public=True)
    assert len(whole["results"]) == moves.count()
    assert {one["reference"] for one in whole["results"]} == {permit.reference, report.reference}
    pieces, after, more = [], 0, True
    while more:
        page = read(reader, after, limit=2)
        pieces, after, more = pieces + page["results"], page["after"], page["more"]
    assert pieces == whole["results"]
    assert read(reader, after) == {"results": [], "after": after, "more": False}


def test_an_event_says_what_moved_and_nothing_about_anybody(reader):
    permit = permits.filed()
    first = read(reader)["results"][0]
    assert first["type"] == "roadPermit.submit"
    assert (first["from_state"], first["to_state"]) == ("draft", "submitted")
    assert first["url"] == f"/api/v1/permits/{permit.reference}/"
    assert first["time"].endswith("Z")
    text = str(read(reader))
    for private in ("contact_name", "contact_email", "contact_phone"):
        assert permit.answer(private) not in text


def test_a_draft_is_in_no_stream(reader):
    permits.draft()
    assert read(reader)["results"] == []


def test_a_key_sees_the_cases_it_filed_and_another_key_sees_none_of_them():
    filer, other = key_holder("Filer", "permits:read", "permits:submit"), key_holder("Other", "permits:read")
    permit = permits.filed(actor=filer.actor)
    permits.filed(**permits.at(3))
    assert {one["reference"] for one in read(filer.client)["results"]} == {permit.reference}
    assert read(other.client)["results"] == []


def test_a_key_that_reads_one_kind_sees_no_other(reader):
    permits.filed()
    report = incidents.filed()
    only = key_holder("Incidents", "incidents:read_all").client
    assert {one["reference"] for one in read(only)["results"]} == {report.reference}


def test_only_the_types_one_asks_for(reader):
    permits.in_force()
    found = read(reader, type=["roadPermit.approve", "roadPermit.issue"])["results"]
    assert [one["type"] for one in found] == ["roadPermit.approve", "roadPermit.issue"]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=1001", "type=roadPermit.fly", "since=1", "after=1&after=2"]
)
def test_a_question_it_does_not_know_is_told(reader, query):
    assert_problem(reader.get(f"{EVENTS}?{query}"), 400, "invalid_parameter")


def test_who_asks_without_a_key_is_told_how(db):
    assert_problem(client().get(EVENTS), 401, "not_authenticated")
    assert_problem(key_holder("Writer", "permits:submit").client.get(EVENTS), 403, "scope_missing")


def test_as_cloud_events_they_have_their_envelope(reader):
    permit = permits.filed()
    answer = reader.get(EVENTS, headers={"Accept": "application/cloudevents-batch+json"})
    assert answer["Content-Type"] == "application/cloudevents-batch+json"
    first = answer.json()[0]
    assert (first["specversion"], first["type"], first["subject"]) == ("1.0", "roadPermit.submit", permit.reference)
    assert first["data"]["reference"] == permit.reference
    assert answer["Milepost-After"] == answer.json()[-1]["id"]


def test_a_page_costs_the_same_however_long(reader, django_assert_num_queries):
    for place in range(3):
        permits.filed(**permits.at(place * 3))
    reader.get(EVENTS)  # the key's use is noted once a minute
    for limit in (1, 100):
        with django_assert_num_queries(3 if connection.vendor == "postgresql" else 2):  # the key, what runs, the page
            reader.get(EVENTS, {"limit": limit})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: no line can come late")
def test_a_line_that_commits_late_is_not_passed_over(reader):
    """One officer's transaction takes its number first and commits last."""
    slow, quick = permits.filed(), permits.filed(**permits.at(3))
    olga, sam = (permits.officer(name, team=permit.team) for name, permit in (("olga", slow), ("sam", quick)))
    after = stream.newest()
    written, finish = threading.Event(), threading.Event()

    def dawdle():
        with transaction.atomic():
            permits.fire(slow, "request_information", olga, items=[{"field": "", "text": "Which number is yours?"}])
            written.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=dawdle)
    thread.start()
    assert written.wait(10)
    permits.fire(quick, "refuse", sam, reasons=["R20"], explanation=permits.EXPLANATION)
    before = read(reader, after)["results"]
    finish.set()
    thread.join(10)
    later = read(reader, before[-1]["id"] if before else after)["results"]
    found = [one["reference"] for one in before + later]
    assert slow.reference in found, "the line that came late was passed over"
    assert found.count(quick.reference) == 1

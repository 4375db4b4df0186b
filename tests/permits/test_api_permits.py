"""Reading permits: lists, pages, filters, one permit, its history."""

from unittest import mock
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permits.api.views import FILTERS
from permits.models import RoadPermit
from tests.permits.api_callers import READ, READ_ALL, assert_problem, caller, client, codes, url
from tests.permits.factories import application, draft, filed, fire, in_state, officer
from workflow import engine
from workflow.models import Event

pytestmark = pytest.mark.django_db
LIST = "/api/v1/permits/"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def references(answer):
    assert answer.status_code == 200, answer.content
    return [permit["reference"] for permit in answer.json()["results"]]


def test_a_key_sees_what_it_filed_and_nothing_else():
    ames, boone = caller("Ames"), caller("Boone")
    mine, theirs = filed(actor=ames.actor, checked=False), filed(actor=boone.actor, checked=False)
    assert references(ames.client.get(LIST)) == [mine.reference]
    for below in ("", "transitions/", "timeline/", "documents/", "pdf/"):
        assert_problem(ames.client.get(url(theirs, below)), 404, "not_found")


def test_a_key_that_may_read_all_sees_all_but_drafts():
    key = caller("Auditor", READ_ALL)
    permits = [filed(actor=caller(name).actor, checked=False) for name in ("Ames", "Boone")]
    unfinished = draft()
    assert references(key.client.get(LIST)) == [permit.reference for permit in reversed(permits)]
    assert key.client.get(url(permits[0])).status_code == 200
    assert_problem(key.client.get(url(unfinished)), 404, "not_found")


@pytest.mark.parametrize(
    "reference", ["RP-26-000000", "1", "x", "RP-26-7K3QXM%00", "..", "RP%2026", "ÄÖ", "R" * 300, "%ED%A0%80"]
)
def test_what_does_not_exist_looks_like_what_is_not_yours(reference):
    assert_problem(caller().client.get(f"{LIST}{reference}/"), 404, "not_found")


def test_the_serial_number_is_no_address():
    sender = caller()
    permit = filed(actor=sender.actor, checked=False)
    assert_problem(sender.client.get(f"{LIST}{permit.pk}/"), 404, "not_found")
    shown = sender.client.get(url(permit)).json()
    assert not {"id", "pk", "case_ptr", "case_ptr_id", "tracking_nonce", "verify_token"} & shown.keys()


def test_a_reference_is_read_in_small_letters_too():
    sender = caller()
    permit = filed(actor=sender.actor, checked=False)
    assert sender.client.get(url(permit).lower()).json()["reference"] == permit.reference


def test_pages_follow_one_another_without_a_gap_or_a_repeat():
    sender = caller()
    permits = [filed(actor=sender.actor, checked=False) for _ in range(5)]
    seen, address = [], f"{LIST}?page_size=2&state=submitted"
    while address:
        page = sender.client.get(address)
        seen += references(page)
        filed(actor=sender.actor, checked=False)  # what comes in meanwhile does not shift the pages
        parts = urlsplit(page.json()["next"] or "")
        address = f"{parts.path}?{parts.query}" if parts.path else ""
    assert seen == [permit.reference for permit in reversed(permits)]


def test_a_cursor_of_another_key_opens_nothing():
    ames, boone = caller("Ames"), caller("Boone")
    theirs = filed(actor=boone.actor, checked=False)
    filed(actor=ames.actor, checked=False)
    assert references(ames.client.get(f"{LIST}?cursor={theirs.reference}")) == []


@pytest.fixture
def three():
    """A key with three permits of its own."""
    sender = caller()
    filed(actor=sender.actor, checked=False)
    filed(
        actor=sender.actor,
        route_designation="IA-17",
        permit_type="lane_closure",
        checked=False,
        organisation="Boone Gas",
    )
    fire(filed(actor=sender.actor), "request_information", items=[{"field": "", "text": "Which number?"}])
    return sender


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("state=submitted", 2),
        ("state=submitted&state=info_requested", 3),
        ("state=refused", 0),
        ("step=submitApplication", 2),
        ("step=provideInformation", 1),
        ("team=front-desk", 3),
        ("team=nobody", 0),
        ("county=story", 3),
        ("county=Story", 3),
        ("county=polk", 0),
        ("created_after=2020-01-01T00:00:00Z", 3),
        ("created_before=2020-01-01T00:00:00Z", 0),
        ("updated_after=2020-01-01T00:00:00-06:00&updated_before=2100-01-01T00:00:00Z", 3),
        ("bbox=-93.7,42.0,-93.6,42.1", 3),
        ("bbox=-93.6103,42.0190,-93.6103,42.0190", 3),
        ("bbox=-94,41,-93.7,42", 0),
        ("bbox=-180,-90,180,90", 3),
        ("q=IA-17", 1),
        ("q=boone", 1),
        ("q=rp-", 3),
        ("q=%25%25", 0),
        ("page_size=1", 1),
    ],
)
def test_lists_are_narrowed_by_parameters(three, query, count):
    assert len(references(three.client.get(f"{LIST}?{query}"))) == count


@pytest.mark.parametrize(
    "query", ["colour=red", "page_size=1000000", "state=lost", "bbox=1,2,3", "ordering=-pk", "format=json"]
)
def test_a_parameter_we_do_not_know_is_never_ignored(query):
    answer = caller().client.get(f"{LIST}?{query}")
    assert_problem(answer, 400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] == query.split("=")[0]


@pytest.mark.parametrize("below", ["", "transitions/", "timeline/", "documents/", "pdf/"])
def test_no_address_ignores_a_parameter(below):
    sender = caller()
    permit = filed(actor=sender.actor, checked=False)
    assert codes(sender.client.get(url(permit, below) + "?state=approved")) == {"unknown_parameter"}


def test_every_parameter_is_documented():
    assert {p.name for p in FILTERS} == {
        "state", "step", "team", "county", "created_after", "created_before", "updated_after", "updated_before",
        "bbox", "q", "page_size", "cursor",
    }  # fmt: skip


def test_a_list_of_a_hundred_takes_as_many_queries_as_a_list_of_one():
    sender = caller()
    filed(actor=sender.actor, checked=False)
    counts = []
    for more in (0, 99):
        with mock.patch("permits.applications.find_conflicts"):  # a hundred at one place would all conflict
            for _ in range(more):
                filed(actor=sender.actor, checked=False)
        sender.client.get(LIST)  # the key's use is noted now, and not below
        with CaptureQueriesContext(connection) as queries:
            assert len(references(sender.client.get(f"{LIST}?page_size=100"))) == more + 1
        counts.append(len(queries))
    assert counts == [2, 2]


def test_one_permit_takes_two_queries(django_assert_num_queries):
    sender = caller()
    permit = in_state("in_force", actor=sender.actor)
    sender.client.get(LIST)
    with django_assert_num_queries(2):
        assert sender.client.get(url(permit)).status_code == 200


def test_a_permit_shows_its_application_its_place_and_its_moments_in_utc():
    sender = caller()
    permit = filed(actor=sender.actor)
    answer = sender.client.get(url(permit))
    body = answer.json()
    assert answer["ETag"] == f'"{permit.revision}"'
    assert (body["state"], body["status"]) == ("in_review", "reviewSafety")
    assert body["geometry"] == application()["area"]
    assert body["location"]["type"] == "Point"
    assert body["application"]["contact_email"] == application()["contact_email"]
    moments = [value for name, value in body.items() if name.endswith("_at") and value]
    assert len(moments) >= 5
    assert all(value.endswith("Z") for value in moments)
    assert body["fee"]["total"] == f"{permit.fee_total:.2f}"


@pytest.mark.parametrize("state", RoadPermit.State.values[1:])
def test_every_state_can_be_read(state):
    sender = caller()
    permit = in_state(state, actor=sender.actor)
    for below in ("", "transitions/", "timeline/", "documents/"):
        assert sender.client.get(url(permit, below)).status_code == 200
    assert sender.client.get(url(permit)).json()["state"] == state


def test_an_unchanged_permit_is_not_sent_again():
    sender = caller()
    permit = filed(actor=sender.actor, checked=False)
    for below in ("", "timeline/", "documents/"):
        answer = sender.client.get(url(permit, below), headers={"If-None-Match": f'"{permit.revision}"'})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == f'"{permit.revision}"'
        assert sender.client.get(url(permit, below), headers={"If-None-Match": '"1"'}).status_code == 200


def test_the_history_is_the_part_the_applicant_may_read():
    sender = caller()
    permit = filed(actor=sender.actor)
    engine.change(permit, "note", actor=officer(), note="Call the mayor first.")
    answer = sender.client.get(url(permit, "timeline/"))
    lines = answer.json()["results"]
    assert [line["seq"] for line in lines] == list(
        Event.objects.filter(case_id=permit.pk, public=True).values_list("seq", flat=True)
    )
    assert [line["label"] for line in lines][:2] == ["Opened", "Submit application"]
    assert b"mayor" not in answer.content
    assert all(line["at"].endswith("Z") for line in lines)


def test_reading_needs_the_scope():
    sender = caller("Sender", "permits:submit")
    permit = filed(actor=sender.actor, checked=False)
    for below in ("", "transitions/", "timeline/", "documents/", "pdf/"):
        assert_problem(sender.client.get(url(permit, below)), 403, "scope_missing")
    assert_problem(sender.client.get(LIST), 403, "scope_missing")


def test_answers_are_private_and_differ_by_key():
    answer = caller("Reader", READ).client.get(LIST)
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Vary"] == "Authorization"


def test_a_browser_that_asks_for_html_gets_json_all_the_same():
    answer = client().get("/api/v1/workflows/", headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "application/json"

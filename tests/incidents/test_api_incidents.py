"""Reading reports: lists, pages, filters, one report, its history, its moves, and the catalogue."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import catalogue, desk
from incidents.api.filters import FILTERS
from incidents.models import Category, Incident
from tests.incidents.api_callers import LIST, READ, READ_ALL, assert_problem, caller, client, codes, post, url
from tests.incidents.factories import EMAIL, NAME, PHONE, anonymous, filed, fire, in_state, officer

pytestmark = pytest.mark.django_db


def references(answer):
    assert answer.status_code == 200, answer.content
    return [incident["reference"] for incident in answer.json()["results"]]


def test_a_key_sees_what_it_filed_and_nothing_else():
    ames, boone = caller("Ames"), caller("Boone")
    mine, theirs = filed(actor=ames.actor), filed(actor=boone.actor)
    assert references(ames.client.get(LIST)) == [mine.reference]
    for below in ("", "transitions/", "timeline/", "photos/"):
        assert_problem(ames.client.get(url(theirs, below)), 404, "not_found")


def test_a_key_that_may_read_all_sees_every_report():
    incidents = [anonymous(), filed(actor=caller("Ames").actor)]
    key = caller("Auditor", READ_ALL)
    assert references(key.client.get(LIST)) == [incident.reference for incident in reversed(incidents)]
    assert key.client.get(url(incidents[0])).json()["reference"] == incidents[0].reference


def test_an_address_of_a_permit_is_no_address_of_a_report():
    sender = caller()
    incident = filed(actor=sender.actor)
    assert_problem(sender.client.get(f"/api/v1/permits/{incident.reference}/"), 403, "scope_missing")
    both = caller("Both", "permits:read_all", READ_ALL)
    assert_problem(both.client.get(f"/api/v1/permits/{incident.reference}/"), 404, "not_found")


SECRETS = (EMAIL, NAME, PHONE)


@pytest.mark.parametrize("below", ["", "timeline/", "transitions/", "photos/"])
def test_nobody_reads_who_reported_not_even_the_key_that_filed(below):
    sender, auditor = caller(), caller("Auditor", READ_ALL)
    incident = filed(actor=sender.actor)
    for reader in (sender, auditor):
        answer = reader.client.get(url(incident, below)).content.decode() + reader.client.get(LIST).content.decode()
        assert not [secret for secret in SECRETS if secret in answer]


def test_words_of_the_reporter_are_whole_for_whoever_sent_them_and_masked_for_others():
    words = f"Call {EMAIL}"
    sender = caller()
    answers = {"size": "tire", "details": "Ask Walter Hale"}
    incident = filed(actor=sender.actor, description=words, address=f"Main Street, {PHONE}", answers=answers)
    own = sender.client.get(url(incident)).json()
    assert (own["description"], own["address"], own["answers"]) == (words, f"Main Street, {PHONE}", incident.answers)
    other = caller("Auditor", READ_ALL).client.get(url(incident)).json()
    assert (other["description"], other["address"]) == ("Call [removed]", "Main Street, [removed]")
    assert other["answers"] == {"size": "tire"}
    assert other["questions"] == []


def test_a_hidden_report_keeps_its_words_to_itself():
    incident = filed(answers={"size": "tire"}, address="Main Street")
    desk.hide(incident, because="Names a neighbour", actor=officer(team=incident.team))
    shown = caller("Auditor", READ_ALL).client.get(url(incident)).json()
    assert (shown["description"], shown["address"], shown["answers"]) == ("", "", {})


def test_a_question_reaches_the_key_that_filed_and_its_answer_is_a_move():
    sender = caller()
    incident = in_state("needs_info", actor=sender.actor)
    shown = sender.client.get(url(incident)).json()
    assert [one["text"] for one in shown["questions"]] == ["Which lane is it, please?"]
    body = {"transition": "answer", "data": {"text": "The right one."}}
    answer = post(sender.client, url(incident, "transitions/"), body, If_Match=f'"{incident.revision}"')
    assert answer.json()["state"] == "triaged"
    assert answer.json()["status"] == "triage"
    assert sender.client.get(url(incident)).json()["questions"][0]["answer"] == "The right one."


def test_a_key_makes_the_reporters_moves_and_no_officers():
    sender = caller()
    incident = filed(actor=sender.actor)
    header = {"If_Match": f'"{incident.revision}"'}
    body = {"transition": "reject", "data": {"reason_code": "not_ours", "sentence": "This is a county road."}}
    assert_problem(post(sender.client, url(incident, "transitions/"), body, **header), 403, "not_allowed")
    assert_problem(
        post(sender.client, url(incident, "transitions/"), {"transition": "answer", "data": {"text": "x"}}, **header),
        409,
        "wrong_state",
    )


def test_a_note_is_not_taken_for_the_history_never_forgets_it():
    sender = caller()
    incident = in_state("needs_info", actor=sender.actor)
    move = {"transition": "answer", "data": {"text": "The right one."}, "note": "Call me, Walter"}
    answer = post(sender.client, url(incident, "transitions/"), move, If_Match=f'"{incident.revision}"')
    assert_problem(answer, 400, "invalid_data")
    assert codes(answer) == {"note_not_taken"}
    assert Incident.objects.get().state == "needs_info"


def test_an_end_is_told_with_its_reason_and_can_be_reopened():
    sender = caller()
    incident = in_state("rejected", actor=sender.actor)
    shown = sender.client.get(url(incident)).json()
    assert (shown["state"], shown["public_status"], shown["reason_code"]) == ("rejected", "closed", "not_ours")
    assert shown["public_sentence"]
    assert shown["reopen_until"]
    header = {"If_Match": f'"{incident.revision}"'}
    body = {"transition": "reopen", "data": {"text": "It is a state road."}}
    assert post(sender.client, url(incident, "transitions/"), body, **header).json()["state"] == "triaged"


def test_a_duplicate_names_the_report_it_was_joined_with():
    sender = caller()
    duplicate = in_state("duplicate", actor=sender.actor)
    shown = sender.client.get(url(duplicate)).json()
    assert shown["duplicate_of"] == Incident.objects.get(pk=duplicate.duplicate_of_id).reference


def test_unchanged_is_a_304():
    sender = caller()
    incident = filed(actor=sender.actor)
    for below in ("", "timeline/", "photos/"):
        tag = sender.client.get(url(incident, below))["ETag"]
        assert sender.client.get(url(incident, below), headers={"If-None-Match": tag}).status_code == 304


# -- filters ----------------------------------------------------------------------------------------------------------

NOW = timezone.now()
FITS = {
    "state": "triaged",
    "step": "triage",
    "category": "pothole",
    "group": "roadway",
    "public_status": "open",
    "county": "story",
    "route": "US-69",
    "team": None,
    "bbox": "-93.7,41.9,-93.5,42.1",
    "q": "pothole",
    "created_after": (NOW - timedelta(days=1)).isoformat(),
    "created_before": (NOW + timedelta(days=1)).isoformat(),
    "updated_after": (NOW - timedelta(days=1)).isoformat(),
    "updated_before": (NOW + timedelta(days=1)).isoformat(),
    "updated_since": (NOW - timedelta(days=1)).isoformat(),
    "page_size": "5",
    "cursor": None,
}
MISSES = {
    "state": "rejected",
    "step": "repair",
    "category": "sinkhole",
    "group": "lighting",
    "public_status": "closed",
    "county": "polk",
    "route": "i 35",
    "team": "nobody",
    "bbox": "-93.5,41.9,-93.4,42.1",
    "q": "guardrail",
    "created_after": (NOW + timedelta(days=1)).isoformat(),
    "created_before": (NOW - timedelta(days=1)).isoformat(),
    "updated_after": (NOW + timedelta(days=1)).isoformat(),
    "updated_before": (NOW - timedelta(days=1)).isoformat(),
    "updated_since": (NOW + timedelta(days=1)).isoformat(),
}
BAD = {
    "state": "new",
    "step": "x",
    "category": "a b",
    "group": "cats",
    "public_status": "maybe",
    "county": "a b",
    "route": "Elm Street",
    "team": "a b",
    "bbox": "1,2,3",
    "q": "x",
    "created_after": "2026-11-23",
    "created_before": "2026-11-23T08:00:00",
    "updated_after": "soon",
    "updated_before": "",
    "updated_since": "2026-11-23T08:00:00",
    "page_size": "0",
    "cursor": "#",
}


def test_every_filter_has_its_rows_here():
    names = {one.name for one in FILTERS}
    assert names == FITS.keys() == BAD.keys()
    assert names - MISSES.keys() == {"page_size", "cursor"}


@pytest.mark.parametrize("name", FITS)
def test_a_filter_finds_what_fits_and_nothing_else(name):
    sender = caller()
    incident = filed(actor=sender.actor)
    value = {"team": incident.team.code, "cursor": "Z" * 8}.get(name, FITS[name])
    found = references(sender.client.get(LIST, {name: value}))
    assert found == ([] if name == "cursor" else [incident.reference])
    if name in MISSES:
        assert references(sender.client.get(LIST, {name: MISSES[name]})) == []


@pytest.mark.parametrize("name", BAD)
def test_a_value_a_filter_does_not_take_is_a_400(name):
    answer = caller().client.get(LIST, {name: BAD[name]})
    assert_problem(answer, 400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] == name


def test_an_unknown_parameter_is_a_400():
    assert codes(caller().client.get(LIST, {"colour": "red"})) == {"unknown_parameter"}


def test_a_list_of_reports_takes_as_many_queries_as_one():
    sender = caller()
    counts = []
    for _ in range(2):
        filed(actor=sender.actor)
        sender.client.get(LIST)  # notes the use of the key
        with CaptureQueriesContext(
            connection,
        ) as queries:
            sender.client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_pages_neither_repeat_nor_skip():
    sender = caller()
    wanted = [filed(actor=sender.actor).reference for _ in range(3)][::-1]
    first = sender.client.get(LIST, {"page_size": 2}).json()
    second = sender.client.get(first["next"]).json()
    assert [one["reference"] for one in first["results"] + second["results"]] == wanted
    assert second["next"] is None


# -- the catalogue ----------------------------------------------------------------------------------------------------


def test_anybody_reads_what_can_be_reported_and_what_is_asked():
    shown = client().get("/api/v1/categories/").json()
    known = catalogue.catalogue()
    assert [one["code"] for one in shown["results"]] == [one.code for one in known.offered]
    pothole = next(one for one in shown["results"] if one["code"] == "pothole")
    assert (pothole["group"], pothole["group_name"]) == ("roadway", "Roadway")
    asked = {question["code"]: question for question in pothole["questions"]}
    assert asked["size"]["type"] == "singlevaluelist"
    assert {"key", "name", "stop"} == asked["size"]["values"][0].keys()
    assert shown["changed_at"].endswith("Z")


def test_a_category_that_is_switched_off_is_not_offered():
    catalogue.catalogue()
    Category.objects.filter(code="pothole").update(is_active=False)
    assert "pothole" not in {one["code"] for one in client().get("/api/v1/categories/").json()["results"]}


def test_the_catalogue_takes_few_queries():
    catalogue.catalogue()
    with CaptureQueriesContext(connection) as queries:
        client().get("/api/v1/categories/")
    assert len(queries) <= 4


def test_what_breaks_on_our_side_tells_nothing_of_the_inside():
    with mock.patch("workflow.api.kinds.begun", side_effect=RuntimeError("secret inside")):
        answer = caller("Reader", READ).client.get(LIST)
    assert_problem(answer, 500, "internal_error")
    assert b"secret" not in answer.content


def test_the_history_names_the_reporter_and_no_name():
    sender = caller("Auditor", READ_ALL)
    incident = fire(anonymous(name=NAME), "schedule", planned_for="2099-01-04", crew="Ames crew")
    lines = sender.client.get(url(incident, "timeline/")).json()["results"]
    assert lines[0]["actor"] == "Reporter"
    assert [line["seq"] for line in lines] == sorted(line["seq"] for line in lines)

"""Reporting over REST: one incident a request, whoever sends it and however often."""

import pytest

from incidents.catalogue import catalogue
from incidents.models import Incident
from incidents.reporting import FIELDS
from incidents.views.doors import MOST_FILED
from tests.incidents.api_callers import READ, assert_problem, body, caller, client, codes, file, pointers
from tests.incidents.factories import EMAIL, NAME, fire, officer
from workflow.models import Event
from workflow.tracker import find_tracked

DOORS = ["/api/incident", "/api/v1/incidents/"]


@pytest.mark.django_db(transaction=True)
def test_the_short_door_answers_the_reference_and_the_step():
    answer = file(caller().client)
    assert answer.status_code == 201, answer.content
    incident = Incident.objects.get()
    assert answer.json() == {"workflowId": incident.reference, "status": "triage"}
    assert answer["Location"] == f"/api/v1/incidents/{incident.reference}/"
    assert (incident.source, incident.state, incident.county) == ("api", "triaged", "story")
    assert incident.team is not None


@pytest.mark.django_db(transaction=True)
def test_the_collection_answers_the_same_with_its_address():
    answer = file(caller().client, DOORS[1], Idempotency_Key="1")
    incident = Incident.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "reference": incident.reference,
        "status": "triage",
        "url": f"/api/v1/incidents/{incident.reference}/",
    }


@pytest.mark.django_db(transaction=True)
def test_anybody_may_report_and_gets_the_address_to_follow_it_and_stays_unnamed_in_the_history():
    answer = file(client())
    sent = answer.json()
    assert sent.keys() == {"workflowId", "status", "trackingUrl"}
    assert find_tracked(sent["workflowId"], sent["trackingUrl"].rstrip("/").rsplit("/", 1)[1]) is not None
    incident = Incident.objects.get()
    assert incident.contacts.get().email == EMAIL
    lines = Event.objects.filter(case=incident)
    assert set(lines.exclude(actor_kind="system").values_list("actor", "actor_kind")) == {("Reporter", "applicant")}
    assert not any(NAME in str(line.data) + line.note + line.actor for line in lines)


@pytest.mark.django_db
@pytest.mark.parametrize("known", [True, False], ids=["key", "anybody"])
def test_the_same_key_and_body_again_is_the_same_report(known):
    sender = caller().client if known else client()
    first, again = file(sender, Idempotency_Key="8e03978e"), file(sender, Idempotency_Key="8e03978e")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert again["Idempotency-Replayed"] == "true"
    assert Incident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_repeated_request_reads_what_the_first_one_read_however_far_the_report_is():
    sender = caller().client
    first = file(sender, Idempotency_Key="1")
    fire(Incident.objects.get(), "reject", officer(), reason_code="not_ours", sentence="This is a county road.")
    assert Incident.objects.get().state == "rejected"
    assert file(sender, Idempotency_Key="1").content == first.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
def test_the_same_key_with_another_body_is_refused(address):
    sender = caller().client
    file(sender, address, Idempotency_Key="1")
    answer = file(sender, address, body(description="Another hole."), Idempotency_Key="1")
    assert_problem(answer, 422, "idempotency_key_reused")
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_a_stranger_who_guesses_a_key_learns_nothing_of_the_other_report():
    file(client(), Idempotency_Key="1")
    answer = file(client(), sent=body(email="other@example.com"), Idempotency_Key="1")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    assert Incident.objects.count() == 2


@pytest.mark.django_db
def test_the_collection_asks_for_an_idempotency_key():
    answer = file(caller().client, DOORS[1])
    assert_problem(answer, 400, "invalid_header")
    assert codes(answer) == {"idempotency_key_missing"}
    assert not Incident.objects.exists()


BAD = [
    ({"latitude": 39.0, "longitude": -93.6}, "outside_state", "/latitude"),
    ({"latitude": 48.8, "longitude": 2.3}, "outside_state", "/latitude"),
    ({"latitude": 95.0}, "out_of_range", "/latitude"),
    ({"latitude": "north"}, "not_a_number", "/latitude"),
    ({"longitude": ...}, "longitude_missing", "/longitude"),
    ({"latitude": None}, "latitude_missing", "/latitude"),
    ({"latitude": ..., "longitude": ..., "route": ...}, "place_missing", "/latitude"),
    ({"route": "Elm Street"}, "bad_route", "/route"),
    ({"route": ..., "milepost": 120.5}, "milepost_without_route", "/route"),
    ({"direction": "up"}, "bad_direction", "/direction"),
    ({"county": "Atlantis"}, "unknown_county", "/county"),
    ({"category": "teleporter"}, "unknown_category", "/category"),
    ({"category": ...}, "unknown_category", "/category"),
    ({"category": ["pothole"]}, "unknown_category", "/category"),
    ({"description": "x" * 4001}, "description_too_long", "/description"),
    ({"address": "x" * 201}, "text_too_long", "/address"),
    ({"email": "nobody"}, "bad_email", "/email"),
    ({"phone": "call me"}, "bad_phone", "/phone"),
    ({"answers": [1]}, "answers_not_an_object", "/answers"),
    ({"answers": {"size": "elephant"}}, "answer_not_in_list", "/answers/size"),
    ({"answers": {"depth_inches": "deep"}}, "answer_not_a_number", "/answers/depth_inches"),
    ({"category": "signal_mistimed", "answers": {"when": "2026-11-20T08:00"}}, "answer_bad_date", "/answers/when"),
    ({"category": "signal_dark"}, "answer_missing", "/answers/danger"),
    ({"photos": ["0" * 32]}, "unknown_field", "/photos"),
    ({"channel": "form"}, "unknown_field", "/channel"),
    ({"state": "resolved"}, "unknown_field", "/state"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
@pytest.mark.parametrize(("changes", "code", "pointer"), BAD, ids=[f"{n}-{code}" for n, (_, code, _) in enumerate(BAD)])
def test_what_is_wrong_with_a_report_has_its_code_its_place_and_a_sentence(address, changes, code, pointer):
    answer = file(caller().client, address, body(**changes), Idempotency_Key="1")
    assert_problem(answer, 400, "invalid_data")
    found = {(error["code"], error["pointer"]): error["detail"] for error in answer.json()["errors"]}
    assert (code, pointer) in found
    assert found[code, pointer].endswith((".", "?"))
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_a_category_that_is_not_ours_says_whose_it_is_instead():
    stopped = next(one for one in catalogue().offered if one.stop)
    answer = file(client(), sent=body(category=stopped.code))
    assert_problem(answer, 400, "invalid_data")
    [found] = [error for error in answer.json()["errors"] if error["code"] == "category_stops"]
    assert (found["pointer"], found["detail"]) == ("/category", stopped.stop)


@pytest.mark.django_db
def test_an_answer_that_means_danger_says_whom_to_call_instead():
    known = catalogue()
    [danger] = [one for one in known.questions_of("signal_dark") if one.code == "danger"]
    choice = next(one for one in danger.values if one.get("stop"))
    answer = file(client(), sent=body(category="signal_dark", answers={"danger": choice["key"], "shows": "x"}))
    found = {error["code"]: error for error in answer.json()["errors"]}
    assert (found["answer_stops"]["pointer"], found["answer_stops"]["detail"]) == ("/answers/danger", choice["stop"])
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_every_fault_is_named_at_once():
    answer = file(client(), sent=body(category="x", email="nobody", latitude=99, description="x" * 4001))
    assert pointers(answer) == {"/category", "/email", "/latitude", "/description"}


@pytest.mark.django_db
def test_text_that_cannot_be_stored_is_refused_before_it_is_looked_at():
    raw = b'{"category": "pothole", "description": "a\\u0000b"}'
    answer = client().generic("POST", "/api/incident", raw, "application/json")
    assert_problem(answer, 400, "malformed")
    assert codes(answer) == {"invalid_characters"}
    assert pointers(answer) == {"/description"}


# What the row has and no report may say.
COLUMNS = [field.name for field in Incident._meta.get_fields() if field.concrete and field.name not in FIELDS]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*COLUMNS, "revision", "owner", "__class__"])
def test_no_column_of_the_incident_can_be_set_by_reporting(name):
    answer = file(client(), sent=body() | {name: "resolved"})
    assert_problem(answer, 400, "invalid_data")
    assert (codes(answer), pointers(answer)) == ({"unknown_field"}, {f"/{name}"})


STRANGE = [None, [], {}, [[]], {"a": []}, 10**30, -1.5, True, "\U0001f680" * 3000, "'; --", [{}] * 60, "\u202e", ""]


@pytest.mark.django_db
@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_no_value_breaks_the_door_in_whatever_fields_it_stands(value):
    names = sorted(body())
    sender = caller().client
    for changed in (names, names[::2], names[1::2], *([name] for name in names)):
        answer = file(sender, sent=body(**dict.fromkeys(changed, value)))
        assert answer.status_code in (201, 400), answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
def test_a_key_that_may_only_read_may_not_report(address):
    assert_problem(file(caller("Reader", READ).client, address, Idempotency_Key="1"), 403, "scope_missing")


@pytest.mark.django_db
def test_one_network_address_without_a_key_reports_so_often_an_hour_and_no_more():
    for _ in range(MOST_FILED):
        assert client().post("/api/incident", "{}", content_type="application/json").status_code == 400
    answer = file(client())
    assert_problem(answer, 429, "too_many_requests")
    assert int(answer["Retry-After"]) > 0
    assert file(caller().client).status_code == 201

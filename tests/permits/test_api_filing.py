"""Filing: one permit a request, whoever sends it and however often."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from permits.application.stored import ALL_FIELDS
from permits.models import RoadPermit
from tests.permits.api_callers import READ, assert_problem, caller, client, codes, file, pointers
from tests.permits.factories import application
from workflow.models import Event
from workflow.tracker import find_tracked

DOORS = ["/api/permit", "/api/v1/permits/"]


@pytest.mark.django_db(transaction=True)
def test_the_short_door_answers_the_reference_and_the_step():
    answer = file(caller().client)
    assert answer.status_code == 201
    permit = RoadPermit.objects.get()
    assert answer.json() == {"workflowId": permit.reference, "status": "reviewSafety"}
    assert answer["Location"] == f"/api/v1/permits/{permit.reference}/"
    assert permit.source == "api"


@pytest.mark.django_db(transaction=True)
def test_the_collection_answers_the_same_with_its_address():
    answer = file(caller().client, "/api/v1/permits/", Idempotency_Key="1")
    permit = RoadPermit.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "reference": permit.reference,
        "status": "reviewSafety",
        "url": f"/api/v1/permits/{permit.reference}/",
    }


@pytest.mark.django_db(transaction=True)
def test_anybody_may_file_and_gets_the_address_to_follow_the_case():
    answer = file(client())
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {"workflowId", "status", "trackingUrl"}
    assert body["status"] == "reviewSafety"
    token = body["trackingUrl"].rstrip("/").rsplit("/", 1)[1]
    assert find_tracked(body["workflowId"], token) is not None
    assert set(Event.objects.exclude(actor_kind="system").values_list("actor", "actor_kind")) == {
        (application()["contact_name"], "applicant")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("known", [True, False], ids=["key", "anybody"])
def test_the_same_key_and_body_again_is_the_same_permit(known):
    sender = caller().client if known else client()
    first = file(sender, Idempotency_Key="8e03978e")
    again = file(sender, Idempotency_Key="8e03978e")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert again["Idempotency-Replayed"] == "true"
    assert RoadPermit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_repeated_request_reads_what_the_first_one_read_however_far_the_permit_is():
    sender = caller()
    first = file(sender.client, Idempotency_Key="1")
    permit = RoadPermit.objects.get()
    sender.client.post(
        f"/api/v1/permits/{permit.reference}/transitions/",
        {"transition": "cancel"},
        content_type="application/json",
        headers={"If-Match": f'"{permit.revision}"'},
    )
    assert RoadPermit.objects.get().state == "cancelled"
    assert file(sender.client, Idempotency_Key="1").content == first.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
def test_the_same_key_with_another_body_is_refused(address):
    sender = caller().client
    file(sender, address, Idempotency_Key="1")
    answer = file(sender, address, application(road_name="Lincoln Way"), Idempotency_Key="1")
    assert_problem(answer, 422, "idempotency_key_reused")
    assert RoadPermit.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_of_two_callers_is_two_permits():
    for sender in (caller("Ames").client, caller("Boone").client, client()):
        assert file(sender, Idempotency_Key="1").status_code == 201
    assert RoadPermit.objects.count() == 3


@pytest.mark.django_db
def test_a_stranger_who_guesses_a_key_learns_nothing_of_the_other_case():
    file(client(), Idempotency_Key="1")
    answer = file(client(), body=application(contact_email="other@example.com"), Idempotency_Key="1")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    assert RoadPermit.objects.count() == 2


@pytest.mark.django_db
def test_without_a_key_two_requests_are_two_permits():
    sender = caller().client
    assert file(sender).json()["workflowId"] != file(sender).json()["workflowId"]


@pytest.mark.django_db
def test_the_collection_asks_for_an_idempotency_key():
    answer = file(caller().client, "/api/v1/permits/")
    assert_problem(answer, 400, "invalid_header")
    assert codes(answer) == {"idempotency_key_missing"}
    assert not RoadPermit.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
def test_each_field_that_is_wrong_has_its_line(address):
    body = application(contact_email="nobody", start_at="soon", impacts=[{"direction": "up"}])
    del body["work_summary"]
    answer = file(caller().client, address, body, Idempotency_Key="1")
    assert_problem(answer, 400, "invalid_data")
    assert {"/contact_email", "/start_at", "/work_summary", "/impacts/0/direction"} <= pointers(answer)
    assert not RoadPermit.objects.exists()


# What the row has and no application may say.
COLUMNS = [field.name for field in RoadPermit._meta.get_fields() if field.concrete and field.name not in ALL_FIELDS]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*COLUMNS, "revision", "owner", "status", "__class__"])
def test_no_column_of_the_permit_can_be_set_by_filing(name):
    answer = file(client(), body={**application(), name: "approved"})
    assert_problem(answer, 400, "invalid_data")
    assert answer.json()["errors"] == [
        {"pointer": f"/{name}", "code": "unknown_field", "detail": answer.json()["errors"][0]["detail"]}
    ]


@pytest.mark.django_db
def test_the_state_of_a_new_permit_is_where_its_rules_lead_whatever_is_sent():
    answer = file(client(), body=application(state="approved"))  # in an application this is the one of the address
    assert_problem(answer, 400, "invalid_data")
    assert pointers(answer) == {"/state"}


@pytest.mark.django_db
def test_a_rule_that_stands_in_the_way_is_a_422_with_its_sentence():
    body = application()
    first = timezone.localdate() + timedelta(days=1)
    body["start_at"], body["end_at"] = f"{first}T08:00", f"{first + timedelta(days=11)}T16:00"
    answer = file(caller().client, body=body)
    assert_problem(answer, 422, "refused")
    assert codes(answer) == {"notice_met"}
    assert not RoadPermit.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", DOORS)
def test_a_key_that_may_only_read_may_not_file(address):
    assert_problem(file(caller("Reader", READ).client, address, Idempotency_Key="1"), 403, "scope_missing")


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.parametrize("known", [True, False], ids=["key", "anybody"])
def test_twenty_at_once_with_one_key_are_one_permit(known):
    key = caller().text if known else ""
    body, answers, start = application(), [], threading.Barrier(20)

    def send():
        try:
            start.wait()
            answers.append(file(client(key), body=body, Idempotency_Key="1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.json()["workflowId"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert RoadPermit.objects.count() == 1

"""Everything below /api/ that goes wrong has one shape, whatever is thrown at it."""

import json
from unittest import mock

import pytest
from django.db import OperationalError

from permits.models import RoadPermit
from tests.permits.api_callers import assert_problem, caller, client, codes, file
from tests.permits.factories import application
from tests.workflow.test_api_parsers import REFUSED
from workflow.api.problems import CODES, plain

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head", "options"])
@pytest.mark.parametrize(
    "address",
    ["/api/nothing", "/api/v1/", "/api/v2/permits/", "/api/permit/", "/api/v1/permits//", "/api/%00", "/api/%ff"],
)
def test_an_unknown_address_is_a_problem_for_every_method(method, address):
    answer = getattr(client(), method)(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    if method != "head":
        assert_problem(answer, 404, "not_found")


def test_an_address_without_its_slash_is_told_so():
    answer = client().post("/api/v1/permits", "{}", content_type="application/json")
    assert_problem(answer, 404, "not_found")
    assert "/api/v1/permits/" in answer.json()["detail"]


@pytest.mark.parametrize(("raw", "code"), REFUSED, ids=[f"{n}-{code}" for n, (_, code) in enumerate(REFUSED)])
def test_a_body_that_cannot_be_read_is_a_400_at_the_door(raw, code):
    answer = client().generic("POST", "/api/permit", raw, "application/json")
    if raw:
        assert_problem(answer, 400, "malformed")
        assert codes(answer) == {code}
    else:
        assert_problem(answer, 400, "invalid_data")
    assert not RoadPermit.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"],
)
def test_another_kind_of_body_is_a_415(content_type):
    answer = client().generic("POST", "/api/permit", b"--b", content_type)
    assert_problem(answer, 415, "unsupported_media_type")


def test_a_packed_body_is_a_415():
    answer = client().generic(
        "POST", "/api/permit", b"\x1f\x8b", "application/json", headers={"Content-Encoding": "gzip"}
    )
    assert_problem(answer, 415, "unsupported_media_type")


def test_a_body_in_chunks_is_a_411_and_never_read_as_empty():
    answer = client().generic("POST", "/api/permit", b"", "application/json", headers={"Transfer-Encoding": "chunked"})
    assert_problem(answer, 411, "length_required")


def test_a_body_beyond_the_limit_is_a_413(settings):
    answer = client().generic(
        "POST", "/api/permit", b'{"a": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}', "application/json"
    )
    assert_problem(answer, 413, "too_large")


STRANGE = [None, [], {}, [[]], {"a": []}, 10**30, -1.5, True, "\U0001f680" * 3000, "'; --", [{}] * 60, [None], "\u202e"]


@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_no_value_breaks_the_door_in_whatever_fields_it_stands(value):
    names = sorted(application())
    for changed in (names, names[::2], names[1::2], ["permit_type"], ["area"], ["impacts"], ["contact_name"]):
        answer = file(client(), body=application(**dict.fromkeys(changed, value)))
        assert answer.status_code in (201, 400, 422), answer.content


def test_a_body_of_a_thousand_mistakes_is_answered_with_the_first_hundred():
    answer = client().post("/api/permit", {f"n{n}": n for n in range(900)}, content_type="application/json")
    assert_problem(answer, 400, "invalid_data")
    assert len(answer.json()["errors"]) == 100


def test_what_breaks_on_our_side_is_a_500_that_tells_nothing_of_the_inside(caplog):
    with mock.patch("workflow.api.kinds.begun", side_effect=RuntimeError("secret inside")):
        answer = caller().client.get("/api/v1/permits/")
    assert_problem(answer, 500, "internal_error")
    assert b"secret" not in answer.content
    assert "secret inside" in caplog.text


def test_a_database_that_is_away_is_a_503_with_a_time_to_come_back():
    with mock.patch("workflow.api.kinds.begun", side_effect=OperationalError("gone")):
        answer = caller().client.get("/api/v1/permits/")
    assert_problem(answer, 503, "unavailable")
    assert int(answer["Retry-After"]) > 0


def test_a_database_that_is_away_when_the_key_is_looked_up_is_a_503_too():
    sender = caller()
    with mock.patch("workflow.api.authentication.ApiKey.objects.filter", side_effect=OperationalError("gone")):
        assert_problem(sender.client.get("/api/v1/permits/"), 503, "unavailable")


@pytest.mark.parametrize("code", CODES)
def test_the_type_of_every_problem_leads_to_its_explanation(code):
    answer = client().get(f"/api/problems/{code}/")
    assert answer.json() == {"code": code, "status": CODES[code][0], "description": CODES[code][1]}


def test_the_sites_own_error_pages_can_speak_the_same_shape(rf):
    assert plain(rf.get("/track/"), "malformed", "No.") is None
    answer = plain(rf.get("/api/permit"), "malformed", "No.")
    assert json.loads(answer.content)["code"] == "malformed"
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")

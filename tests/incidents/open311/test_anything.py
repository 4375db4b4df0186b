"""Whatever is sent, the answer is one of the protocol and no failure of ours."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.incidents.open311.asking import TYPES, URLENCODED, faults, write_key

pytestmark = pytest.mark.django_db
QUERY = ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size", "bbox", "lat",
         "long", "radius", "updated_after", "updated_before", "jurisdiction_id", "extensions")  # fmt: skip
FORM = ("service_code", "lat", "long", "address_string", "address_id", "description", "email", "phone", "first_name",
        "last_name", "media_url", "attribute[size]", "attribute[depth_inches]", "attribute[lane][]", "attribute[]",
        "service_request_id", "update_id", "status", "updated_datetime")  # fmt: skip
LIKELY = (
    "pothole", "open", "42.03", "-93.63", "1e3", "2026-11-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "1", "0", "-1",
    "0001-01-01T00:00:00+14:00", "nan", "tire", "right", "I-35 NB mile 120", "OPEN", "true",
)  # fmt: skip
VALUE = st.one_of(st.sampled_from(LIKELY), st.text(max_size=60), st.floats().map(str), st.datetimes().map(str))
OFTEN = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pairs(names):
    return st.lists(st.tuples(st.one_of(st.sampled_from(names), st.text(max_size=12)), VALUE), max_size=8)


def is_of_the_protocol(answer, extension):
    assert answer.status_code in (200, 400, 403, 404)
    assert answer["Content-Type"] == TYPES[extension]
    return answer.status_code == 200 or bool(faults(answer))


def encoded(found):
    return urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in found], encoding="utf-8",
                     errors="surrogatepass")  # fmt: skip


@OFTEN
@given(found=pairs(QUERY), path=st.sampled_from(["requests", "services", "servicerequestupdates"]))
def test_any_query_is_answered(found, path, extension):
    answer = Client().get(f"/open311/v2/{path}.{extension}", QUERY_STRING=encoded(found))
    assert is_of_the_protocol(answer, extension)


@OFTEN
@given(found=pairs(FORM), path=st.sampled_from(["requests", "servicerequestupdates"]))
def test_any_form_is_answered(found, path, extension):
    body = encoded(
        [("api_key", write_key()), ("service_code", "pothole"), ("lat", "42.03"), ("long", "-93.63"), *found]
    )
    answer = Client().post(f"/open311/v2/{path}.{extension}", body, content_type=URLENCODED)
    assert is_of_the_protocol(answer, extension)


@OFTEN
@given(body=st.binary(max_size=200), kind=st.sampled_from([URLENCODED, "multipart/form-data; boundary=b", "text/xml"]))
def test_any_bytes_are_answered(body, kind, extension):
    answer = Client().post(f"/open311/v2/requests.{extension}", body, content_type=kind)
    assert is_of_the_protocol(answer, extension)


@OFTEN
@given(path=st.text(max_size=40))
def test_any_address_is_answered(path):
    answer = Client().get("/open311/v2/" + path.encode("utf-8", "replace").decode().replace("?", "").replace("#", ""))
    assert answer.status_code in (200, 404)

"""Headers and query parameters: what is read, and what is refused."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.http import QueryDict

from tests.parcels.models import Parcel
from workflow.api.etag import etag, expected_revision, is_unchanged
from workflow.api.filters import bounding_box, case_parameters, moment, read_parameters, search_text
from workflow.api.idempotency import idempotency_key, key_of_person
from workflow.api.paging import PARAMETERS
from workflow.api.problems import CODES, Problem, pointer_to
from workflow.api.transition_data import check_data, data_schema
from workflow.api.views import pointer_in_data
from workflow.errors import InvalidData

CASE = SimpleNamespace(revision=7)


def asking(**headers):
    return SimpleNamespace(headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("header", "revision"),
    [
        ('"7"', 7),
        ('W/"7"', 7),
        ('"5", "7"', 7),
        ("*", None),
        ('"6"', 6),
        ('"abc"', -1),
        ('"99999999999999999999"', -1),
        ('"²"', -1),
    ],
)
def test_if_match_names_the_revision_the_caller_looked_at(header, revision):
    assert expected_revision(asking(If_Match=header), CASE, required=True) == revision


def test_if_match_is_asked_for_only_where_it_is_required():
    assert expected_revision(asking(), CASE, required=False) is None
    with pytest.raises(Problem) as refused:
        expected_revision(asking(), CASE, required=True)
    assert refused.value.details.status == 428


@pytest.mark.parametrize("header", ["7", '"7', 'x"7"', '"7" "8" z'])
def test_a_tag_without_its_quotes_is_a_400(header):
    with pytest.raises(Problem) as refused:
        expected_revision(asking(If_Match=header), CASE, required=True)
    assert refused.value.details.errors[0]["code"] == "invalid_etag"


@pytest.mark.parametrize(("header", "unchanged"), [(etag(CASE), True), ("*", True), ('"6"', False), ("", False)])
def test_if_none_match_asks_whether_anything_changed(header, unchanged):
    assert is_unchanged(asking(If_None_Match=header), CASE) is unchanged


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "idempotency_key_missing"),
        ("a b", "invalid_idempotency_key"),
        ("x" * 256, "invalid_idempotency_key"),
        ("ü", "invalid_idempotency_key"),
    ],
)
def test_an_idempotency_key_that_cannot_serve_is_refused(key, code):
    with pytest.raises(Problem) as refused:
        idempotency_key(asking(Idempotency_Key=key), required=True)
    assert refused.value.details.errors[0]["code"] == code


def test_the_keys_of_two_strangers_are_two_keys():
    assert key_of_person("1", person="a@example.com") != key_of_person("1", person="b@example.com")
    assert key_of_person("1", person="A@example.com ") == key_of_person("1", person="a@example.com")
    assert key_of_person("", person="a@example.com") == ""


KNOWN = (*case_parameters(["open", "done"], ["first"]), *PARAMETERS)


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0", "page_size=101", "page_size=1e6", "page_size=%C2%B2", "page_size=1&page_size=2", "cursor=%00",
        "state=lost", "step=", "team=%00", "county=a'b", "created_after=yesterday", "created_after=2026-11-23",
        "created_after=2026-11-23T08:00", "updated_before=2026-13-01T00:00:00Z",
        "created_before=0001-01-01T00:00:00%2B14:00",
        "colour=red", "id=1", "state=open" + "&state=open" * 20,
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_named(query):
    with pytest.raises(Problem) as refused:
        read_parameters(QueryDict(query), KNOWN)
    assert refused.value.details.status == 400
    assert [error["parameter"] for error in refused.value.details.errors] == [query.split("=")[0]]


def test_parameters_are_read_to_values():
    found = read_parameters(
        QueryDict("state=open&state=done&page_size=100&created_after=2026-11-23T08:00:00-06:00"), KNOWN
    )
    assert found == {
        "state": ["open", "done"],
        "page_size": [100],
        "created_after": [datetime(2026, 11, 23, 14, tzinfo=UTC)],
    }


def test_a_plus_sign_that_the_address_turned_into_a_blank_is_understood():
    assert moment("2026-11-23T08:00:00 02:00") == datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,x", "nan,0,1,1", "-inf,0,inf,1", "3,0,1,1", "0,-91,1,1", "0,0,181,1"]
)
def test_a_box_that_is_no_box_is_refused(text):
    with pytest.raises(ValueError, match=r"west,south,east,north"):
        bounding_box(text)


def test_the_whole_world_is_a_box():
    assert bounding_box("-180,-90,180,90") == (-180, -90, 180, 90)


@pytest.mark.parametrize("text", ["x", "  x  ", "x" * 81, "a\x00b", "a\nb"])
def test_a_search_that_cannot_find_anything_is_refused(text):
    with pytest.raises(ValueError, match="Search for"):
        search_text(text)


@pytest.mark.parametrize(
    ("field", "body", "pointer"),
    [
        ("", {}, ""),
        ("impacts.0.lanes.2.type", {"impacts": []}, "/impacts/0/lanes/2/type"),
        ("a.b", {"a.b": 1}, "/a.b"),
        ("a/b~c", {}, "/a~1b~0c"),
    ],
)
def test_a_field_becomes_a_json_pointer(field, body, pointer):
    assert pointer_to(field, body) == pointer


@pytest.mark.parametrize(
    ("field", "data", "pointer"),
    [
        ("reason", {"reason": "x"}, "/data/reason"),
        ("reason", {}, "/data/reason"),
        ("contact_phone", {"changes": {"contact_phone": "x"}}, "/data/changes/contact_phone"),
        ("impacts.0.direction", {"changes": {"impacts": []}}, "/data/changes/impacts/0/direction"),
        ("data", {}, "/data"),
        ("", {}, ""),
    ],
)
def test_a_reason_leads_to_its_place_in_the_data_of_a_move(field, data, pointer):
    assert pointer_in_data(field, data) == pointer


def test_every_transition_describes_the_data_it_takes():
    for transition in Parcel._meta.get_field("state").get_all_transitions(Parcel):
        schema = data_schema(Parcel, transition.name)
        assert schema["type"] == "object"
        assert set(schema["required"]) <= schema["properties"].keys()


def test_data_of_another_shape_are_refused_before_the_move():
    with pytest.raises(InvalidData) as refused:
        check_data(Parcel, _any_move(), {"state": "done"})
    assert ("unknown_field", "state") in {(r.code, r.field) for r in refused.value.reasons}
    check_data(Parcel, "no_such_move", {"state": "done"})  # the engine says so, with the moves there are


def _any_move():
    return next(iter(Parcel._meta.get_field("state").get_all_transitions(Parcel))).name


def test_every_code_of_a_problem_has_a_status_and_a_sentence():
    assert all(400 <= status < 600 and text.endswith(".") for status, text in CODES.values())

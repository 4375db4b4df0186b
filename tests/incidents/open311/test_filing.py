"""Reports over Open311: who may, what is missing, what becomes of them."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from incidents.models import Incident, Open311Request
from tests.incidents.open311.asking import (
    AMES,
    REQUIRED,
    ask,
    every_datatype,
    faults,
    id_of,
    moved,
    post,
    said,
    write_key,
)
from workflow.models import ApiKey, Contact

pytestmark = pytest.mark.django_db
HOLE = {"service_code": "pothole", "description": "Deep hole"} | AMES


def test_a_report_is_filed_and_can_be_read_at_once(key, extension):
    """20"""
    answer = post(extension, key=key, **HOLE, email="ann@example.net", first_name="Ann", last_name="Lee", phone="")
    reference = id_of(answer)
    [entry] = said(f"requests/{reference}")
    assert entry["service_code"] == "pothole"
    assert entry["status"] == "open"
    assert entry["description"] == "Deep hole"
    incident = Incident.objects.get(reference=reference)
    assert (incident.source, incident.county, incident.filed_with) == ("open311", "story", ApiKey.objects.get())
    contact = Contact.objects.get(case=incident)
    assert (contact.name, contact.email) == ("Ann Lee", "ann@example.net")


def test_the_answer_names_the_id_and_when_we_look(key):
    [entry] = post(key=key, **HOLE).json()
    assert set(entry) == {"service_request_id", "service_notice", "account_id"}
    assert entry["service_notice"].startswith("We will look at it by ")
    assert entry["account_id"] is None


KEYS = [
    ("none", lambda: None, "api_key_missing"),
    ("empty", lambda: "", "api_key_missing"),
    ("unknown", lambda: "mp_live_00000000_" + "a" * 32, "invalid_key"),
    ("not a key", lambda: "xyz", "invalid_key"),
    ("revoked", lambda: _changed(revoked_at=timezone.now()), "invalid_key"),
    ("expired", lambda: _changed(expires_at=timezone.now() - timedelta(seconds=1)), "invalid_key"),
    ("other scope", lambda: write_key("x", "incidents:submit"), "scope_missing"),
]


def _changed(**values):
    text = write_key("over")
    ApiKey.objects.filter(name="over").update(**values)
    return text


@pytest.mark.parametrize(("make_key", "reason"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
@pytest.mark.parametrize("path", ["requests", "servicerequestupdates"])
def test_without_a_living_key_a_post_is_a_403(make_key, reason, path, extension):
    """11"""
    answer = post(extension, path=path, key=make_key(), **HOLE)
    assert (answer.status_code, faults(answer)) == (403, [(403, reason)])
    assert not Incident.objects.exists()


def test_the_key_may_come_in_the_header_but_not_in_the_address(key):
    from django.test import Client

    header = Client().post("/open311/v2/requests.json", HOLE, headers={"Authorization": f"Api-Key {key}"})
    assert header.status_code == 200
    address = Client().post(f"/open311/v2/requests.json?api_key={key}", HOLE)
    assert faults(address) == [(403, "api_key_in_address")]


PLACES = [
    ({}, "place_missing"),
    ({"address_id": "77"}, "place_missing"),
    ({"lat": "", "long": "", "address_string": " "}, "place_missing"),
    ({"lat": "north", "long": "-93.63"}, "not_a_number"),
    ({"lat": "nan", "long": "-93.63"}, "not_a_number"),
    ({"lat": "91", "long": "-93.63"}, "out_of_range"),
    ({"lat": "42.03", "long": "-181"}, "out_of_range"),
    ({"lat": "41.88", "long": "-87.63"}, "outside_state"),
    ({"lat": "0", "long": "0"}, "outside_state"),
]


@pytest.mark.parametrize(("place", "reason"), PLACES)
def test_a_place_that_is_missing_or_elsewhere_is_a_400(place, reason, key, extension):
    """12"""
    answer = post(extension, key=key, service_code="pothole", **place)
    assert (answer.status_code, faults(answer)) == (400, [(400, reason)])


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ({"lat": "42.03"}, "longitude_missing"),
        ({"long": "-93.63"}, "latitude_missing"),
        ({"lat": "42.03", "long": ""}, "longitude_missing"),
        ({"lat": "42.03", "address_string": "1 Main Street"}, "longitude_missing"),
    ],
)
def test_half_a_point_is_a_400(place, reason, key, extension):
    """13"""
    answer = post(extension, key=key, service_code="pothole", **place)
    assert (answer.status_code, faults(answer)) == (400, [(400, reason)])


@pytest.mark.parametrize("place", [{"address_string": "Main Street 1, Ames"}, AMES, {**AMES, "address_id": "7"},
                                   {"lat": "", "long": "", "address_string": "I-35 NB mile 120.5"}])  # fmt: skip
def test_any_place_we_understand_is_enough(place, key):
    assert post(key=key, service_code="pothole", **place).status_code == 200


def test_an_address_that_names_a_mile_marker_is_read(key):
    reference = id_of(post(key=key, service_code="pothole", address_string="I-35 NB, mile 120.5, Story County"))
    [entry] = said(f"requests/{reference}", extensions="true")
    assert entry["address"] == "I-35 northbound, mile 120.5, Story County"
    assert (entry["extended_attributes"]["route"], entry["extended_attributes"]["milepost"]) == ("I-35", 120.5)


def test_an_unknown_service_is_a_404_and_none_a_400(key, extension):
    unknown = post(extension, key=key, **HOLE | {"service_code": "teleporter"})
    assert (unknown.status_code, faults(unknown)) == (404, [(404, "unknown_service")])
    missing = post(extension, key=key, **HOLE | {"service_code": ""})
    assert (missing.status_code, faults(missing)) == (400, [(400, "service_missing")])


def test_several_values_in_both_spellings_are_the_same(key):
    """14"""
    every_datatype()
    filed = []
    for name in ("attribute[a_multivaluelist]", "attribute[a_multivaluelist][]", "attribute[a_multivaluelist][0]"):
        more = {**REQUIRED, name: ["left", "right"]}
        filed.append(id_of(post(key=key, service_code="everything", more=more, **AMES)))
    answers = [Incident.objects.get(reference=one).answers for one in filed]
    assert len(set(filed)) == 3
    assert answers == [{"a_string": "red", "a_singlevaluelist": "left", "a_multivaluelist": ["left", "right"]}] * 3


def test_each_missing_answer_is_an_entry_of_its_own(key, extension):
    """15"""
    every_datatype()
    both = post(extension, key=key, service_code="everything", **AMES)
    assert (both.status_code, faults(both)) == (400, [(400, "answer_missing")] * 2)
    one = post(extension, key=key, service_code="everything", more={"attribute[a_string]": "x"}, **AMES)
    assert faults(one) == [(400, "answer_missing")]


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("a_singlevaluelist", "middle", "answer_not_in_list"),
        ("a_singlevaluelist", ["left", "right"], "several_answers"),
        ("a_singlevaluelist", "911", "answer_stops"),
        ("a_multivaluelist", ["left", "middle"], "answer_not_in_list"),
        ("a_number", "ten", "answer_not_a_number"),
        ("a_datetime", "yesterday", "answer_bad_date"),
        ("a_datetime", "2026-11-20T10:00:00", "answer_bad_date"),
        ("a_text", "x" * 2001, "text_too_long"),
    ],
)
def test_an_answer_that_is_not_of_its_type_is_a_400_that_names_it(attribute, value, reason, key, extension):
    """16"""
    every_datatype()
    more = {**REQUIRED, f"attribute[{attribute}]": value}
    answer = post(extension, key=key, service_code="everything", more=more, **AMES)
    assert (answer.status_code, faults(answer)) == (400, [(400, reason)])
    if extension == "json":
        assert answer.json()[0]["field"] == f"attribute[{attribute}]"


def test_everything_wrong_is_said_at_once_what_is_unknown_first(key):
    answer = post(key=key, service_code="nowhere", lat="x", long="-93.6", description="x" * 4001, email="no")
    assert answer.status_code == 404
    assert sorted(faults(answer), key=str)[0] == (400, "bad_email")
    assert faults(answer)[0] == (404, "unknown_service")
    assert {reason for _, reason in faults(answer)} == {"unknown_service", "not_a_number", "description_too_long",
                                                        "bad_email"}  # fmt: skip


def test_attributes_nobody_asked_for_are_left_out(key):
    reference = id_of(post(key=key, more={"attribute[colour]": "red", "attribute[size]": "tire"}, **HOLE))
    assert Incident.objects.get(reference=reference).answers == {"size": "tire"}


@pytest.mark.parametrize(("length", "status"), [(4000, 200), (4001, 400)])
def test_a_description_has_at_most_4000_characters(length, status, key, extension):
    """17"""
    answer = post(extension, key=key, **HOLE | {"description": "ß" * length})
    assert answer.status_code == status
    if status == 400:
        assert faults(answer) == [(400, "description_too_long")]


WORDS = "Ein tiefes Loch – 深い穴 🚧\nzweite Zeile \\ \" ' & <b>fett</b> <script>alert(1)</script> ]]> %3C"


def test_words_come_back_as_they_were_sent(key):
    """18"""
    reference = id_of(post(key=key, **HOLE | {"description": WORDS.replace("\n", "\r\n")}))
    assert said(f"requests/{reference}")[0]["description"] == WORDS
    assert said(f"requests/{reference}", "xml").findtext("request/description") == WORDS


def test_markup_in_words_is_text_and_never_run(key, extension):
    """19"""
    reference = id_of(post(key=key, **HOLE | {"description": WORDS}))
    answer = ask(f"requests/{reference}", extension)
    assert answer["X-Content-Type-Options"] == "nosniff"
    if extension == "xml":
        assert b"<script>" not in answer.content
        assert b"&lt;script&gt;" in answer.content


def test_the_same_body_within_five_minutes_is_the_same_report(key, extension):
    first = id_of(post(extension, key=key, **HOLE))
    assert id_of(post("json", key=key, **HOLE)) == first
    assert id_of(post("xml", key=key, **dict(reversed(HOLE.items())))) == first
    assert Incident.objects.count() == 1
    others = {id_of(post(key=key, **HOLE | {"description": "Another"})), id_of(post(key=write_key("B"), **HOLE))}
    assert first not in others
    Open311Request.objects.update(created_at=timezone.now() - timedelta(minutes=5, seconds=1))
    assert id_of(post(key=key, **HOLE)) != first


def test_a_refused_report_is_not_remembered(key):
    assert post(key=key, **HOLE | {"lat": ""}).status_code == 400
    assert not Open311Request.objects.exists()


def test_a_token_leads_to_the_id_as_soon_as_there_is_one(key, extension):
    reference = id_of(post(key=key, **HOLE))
    request = Open311Request.objects.get()
    assert id_of(ask(f"tokens/{request.token}", extension)) == reference
    Open311Request.objects.update(incident=None)
    answer = ask(f"tokens/{request.token}", extension)
    assert answer.status_code == 200
    if extension == "json":
        assert json.loads(answer.content) == [{"token": request.token}]


def test_another_jurisdiction_is_a_404_in_a_form_too(key, extension):
    """34"""
    answer = post(extension, key=key, jurisdiction_id="boston.gov", **HOLE)
    assert faults(answer) == [(404, "unknown_jurisdiction")]
    assert post(extension, key=key, jurisdiction_id="milepost.example", **HOLE).status_code == 200


def test_a_report_goes_to_a_team_and_is_due(key):
    reference = id_of(post(key=key, **HOLE))
    incident = Incident.objects.get(reference=reference)
    [entry] = said(f"requests/{reference}")
    assert incident.team is not None
    assert entry["agency_responsible"] == incident.team.name
    assert entry["expected_datetime"] == incident.expected_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert abs(incident.expected_at - incident.due_at) < timedelta(minutes=1)
    moved(reference, expected_at=None)
    assert said(f"requests/{reference}")[0]["expected_datetime"] is None


def test_a_key_made_by_the_command_files(extension):
    out = StringIO()
    call_command("issue_api_key", "City of Ames", "--scope", "open311:write", stdout=out)
    assert post(extension, key=out.getvalue().splitlines()[-1], **HOLE).status_code == 200
    assert ApiKey.objects.get().last_used_at is not None

"""What every address has in common: two formats that say the same, errors in them, methods, caches."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from incidents.models import Category
from incidents.open311.render import Document, Many, to_json, to_xml
from tests.incidents import factories as make
from tests.incidents.open311.asking import ask, element, every_datatype, faults, iso, post, said, same

pytestmark = pytest.mark.django_db
EVERYWHERE = ("/open311/discovery", "services", "services/everything", "requests", "servicerequestupdates")


@pytest.fixture(autouse=True)
def something_to_say(db):
    every_datatype()
    answers = {"a_string": "red", "a_singlevaluelist": "left", "a_multivaluelist": ["left", "right"]}
    make.filed(category="everything", description="Deep & <wide>\r\n\tsecond line", answers=answers)


def test_discovery_has_every_field_in_both_formats(extension):
    """1"""
    answer = ask("/open311/discovery", extension)
    if extension == "json":
        found = answer.json()
        [endpoint] = found["endpoints"]
    else:
        root = element(answer)
        assert root.tag == "discovery"
        found = {part.tag: part.text for part in root}
        [node] = root.findall("endpoints/endpoint")
        endpoint = {part.tag: part.text for part in node} | {"formats": [one.text for one in node.find("formats")]}
    assert found["contact"] == settings.AGENCY_EMAIL
    assert found["key_service"] == settings.OPEN311_KEY_SERVICE
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == f"{settings.SITE_URL}/open311/v2"
    assert endpoint["type"] == "production"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["changeset"] == found["changeset"]


def test_a_demo_calls_itself_a_test():
    with override_settings(DEMO=True):
        assert said("/open311/discovery")["endpoints"][0]["type"] == "test"


def test_the_changeset_moves_when_a_category_or_a_question_changes(time_machine):
    """2"""
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    seen = [said("/open311/discovery")["changeset"]]
    category = Category.objects.get(code="everything")
    for changed in (category, category.questions.first()):
        time_machine.shift(3600)
        changed.save()
        seen.append(said("/open311/discovery")["changeset"])
    assert seen[-1] == iso(category.questions.first().updated_at)
    time_machine.shift(3600)
    category.questions.first().delete()
    seen.append(said("/open311/discovery")["changeset"])
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("path", EVERYWHERE)
def test_the_content_type_is_exact(path, extension):
    """3"""
    types = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
    assert ask(path, extension)["Content-Type"] == types[extension]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_xml_begins_with_its_declaration_and_has_neither_attributes_nor_namespaces(path):
    """4"""
    answer = ask(path, "xml")
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<')
    assert all(not node.attrib and "}" not in node.tag for node in element(answer).iter())


def test_one_service_is_an_array_of_one_in_json_and_none_an_empty_one():
    """5"""
    Category.objects.exclude(code="everything").update(is_active=False)
    [service] = said("services")
    assert service["service_code"] == "everything"
    Category.objects.update(is_active=False)
    assert said("services") == []


def test_one_service_is_still_in_its_container_in_xml():
    """6"""
    Category.objects.exclude(code="everything").update(is_active=False)
    root = said("services", "xml")
    assert (root.tag, [node.tag for node in root]) == ("services", ["service"])
    Category.objects.update(is_active=False)
    assert list(said("services", "xml")) == []


@pytest.mark.parametrize("path", [*EVERYWHERE, "a request", "a token"])
def test_xml_and_json_say_the_same(path):
    """7"""
    reference = said("requests")[0]["service_request_id"]
    path = path.replace("a request", f"requests/{reference}")
    if path == "a token":
        path = f"tokens/{_token(reference)}"
    for params in ({}, {"extensions": "true"}):
        assert same(said(path, **params), said(path, "xml", **params))


def _token(reference):
    from incidents.models import Incident, Open311Request
    from tests.incidents.open311.asking import write_key
    from workflow.models import ApiKey

    write_key()
    incident = Incident.objects.get(reference=reference)
    return Open311Request.objects.create(key=ApiKey.objects.first(), digest="0" * 64, incident=incident).token


def test_codes_are_text_booleans_are_booleans_and_places_are_numbers():
    """8"""
    Category.objects.filter(code="everything").update(code="001")
    [service] = [one for one in said("services") if one["service_code"] == "001"]
    assert service["metadata"] is True
    definition = said("services/001")
    assert [type(one["required"]) for one in definition["attributes"]] == [bool] * 7
    make.filed()
    request = said("requests")[0]
    assert isinstance(request["service_request_id"], str)
    assert (request["lat"], request["long"]) == (make.LATITUDE, make.LONGITUDE)


def test_text_that_xml_cannot_hold_is_dropped_from_both():
    document = Document("root", Many("one", [{"text": "a\x01b\ufffe<&>\r\nc\td \U0001f6a7", "none": "", "sum": 1.5}]))
    [found] = json.loads(to_json(document))
    assert found == {"text": "ab<&>\nc\td \U0001f6a7", "none": None, "sum": 1.5}
    assert b"<text>ab&lt;&amp;&gt;\nc\td \xf0\x9f\x9a\xa7</text><none/><sum>1.5</sum>" in to_xml(document)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("services/nothing", "unknown_service"),
        ("requests/IR-26-000000", "unknown_request"),
        ("tokens/" + "0" * 32, "unknown_token"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_body(path, reason, extension):
    """10"""
    answer = ask(path, extension)
    assert answer.status_code == 404
    assert faults(answer) == [(404, reason)]


ELSEWHERE = (
    "v2/services.yaml", "v2/services", "v2/requests.rss", "v2/", "", "v3/services.html", "v2/services.json/",
    "discovery.txt", "v2/requests/../x", "v2/services.JSON",
)  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_another_extension_is_a_404_in_a_format_of_ours(path):
    """35"""
    for method in ("get", "post", "put"):
        answer = getattr(Client(), method)(f"/open311/{path}")
        assert answer.status_code == 404
        assert faults(answer) == [(404, "not_found")]
    assert Client().get(f"/open311/{path}", headers={"Accept": "application/json"}).json()[0]["code"] == 404


@pytest.mark.parametrize("path", [*EVERYWHERE, "tokens/1", "requests/IR-26-000000"])
def test_a_method_that_is_not_taken_is_a_405_in_the_format(path, extension):
    for method in ("put", "patch", "delete", "post"):
        if method == "post" and path in ("requests", "servicerequestupdates"):
            continue
        answer = ask(path, extension, method=method)
        assert answer.status_code == 405
        assert faults(answer) == [(405, "method_not_allowed")]
        assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_head_says_what_get_would_and_options_what_may_be_asked(path, extension):
    whole, head = ask(path, extension), ask(path, extension, method="head")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(whole.content))
    options = Client().options(f"/open311/v2/{path}.{extension}" if path[0] != "/" else f"{path}.{extension}")
    assert (options.status_code, options.content) == (204, b"")
    assert "GET" in options["Allow"]
    assert "Content-Type" not in options
    for answer in (whole, head, options, ask("services/nothing", extension)):
        assert answer["Access-Control-Allow-Origin"] == "*"


def test_other_sites_scripts_may_read_but_not_post(key):
    assert "Access-Control-Allow-Origin" not in post(key=key)


@pytest.mark.parametrize("path", ["/open311/discovery", "services", "services/everything"])
def test_what_has_not_changed_is_a_304(path, extension, time_machine):
    first = ask(path, extension)
    for header in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = Client().get(first.wsgi_request.path, headers=header)
        assert (again.status_code, again.content) == (304, b"")
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    Category.objects.get(code="everything").save()
    assert ask(path, extension, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200


def test_the_two_formats_have_two_tags():
    assert ask("services", "xml")["ETag"] != ask("services", "json")["ETag"]


@pytest.mark.parametrize("query", [b"status=\xff", b"status=%FF", b"status=%00", "&" * 2000])
def test_a_query_that_cannot_be_read_is_a_400(query, extension):
    query = query.decode("latin-1") if isinstance(query, bytes) else query
    answer = Client().get(f"/open311/v2/requests.{extension}", QUERY_STRING=query)
    assert answer.status_code == 400
    assert faults(answer)[0][0] == 400


@pytest.mark.parametrize(("given", "status"), [("", 200), ("milepost.example", 200), ("MILEPOST.EXAMPLE", 200),
                                               ("boston.gov", 404)])  # fmt: skip
@pytest.mark.parametrize("path", EVERYWHERE[1:])
def test_a_jurisdiction_is_optional_and_another_is_a_404(path, given, status, extension):
    """34"""
    answer = ask(path, extension, jurisdiction_id=given)
    assert answer.status_code == status
    if status == 404:
        assert faults(answer) == [(404, "unknown_jurisdiction")]


def test_a_failure_of_ours_is_said_in_the_format(extension, monkeypatch):
    monkeypatch.setattr("incidents.open311.services.changed_at", lambda: 1 / 0)
    answer = ask("services", extension)
    assert (answer.status_code, faults(answer)) == (500, [(500, "internal_error")])

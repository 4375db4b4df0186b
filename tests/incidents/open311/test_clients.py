"""Programs others wrote, as they come from PyPI, against a live server: what they need to work is there."""

import pytest
from civicbot import Endpoint, Open311Client, ValidationError
from civicbot.http import HttpError, HttpTransport, RateLimiter
from georeport import GeoReport

from incidents.models import Incident
from tests.incidents.open311.asking import every_datatype, write_key

pytestmark = pytest.mark.django_db(transaction=True)
AMES = {"lat": 42.0308, "lng": -93.6319}


@pytest.fixture
def base(live_server, db):
    every_datatype()
    return f"{live_server.url}/open311/v2"


def bot(base):
    endpoint = Endpoint(id="milepost", name="Milepost", base_url=base, write=True, geo_scoped=True)
    return Open311Client(endpoint, transport=HttpTransport(rate_limiter=RateLimiter(0)))


def file_with(client, **changes):
    values = {"description": "Schlagloch – 🚧", "attributes": {"lane": "right", "size": "tire"}, "email": "a@b.example"}
    prepared = client.create_request(
        "pothole", dry_run=False, confirm="SEND", validate_remote=True, api_key=write_key(), **AMES, **values | changes
    )
    return prepared.response[0]["service_request_id"]


def test_civicbot_reads_the_services_files_a_report_and_reads_it_back(base):
    client = bot(base)
    services = {service["service_code"]: service for service in client.list_services(**AMES)}
    assert services["pothole"]["metadata"] is True
    assert client.get_service_definition("everything")["attributes"][0]["code"] == "a_string"
    reference = file_with(client)
    incident = Incident.objects.get(reference=reference)
    assert incident.state == Incident.State.TRIAGED
    assert incident.answers == {"lane": "right", "size": "tire"}
    assert client.get_request(reference)["description"] == "Schlagloch – 🚧"
    found = client.list_requests(status="open", service_code="pothole", service_request_ids=[reference], **AMES)
    assert [entry["service_request_id"] for entry in found] == [reference]


def test_civicbot_sends_several_answers_and_finds_mistakes_by_our_definition(base):
    client = bot(base)
    values = {"a_string": "red", "a_singlevaluelist": "left", "a_multivaluelist": ["left", "right"]}
    prepared = client.create_request(
        "everything",
        dry_run=False,
        confirm="SEND",
        validate_remote=True,
        api_key=write_key(),
        attributes=values,
        **AMES,
    )
    reference = prepared.response[0]["service_request_id"]
    assert Incident.objects.get(reference=reference).answers == values
    with pytest.raises(ValidationError, match="a_string"):
        client.create_request("everything", validate_remote=True, attributes={"a_singlevaluelist": "up"}, **AMES)


def test_civicbot_reads_why_it_was_refused(base):
    with pytest.raises(HttpError, match="not an API key of ours") as refused:
        bot(base).create_request("pothole", dry_run=False, confirm="SEND", api_key="nonsense", **AMES)
    assert refused.value.status == 403
    with pytest.raises(HttpError) as unknown:
        bot(base).get_token("0" * 32)
    assert unknown.value.status == 404


@pytest.mark.parametrize("output", ["json", "xml"])
def test_georeport_reads_services_definitions_and_requests(base, output):
    references = [file_with(bot(base)), file_with(bot(base), description="Another")]
    client = GeoReport(base, jurisdiction="milepost.example", output_format=output)
    assert "pothole" in [service["service_code"] for service in client.get_service_list()]
    definition = client.get_service_definition("everything")
    attributes = definition["attributes"] if output == "json" else definition["attributes"]["attribute"]
    assert [one["datatype"] for one in attributes][-3:] == ["singlevaluelist", "multivaluelist", "text"]
    found = client.get_service_requests(service_code="pothole", status="open")
    assert [entry["service_request_id"] for entry in found] == references[::-1]
    request = client.get_service_request(references[0])
    assert (request["service_code"], request["description"]) == ("pothole", "Schlagloch – 🚧")
    assert float(request["lat"]) == AMES["lat"]


@pytest.mark.parametrize("output", ["json", "xml"])
def test_georeport_reads_a_window_and_an_empty_one(base, output):
    reference = file_with(bot(base))
    client = GeoReport(base, output_format=output)
    window = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-02T00:00:00Z"}
    if output == "json":
        assert client.get_service_requests(**window) == []
        assert len(client.get_service_requests(service_request_id=reference)) == 1
    else:  # xmltodict makes one dict of a list of one
        assert client.get_service_requests(service_request_id=reference)["service_request_id"] == reference

"""The OpenAPI document about incidents: complete, and true."""

import json

import pytest
from jsonschema import Draft202012Validator

from incidents.api.filing import FILED
from tests.incidents.api_callers import DOOR, LIST, body, caller, client, file, post, url
from tests.incidents.factories import filed, in_state, photo
from workflow.api.site import description

DESCRIPTION = json.loads(description())
PATHS = [path for path in DESCRIPTION["paths"] if "incident" in path or "categories" in path]


def validator(name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    return Draft202012Validator(schema)


def test_every_address_is_described():
    assert set(PATHS) == {
        DOOR, LIST, "/api/v1/categories/", f"{LIST}{{reference}}/",
        *(f"{LIST}{{reference}}/{below}/" for below in ("transitions", "timeline", "photos")),
    }  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_operation_tells_its_problems(path):
    for operation in DESCRIPTION["paths"][path].values():
        assert operation["summary"]
        expected = {"400", "500", "503"} | ({"401", "403"} if path.startswith(LIST) else set())
        assert expected <= operation["responses"].keys()


def test_the_short_door_says_that_it_counts():
    assert "429" in DESCRIPTION["paths"][DOOR]["post"]["responses"]


def test_the_example_and_our_sample_fit_the_schema_of_a_report():
    schema = validator("IncidentReport")
    schema.validate(body())
    examples = DESCRIPTION["paths"][DOOR]["post"]["requestBody"]["content"]["application/json"]["examples"]
    schema.validate(next(iter(examples.values()))["value"])


def test_the_schema_knows_every_field_a_report_takes_and_no_other():
    assert DESCRIPTION["components"]["schemas"]["IncidentReport"]["properties"].keys() == set(FILED)


@pytest.mark.parametrize(
    "changes",
    [{"description": "x" * 4001}, {"latitude": 95}, {"milepost": -1}, {"direction": "up"}, {"channel": "form"},
     {"photos": []}, {"category": ...}, {"latitude": ..., "route": ...}],
)  # fmt: skip
def test_the_schema_of_a_report_refuses_what_the_door_refuses(changes):
    assert not validator("IncidentReport").is_valid(body(**changes))


@pytest.mark.django_db
def test_the_example_can_be_filed():
    examples = DESCRIPTION["paths"][DOOR]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert file(client(), sent=next(iter(examples.values()))["value"]).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("below", "name"), [("", "Incident"), ("transitions/", "Options"), ("timeline/", "Timeline"), ("photos/", "Photos")]
)
@pytest.mark.parametrize("state", ["triaged", "needs_info", "scheduled", "resolved", "duplicate"])
def test_answers_are_as_described(state, below, name):
    sender = caller()
    incident = in_state(state, actor=sender.actor)
    photo(incident=incident, created_at=incident.created_at)
    validator(name).validate(sender.client.get(url(incident, below)).json())


@pytest.mark.django_db
def test_lists_receipts_moves_and_the_catalogue_are_as_described():
    sender = caller()
    validator("Receipt").validate(file(sender.client).json())
    validator("Receipt").validate(file(client()).json())
    validator("Filed").validate(file(sender.client, LIST, Idempotency_Key="1").json())
    validator("IncidentPage").validate(sender.client.get(f"{LIST}?page_size=1").json())
    validator("Categories").validate(client().get("/api/v1/categories/").json())
    validator("Workflow").validate(client().get("/api/v1/workflows/incident/").json())
    incident = in_state("needs_info", actor=sender.actor)
    move = {"transition": "answer", "data": {"text": "The right one."}}
    moved = post(sender.client, url(incident, "transitions/"), move, If_Match=f'"{incident.revision}"')
    validator("Moved").validate(moved.json())


@pytest.mark.django_db
def test_the_start_of_the_api_leads_to_the_reports():
    start = client().get("/api/").json()
    assert (start["incidents"], start["categories"]) == (LIST, "/api/v1/categories/")
    assert DOOR in start["short_doors"]
    assert filed().reference.startswith("IR-")

"""The OpenAPI document: valid, complete, and true."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from tests.permits.api_callers import caller, client, file, url
from tests.permits.factories import application, fire, in_state
from workflow.api.site import description

DESCRIPTION = json.loads(description())


def test_it_validates_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())
    assert DESCRIPTION["openapi"].startswith("3.1")


def operations():
    return [
        (path, method, operation)
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=[f"{m} {p}" for p, m, _ in operations()])
def test_every_operation_has_a_summary_and_its_problems(path, method, operation):
    assert operation["summary"]
    assert operation["tags"]
    expected = {"400", "500", "503"} | ({"401", "403"} if path.startswith("/api/v1/permits") else set())
    assert expected <= operation["responses"].keys()
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            assert answer["content"].keys() == {"application/problem+json"}
            assert answer["description"]


def validator(name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    return Draft202012Validator(schema)


def test_the_example_fits_the_schema_of_an_application():
    validator("Application").validate(application())
    example = DESCRIPTION["paths"]["/api/permit"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    validator("Application").validate(next(iter(example.values()))["value"])


def test_the_schema_of_an_application_refuses_what_the_door_refuses():
    assert not validator("Application").is_valid({**application(), "revision": 5})
    assert not validator("Application").is_valid({})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("below", "name"),
    [("", "Permit"), ("transitions/", "Options"), ("timeline/", "Timeline"), ("documents/", "Documents")],
)
@pytest.mark.parametrize("state", ["in_review", "info_requested", "in_force", "refused"])
def test_answers_are_as_described(state, below, name, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sender = caller()
    validator(name).validate(sender.client.get(url(in_state(state, actor=sender.actor), below)).json())


@pytest.mark.django_db
def test_lists_definitions_receipts_and_problems_are_as_described():
    sender = caller()
    validator("Receipt").validate(file(sender.client).json())
    validator("Receipt").validate(file(client()).json())
    validator("Filed").validate(file(sender.client, "/api/v1/permits/", Idempotency_Key="1").json())
    validator("PermitPage").validate(sender.client.get("/api/v1/permits/?page_size=1").json())
    validator("WorkflowList").validate(client().get("/api/v1/workflows/").json())
    validator("Workflow").validate(client().get("/api/v1/workflows/roadPermit/").json())
    validator("Problem").validate(client().get("/api/nothing").json())
    validator("Problem").validate(file(sender.client, body={}).json())


@pytest.mark.django_db
def test_a_move_is_as_described():
    sender = caller()
    permit = fire(
        in_state("in_review", actor=sender.actor), "request_information", items=[{"field": "", "text": "Why?"}]
    )
    body = {"transition": "cancel", "note": "", "data": {"reason": "Postponed."}}
    validator("Move").validate(body)
    answer = sender.client.post(
        url(permit, "transitions/"), body, content_type="application/json", headers={"If-Match": f'"{permit.revision}"'}
    )
    validator("Moved").validate(answer.json())


def test_the_document_is_served_to_anybody():
    answer = client().get("/api/openapi.json")
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == DESCRIPTION


def test_the_page_brings_its_scripts_from_our_own_host_and_keeps_the_sites_policy():
    answer = client().get("/api/docs/")
    assert b"swagger-ui-bundle.js" in answer.content
    assert b"/api/openapi.json" in answer.content
    assert b"//" not in answer.content.replace(b"<!doctype html>", b"").split(b"<script", 1)[1].split(b"</body>")[0]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_the_definition_of_an_unknown_workflow_is_a_problem():
    answer = client().get("/api/v1/workflows/nothing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

"""Asks the server as a client does, in both formats, and compares what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from django.test import Client

from incidents.models import Category, Incident, Question
from workflow.models import ApiKey

BASE = "/open311/v2"
TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
AMES = {"lat": "42.0308", "long": "-93.6319"}


def ask(path: str, extension: str = "json", *, method: str = "get", headers: Any = None, **params: Any) -> Any:
    """The response to a read; ``path`` below /open311/v2 or, with a slash in front, from the root."""
    address = (path if path.startswith("/") else f"{BASE}/{path}") + f".{extension}"
    response = getattr(Client(), method)(address, params, headers=headers)
    assert response["Content-Type"] == TYPES[extension]
    return response


def said(path: str, extension: str = "json", **params: Any) -> Any:
    """What a read says, as the JSON does; from XML by way of the JSON it must be equal to."""
    response = ask(path, extension, **params)
    assert response.status_code == 200, response.content
    return response.json() if extension == "json" else element(response)


def element(response: Any) -> ElementTree.Element:
    return ElementTree.fromstring(response.content)


def entries(path: str = "requests", **params: Any) -> list[dict[str, Any]]:
    return said(path, **params)


def ids(**params: Any) -> list[str]:
    return [entry["service_request_id"] for entry in entries(**params)]


def post(extension: str = "json", *, path: str = "requests", key: str | None = None, **params: Any) -> Any:
    """A POST of a form; parameters with [ ] in their names go in ``more``."""
    body = {**params.pop("more", {}), **params} | ({"api_key": key} if key is not None else {})
    response = Client().post(f"{BASE}/{path}.{extension}", _encoded(body), content_type=URLENCODED)
    assert response["Content-Type"] == TYPES[extension]
    return response


URLENCODED = "application/x-www-form-urlencoded; charset=utf-8"


def _encoded(body: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(body, doseq=True)


def faults(response: Any) -> list[tuple[int, str]]:
    """(code, reason) of each entry of ``errors``, whatever the format."""
    if response["Content-Type"] == TYPES["json"]:
        found = json.loads(response.content)
    else:
        root = element(response)
        assert root.tag == "errors"
        found = [{part.tag: part.text for part in error} for error in root]
    assert all(entry["description"].endswith((".", "?")) for entry in found)
    return [(int(entry["code"]), entry["reason"]) for entry in found]


def id_of(response: Any) -> str:
    assert response.status_code == 200, response.content
    if response["Content-Type"] == TYPES["json"]:
        return json.loads(response.content)[0]["service_request_id"]
    return str(element(response).findtext("request/service_request_id"))


def same(value: Any, node: ElementTree.Element) -> bool:
    """Whether an XML element says what a JSON value says: the Spark convention read backwards."""
    if isinstance(value, list):
        return len({child.tag for child in node}) <= 1 and all(map(same, value, node)) and len(value) == len(node)
    if isinstance(value, dict):
        return [child.tag for child in node] == list(value) and all(map(same, value.values(), node))
    text = {None: "", True: "true", False: "false"}.get(value, value) if not isinstance(value, (int, float)) or \
        isinstance(value, bool) else json.dumps(value)  # fmt: skip
    return len(node) == 0 and (node.text or "") == text


def write_key(name: str = "A city", *scopes: str) -> str:
    return ApiKey.issue(name, list(scopes or ["open311:write"]))[1]


def moved(reference: str, **moments: datetime) -> None:
    """Put moments of a report into the past."""
    Incident.objects.filter(reference=reference).update(**moments)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def every_datatype() -> Category:
    """A service with a question of each type, two of them required, and a text that is only shown."""
    category = Category.objects.create(
        code="everything", name="Everything <&>", group="roadway", description="All at once", keywords="all , each"
    )
    choices = [{"key": "left", "name": "Left"}, {"key": "right", "name": "Right"}, {"key": "911", "name": "Fire",
                "stop": "Call 911."}]  # fmt: skip
    kinds = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
    for order, kind in enumerate(kinds, start=3):
        Question.objects.create(
            category=category, code=f"a_{kind}", text=f"Which {kind}?", datatype=kind, order=order,
            required=kind in ("string", "singlevaluelist"), hint="A hint" if kind == "number" else "",
            values=choices if kind.endswith("list") else [],
        )  # fmt: skip
    Question.objects.create(category=category, code="notice", text="Read this.", datatype="text", order=20,
                            variable=False, required=True)  # fmt: skip
    return category


REQUIRED = {"attribute[a_string]": "red", "attribute[a_singlevaluelist]": "left"}

"""What can be reported, as services and their definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from incidents import catalogue
from incidents.catalogue import Catalogue
from incidents.models import Category, Question
from incidents.models.catalogue import Datatype
from incidents.open311.errors import Fault, Refusal
from incidents.open311.parameters import Parameters
from incidents.open311.render import FORMATS, Document, Many
from workflow.contrib.places.counties import county_at

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
LISTS = (Datatype.SINGLE, Datatype.MULTI)
NEVER = datetime(2026, 1, 1, tzinfo=UTC)


def changed_at() -> datetime:
    """When what can be reported was changed last."""
    return catalogue.changeset() or NEVER


def discovery(changed: datetime) -> Document:
    """Where we are, in which formats, and where to ask for a key."""
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{settings.SITE_URL}/open311/v2",
        "changeset": changed,
        "type": "test" if settings.DEMO else "production",
        "formats": Many("format", [form.content_type.partition(";")[0] for form in FORMATS.values()]),
    }
    return Document(
        "discovery",
        {
            "changeset": changed,
            "contact": settings.AGENCY_EMAIL,
            "key_service": settings.OPEN311_KEY_SERVICE,
            "endpoints": Many("endpoint", [endpoint]),
        },
    )


def service_list(query: Parameters) -> Document:
    """Every category that takes reports; for a place outside the state, none. Two queries."""
    latitude = query.number("lat", least=-90, most=90)
    longitude = query.number("long", least=-180, most=180)
    if not query.faults and (latitude is None) != (longitude is None):
        query.fault(
            "point_incomplete", "Send lat and long together, or neither.", "lat" if latitude is None else "long"
        )
    query.finish()
    known = catalogue.catalogue()
    elsewhere = latitude is not None and longitude is not None and county_at(latitude, longitude) is None
    offered = [] if elsewhere else [_service(one, known) for one in known.offered if takes_reports(one)]
    return Document("services", Many("service", offered))


def takes_reports(category: Category) -> bool:
    """A category that only says whom else to tell is no service."""
    return category.is_active and not category.stop


def _service(category: Category, known: Catalogue) -> Mapping[str, Any]:
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": category.description,
        "metadata": bool(known.questions_of(category.code)),
        "type": "realtime",
        "keywords": ",".join(word.strip() for word in category.keywords.split(",") if word.strip()),
        "group": category.get_group_display(),
    }


def definition(code: str) -> Document:
    """The questions of a service. Raises Refusal. Two queries."""
    known = catalogue.catalogue()
    category = known.by_code.get(code)
    if category is None or not takes_reports(category):
        raise Refusal((unknown_service(code),))
    attributes = [_attribute(question, order) for order, question in enumerate(known.questions_of(code), start=1)]
    return Document("service_definition", {"service_code": category.code, "attributes": Many("attribute", attributes)})


def unknown_service(code: str) -> Fault:
    sentence = f"There is no service_code “{code[:40]}”. See services.xml or services.json."
    return Fault(status=404, reason="unknown_service", sentence=sentence, field="service_code")


def _attribute(question: Question, order: int) -> Mapping[str, Any]:
    attribute = {
        "variable": question.variable,
        "code": question.code,
        "datatype": question.datatype,
        "required": question.required and question.variable,
        "datatype_description": question.hint,
        "order": order,
        "description": question.text,
    }
    if question.datatype in LISTS:
        attribute["values"] = Many("value", [{"key": one["key"], "name": one["name"]} for one in question.values])
    return attribute


def chosen(questions: Sequence[Question], answers: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The answers that are public: chosen from lists, numbers and moments. Never what somebody typed in words."""
    for question in questions:
        value = answers.get(question.code)
        if value is None or question.datatype in (Datatype.STRING, Datatype.TEXT):
            continue
        names = {one["key"]: one["name"] for one in question.values}
        for one in value if isinstance(value, list) else [value]:
            yield {"label": question.text, "name": names.get(one, str(one)), "value": str(one), "code": question.code}

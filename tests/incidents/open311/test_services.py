"""Services and their definitions."""

import pytest

from incidents.models import Category, Question
from tests.incidents.open311.asking import ask, every_datatype, faults, said

pytestmark = pytest.mark.django_db
SERVICE = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}


def test_every_category_that_takes_reports_is_a_service():
    services = said("services")
    offered = Category.objects.filter(is_active=True, stop="")
    assert [one["service_code"] for one in services] == [one.code for one in offered]
    assert all(set(one) == SERVICE for one in services)
    assert {one["type"] for one in services} == {"realtime"}
    by_code = {one["service_code"]: one for one in services}
    assert by_code["pothole"]["group"] == "Roadway"
    assert by_code["pothole"]["keywords"].startswith("pot hole,hole,")


def test_metadata_says_whether_there_are_questions():
    every_datatype()
    Category.objects.create(code="plain", name="Plain", group="roadway", description="No questions")
    by_code = {one["service_code"]: one["metadata"] for one in said("services")}
    assert (by_code["everything"], by_code["plain"]) == (True, False)
    assert said("services/plain") == {"service_code": "plain", "attributes": []}


@pytest.mark.parametrize("order", range(7))
def test_each_datatype_is_defined_in_full(order):
    """9"""
    every_datatype()
    kinds = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
    attribute = said("services/everything")["attributes"][order]
    if order == 6:
        assert attribute["variable"] is False
        assert attribute["required"] is False
        assert attribute["description"] == "Read this."
        return
    kind = kinds[order]
    expected = {
        "variable": True,
        "code": f"a_{kind}",
        "datatype": kind,
        "required": kind in ("string", "singlevaluelist"),
        "datatype_description": "A hint" if kind == "number" else None,
        "order": order + 1,
        "description": f"Which {kind}?",
    }
    if kind.endswith("list"):
        expected["values"] = [{"key": "left", "name": "Left"}, {"key": "right", "name": "Right"},
                              {"key": "911", "name": "Fire"}]  # fmt: skip
    assert attribute == expected


def test_a_definition_in_xml_names_its_parts():
    every_datatype()
    root = said("services/everything", "xml")
    assert root.tag == "service_definition"
    assert root.findtext("service_code") == "everything"
    node = root.findall("attributes/attribute")[4]
    assert [one.text for one in node.findall("values/value/key")] == ["left", "right", "911"]
    assert node.findtext("required") == "true"


def test_what_is_no_longer_offered_or_only_sends_people_elsewhere_has_no_definition(extension):
    Category.objects.filter(code="pothole").update(is_active=False)
    Category.objects.filter(code="debris").update(stop="Call 911.")
    for code in ("pothole", "debris"):
        assert faults(ask(f"services/{code}", extension)) == [(404, "unknown_service")]
        assert code not in [one["service_code"] for one in said("services")]


def test_a_place_in_the_state_has_all_services_and_one_outside_has_none():
    whole = said("services")
    assert said("services", lat="42.03", long="-93.63") == whole
    assert said("services", lat="41.88", long="-87.63") == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"lat": "42"}, "point_incomplete"),
        ({"long": "-93"}, "point_incomplete"),
        ({"lat": "north", "long": "-93"}, "not_a_number"),
        ({"lat": "nan", "long": "-93"}, "not_a_number"),
        ({"lat": "91", "long": "-93"}, "out_of_range"),
    ],
)
def test_half_a_place_is_a_400(params, reason, extension):
    answer = ask("services", extension, **params)
    assert (answer.status_code, faults(answer)) == (400, [(400, reason)])


def test_orders_are_counted_anew_so_that_they_start_at_one_without_gaps():
    category = every_datatype()
    Question.objects.filter(category=category, code="a_text").delete()
    assert [one["order"] for one in said("services/everything")["attributes"]] == [1, 2, 3, 4, 5, 6]


def test_services_cost_the_same_however_many_there_are(django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        said("services")
    for number in range(50):
        Category.objects.create(code=f"c{number}", name="One more", group="roadway", description="x")
    with django_assert_max_num_queries(4):
        assert len(said("services")) > 50

"""The page of each section: what it shows is what it reads back, and both doors give the same answers."""

import pytest
from django.http import QueryDict

from permits.application.sections import SECTIONS, section_of
from permits.application.validate import to_json, validate
from permits.application.widgets import TypedArea
from tests.permits.application_samples import (
    KINDS,
    LINE,
    POINT,
    SQUARE,
    application,
    impact,
    lanes,
    posted,
    read_page,
    section_cases,
)


def shown(kind, slug):
    """The filled page of a section, all answers of the application known."""
    answers = validate(KINDS[kind]).answers
    return section_of(slug)(initial=answers, answers=answers), answers


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_is_valid(kind):
    assert validate(KINDS[kind]).errors == ()


@pytest.mark.parametrize(("kind", "slug"), section_cases())
def test_what_a_page_shows_is_read_back_without_loss(kind, slug):
    page, answers = shown(kind, slug)
    form = section_of(slug)(data=posted(page), answers=answers)
    assert form.errors == {}
    assert form.cleaned_data == {name: answers[name] for name in form.fields}


@pytest.mark.parametrize(("kind", "slug"), section_cases())
def test_what_was_typed_is_shown_again_after_an_error(kind, slug):
    page, answers = shown(kind, slug)
    data = posted(page)
    broken = QueryDict(mutable=True)
    for name in data:
        broken.setlist(name, data.getlist(name))
        if data[name] and name in page.fields and getattr(page.fields[name].widget, "input_type", "") == "text":
            broken[name] = data[name] + " \x07?"
    again = posted(section_of(slug)(data=broken, answers=answers))
    assert {name: again.getlist(name) for name in again} == {name: broken.getlist(name) for name in broken}


@pytest.mark.parametrize(("kind", "slug"), section_cases())
def test_every_input_of_a_page_has_one_label_and_an_id_of_its_own(kind, slug):
    page = read_page(shown(kind, slug)[0])
    assert len(page.ids) == len(set(page.ids))
    assert set(page.visible_ids) <= set(page.labels_for)
    assert "" not in page.visible_ids


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
def test_an_empty_page_names_every_missing_answer(section):
    form = section(data=QueryDict())
    required = {name for name, field in form.fields.items() if field.required}
    assert {name for name in form.errors if form.errors.as_data()[name][0].code == "required"} == required
    assert str(form.errors)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
def test_every_page_has_words_for_people(section):
    assert section.slug.isidentifier()
    assert section.title
    assert section.intro.endswith(".")
    assert all(field.label for field in section.base_fields.values())


def test_fields_have_names_of_their_own_across_all_pages():
    names = [name for section in SECTIONS for name in section.base_fields]
    assert len(names) == len(set(names))


def test_typed_points_make_a_point_or_a_line():
    post = {"area_from_lat": "42.0190", "area_from_lon": "-93.6103"}
    field = section_of("location").base_fields["area"]
    assert field.clean(field.widget.value_from_datadict(post, {}, "area")) == POINT
    post |= {"area_to_lat": "42.0204° N", "area_to_lon": "93.6104 W"}
    line = field.clean(field.widget.value_from_datadict(post, {}, "area"))
    assert line == {"type": "LineString", "coordinates": [[-93.6103, 42.0190], [-93.6104, 42.0204]]}


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ({"from_lat": "42.0190"}, "longitude_missing"),
        ({"from_lon": "-93.61"}, "latitude_missing"),
        ({"from_lat": "forty", "from_lon": "-93.61"}, "degrees_invalid"),
        ({"to_lat": "42.0190", "to_lon": "-93.61"}, "from_missing"),
        ({"geojson": "{"}, "invalid"),
        ({"geojson": "[1, 2]"}, "invalid"),
        ({"geojson": '{"type": "Point", "coordinates": [NaN, 42]}'}, "invalid"),
        ({"geojson": "[" * 100_000}, "invalid"),
        ({"geojson": "1" * 500_000}, "invalid"),
        (
            {"from_lat": "42", "from_lon": "-93", "geojson": '{"type": "Point", "coordinates": [-93.5, 42]}'},
            "area_given_twice",
        ),
    ],
)
def test_a_place_that_cannot_be_read_says_what_to_do(points, code):
    form = section_of("location")(data={f"area_{name}": value for name, value in points.items()})
    assert form.errors.as_data()["area"][0].code == code


def test_a_point_typed_and_drawn_alike_is_one_answer():
    typed = TypedArea(
        from_lat="42.019",
        from_lon="-93.6103",
        to_lat="",
        to_lon="",
        geojson='{"type":"Point","coordinates":[-93.6103,42.019]}',
    )
    assert section_of("location").base_fields["area"].clean(typed) == POINT


def test_the_map_does_not_lose_a_drawn_area():
    area = {"type": "Polygon", "coordinates": [SQUARE]}
    page = posted(section_of("location")(initial={"area": area}))
    assert page["area_from_lat"] == ""
    assert section_of("location")(data=page).fields["area"].clean(page["area_geojson"]) == area


def test_lanes_left_empty_between_others_are_a_fault():
    post = {
        "impacts-0-direction": "northbound",
        "impacts-0-vehicle_impact": "some-lanes-closed",
        "pedestrian_access": "closed",
    }
    for place, status in ((0, "open"), (2, "closed")):
        post |= {f"impacts-0-lanes-{place}-type": "general", f"impacts-0-lanes-{place}-status": status}
    post["impacts-0-lanes-1-type"] = ""
    form = section_of("traffic")(data=post)
    error = form.errors.as_data()["impacts"][0]
    assert (error.code, error.path) == ("lanes_not_in_order", "0.lanes")
    assert "Direction 1" in form.errors["impacts"][0]


def test_a_lane_without_its_status_says_which_lane():
    post = {"impacts-0-direction": "northbound", "impacts-0-vehicle_impact": "some-lanes-closed"}
    post |= {"impacts-0-lanes-0-type": "general", "impacts-0-lanes-0-status": ""}
    error = section_of("traffic")(data=post).errors.as_data()["impacts"][0]
    assert (error.code, error.path) == ("required", "0.lanes.0.status")
    assert "Lane 1" in error.messages[0]


def test_more_directions_and_lanes_than_the_page_offers_are_shown_and_kept():
    many = [
        impact(direction, "some-lanes-closed", lanes=lanes(*["general open"] * 8))
        for direction in ("northbound", "southbound", "eastbound")
    ]
    answers = validate(application(impacts=many)).answers
    form = section_of("traffic")(data=posted(section_of("traffic")(initial=answers, answers=answers)), answers=answers)
    assert form.errors == {}
    assert form.cleaned_data["impacts"] == answers["impacts"]
    assert [len(row["lanes"]) for row in form.cleaned_data["impacts"]] == [8, 8, 8]


def test_work_beside_the_road_gets_a_short_traffic_page():
    beside = {"row_portion": ["roadside", "sidewalk"]}
    assert list(section_of("traffic")(answers=beside).fields) == ["pedestrian_access"]
    assert len(section_of("traffic")(answers={"row_portion": ["shoulder"]}).fields) > 10
    assert len(section_of("traffic")().fields) > 10


def test_a_traffic_answer_given_beside_the_road_is_not_dropped():
    data = application(row_portion=["roadside"], impacts=[impact(centerline=LINE)])
    assert len(validate(data).answers["impacts"]) == 1
    page = section_of("traffic")(answers={"row_portion": ["roadside"]}, data={"impacts-0-direction": "northbound"})
    assert "impacts" in page.fields


def test_the_pages_work_without_scripts_and_inline_styles():
    for section in SECTIONS:
        html = str(section())
        assert "<script" not in html
        assert "style=" not in html


def test_stored_answers_fill_a_page_like_cleaned_ones():
    answers = validate(KINDS["utility"]).answers
    for section in SECTIONS[:3]:
        typed, stored = section(initial=answers), section(initial=to_json(answers))
        assert str(typed) == str(stored) or section.slug == "contractor"  # dates are typed in the order people use

"""The catalogue as it comes: every category can be found, asked about, and filed."""

import pytest

from incidents.catalogue import catalogue
from incidents.categories import CATEGORIES, load
from incidents.models import Category, Datatype, Question
from incidents.models.catalogue import Group
from workflow.clock import Hours, WorkingDays

pytestmark = pytest.mark.django_db

TAKEN = [category for category in CATEGORIES if not category.stop]
BY_CODE = {category.code: category for category in CATEGORIES}


def each(categories=CATEGORIES):
    return pytest.mark.parametrize("category", categories, ids=lambda one: one.code)


def freshly_loaded():
    Category.objects.all().delete()
    return load(Category, Question)


def test_all_groups_and_all_types_of_answers_occur():
    assert {category.group for category in CATEGORIES} == set(Group.values)
    assert {one.datatype for category in CATEGORIES for one in category.questions} == set(Datatype.values)


def test_codes_are_stable_words_and_unique():
    codes = [category.code for category in CATEGORIES]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.isidentifier() for code in codes)


def test_loading_writes_every_row_whole():
    assert freshly_loaded() == len(CATEGORIES)
    for row in Category.objects.all():
        row.full_clean()
    for question in Question.objects.all():
        question.full_clean()
    assert [row.code for row in Category.objects.all()] == [category.code for category in CATEGORIES]
    assert Question.objects.count() == sum(len(category.questions) for category in CATEGORIES)


def test_loading_again_changes_nothing_an_officer_edited():
    freshly_loaded()
    Category.objects.filter(code="pothole").update(name="Hole in the road", is_active=False)
    Question.objects.filter(category__code="pothole", code="size").delete()
    Category.objects.filter(code="mowing").delete()
    assert load(Category, Question) == 1
    pothole = Category.objects.get(code="pothole")
    assert (pothole.name, pothole.is_active) == ("Hole in the road", False)
    assert not pothole.questions.filter(code="size").exists()
    assert Category.objects.get(code="mowing").questions.count() == len(BY_CODE["mowing"].questions)


def test_loading_costs_the_same_whatever_is_there(django_assert_max_num_queries):
    Category.objects.all().delete()
    with django_assert_max_num_queries(8):
        load(Category, Question)


@each(TAKEN)
def test_a_category_asks_one_to_three_things_each_once(category):
    codes = [question.code for question in category.questions]
    assert 1 <= len([question for question in category.questions if question.variable]) <= 3
    assert len(set(codes)) == len(codes)


@each()
def test_lists_have_choices_and_nothing_else_has(category):
    for question in category.questions:
        is_list = question.datatype in (Datatype.SINGLE, Datatype.MULTI)
        assert (len(question.values) >= 2) is is_list
        assert len({value.key for value in question.values}) == len(question.values)


@each([category for category in CATEGORIES if category.group == "not_ours"])
def test_what_is_not_ours_says_whom_to_tell_instead(category):
    assert category.stop.endswith((".", "!"))
    assert not category.questions


@each([category for category in CATEGORIES if category.safety])
def test_dangerous_things_have_two_hours_and_a_way_to_911(category):
    assert category.first_action_hours == 2
    danger = next(question for question in category.questions if question.code == "danger")
    assert danger.required
    assert [value.key for value in danger.values if not value.stop] == ["none"]
    assert all("911" in value.stop for value in danger.values if value.stop)


@each([category for category in CATEGORIES if not category.safety])
def test_only_dangerous_things_run_around_the_clock(category):
    assert category.first_action_hours is None


@pytest.mark.parametrize("code", ["signal_dark", "debris", "flooding"])
def test_the_three_of_the_promise_are_safety_categories(code):
    freshly_loaded()
    assert Category.objects.get(code=code).first_action == Hours(2)


def test_potholes_have_three_working_days():
    freshly_loaded()
    pothole = Category.objects.get(code="pothole")
    assert (pothole.first_action, pothole.duplicate_radius_m) == (WorkingDays(3), 100)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("hole", "pothole"),
        ("Pot Hole", "pothole"),
        ("stop light", "signal_dark"),
        ("roadkill", "dead_animal"),
        ("street light", "light_out"),
        ("guard rail", "guardrail"),
        ("high water", "flooding"),
        ("black ice", "snow_ice"),
        ("mattress", "debris"),
        ("trash", "litter"),
        ("wheelchair", "sidewalk"),
        ("striping", "marking_worn"),
        ("gravel road", "county_road"),
        ("accident", "emergency"),
        ("train tracks", "railroad_crossing"),
    ],
)
def test_people_find_it_by_their_own_words(words, code):
    freshly_loaded()
    assert code in [category.code for category in catalogue().search(words)]

"""Officers edit the catalogue: the next report is asked the new questions, and old reports keep their names."""

import pytest
from django.contrib.auth.models import Group

from incidents import catalogue, reporting
from incidents.models import Category, Question
from tests.incidents.factories import filed, report, user
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db
URL = "/admin/incidents/category/"


@pytest.fixture
def manager(client):
    sync_roles()
    made = user("mia", permissions=[])
    made.user_permissions.clear()
    made.groups.add(Group.objects.get(name="District manager"))
    client.force_login(made)
    catalogue.catalogue()
    return made


def page_of(category, **changes):
    """What the form of a category posts as it stands."""
    questions = list(category.questions.all())
    typed = {
        "name": category.name, "code": category.code, "group": category.group, "description": category.description,
        "keywords": category.keywords, "order": category.order, "is_active": "on",
        "first_action_days": category.first_action_days, "repair_days": category.repair_days,
        "first_action_hours": category.first_action_hours or "", "duplicate_radius_m": category.duplicate_radius_m,
        "stop": category.stop, "questions-TOTAL_FORMS": len(questions), "questions-INITIAL_FORMS": len(questions),
        "questions-MIN_NUM_FORMS": 0, "questions-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, question in enumerate(questions):
        lines = "\n".join(" | ".join(filter(None, (v["key"], v["name"], v.get("stop")))) for v in question.values)
        row = {
            "id": question.pk, "category": category.pk, "order": question.order, "code": question.code,
            "text": question.text, "datatype": question.datatype, "hint": question.hint, "values": lines,
        }  # fmt: skip
        row |= {name: "on" for name in ("required", "variable") if getattr(question, name)}
        typed |= {f"questions-{number}-{name}": value for name, value in row.items()}
    return typed | changes


def save(client, category, **changes):
    return client.post(f"{URL}{category.pk}/change/", page_of(category, **changes))


@pytest.mark.parametrize("code", ["pothole", "debris", "signal_dark"])
def test_a_category_saved_as_it_is_stays_as_it_is(client, manager, code):
    category = Category.objects.get(code=code)
    before = list(category.questions.values())
    answer = save(client, category)
    assert answer.status_code == 302, answer.content.decode()
    after = list(category.questions.values())
    for row in (*before, *after):
        row.pop("updated_at")
    assert after == before


def test_a_changed_question_is_asked_of_the_next_report(client, manager):
    category = Category.objects.get(code="pothole")
    number = category.questions.count()
    new = {"order": 90, "code": "sound", "text": "Does it rattle?", "datatype": "singlevaluelist", "required": "on",
           "variable": "on", "category": category.pk, "id": "", "hint": "",
           "values": "yes | Yes, it does\nno | No\nwires | Wires are down | Keep away and call 911."}  # fmt: skip
    changes = {f"questions-{number}-{name}": value for name, value in new.items()}
    answer = save(client, category, **changes | {"questions-TOTAL_FORMS": number + 1})
    assert answer.status_code == 302, answer.content.decode()
    assert Question.objects.get(code="sound", category=category).values == [
        {"key": "yes", "name": "Yes, it does", "stop": ""}, {"key": "no", "name": "No", "stop": ""},
        {"key": "wires", "name": "Wires are down", "stop": "Keep away and call 911."},
    ]  # fmt: skip
    assert "answers.sound" in {error.field for error in reporting.check(report()).errors}
    assert not reporting.check(report(answers={"sound": "yes"})).errors


def test_the_code_of_a_category_that_was_reported_stays(client, manager):
    category = Category.objects.get(code="pothole")
    filed()
    assert save(client, category, code="hole", name="Hole").status_code == 302
    category.refresh_from_db()
    assert (category.code, category.name) == ("pothole", "Hole")
    first = category.questions.first()
    save(client, category, **{"questions-0-code": "other", "questions-0-text": "Where in the lane?"})
    first.refresh_from_db()
    assert (first.code, first.text) == (category.questions.first().code, "Where in the lane?")
    assert first.code != "other"


def test_the_code_of_a_category_nobody_reported_may_change(client, manager):
    category = Category.objects.get(code="pothole")
    assert save(client, category, code="hole").status_code == 302
    category.refresh_from_db()
    assert category.code == "hole"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("", "A list needs its answers."), ("yes", "Write “yes” as: key | what is read."),
        ("Yes! | Yes", "Write “Yes! | Yes” as"), ("a | A\na | B", "The key “a” stands there twice"),
        ("a | A | stop | more", "as: key | what is read"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_read_are_refused_with_a_sentence(client, manager, values, sentence):
    category = Category.objects.get(code="pothole")
    number = next(n for n, one in enumerate(category.questions.all()) if one.datatype == "singlevaluelist")
    answer = save(client, category, **{f"questions-{number}-values": values})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_a_category_is_switched_off_and_never_deleted(client, manager):
    category = Category.objects.get(code="pothole")
    assert client.post(f"{URL}{category.pk}/delete/", {"post": "yes"}).status_code == 403
    assert save(client, category, is_active="").status_code == 302
    assert "pothole" not in {one.code for one in catalogue.catalogue().offered}


def test_others_look_at_the_catalogue_and_change_nothing(client):
    catalogue.catalogue()
    category = Category.objects.get(code="pothole")
    sync_roles()
    made = user("nora", permissions=[])
    made.user_permissions.clear()
    made.groups.add(Group.objects.get(name="Triage officer"))
    client.force_login(made)
    assert client.get(URL).status_code == 200
    assert save(client, category, name="Mine").status_code == 403
    category.refresh_from_db()
    assert category.name == "Pothole"


def test_the_list_of_categories_takes_few_queries(client, manager, django_assert_max_num_queries):
    client.get(URL)
    with django_assert_max_num_queries(9):
        assert client.get(URL).status_code == 200

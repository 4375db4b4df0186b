"""The questions of a category and the last page: typed answers, stops, limits, errors that lead to their page."""

import pytest

from incidents.catalogue import catalogue
from incidents.models import Datatype, Incident, Question
from tests.incidents.walking_the_form import Walk, newest

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(client):
    return Walk(client)


def offered():
    return [one for one in catalogue().offered if not one.stop]


def answer_of(question):
    """A good answer, as the control of its type sends it."""
    fine = [one["key"] for one in question.values if not one.get("stop")]
    return {
        Datatype.DATETIME: {"_0": "11/20/2026", "_1": "7:30 AM"},
        Datatype.NUMBER: {"": "4"},
        Datatype.SINGLE: {"": fine[0] if fine else ""},
        Datatype.MULTI: {"": fine[:2]},
    }.get(question.datatype, {"": "By the bridge"})


def answers_of(questions):
    return {
        f"q_{question.code}{part}": value
        for question in questions
        if question.variable
        for part, value in answer_of(question).items()
    }


def test_every_category_can_be_reported_with_all_its_questions(walk):
    for category in offered():
        questions = catalogue().questions_of(category.code)
        walk.to_details(category.code, route="I-35", milepost="120.5", county="story")
        if walk.path.endswith("/similar/"):
            walk.get(f"/report/{newest().token}/details/")
        for question in questions:
            assert question.text.replace("'", "&#x27;") in walk.html.replace("&quot;", '"'), (category, question)
        walk.send(description="Seen twice", **answers_of(questions))
        assert walk.path.endswith("/check/"), (category.code, walk.words)
        walk.send()
        assert walk.path.endswith("/done/"), category.code
        asked = {question.code for question in questions if question.variable}
        assert set(Incident.objects.latest("pk").answers) == asked


def test_every_answer_that_ends_the_form_says_its_sentence_and_files_nothing(walk):
    stopping = [(question, one) for question in Question.objects.all() for one in question.values if one.get("stop")]
    assert stopping
    walk.to_details("pothole")
    for question, value in stopping[:12]:
        code = question.category.code
        walk.to_details(code)
        answer = [value["key"]] if question.datatype == Datatype.MULTI else value["key"]
        walk.send(description="Please hurry", **{f"q_{question.code}": answer})
        assert walk.path.endswith("/stop/")
        assert value["stop"].split(".")[0] in walk.words
        assert ("call 911 now" in value["stop"]) is ('href="tel:911"' in walk.html)
        assert walk.get(f"/report/{newest().token}/check/").request["PATH_INFO"].endswith("/stop/")
        walk.get(f"/report/{newest().token}/details/")
        assert "Please hurry" in walk.html
    assert not Incident.objects.exists()


def test_taking_the_answer_back_opens_the_form_again(walk):
    walk.to_details("sinkhole").send(q_danger="hurt")
    assert walk.path.endswith("/stop/")
    walk.get(f"/report/{newest().token}/details/")
    walk.send(q_danger="none", q_lane="right")
    assert walk.path.endswith("/check/")


def test_a_required_question_left_out_is_an_error_that_keeps_the_rest(walk):
    walk.to_details("sinkhole").send(description="Wide as a car", q_lane="left")
    assert walk.path.endswith("/details/")
    assert "Answer the question “Is anyone in danger right now?”" in walk.words
    assert "Wide as a car" in walk.html


@pytest.mark.parametrize(("length", "fine"), [(4000, True), (4001, False)])
def test_a_description_is_counted_by_the_server(walk, length, fine):
    walk.to_details().send(description="ä" * length)
    assert walk.path.endswith("/check/") is fine
    assert fine or "at most 4,000 characters; this has 4,001" in walk.words
    assert fine or "ä" * 4001 in walk.html


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"q_depth_inches": "very"}, "write a number"), ({"q_size": "moon"}, "choose one of the list"),
     ({"description": "bell\x07"}, "cannot be stored")],
)  # fmt: skip
def test_a_wrong_answer_is_said_in_words(walk, answer, words):
    walk.to_details().send(**answer)
    assert walk.path.endswith("/details/")
    assert words in walk.words


@pytest.mark.parametrize(
    ("day", "hour", "page"),
    [("11/20/2026", "", "check"), ("", "", "check"), ("soon", "", "details"), ("2/30/2026", "", "details")],
)
def test_a_rough_time_is_good_enough_and_a_wrong_one_is_not_dropped(walk, day, hour, page):
    walk.to_details("sinkhole").send(q_danger="none", q_lane="left", q_since_0=day, q_since_1=hour)
    assert walk.path.endswith(f"/{page}/")
    walk.get(f"/report/{newest().token}/check/")
    assert walk.path.endswith(f"/{page}/")


# -- check and send ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "words"),
    [({"email": "walter"}, "e-mail address like"), ({"phone": "twelve"}, "phone number like"),
     ({"name": "x" * 121}, "at most 120")],
)  # fmt: skip
def test_a_wrong_contact_is_said_in_words_and_everything_stays(walk, person, words):
    walk.to_check(description="Deep").send(
        name=person.get("name", "Walter"), **{k: person[k] for k in person if k != "name"}
    )
    assert walk.path.endswith("/check/")
    assert words in walk.words
    assert "Walter" in walk.html or "xxx" in walk.html
    assert not Incident.objects.exists()


def test_the_last_page_shows_everything_with_links_to_change_it(walk):
    walk.to_check(description="<b>Deep</b>", q_lane="right")
    for words in ("Pothole", "42.03080, -93.63190", "Right lane", "Story County"):
        assert words in walk.words
    assert "&lt;b&gt;Deep&lt;/b&gt;" in walk.html
    for page in ("what", "place", "details"):
        assert f'href="/report/{newest().token}/{page}/"' in walk.html


def test_another_category_asks_its_own_questions_before_it_is_sent(walk):
    walk.to_check(q_lane="right", description="Deep")
    token = newest().token
    walk.send(path=f"/report/{token}/what/", category="sinkhole")
    walk.get(f"/report/{token}/check/")
    assert walk.path.endswith("/details/")
    assert "Is anyone in danger right now?" in walk.words
    assert "Deep" in walk.html


def test_a_category_taken_away_meanwhile_leads_back_to_the_list(walk):
    walk.to_check()
    category = catalogue().by_code["pothole"]
    category.is_active = False
    category.save()
    walk.send()
    assert walk.path.endswith("/what/")
    assert not Incident.objects.exists()

"""Taking persons out of texts that others wrote."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from workflow.forgetting import Scrubber, each_text
from workflow.registry import Registry, registry

WALTER = Scrubber(names=["Walter J. Hale"], emails=["walter.hale@example.net"], phones=["515 555 0147"])

TEXTS = [
    ("Deep hole in the right lane.", "Deep hole in the right lane."),
    ("Regards, Walter", "Regards, [removed]"),
    ("WALTER J.  HALE said so", "[removed] said so"),
    ("The Hales are not the Hale.", "The Hales are not the [removed]."),
    ("Write to Walter.Hale@Example.net.", "Write to [removed]."),
    ("515-555-0147", "[removed]"),
    ("(515) 555-0147", "[removed]"),
    ("+1 515.555.0147", "[removed]"),
    ("5155550147", "[removed]"),
    ("Post 15155550147 of it", "Post [removed] of it"),
    ("Permit 95155550147", "Permit 95155550147"),
    ("mile 515.5", "mile 515.5"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "left"), TEXTS, ids=[text or "nothing" for text, _ in TEXTS])
def test_a_text_loses_its_person_and_nothing_else(text, left):
    assert WALTER.text(text) == left
    assert WALTER.text(left) == left


def test_short_parts_of_a_name_are_words_of_every_sentence():
    assert Scrubber(names=["Al Bo Ng"]).text("It is Ng, Al Bo Ng.") == "It is Ng, [removed]."


def test_a_foreign_number_is_found_with_its_country_code():
    assert Scrubber(phones=["+44 20 7946 0958"]).text("Call +44 20 7946 0958 or +442079460958.") == (
        "Call [removed] or [removed]."
    )


@pytest.mark.parametrize("person", [Scrubber(), Scrubber(names=[""], emails=[" "], phones=["", "12"])])
def test_nobody_is_nowhere(person):
    assert person.text("Call 12 or 911.") == "Call 12 or 911."


def test_a_name_that_looks_like_a_pattern_is_a_name():
    assert Scrubber(names=["(a+)+$ [x"], emails=["a.b+c@example.net"]).text("axb+c@example.net (a+)+$ [x") == (
        "axb+c@example.net [removed]"
    )


def test_every_text_of_a_json_value_is_changed_and_no_key():
    value = {"Walter": ["Walter", {"a": "Hale"}], "n": 1, "none": None, "yes": True}
    assert each_text(value, WALTER.text) == {
        "Walter": ["[removed]", {"a": "[removed]"}], "n": 1, "none": None, "yes": True,
    }  # fmt: skip


def test_what_is_registered_is_asked_with_the_dry_run():
    asked, own = [], Registry()
    own.register_forgetting(lambda dry_run: asked.append(dry_run) or ["the persons of X"])
    assert [line for forgetting in own.forgettings for line in forgetting(True)] == ["the persons of X"]
    assert asked == [True]
    assert registry.forgettings is not own.forgettings


@pytest.mark.django_db
def test_sessions_that_ended_go_with_the_next_run():
    now = timezone.now()
    for name, days in (("over", -1), ("open", 1)):
        Session.objects.create(session_key=name, session_data="x", expire_date=now + timedelta(days=days))
    out = StringIO()
    call_command("forget", "--dry-run", stdout=out)
    assert out.getvalue() == "Would forget 1 sessions that ended.\n"
    assert Session.objects.count() == 2
    call_command("forget", stdout=StringIO())
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]

"""What everybody may read, and what nobody may."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, Inquiry, Open311Update, Photo
from incidents.photos import address_of
from tests.incidents import factories as make
from tests.incidents.open311.asking import ask, every_datatype, faults, ids, iso, said
from workflow import engine
from workflow.actors import SYSTEM

pytestmark = pytest.mark.django_db
STATES = ("triaged", "needs_info", "scheduled", "in_progress", "resolved", "rejected", "closed", "duplicate")


def hide(case):
    Incident.objects.filter(pk=case.pk).update(hidden_because="shows a person")


def test_a_hidden_report_is_nowhere(extension):
    """30"""
    case, seen = make.in_state("scheduled"), make.filed()
    hide(case)
    answer = ask(f"requests/{case.reference}", extension)
    assert (answer.status_code, faults(answer)) == (404, [(404, "unknown_request")])
    assert ids() == ids(service_request_id=f"{case.reference},{seen.reference}") == [seen.reference]
    assert {entry["service_request_id"] for entry in said("servicerequestupdates")} == {seen.reference}


@pytest.mark.parametrize("state", STATES)
def test_nothing_of_the_reporter_is_in_any_answer(state, extension):
    """31"""
    secret = (make.EMAIL, "walter", "hale", make.PHONE, "0147", "red barn")
    every_datatype()
    case = make.in_state(
        state,
        category="everything",
        description=f"Write to {make.EMAIL} or call {make.PHONE}.",
        answers={"a_string": "Walter Hale, red barn", "a_text": make.EMAIL, "a_singlevaluelist": "left"},
    )
    Inquiry.objects.create(incident=case, text="Which?", asked_by="T", due_at=timezone.now(), answer="Walter Hale")
    make.photo(incident=case)
    references = Incident.objects.values_list("reference", flat=True)
    paths = ["requests", "servicerequestupdates", *(f"requests/{one}" for one in references)]
    for path in paths:
        for params in ({}, {"extensions": "true"}):
            answer = ask(path, extension, **params)
            assert answer.status_code == 200
            body = answer.content.decode().lower()
            assert case.reference.lower() in body or path.startswith("requests/")
            assert [word for word in secret if word.lower() in body] == []


@pytest.mark.parametrize("state", ["resolved", "rejected", "closed", "duplicate"])
def test_what_has_ended_says_when_and_why(state, extension):
    """32"""
    case = make.in_state(state)
    if extension == "json":
        [entry] = said(f"requests/{case.reference}")
    else:
        entry = {node.tag: node.text for node in said(f"requests/{case.reference}", "xml")[0]}
    assert entry["status"] == "closed"
    assert entry["status_notes"] == case.public_sentence
    assert entry["updated_datetime"] == iso(case.ended_at)


def test_what_is_open_says_where_it_stands_and_when_it_changed():
    case = make.in_state("scheduled")
    [entry] = said(f"requests/{case.reference}")
    assert (entry["status"], entry["status_notes"]) == ("open", "Repair planned")
    assert entry["updated_datetime"] == iso(case.updated_at)


def test_a_closed_report_that_changes_later_keeps_its_closing_time_and_is_in_the_feed_of_changes():
    case = make.in_state("rejected")
    later = timezone.now() + timedelta(hours=2)
    Incident.objects.filter(pk=case.pk).update(updated_at=later)
    [entry] = said("requests", updated_after=iso(later - timedelta(hours=1)))
    assert entry["updated_datetime"] == iso(case.ended_at)


def test_expected_is_what_the_clock_says():
    """33"""
    case = make.filed()
    [entry] = said(f"requests/{case.reference}")
    assert entry["expected_datetime"] == iso(case.expected_at)
    assert abs(case.expected_at - case.due_at) < timedelta(minutes=1)


def test_only_photos_an_officer_let_through_are_shown():
    case = make.filed()
    first, second = make.photo(incident=case), make.photo(incident=case)
    assert said(f"requests/{case.reference}")[0]["media_url"] is None
    Photo.objects.filter(pk=second.pk).update(is_public=True, moderated_at=timezone.now())
    [entry] = said(f"requests/{case.reference}", extensions="true")
    assert entry["media_url"] == address_of(second)
    assert entry["extended_attributes"]["photos"] == [address_of(second)]
    assert first.token not in json.dumps(entry)


def test_extensions_name_the_answers_the_place_and_what_happened():
    case = make.in_state(
        "scheduled", answers={"lane": "right", "depth_inches": "4"}, milepost=120.5, route="I-35", direction="NB"
    )
    engine.change(case, "me_too", actor=SYSTEM, apply=lambda fresh: setattr(fresh, "votes", 3))
    [entry] = said(f"requests/{case.reference}", extensions="true")
    assert entry["attributes"] == [
        {"label": "Where on the road is it?", "name": "Right lane", "value": "right", "code": "lane"},
        {"label": "How deep is it, in inches?", "name": "4", "value": "4", "code": "depth_inches"},
    ]
    assert entry["extended_attributes"] == {
        "channel": "form",
        "detailed_status": "scheduled",
        "route": "I-35",
        "milepost": 120.5,
        "direction": "NB",
        "duplicate_of": None,
        "votes": 3,
        "photos": [],
    }
    assert [note["type"] for note in entry["notes"]] == ["submitted", "triaged", "scheduled"]
    assert [note["description"] for note in entry["notes"]] == ["Received", "With the right team", "Repair planned"]
    plain = said(f"requests/{case.reference}")[0]
    assert not {"attributes", "extended_attributes", "notes"} & set(plain)
    assert plain == {name: entry[name] for name in plain}


def test_a_joined_report_names_the_one_it_was_joined_with_unless_that_is_hidden():
    case = make.in_state("duplicate")
    survivor = case.duplicate_of

    def named():
        [entry] = said(f"requests/{case.reference}", extensions="true")
        return entry["extended_attributes"]["duplicate_of"]

    assert named() == survivor.reference
    hide(survivor)
    assert named() is None


def test_an_update_of_others_is_a_note_only_when_an_officer_let_it_through(key):
    from workflow.models import ApiKey

    case = make.filed()
    update = Open311Update.objects.create(
        key=ApiKey.objects.get(), update_id="7", incident=case, status="OPEN", updated_datetime=timezone.now(),
        description="Still there, write to ann@example.net",
    )  # fmt: skip
    notes = [note["type"] for note in said("requests", extensions="true")[0]["notes"]]
    assert notes == ["submitted", "triaged"]
    Open311Update.objects.filter(pk=update.pk).update(is_public=True)
    assert said("requests", extensions="true")[0]["notes"][-1] == {
        "datetime": iso(update.updated_datetime), "description": "Still there, write to [removed]", "type": "update",
    }  # fmt: skip

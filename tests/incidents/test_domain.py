"""The way of a report, end to end, by the engine alone."""

import pytest

from incidents import photos
from incidents.models import Incident
from tests.incidents import factories as make
from tests.incidents.picture_samples import phone_photo, upload
from workflow.errors import InvalidData
from workflow.invariants import findings
from workflow.models import Event

S = Incident.State


@pytest.mark.django_db(transaction=True)
def test_a_report_goes_from_the_road_to_the_repair_and_leaves_nothing_for_invariants_to_find():
    case = make.filed()
    assert case.state == S.TRIAGED
    assert case.status == "open"
    assert case.title == "Pothole on US-69 northbound"
    assert case.county == "story"
    assert case.team is not None
    case = make.fire(case, "dispatch", crew="Ames patching crew")
    assert case.state == S.IN_PROGRESS
    assert case.jobs.get().order_number
    photos.keep(upload(phone_photo(), "patch.jpg"), incident=case, kind="repair")
    case = make.fire(case, "resolve", sentence="The hole is patched.")
    assert (case.state, case.status, case.reason_code) == (S.RESOLVED, "closed", "fixed")
    case = make.fire(case, "reopen", actor=make.reporter(case), text="The patch came out again.")
    assert (case.state, case.status, case.priority, case.reopened) == (S.TRIAGED, "open", 10, 1)
    there = {str(one) for one in findings() if one.reference not in ("event_is_never_deleted",)}  # tests take it off
    assert there == set()


@pytest.mark.django_db(transaction=True)
def test_every_state_can_be_reached_by_the_moves_people_make():
    for state in S.values:
        if state not in (S.NEW, S.SUBMITTED):
            assert make.in_state(state).state == state


@pytest.mark.django_db
def test_the_words_of_a_person_never_stand_in_the_history():
    case = make.in_state("needs_info", description="Call me: walter.hale@example.net")
    case = make.fire(case, "answer", actor=make.reporter(case), text="The right lane, says Walter Hale")
    lines = "".join(str((event.data, event.note, event.actor)) for event in Event.objects.filter(case=case))
    assert "Walter" not in lines
    assert "walter" not in lines
    assert case.inquiries.get().answer == "The right lane, says Walter Hale"


BAD = [
    ({"latitude": 39.0, "longitude": -93.6}, "outside_state"),
    ({"category": "teleporter"}, "unknown_category"),
    ({"longitude": None}, "longitude_missing"),
    ({"latitude": None}, "latitude_missing"),
    ({"description": "x" * 4001}, "description_too_long"),
    ({"latitude": "north"}, "not_a_number"),
    ({"latitude": 95.0}, "out_of_range"),
    ({"latitude": None, "longitude": None, "route": ""}, "place_missing"),
    ({"route": "Elm Street"}, "bad_route"),
    ({"direction": "up"}, "bad_direction"),
    ({"county": "gotham"}, "unknown_county"),
    ({"route": "", "milepost": 12.5}, "milepost_without_route"),
    ({"email": "walter"}, "bad_email"),
    ({"phone": "call me"}, "bad_phone"),
    ({"photos": ["nowhere"]}, "photo_unknown"),
    ({"description": "a\x00b"}, "unreadable_text"),
    ({"colour": "red"}, "unknown_field"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("changes", "code"), BAD)
def test_a_wrong_report_is_refused_with_a_code_and_a_sentence_and_nothing_is_stored(changes, code):
    with pytest.raises(InvalidData) as refused:
        make.filed(**changes)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert refused.value.reasons[0].sentence.endswith(".")
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_4000_characters_are_taken():
    assert len(make.filed(description="x" * 4000).description) == 4000

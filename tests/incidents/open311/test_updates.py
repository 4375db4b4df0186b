"""Updates: our moves for everybody to poll, and what others tell us."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents import desk
from incidents.models import Incident, Open311Update, Photo
from incidents.open311.updates import STATUSES
from tests.incidents import factories as make
from tests.incidents.open311.asking import AMES, ask, faults, id_of, iso, post, said, write_key
from tests.incidents.open311.test_bodies import picture
from workflow.models import Event

pytestmark = pytest.mark.django_db
PATH = "servicerequestupdates"


def update(reference, **changes):
    values = {
        "service_request_id": reference,
        "update_id": "77",
        "status": "OPEN",
        "updated_datetime": "2026-11-20T10:00:00-06:00",
        "description": "It is still there.",
    }
    return values | changes


def send(extension, key, *args, **changes):
    return post(extension, path=PATH, key=key, **update(*args, **changes))


def update_id(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()[0]["update_id"]


def test_an_update_sent_again_is_the_same_update(key, extension):
    """36"""
    case = make.filed()
    first = send(extension, key, case.reference)
    again = send(extension, key, case.reference)
    changed = send(extension, key, case.reference, description="Other words", status="FIXED")
    assert first.status_code == 200
    assert first.content == again.content == changed.content
    stored = Open311Update.objects.get()
    assert (stored.status, stored.description, stored.is_public) == ("OPEN", "It is still there.", False)
    assert update_id(send("json", write_key("B"), case.reference)) != update_id(send("json", key, case.reference))


def test_an_update_is_read_by_officers_only_until_they_let_it_through(key):
    case = make.filed()
    made = update_id(send("json", key, case.reference, description="Call 515 555 0147"))
    assert made not in [entry["update_id"] for entry in said(PATH)]
    line = Event.objects.filter(case=case).latest("seq")
    assert (line.kind, line.public, line.actor) == ("update_received", False, "A city")
    assert "0147" not in str(line.data)
    before = timezone.now() - timedelta(minutes=1)
    desk.publish_update(case, update=Open311Update.objects.get(), actor=make.officer(team=case.team))
    [entry] = [one for one in said(PATH, start_date=iso(before)) if one["update_id"] == made]
    published = Open311Update.objects.get().published_at
    assert entry == {
        "update_id": made, "service_request_id": case.reference, "status": "OPEN",
        "updated_datetime": iso(published), "description": "Call [removed]", "media_url": None,
        "external_status_code": None,
    }  # fmt: skip
    desk.publish_update(case, update=Open311Update.objects.get(), is_public=False, actor=make.officer(team=case.team))
    assert made not in [one["update_id"] for one in said(PATH)]


def test_pictures_of_an_update_are_kept_for_the_officers(key):
    case = make.filed()
    body = {**update(case.reference), "api_key": key, "photo1": picture()}
    assert Client().post(f"/open311/v2/{PATH}.json", body).status_code == 200
    assert Photo.objects.get(incident=case).is_public is False


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_taken_in_either_case(status, key):
    case = make.filed()
    assert send("json", key, case.reference, status=status.lower()).status_code == 200
    assert Open311Update.objects.get().status == status


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"service_request_id": ""}, 400, "request_missing"),
        ({"service_request_id": "IR-26-000000"}, 404, "unknown_request"),
        ({"update_id": ""}, 400, "parameter_missing"),
        ({"status": ""}, 400, "parameter_missing"),
        ({"updated_datetime": ""}, 400, "parameter_missing"),
        ({"description": ""}, 400, "parameter_missing"),
        ({"status": "BROKEN"}, 400, "unknown_value"),
        ({"updated_datetime": "2026-11-20T10:00:00"}, 400, "bad_date"),
        ({"update_id": "x" * 101}, 400, "update_id_too_long"),
        ({"description": "x" * 4001}, 400, "description_too_long"),
    ],
)
def test_an_update_that_is_not_whole_is_refused(changes, status, reason, key, extension):
    case = make.filed()
    answer = post(extension, path=PATH, key=key, **update(case.reference) | changes)
    assert (answer.status_code, faults(answer)) == (status, [(status, reason)])
    assert not Open311Update.objects.exists()


def test_everything_missing_is_said_at_once(key):
    answer = post(path=PATH, key=key, service_request_id=make.filed().reference)
    assert faults(answer) == [(400, "parameter_missing")] * 4


def test_a_hidden_report_takes_updates_of_its_own_key_only(key):
    reference = id_of(post(key=key, service_code="pothole", **AMES))
    Incident.objects.update(hidden_because="shows a person")
    assert faults(send("json", write_key("B"), reference)) == [(404, "unknown_request")]
    assert send("json", key, reference).status_code == 200


def ended(key):
    reference = id_of(post(key=key, service_code="pothole", **AMES))
    case = make.drain(Incident.objects.get(reference=reference))
    return make.fire(case, "reject", reason_code="not_ours", sentence="This is a county road.")


def test_the_key_that_filed_a_report_reopens_it(key, extension):
    case = ended(key)
    assert send(extension, key, case.reference, status="REOPEN", description="The hole is back.").status_code == 200
    case = make.fresh(case)
    assert (case.state, case.status, case.reopened) == ("triaged", "open", 1)
    assert send(extension, key, case.reference, status="REOPEN").status_code == 200
    assert make.fresh(case).reopened == 1


def test_another_key_or_a_late_one_only_leaves_a_word_for_the_officers(key):
    case = ended(key)
    send("json", write_key("B"), case.reference, status="REOPEN")
    Incident.objects.update(reopen_until=timezone.now() - timedelta(minutes=1))
    send("json", key, case.reference, status="REOPEN")
    assert make.fresh(case).state == "rejected"
    assert [one.status for one in Open311Update.objects.all()] == ["REOPEN", "REOPEN"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("needs_info", "INVESTIGATING"),
        ("scheduled", "ACTION_SCHEDULED"),
        ("in_progress", "IN_PROGRESS"),
        ("resolved", "FIXED"),
        ("closed", "NO_FURTHER_ACTION"),
        ("rejected", "NOT_COUNCILS_RESPONSIBILITY"),
        ("duplicate", "DUPLICATE"),
    ],
)
def test_our_moves_are_updates_in_the_words_of_the_protocol(state, status):
    case = make.in_state(state)
    entries = [entry for entry in said(PATH) if entry["service_request_id"] == case.reference]
    assert [entry["status"] for entry in entries][:2] == ["OPEN", "INVESTIGATING"]
    last = entries[-1]
    assert (last["status"], last["external_status_code"]) == (status, case.state)
    assert last["description"] == (case.public_sentence or case.public_label)
    assert last["updated_datetime"] == iso(Event.objects.filter(case=case, kind="transition").latest("seq").at)
    assert len({entry["update_id"] for entry in said(PATH)}) == len(said(PATH))


def test_a_report_that_came_back_is_open_again_and_its_old_end_is_told_without_its_sentence():
    case = make.in_state("rejected")
    case = make.fire(case, "reopen", actor=make.reporter(case))
    statuses = [(entry["status"], entry["description"]) for entry in said(PATH)]
    assert statuses[-2:] == [("NO_FURTHER_ACTION", "Not taken up"), ("OPEN", "With the right team")]


def test_updates_have_windows_and_ids(extension):
    case, other = make.filed(), make.filed()
    assert {entry["service_request_id"] for entry in said(PATH, service_request_id=case.reference)} == {case.reference}
    assert len(said(PATH)) == 4
    assert said(PATH, end_date="2026-01-01T00:00:00Z") == []
    future = iso(timezone.now() + timedelta(hours=1))
    past = iso(timezone.now() - timedelta(hours=2))
    assert len(said(PATH, start_date=past, end_date=future)) == 4
    answer = ask(PATH, extension, start_date=past, end_date=iso(timezone.now() + timedelta(days=91)))
    assert (answer.status_code, faults(answer)) == (400, [(400, "bad_window")])
    root = said(PATH, "xml")
    assert root.tag == "service_request_updates"
    assert {node.tag for node in root} == {"request_update"}
    assert other.reference in [node.findtext("service_request_id") for node in root]


def test_updates_cost_the_same_for_one_report_and_for_many(django_assert_num_queries):
    for count in (1, 5):
        for _ in range(count):
            make.filed()
        with django_assert_num_queries(2):
            said(PATH)

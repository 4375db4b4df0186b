"""Which requests a query finds: windows, lists, limits, pages, places."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.incidents import factories as make
from tests.incidents.open311.asking import ask, entries, faults, ids, iso, moved
from tests.incidents.open311.many import put_many

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def filed(days_ago=0.0, **changes):
    """The id of a report of so many days ago."""
    reference = make.anonymous(**changes).reference
    then = timezone.now() - days_ago * DAY
    moved(reference, created_at=then, updated_at=then)
    return reference


def test_without_a_window_the_last_90_days_are_shown_newest_first():
    """21"""
    old, older, new = filed(89), filed(91), filed()
    assert ids() == [new, old]
    assert older not in ids()


def test_a_range_has_at_most_90_days(extension):
    """22"""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    good = ask("requests", extension, start_date=iso(start), end_date=iso(start + 90 * DAY))
    assert good.status_code == 200
    bad = ask("requests", extension, start_date=iso(start), end_date=iso(start + 90 * DAY + timedelta(seconds=1)))
    assert (bad.status_code, faults(bad)) == (400, [(400, "bad_window")])
    backwards = ask("requests", extension, start_date=iso(start), end_date=iso(start - DAY))
    assert faults(backwards) == [(400, "bad_window")]


def test_one_end_of_the_range_means_the_90_days_beside_it():
    now = timezone.now()
    found = {days: filed(days) for days in (1, 100, 150, 200)}
    assert ids(start_date=iso(now - 160 * DAY)) == [found[100], found[150]]
    assert ids(end_date=iso(now - 120 * DAY)) == [found[150], found[200]]
    assert ids(start_date=iso(now - 50 * DAY)) == [found[1]]


def test_the_start_is_in_and_the_end_is_not():
    moment = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
    reference = filed()
    moved(reference, created_at=moment)
    second = timedelta(seconds=1)
    assert ids(start_date=iso(moment), end_date=iso(moment + second)) == [reference]
    assert ids(start_date=iso(moment - second), end_date=iso(moment)) == []


BAD_DATES = ["2026-11-01", "2026-11-01T10:00:00", "2026-11-01 10:00:00Z", "2026-13-01T10:00:00Z", "yesterday",
             "2026-11-01T10:00:00+0500", "1764000000", "2026-11-01T25:00:00Z", "0001-01-01T00:00:00+23:59",
             "2026-11-01T10:00:00+99:99", "٢٠٢٦-11-01T10:00:00Z"]  # fmt: skip


@pytest.mark.parametrize("text", BAD_DATES)
def test_a_date_without_a_zone_or_sense_is_a_400(text, extension):
    """23"""
    for name in ("start_date", "end_date", "updated_after", "updated_before"):
        answer = ask("requests", extension, **{name: text})
        assert (answer.status_code, faults(answer)) == (400, [(400, "bad_date")])


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-01T00:00:00.000Z"])
@pytest.mark.parametrize("name", ["start_date", "end_date", "updated_after", "updated_before"])
def test_the_ends_of_time_break_nothing(text, name):
    assert ask("requests", "json", **{name: text}).status_code in (200, 400)


def test_every_spelling_of_the_same_moment_finds_the_same():
    """23"""
    start = timezone.now().replace(microsecond=0) - 2 * DAY
    inside, _ = filed(1), filed(3)
    ahead = start.astimezone(timezone.get_fixed_timezone(330)).isoformat()
    behind = start.astimezone(timezone.get_fixed_timezone(-360)).isoformat()
    zulu = iso(start)
    texts = [zulu, zulu.replace("Z", "+00:00"), ahead, behind, zulu.lower(), zulu.replace("Z", ".000Z")]
    assert [ids(start_date=text) for text in texts] == [[inside]] * len(texts)


def test_a_plus_sign_that_arrives_as_a_blank_is_tolerated():
    """24"""
    start = timezone.now().replace(microsecond=0) - 2 * DAY
    inside, _ = filed(1), filed(3)
    for minutes in (0, 330):
        text = start.astimezone(timezone.get_fixed_timezone(minutes)).isoformat()
        answer = Client().get(f"/open311/v2/requests.json?start_date={text}")  # nothing escaped: + is a blank
        assert [entry["service_request_id"] for entry in answer.json()] == [inside]


def test_ids_override_everything_else():
    """25"""
    first, second, old = filed(), filed(), filed(400)
    wanted = f"{old},{first.lower()}, IR-26-000000 ,,{first}"
    query = {"service_request_id": wanted, "status": "nonsense", "start_date": "never", "service_code": "nothing",
             "page": "0", "bbox": "x"}  # fmt: skip
    assert ids(**query) == [first, old]
    assert ids(service_request_id=[first, second]) == [second, first]
    assert ids(service_request_id="IR-26-000000") == []


def test_statuses_can_be_one_or_both(extension):
    """26"""
    opened, closed = make.anonymous().reference, make.in_state("rejected").reference
    assert ids(status="open") == [opened]
    assert ids(status="closed") == [closed]
    both = {opened, closed}
    for given in ("open,closed", ["open", "closed"], "CLOSED, Open", ""):
        assert set(ids(status=given)) == both
    answer = ask("requests", extension, status="open,pending")
    assert (answer.status_code, faults(answer)) == (400, [(400, "unknown_value")])


def test_services_can_be_several_and_an_unknown_one_is_a_404(extension):
    hole, debris, _ = filed(), filed(category="mowing"), filed(category="guardrail")
    assert set(ids(service_code="pothole,mowing")) == {hole, debris}
    answer = ask("requests", extension, service_code="pothole,teleporter")
    assert (answer.status_code, faults(answer)) == (404, [(404, "unknown_service")])


def test_at_most_1000_are_shown_and_the_newest_of_them():
    """27"""
    put_many(1001)
    found = ids()
    assert len(found) == 1000
    dates = [entry["requested_datetime"] for entry in entries()]
    assert dates == sorted(dates, reverse=True)
    assert ids(page="2") == list(set(ids(page_size="1000", page="2")))
    assert len(set(found) | set(ids(page="2"))) == 1001


def test_pages_together_are_the_whole():
    """28"""
    put_many(25, at=timezone.now() - DAY)  # all at the same moment
    whole = ids()
    pages = [ids(page=str(number), page_size="10") for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [one for page in pages for one in page] == whole


def test_pages_of_a_window_that_has_an_end_stay_as_they_are_while_reports_come_in():
    """28"""
    put_many(25)
    window = {"end_date": iso(timezone.now() + timedelta(seconds=1)), "page_size": "10"}
    first = ids(**window, page="1")
    second = ids(**window, page="2")
    moved(make.anonymous().reference, created_at=timezone.now() + timedelta(hours=1))
    assert (ids(**window, page="1"), ids(**window, page="2")) == (first, second)


@pytest.mark.parametrize("params", [{"page": "0"}, {"page": "-1"}, {"page": "one"}, {"page": "1.5"},
                                    {"page": "99999999999"}, {"page_size": "0"}, {"page_size": "1001"}])  # fmt: skip
def test_a_page_that_does_not_count_is_a_400(params, extension):
    answer = ask("requests", extension, **params)
    assert (answer.status_code, faults(answer)) == (400, [(400, "out_of_range")])


def test_an_empty_parameter_is_as_none():
    """29"""
    reference = filed()
    names = ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size", "bbox",
             "lat", "long", "radius", "updated_after", "updated_before", "jurisdiction_id", "extensions")  # fmt: skip
    assert ids(**dict.fromkeys(names, "")) == [reference]
    assert ids(**dict.fromkeys(names, " ")) == [reference]
    assert ids(unheard_of="x") == [reference]


def test_what_changed_is_found_however_old_it_is():
    now = timezone.now()
    old, quiet = filed(300), filed(1)
    moved(old, updated_at=now - timedelta(hours=1))
    moved(quiet, updated_at=now - 3 * DAY)
    assert ids(updated_after=iso(now - DAY)) == [old]
    assert ids(updated_before=iso(now - 2 * DAY)) == [quiet]
    assert ids(updated_after=iso(now - DAY), start_date=iso(now - 10 * DAY)) == []
    assert ids(updated_after=iso(now - 5 * DAY), updated_before=iso(now)) == [quiet, old]


def test_a_box_and_a_circle_find_what_lies_in_them():
    near, far = filed(), filed(latitude=42.04, longitude=-93.6319)  # 1,024 m to the north
    nowhere = make.anonymous(latitude=None, longitude=None, address="Main Street, Ames").reference
    assert set(ids(bbox="-93.7,42.0,-93.6,42.1")) == {near, far}
    assert ids(bbox="-93.7,42.035,-93.6,42.1") == [far]
    here = {"lat": "42.0308", "long": "-93.6319"}
    assert ids(**here) == [near]
    assert ids(**here, radius="1020") == [near]
    assert set(ids(**here, radius="1030")) == {near, far}
    assert nowhere in ids()


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"bbox": "1,2,3"}, "bad_bbox"),
        ({"bbox": "-93,42,-94,43"}, "bad_bbox"),
        ({"bbox": "nan,nan,nan,nan"}, "bad_bbox"),
        ({"lat": "42"}, "point_incomplete"),
        ({"radius": "50"}, "point_incomplete"),
        ({"lat": "42", "long": "x"}, "not_a_number"),
        ({"lat": "42", "long": "-93", "radius": "50001"}, "out_of_range"),
        ({"lat": "42", "long": "-93", "radius": "0"}, "out_of_range"),
    ],
)
def test_a_place_that_cannot_be_read_is_a_400(params, reason, extension):
    answer = ask("requests", extension, **params)
    assert (answer.status_code, faults(answer)) == (400, [(400, reason)])


def test_nothing_found_is_an_empty_list(extension):
    """21"""
    answer = ask("requests", extension, start_date="2020-01-01T00:00:00Z")
    assert answer.status_code == 200
    assert answer.content.endswith(b"[]" if extension == "json" else b"<service_requests></service_requests>")


@pytest.mark.parametrize("params", [{}, {"extensions": "true"}])
def test_a_list_costs_the_same_for_one_and_for_200(params, django_assert_num_queries):
    """37"""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    put_many(1)
    with CaptureQueriesContext(connection) as counted:
        assert len(entries(**params)) == 1
    put_many(199)
    with django_assert_num_queries(len(counted)):
        assert len(entries(**params)) == 200
    assert len(counted) <= 7

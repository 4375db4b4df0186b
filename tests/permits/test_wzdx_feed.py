"""The public feeds of works: WZDx v4.2 by the official schema, GeoJSON, and what nobody may find in them."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from permits.lifecycle import State
from permits.wzdx import publishing
from permits.wzdx.reading import read_feed
from tests.permits import factories as make
from tests.permits.application_samples import LINE, impact, lanes
from tests.permits.wzdx_check import faults
from workflow import actors

pytestmark = pytest.mark.django_db
FEED, WORKS = "/feeds/wzdx/v4.2/workzones.geojson", "/feeds/works.geojson"
NIGHTS = 3


def read(client, path=FEED, **headers):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def both_directions():
    """A work zone at night that closes one direction and leaves the other one lane."""
    today = timezone.localdate()
    days = [today + timedelta(days=n) for n in range(NIGHTS)]
    return {
        "permit_type": "lane_closure",
        "impacts": [
            impact("northbound", "all-lanes-closed", centerline=LINE),
            impact(
                "southbound",
                "alternating-one-way",
                lanes=lanes("general alternating-flow", "shoulder open"),
                centerline={**LINE, "coordinates": LINE["coordinates"][::-1]},
            ),
        ],
        "ttcp_kind": "custom_plan",
        "detour_text": "US-69 to South 16th Street, then University Boulevard.",
        "detour_lines": [{"road_name": "South 16th Street", "direction": "westbound", "geometry": LINE}],
        "recurring": [{"start_at": f"{day}T20:00", "end_at": f"{day + timedelta(days=1)}T04:00"} for day in days],
        "restrictions": [{"type": "reduced-width", "value": 11, "unit": "feet"}, {"type": "no-trucks"}],
        "from_milepost": "112.4",
        "to_milepost": "113.1",
        "from_cross_street": "",
        "to_cross_street": "",
    }


def row(**changes):
    """A permit in force without the walk: its features are made of these columns alone."""
    now = timezone.now()
    values = {
        "reference": "RP-26-7K3QXM", "state": State.IN_FORCE, "category": "lane_closure", "start_at": now,
        "end_at": now + timedelta(days=9), "created_at": now, "updated_at": now, "issued_at": now,
    }  # fmt: skip
    application = make.application(**both_directions())
    permit = publishing.RoadPermit(**values | changes)
    permit.application = application
    return permit


def test_a_feed_without_works_is_valid(client, db):
    found = read(client)
    assert faults(found) == []
    assert found["features"] == []


def test_a_permit_in_force_is_in_the_feed_by_the_official_schema_and_our_own_reader_takes_it(client, tmp_path):
    permit = make.in_force()
    found = read(client)
    assert faults(found) == []
    [feature] = found["features"]
    assert feature["properties"]["core_details"]["name"] == permit.reference
    assert feature["properties"]["is_start_date_verified"] is False
    written = tmp_path / "feed.geojson"
    written.write_text(json.dumps(found))
    assert read_feed(written) is not None


def test_each_direction_and_each_night_is_a_feature_and_they_name_each_other():
    features = publishing.features_of(row())
    feed = {**publishing.feed(publishing.RoadPermit.objects.none(), publishing.Edition.of(publishing.published()))}
    feed["features"] = features
    assert faults(feed) == []
    zones = [one for one in features if one["properties"]["core_details"]["event_type"] == "work-zone"]
    assert len(zones) == 2 * NIGHTS
    assert len(features) == len(zones) + 1, "and the detour"
    northbound, southbound = zones[0], zones[NIGHTS]
    related = northbound["properties"]["core_details"]["related_road_events"]
    assert {"type": "related-work-zone", "id": southbound["id"]} in related
    assert {"type": "next-occurrence", "id": zones[1]["id"]} in related
    assert {"type": "related-detour", "id": features[-1]["id"]} in related
    assert southbound["geometry"]["coordinates"] == northbound["geometry"]["coordinates"][::-1]


def test_miles_and_lanes_begin_where_the_driver_meets_the_work_first():
    northbound, southbound = publishing.features_of(row())[0], publishing.features_of(row())[NIGHTS]
    assert northbound["properties"]["beginning_milepost"] == 112.4
    assert southbound["properties"]["beginning_milepost"] == 113.1
    assert [lane["order"] for lane in southbound["properties"]["lanes"]] == [1, 2]
    assert {"type": "reduced-width", "value": 11.0, "unit": "feet"} in southbound["properties"]["restrictions"]


def test_an_id_stays_the_same_when_the_work_begins():
    permit = row()
    before = [one["id"] for one in publishing.features_of(permit)]
    permit.actual_start_at = timezone.now()
    after = publishing.features_of(permit)
    assert [one["id"] for one in after] == before
    assert all(one["properties"]["is_start_date_verified"] for one in after)


def test_nothing_a_person_wrote_and_no_person_is_in_the_feeds(client):
    said = "Call Erika Mustermann at 515-555-0100 about the dog."
    permit = make.in_force(work_summary=said)
    answers = permit.application
    for path in (FEED, WORKS):
        text = json.dumps(read(client, path))
        for private in (said, answers["contact_name"], answers["contact_email"], answers["contact_phone"]):
            assert private not in text


@pytest.mark.parametrize("ending", ["cancel", "revoke"])
def test_a_permit_that_ends_is_gone_at_once(client, ending):
    permit = make.in_force()
    assert len(read(client)["features"]) == 1
    data = {"reasons": ["R20"], "explanation": make.EXPLANATION} if ending == "revoke" else {}
    actor = actors.applicant(permit) if ending == "cancel" else None
    make.fire(permit, ending, actor, **data)
    assert read(client)["features"] == []


def test_a_finished_work_zone_stays_for_an_hour_with_its_verified_end(client):
    permit = make.fire(make.active(), "stop_work")
    [feature] = read(client)["features"]
    assert feature["properties"]["is_end_date_verified"] is True
    with time_machine.travel(permit.actual_end_at + timedelta(hours=1, minutes=1)):
        assert read(client)["features"] == []


def test_who_has_the_edition_is_not_sent_it_again_and_that_costs_one_query(client, django_assert_num_queries):
    permit = make.in_force()
    first = client.get(FEED)
    assert first.headers["Content-Type"] == "application/geo+json"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in first.headers["Cache-Control"]
    with django_assert_num_queries(1):
        again = client.get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.content
    make.fire(permit, "start_work")
    changed = client.get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert json.loads(changed.content)["features"][0]["properties"]["is_start_date_verified"] is True


def test_the_number_of_queries_does_not_grow_with_the_number_of_works(client, django_assert_num_queries):
    for place in range(3):
        make.in_force(**make.at(place))
    with django_assert_num_queries(2):
        assert len(read(client)["features"]) == 3


def test_works_are_found_by_the_piece_of_map_one_looks_at(client):
    permit = make.in_force()
    west, south, east, north = permit.min_longitude, permit.min_latitude, permit.max_longitude, permit.max_latitude
    here = f"{west - 0.01},{south - 0.01},{east + 0.01},{north + 0.01}"
    [feature] = read(client, f"{WORKS}?bbox={here}")["features"]
    assert feature["id"] == permit.reference
    assert feature["properties"]["status_label"] == "In force"
    assert read(client, f"{WORKS}?bbox=-90,40,-89,41")["features"] == []


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,1,2,3", "bbox=5,1,2,3", "county=polk"])
def test_a_question_it_does_not_know_is_told_by_name(client, query):
    answer = client.get(f"{WORKS}?{query}")
    assert answer.status_code == 400
    problem = json.loads(answer.content)
    assert problem["code"] == "invalid_parameter"
    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("path", [FEED, WORKS])
def test_the_feeds_are_only_read(client, path):
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200

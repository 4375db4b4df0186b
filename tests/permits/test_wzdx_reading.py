"""What is a work-zone feed that can be read, and how events hang together."""

import json

import pytest

from permits.wzdx.grouping import MOST_POINTS, drawn, groups_of
from permits.wzdx.reading import Unreadable, read_feed
from tests.permits.wzdx_samples import PRAIRIE, changed, feed_of, source, written

P, C, G = "properties", "core_details", "geometry"


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (7, "it has no properties"),
        (changed("ramp", "id", to=None), "it needs an id of 1 to 120 characters"),
        (changed("ramp", P, C, to=None), "it has no core_details"),
        (changed("ramp", P, C, "event_type", to="restriction"), "its event_type is “restriction”"),
        (changed("ramp", P, C, "road_names", to=[]), "core_details has no road_names"),
        (changed("ramp", P, C, "direction", to=["up"]), "its direction is “['up']”"),
        (changed("ramp", P, "location_method", to=None), "it has no location_method"),
        (changed("ramp", P, "start_date", to=None), "it has no start_date"),
        (changed("ramp", P, "start_date", to="2021-03-10"), "its start_date “2021-03-10” is not a time like"),
        (changed("ramp", P, "end_date", to="2021-03-10T14:00:00Z"), "its end_date does not come after its start_date"),
        (changed("ramp", G, to=None), "it has no geometry"),
        (changed("ramp", G, "type", to="Point"), "its geometry is neither a LineString nor a MultiPoint"),
        (changed("ramp", G, "coordinates", to=[[200, 1]]), "its coordinates are not pairs"),
        (changed("ramp", G, "coordinates", to=[[-93, 42]] * 2), "its geometry needs two different points"),
        (changed("ramp", P, C, "name", to="a\0b"), "it holds a character that cannot be stored"),
        (changed("ramp", P, C, "name", to="\ud800"), "it holds a number or a character that cannot be stored"),
    ],
)
def test_a_feature_that_cannot_be_read_is_skipped_with_its_reason(tmp_path, feature, reason):
    feed = read_feed(written(tmp_path, feed_of(feature, source("mowing"))))
    assert [event.id for event in feed.events] == ["mowing"]
    (skipped,) = feed.skipped
    assert skipped.reason.startswith(reason)
    assert skipped.feature_id in ("ramp", "feature 1")


def test_an_identifier_that_comes_twice_is_taken_once(tmp_path):
    feed = read_feed(written(tmp_path, feed_of(source("ramp"), source("ramp"))))
    assert len(feed.events) == 1
    assert feed.skipped[0].reason == "the file lists this identifier twice; the first is taken"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "it cannot be opened (No such file or directory)"),
        ("not json", "it is not JSON ("),
        ('{"a": NaN}', "it is not JSON (NaN is not a JSON number)"),
        ("[" * 100_000, "it is not JSON ("),
        ("[]", "its JSON is not an object"),
        ('{"type": "FeatureCollection", "features": []}', 'it needs "feed_info" with a publisher'),
        (json.dumps(feed_of(version="3.1")), "it is WZDx version 3.1; version 4 is read"),
    ],
)
def test_a_file_that_is_no_feed_says_why(tmp_path, text, reason):
    path = tmp_path / "none.geojson" if text is None else written(tmp_path, text)
    with pytest.raises(Unreadable) as refused:
        read_feed(path)
    assert reason in str(refused.value)


def test_a_feed_of_4_0_with_the_older_name_of_its_header_is_read(tmp_path):
    document = feed_of(source("ramp"), version="4.0")
    document["road_event_feed_info"] = document.pop("feed_info")
    assert read_feed(written(tmp_path, document)).publisher == "Prairie Regional Planning Agency"


def grouped(*features, tmp_path):
    feed = read_feed(written(tmp_path, feed_of(*features)))
    return [[event.id for event in group.works] for group in groups_of(feed.events)]


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ((P, C, "road_names"), ["US 30"]),
        ((P, C, "direction"), "northbound"),
        ((P, "end_date"), "2021-03-06T23:00:00Z"),
        ((G, "coordinates"), [[-93.62, 42.02], [-93.62, 42.01]]),
    ],
    ids=["another road", "the same direction", "other times", "far away"],
)
def test_related_works_stay_apart_when_one_form_could_not_tell_both(tmp_path, path, to):
    north = source("bridge-nb")
    assert grouped(north, source("bridge-sb"), tmp_path=tmp_path) == [["bridge-nb", "bridge-sb"]]
    assert grouped(north, changed("bridge-sb", *path, to=to), tmp_path=tmp_path) == [["bridge-nb"], ["bridge-sb"]]


def test_a_night_with_other_lanes_is_an_application_of_its_own(tmp_path):
    other = changed("night-2", P, "vehicle_impact", to="all-lanes-closed")
    assert grouped(source("night-1"), other, source("night-3"), tmp_path=tmp_path) == [
        ["night-1", "night-3"],
        ["night-2"],
    ]


def test_nights_of_more_than_a_year_are_cut_where_a_permit_ends(tmp_path):
    late = changed("night-3", P, "end_date", to="2022-03-05T11:00:00Z")
    late[P]["start_date"] = "2022-03-05T03:00:00Z"
    assert grouped(source("night-1"), source("night-2"), late, tmp_path=tmp_path) == [
        ["night-1", "night-2"],
        ["night-3"],
    ]


def test_a_line_of_many_points_is_drawn_with_as_many_as_the_form_takes(tmp_path):
    points = [[-93.6 + number / 50_000, 42.0 + (number % 7) / 1e5] for number in range(3000)]
    event = read_feed(written(tmp_path, feed_of(changed("ramp", G, "coordinates", to=points)))).events[0]
    line = drawn(event)["coordinates"]
    assert 2 <= len(line) <= MOST_POINTS
    assert (line[0], line[-1]) == (points[0], points[-1])
    assert event.geometry["coordinates"] == points


def test_every_feature_of_our_feed_is_read_but_one():
    feed = read_feed(PRAIRIE)
    assert len(feed.events) == len(json.loads(PRAIRIE.read_text())["features"]) - 1
    assert [one.feature_id for one in feed.skipped] == ["speechless"]

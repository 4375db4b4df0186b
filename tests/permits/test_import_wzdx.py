"""`manage.py import_wzdx`: every work zone in one application, once, with all it said."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from permits.application.moments import state_zone
from permits.application.validate import validate
from permits.models import Conflict, RoadPermit, UpstreamFeature
from permits.wzdx import importing
from permits.wzdx.feed import WORK_ZONE
from permits.wzdx.reading import read_feed
from tests.permits.wzdx_samples import PRAIRIE, changed, feed_of, source, written
from workflow import engine
from workflow.actors import Actor
from workflow.errors import InvalidData
from workflow.models import Contact, Event

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "wzdx" / "examples"
AHEAD = timezone.localdate() + timedelta(days=90)
SUMMER = date(timezone.localdate().year + 1, 6, 1)  # the feed begins in winter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_inline")]


@pytest.fixture
def _inline(django_capture_on_commit_callbacks):
    """Local steps run after the commit; a test never commits, so their turn comes with each outcome."""
    with django_capture_on_commit_callbacks() as callbacks:
        original = importing._file

        def file(*args):
            with django_capture_on_commit_callbacks(execute=True):
                return original(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importing, "_file", file)
            yield callbacks


def run(*files, starting=SUMMER):
    """What the command says, and its errors."""
    out, err = StringIO(), StringIO()
    call_command("import_wzdx", *map(str, files), starting=starting, stdout=out, stderr=err, skip_checks=True)
    return out.getvalue(), err.getvalue()


def permit_of(identifier):
    return RoadPermit.objects.get(features__feature_id=identifier)


def members():
    """The features of each application."""
    return sorted(sorted(permit.features.values_list("feature_id", flat=True)) for permit in RoadPermit.objects.all())


def test_every_feature_stands_in_exactly_one_application_under_review():
    said, _ = run(PRAIRIE)
    assert members() == [
        ["around-1", "around-2", "closed"],
        ["bridge-nb", "bridge-sb"],
        ["crew-day", "crew-now"],
        ["mowing"],
        ["night-1", "night-2", "night-3"],
        ["part-1"],
        ["part-2"],
        ["part-3"],
        ["ramp"],
    ]
    assert {permit.at_step for permit in RoadPermit.objects.all()} == {"reviewSafety"}
    assert {permit.source for permit in RoadPermit.objects.all()} == {"wzdx"}
    assert "Filed 9 applications from 13 work zones; 0 already filed, 3 skipped. Next: " in said
    assert set(Event.objects.filter(transition="submit").values_list("actor", flat=True)) == {"WZDx import"}


def test_the_stored_answers_pass_the_rules_that_hold_for_everybody():
    run(PRAIRIE)
    for permit in RoadPermit.objects.all():
        assert validate(permit.application).errors == ()


def test_a_feature_is_kept_word_for_word_beside_the_answers():
    run(PRAIRIE)
    for row in UpstreamFeature.objects.all():
        feature = source(row.feature_id)
        moved = {"start_date": row.properties["start_date"], "end_date": row.properties["end_date"]}
        assert row.properties == feature["properties"] | moved
        assert row.geometry == feature["geometry"]
        assert row.role == feature["properties"]["core_details"]["event_type"].replace("-", "_")


def test_roads_directions_lanes_and_limits_become_answers():
    run(PRAIRIE)
    permit = permit_of("bridge-nb")
    north, south = permit.application["impacts"]
    assert (permit.application["route_designation"], permit.application["road_name"]) == ("US 69", "Duff Avenue")
    assert (north["direction"], south["direction"]) == ("northbound", "southbound")
    assert (north["source_id"], south["source_id"]) == ("bridge-nb", "bridge-sb")
    assert north["vehicle_impact"] == "some-lanes-closed-merge-left"
    assert south["centerline"] == source("bridge-sb")["geometry"]
    assert [(lane["type"], lane["status"]) for lane in north["lanes"]] == [
        ("general", "open"),
        ("general", "closed"),
        ("shoulder", "closed"),
    ]
    assert permit.application["restrictions"] == [
        {"type": "reduced-width", "value": 11.0, "unit": "feet"},
        {"type": "no-passing", "value": None, "unit": None},
    ]
    expected = {
        "from_milepost": "110.200",
        "to_milepost": "110.400",
        "from_cross_street": "South 5th Street",
        "work_zone_speed_mph": 35,
        "location_method": "channel-device-method",
        "work_type": "surface-work",
        "is_architectural_change": True,
        "pedestrian_access": "closed",
        "row_portion": ["travel_lane", "shoulder", "sidewalk"],
        "external_ref": "Bridge deck",
    }
    assert {name: permit.application[name] for name in expected} == expected
    assert permit.county == "story"


def test_the_applicant_is_the_agency_that_answers_for_the_data():
    run(PRAIRIE)
    permit = permit_of("bridge-nb")
    assert permit.holder == "Story County Engineer"
    assert (permit.application["applicant_kind"], permit.application["billing"]) == ("agency", "exempt")
    assert permit.fee_total == 0
    assert Contact.objects.get(case=permit, role="applicant").email == "roads@story.example.gov"


def test_without_a_data_source_or_a_good_address_the_publisher_answers(tmp_path):
    document = feed_of(source("ramp"), contact_email="not an address", data_sources=[])
    run(written(tmp_path, document))
    permit = permit_of("ramp")
    assert permit.holder == "Prairie Regional Planning Agency"
    assert permit.application["contact_name"] == "Noor Aldrich"
    assert permit.application["contact_email"].startswith("permits@")


def test_nights_that_come_back_are_one_application_with_each_night():
    run(PRAIRIE)
    permit = permit_of("night-2")
    nights = permit.application["recurring"]
    assert [night["source_id"] for night in nights] == ["night-1", "night-2", "night-3"]
    assert len(permit.application["impacts"]) == 1
    assert permit.application["night_work"] is True
    assert nights[0]["start_at"] == permit.application["start_at"]
    assert nights[2]["end_at"] == permit.application["end_at"]


def test_of_a_moving_operation_the_planned_stretch_is_filed():
    run(PRAIRIE)
    (impact,) = permit_of("crew-now").application["impacts"]
    assert impact["source_id"] == "crew-day"
    assert permit_of("crew-now").application["recurring"] == []


def test_a_detour_stands_with_its_work_also_by_way_of_its_other_parts():
    run(PRAIRIE)
    permit = permit_of("closed")
    lines = permit.application["detour_lines"]
    assert [(line["source_id"], line["road_name"], line["direction"]) for line in lines] == [
        ("around-1", "F22", "westbound"),
        ("around-2", "US 69", "northbound"),
    ]
    assert lines[1]["geometry"] == source("around-2")["geometry"]
    assert permit.full_closure


def test_parts_in_sequence_are_apart_but_not_in_each_others_way():
    run(PRAIRIE)
    parts = [permit_of(f"part-{number}") for number in (1, 2, 3)]
    assert len({part.pk for part in parts}) == 3
    found = Conflict.objects.filter(permit__in=parts, other__in=parts)
    assert found.count() == 6
    assert not found.filter(settled_because="").exists()


def test_two_points_become_a_line_and_a_line_that_crosses_itself_an_area():
    run(PRAIRIE)
    mowing = permit_of("mowing")
    assert mowing.area == {"type": "LineString", "coordinates": [[-93.40, 42.00], [-93.38, 42.00]]}
    assert permit_of("ramp").area["type"] == "Polygon"
    assert permit_of("ramp").application["impacts"][0]["centerline"] == source("ramp")["geometry"]


def test_a_second_run_files_nothing_and_says_so():
    run(PRAIRIE)
    before = (members(), Event.objects.count())
    said, _ = run(PRAIRIE, starting=SUMMER + timedelta(days=7))
    assert (members(), Event.objects.count()) == before
    assert "Filed 0 applications from 0 work zones; 13 already filed, 3 skipped." in said
    assert (
        f"{permit_of('closed').reference}  I-35, northbound, Polk County: 1 work zone and 2 detours already filed"
        in said
    )


def test_an_interrupted_import_goes_on_where_it_stopped(monkeypatch):
    file, filed = importing._file, []

    def stop_after_three(*args):
        if len(filed) == 3:
            raise KeyboardInterrupt
        filed.append(file(*args))
        return filed[-1]

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_file", stop_after_three)
        with pytest.raises(SystemExit) as stopped:
            run(PRAIRIE)
    assert stopped.value.code == 130
    assert RoadPermit.objects.count() == 3
    said, _ = run(PRAIRIE)
    assert "Filed 6 applications" in said
    assert RoadPermit.objects.count() == 9


def test_what_is_new_in_a_feed_is_filed_beside_what_is_known(tmp_path):
    run(written(tmp_path, feed_of(source("bridge-nb"), source("closed"))))
    said, _ = run(written(tmp_path, feed_of(*map(source, ("bridge-nb", "bridge-sb", "closed", "around-1")))))
    assert members() == [["bridge-nb"], ["bridge-sb"], ["closed"]]
    assert f"its work is filed already without it, as {permit_of('closed').reference}" in said


def test_the_same_identifier_of_another_publisher_is_another_feature(tmp_path):
    run(written(tmp_path, feed_of(source("ramp"))))
    run(written(tmp_path, feed_of(source("ramp"), publisher="River City")))
    assert members() == [["ramp"], ["ramp"]]


def test_starting_moves_all_events_by_whole_days_at_the_same_local_time():
    run(PRAIRIE)
    zone = state_zone()
    shifts = set()
    feed = read_feed(PRAIRIE)
    for original, moved in zip(feed.events, feed.starting(SUMMER).events, strict=True):
        for name in ("start_at", "end_at"):
            was, now = (getattr(one, name).astimezone(zone) for one in (original, moved))
            assert was.time() == now.time()
            shifts.add(now.date() - was.date())
    assert shifts == {SUMMER - date(2021, 3, 1)}
    permit = permit_of("bridge-nb")
    assert permit.application["start_at"] == f"{SUMMER}T08:00:00-05:00"  # 8 in the morning in winter, too
    row = permit.features.get(feature_id="bridge-nb")
    assert row.properties["start_date"] == f"{SUMMER}T13:00:00Z"


def test_without_starting_the_dates_are_those_of_the_feed(tmp_path):
    feature = source("ramp")
    times = {"start_date": f"{AHEAD}T14:00:30Z", "end_date": f"{AHEAD + timedelta(days=2)}T22:00:00Z"}
    feature["properties"] |= times
    run(written(tmp_path, feed_of(feature)), starting=None)
    assert permit_of("ramp").features.get().properties == feature["properties"]
    assert permit_of("ramp").start_at.isoformat() == f"{AHEAD}T14:00:30+00:00"


def test_work_within_the_notice_is_filed_with_the_reason_for_its_early_start():
    run(PRAIRIE, starting=timezone.localdate() + timedelta(days=1))
    assert "published these dates" in permit_of("bridge-nb").application["early_start_reason"]
    assert permit_of("bridge-nb").at_step == "reviewSafety"


@pytest.mark.parametrize(
    ("days", "reason"),
    [((-9, -2), "it lies in the past: it ended on "), ((-2, 9), "it is under way since ")],
)
def test_work_that_is_over_or_under_way_is_skipped(tmp_path, days, reason):
    feature = source("ramp")
    start, end = (timezone.localdate() + timedelta(days=number) for number in days)
    feature["properties"] |= {"start_date": f"{start}T18:00:00Z", "end_date": f"{end}T18:00:00Z"}
    said, _ = run(written(tmp_path, feed_of(feature)), starting=None)
    assert f"skipped ramp (I-80, inner-loop), because {reason}" in said
    assert not RoadPermit.objects.exists()


def test_each_skip_is_named_with_its_reason(tmp_path):
    said, _ = run(PRAIRIE)
    assert "skipped illinois (I-74, eastbound), because it lies outside Iowa." in said
    assert "skipped lost (IA 210, eastbound), because its work elsewhere is skipped or not in this file." in said
    assert "skipped speechless, because it has no vehicle_impact." in said
    over_the_river = source("illinois")
    over_the_river["geometry"]["coordinates"][0] = [-93.6, 41.6]
    said, _ = run(written(tmp_path, feed_of(over_the_river)))
    assert "because it lies partly outside Iowa." in said


def test_what_the_rules_refuse_is_skipped_with_their_sentence(tmp_path):
    far_ahead = changed("ramp", "properties", "end_date", to="2107-03-11T22:00:00Z")
    said, _ = run(written(tmp_path, feed_of(far_ahead)), starting=None)
    assert "because it is under way" in said
    said, _ = run(written(tmp_path, feed_of(far_ahead)))
    assert "because the application is refused: Check the year: it must be from 2000 to 2100." in said


def test_what_cannot_be_read_is_named_and_everything_else_goes_on(tmp_path):
    bad, good = written(tmp_path, "not json", "bad.geojson"), written(tmp_path, feed_of(7, source("mowing")))
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_wzdx", str(bad), str(good), starting=SUMMER, stdout=out, stderr=err, skip_checks=True)
    assert ended.value.code == 1
    assert f"{bad}: not read, because it is not JSON (" in err.getvalue()
    assert "skipped feature 1, because it has no properties." in out.getvalue()
    assert members() == [["mowing"]]


@pytest.mark.django_db(transaction=True)
def test_the_step_that_is_told_is_where_the_application_stands(tmp_path):
    said, _ = run(written(tmp_path, feed_of(source("mowing"))))
    assert f"{permit_of('mowing').reference}  County Road E26, eastbound, Story County: 1 work zone filed, " in said
    assert "filed, now at reviewSafety" in said


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("soon", "“soon” is not a day. Write it like 20"), ("2021-03-01", "2021-03-01 is in the past")],
)
def test_a_day_to_start_that_makes_no_sense_is_refused(day, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(PRAIRIE, starting=day)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_wzdx", "--starting", day, "feed", skip_checks=True)


def test_nobody_but_milepost_says_what_an_application_stands_for():
    data = {"upstream": {"feed": "x", "features": [], "related": []}}
    with pytest.raises(InvalidData) as refused:
        engine.start_workflow("roadPermit", data, actor=Actor(kind="integrator", name="Client"))
    assert ("upstream", "unknown_field") in {(reason.field, reason.code) for reason in refused.value.reasons}


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the nine example feeds of WZDx v4.2 are not there")
def test_the_nine_example_feeds_are_filed_whole():
    files = sorted(EXAMPLES.glob("*.geojson"))
    said, _ = run(*files, starting=AHEAD)
    assert len(files) == 9
    events = {event.id: event for file in files for event in read_feed(file).events}
    assert set(UpstreamFeature.objects.values_list("feature_id", flat=True)) == set(events)
    assert {permit.at_step for permit in RoadPermit.objects.all()} == {"reviewSafety"}
    works = sum(event.kind == WORK_ZONE for event in events.values())
    assert f"from {works} work zones; 5 already filed, 0 skipped." in said
    shown = [one["source_id"] for permit in RoadPermit.objects.all() for one in permit.application["impacts"]]
    assert len(shown) == len(set(shown))
    starts = [permit.start_at.astimezone(state_zone()).date() for permit in RoadPermit.objects.all()]
    assert min(starts) == AHEAD

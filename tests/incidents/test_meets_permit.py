"""A report near permitted work: the officer sees the work, its permittee is told, once and in neutral words."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from shapely.geometry import Point, shape

from incidents.models import Incident
from permits.models import RoadPermit
from tests.incidents import factories as report
from tests.permits import factories as permit_of
from workflow import nearby
from workflow.contrib.notifications.models import Message
from workflow.geometry import distance_m
from workflow.models import Event
from workflow.tracker import tracking_url

pytestmark = pytest.mark.django_db

METRES_PER_DEGREE = 111_050  # of latitude at 42 degrees north, to half a percent
STRETCH = {"type": "LineString", "coordinates": [[-93.6103, 42.0190], [-93.6103, 42.0230]]}
BESIDE = {"type": "LineString", "coordinates": [[-93.6101, 42.0190], [-93.6101, 42.0230]]}
NORTH_END = (42.0230, -93.6103)
MIDDLE = (42.0210, -93.6103)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def works(state="active", **changes):
    """Permitted work on 440 m of road that began an hour ago and ends tomorrow."""
    permit = permit_of.in_state(state, **{"area": STRETCH} | changes)
    now = timezone.now()
    return dated(permit, now - timedelta(hours=1), now + timedelta(days=1))


def dated(permit, start_at, end_at):
    RoadPermit.objects.filter(pk=permit.pk).update(start_at=start_at, end_at=end_at)
    return permit_of.fresh(permit)


def several(*areas):
    """Works at the same time, though each was filed when the others were not: they would be in each other's way."""
    now, permits = timezone.now(), []
    for area in areas:
        permits.append(works(area=area))
        dated(permits[-1], now - timedelta(days=9), now - timedelta(days=8))
    return [dated(permit, now - timedelta(hours=1), now + timedelta(days=1)) for permit in permits]


def reported(metres_north=0.0, at=NORTH_END, **changes):
    latitude, longitude = at
    return report.filed(latitude=latitude + metres_north / METRES_PER_DEGREE, longitude=longitude, **changes)


def told(permit):
    return [line.data["reference"] for line in Event.objects.filter(case=permit, kind="report_nearby")]


def metres_between(incident, permit):
    return distance_m(Point(incident.longitude, incident.latitude), shape(permit.area))


@pytest.mark.parametrize(("metres", "met"), [(0, True), (30, True), (49, True), (60, False), (500, False)])
def test_a_report_meets_work_within_fifty_metres_of_its_area(metres, met):
    permit = works()
    incident = reported(metres)
    assert metres_between(incident, permit) == pytest.approx(metres, abs=0.5)
    found = nearby.around(incident)
    assert [one.reference for one in found] == ([permit.reference] if met else [])
    assert told(permit) == ([incident.reference] if met else [])


def test_what_the_officer_sees_of_the_work():
    permit = works()
    [found] = nearby.around(reported(20))
    assert (found.title, found.state) == (permit.title, "Work under way")
    assert found.link == f"/admin/permits/roadpermit/{permit.pk}/change/"
    assert found.place
    assert found.distance_m == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("state", ["in_force", "active", "suspended"])
def test_work_that_a_permit_covers_now_is_met(state):
    permit = works(state)
    incident = reported()
    assert told(permit) == [incident.reference]


@pytest.mark.parametrize("state", ["in_review", "refused", "revoked", "completed", "cancelled"])
def test_work_that_no_permit_covers_is_not(state):
    permit = works(state)
    assert nearby.around(reported()) == []
    assert told(permit) == []


@pytest.mark.parametrize(
    ("starts", "ends", "met"),
    [(-1, 1, True), (1, 48, False), (-48, -1, False), (0, 24, True)],
    ids=["during", "before its start", "after its end", "from its first moment"],
)
def test_work_is_met_within_its_dates_only(starts, ends, met):
    now = timezone.now()
    permit = dated(works("in_force"), now + timedelta(hours=starts), now + timedelta(hours=ends))
    incident = reported()
    assert [one.reference for one in nearby.around(incident)] == ([permit.reference] if met else [])
    assert told(permit) == ([incident.reference] if met else [])


def test_the_applicant_and_whoever_is_on_site_hear_of_it_and_nothing_of_the_reporter(settings):
    settings.SITE_URL = "https://milepost.dot.example.gov"
    permit = works()
    incident = reported(description="Walter Hale saw it", address="12 Elm Street")
    line = Event.objects.get(case=permit, kind="report_nearby")
    messages = Message.objects.filter(event=line)
    assert {message.role for message in messages} == {"applicant", "onsite"}
    public = f"https://milepost.dot.example.gov/incidents/{incident.reference}/"
    [mail] = messages.filter(role="applicant")
    assert incident.title in mail.subject
    assert all(public in text and incident.title in text for text in (mail.text, mail.html))
    assert tracking_url(incident) not in mail.text + mail.html
    everything = "".join(str((m.subject, m.text, m.html)) for m in messages) + str((line.data, line.note, line.actor))
    for word in (report.NAME, report.EMAIL, report.PHONE, "Walter", "Elm Street"):
        assert word not in everything
    assert line.public
    assert line.actor == "Milepost"


def test_a_permittee_is_told_of_a_report_once():
    permit = works()
    incident = reported()
    assert nearby.met(incident) == []
    assert told(permit) == [incident.reference]
    assert Message.objects.filter(case=permit, event__kind="report_nearby", role="applicant").count() == 1


def test_two_problems_at_one_place_are_told_each():
    permit = works()
    first, second = reported(), reported(category="sign_missing")
    assert told(permit) == [first.reference, second.reference]


def test_a_second_report_of_the_same_problem_is_not_told_again_joined_or_not():
    permit = works()
    first, second = reported(), reported(5)
    assert second.seen_nearby == [first.reference]
    assert told(permit) == [first.reference]
    second = report.fire(second, "merge", into=first.reference)
    nearby.met(report.fresh(first))
    nearby.met(second)
    report.fire(second, "unmerge")
    assert told(permit) == [first.reference]


def test_two_works_at_one_place_are_both_told_the_nearest_first():
    far, near = several(BESIDE, STRETCH)
    incident = reported(10)
    assert [one.reference for one in nearby.around(incident)] == [near.reference, far.reference]
    assert told(near) == told(far) == [incident.reference]


def test_a_permits_record_shows_open_reports_along_its_whole_area():
    permit = works()
    ends = [reported(0, at=(42.0190, -93.6103), category="sign_missing"), reported(0)]
    ended = report.fire(reported(0, at=MIDDLE), "reject", reason_code="not_ours", sentence="This is a city road.")
    reported(80)
    found = nearby.around(permit)
    assert {one.reference for one in found} == {one.reference for one in ends}
    assert ended.reference not in {one.reference for one in found}
    assert all(one.link.startswith("/admin/incidents/incident/") and one.tell is None for one in found)


def test_both_records_lead_officers_to_each_other(client):
    permit = works()
    incident = reported(20)
    client.force_login(report.user(team=incident.team))
    page = client.get(incident.get_absolute_url()).content.decode()
    assert permit.get_absolute_url() in page
    assert "20 m away, work under way" in page
    client.force_login(permit_of.user(team=permit.team))
    page = client.get(permit.get_absolute_url()).content.decode()
    assert incident.get_absolute_url() in page
    assert "20 m away, with the right team" in page


def test_a_report_without_a_point_meets_nothing():
    permit = works()
    incident = report.filed(latitude=None, longitude=None, route="US-69", milepost=120.5)
    assert nearby.around(incident) == []
    assert told(permit) == []


def test_looking_around_takes_one_query_a_kind():
    several(STRETCH, STRETCH, STRETCH)
    incident = Incident.objects.get(pk=reported().pk)
    with CaptureQueriesContext(connection) as queries:
        assert len(nearby.around(incident)) == 3
    assert len(queries) == 1


def test_a_report_is_handed_over_also_where_nobody_registered():
    with mock.patch.dict(nearby._kinds, clear=True):
        incident = reported()
        assert nearby.around(incident) == []
    assert incident.state == "triaged"

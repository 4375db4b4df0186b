"""Holidays in officers' hands: a closed day moves the next deadline, an opened holiday brings it nearer."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User

from tests.rules import settled
from workflow.clock import WorkingDays, due_at
from workflow.contrib.rulebook.models import OwnDay, RuleChange
from workflow.tracker import calendar

pytestmark = pytest.mark.django_db
DAYS = "/admin/rulebook/ownday/"
TUESDAY = datetime(2027, 3, 2, 15, 0, tzinfo=UTC)  # 9 AM in Iowa


@pytest.fixture(autouse=True)
def manager(admin_client):
    return User.objects.get(username="admin")


def add(client, **values):
    page = client.post(f"{DAYS}add/", values)
    settled()
    return page


def due(start=TUESDAY, n=2):
    return calendar().local_day(due_at(start, WorkingDays(n), calendar()))


def test_a_closed_day_moves_the_next_deadline(admin_client):
    assert due() == date(2027, 3, 4)
    assert add(admin_client, date="2027-03-03", name="Snow emergency").status_code == 302
    assert due() == date(2027, 3, 5)


def test_an_opened_holiday_brings_the_next_deadline_nearer(admin_client):
    before = datetime(2027, 7, 2, 15, 0, tzinfo=UTC)  # Friday; Monday 5 July is Independence Day, observed
    assert due(before, 1) == date(2027, 7, 6)
    assert add(admin_client, date="2027-07-05", name="We work", is_open="on").status_code == 302
    assert due(before, 1) == date(2027, 7, 5)


def test_a_day_taken_away_counts_again(admin_client):
    add(admin_client, date="2027-03-03", name="Snow emergency")
    admin_client.post(f"{DAYS}{OwnDay.objects.get().pk}/delete/", {"post": "yes"})
    settled()
    assert due() == date(2027, 3, 4)
    assert [line.what.split(":")[0] for line in RuleChange.objects.all()] == ["Holiday removed", "Holiday added"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"date": "2027-12-25"}, "closed on this day anyway"),
        ({"date": "2027-07-05"}, "closed on this day anyway"),
        ({"date": "2027-03-03", "is_open": "on"}, "no state holiday"),
        ({"date": "2027-12-25", "is_open": "on"}, "A weekend day stays closed"),
        ({"date": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_a_day_that_changes_nothing_is_refused(admin_client, values, sentence):
    page = add(admin_client, name="Day", **values)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not OwnDay.objects.exists()


def test_one_day_stands_there_once(admin_client):
    add(admin_client, date="2027-03-03", name="Snow")
    assert "in the list already" in add(admin_client, date="2027-03-03", name="Ice").content.decode()


def test_the_year_shows_the_states_days_and_ours_and_says_what_happens_to_deadlines(admin_client):
    add(admin_client, date="2027-03-03", name="Snow emergency")
    page = admin_client.get(DAYS, {"year": "2027"}).content.decode()
    assert "Snow emergency" in page
    assert "Friday after Thanksgiving" in page
    assert "Deadlines that are set already stay as they are." in page
    for year in ("", "x", "9999999", "-1", "٢٠٢٧"):
        assert admin_client.get(DAYS, {"year": year}).status_code == 200


def test_what_a_colleague_saved_meanwhile_is_not_overwritten_unseen(admin_client):
    add(admin_client, date="2027-03-03", name="Snow")
    url = f"{DAYS}{OwnDay.objects.get().pk}/change/"
    seen = admin_client.get(url).context["adminform"].form["seen"].value()
    assert admin_client.post(url, {"date": "2027-03-03", "name": "Blizzard", "seen": seen}).status_code == 302
    page = admin_client.post(url, {"date": "2027-03-03", "name": "Ice", "seen": seen})
    assert "A colleague saved this page meanwhile" in page.content.decode()
    assert "name: Blizzard" in page.content.decode()
    assert OwnDay.objects.get().name == "Blizzard"
    again = page.context["adminform"].form["seen"].value()
    assert admin_client.post(url, {"date": "2027-03-03", "name": "Ice", "seen": again}).status_code == 302
    assert OwnDay.objects.get().name == "Ice"

"""Watch my road: who hears of a report, once, and who does not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from incidents import watch_links, watching
from incidents.catalogue import catalogue
from incidents.models import Incident, Subscriber, Watch
from incidents.public.filters import Filter
from tests.incidents import factories as make
from workflow.contrib.notifications.delivery import mail_of
from workflow.contrib.notifications.models import Message
from workflow.models import Event, Work

pytestmark = pytest.mark.django_db
OUTBOX = "workflow.contrib.notifications.backends.OutboxEmailBackend"
AMES = {"latitude": make.LATITUDE, "longitude": make.LONGITUDE}
FAR = {"latitude": 41.5868, "longitude": -93.6250, "county": "polk"}  # Des Moines


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}
    settings.SITE_URL = "https://roads.dot.example.gov"


def watch(email="wanda@example.net", *, confirmed=True, **values):
    at = timezone.now() if confirmed else None
    return Watch.objects.create(email=email, confirmed_at=at, **({"kind": "county", "county": "story"} | values))


def circle(miles=5, **values):
    radius = round(miles * watching.METRES_PER_MILE)
    return watch(**({"kind": "circle", "county": "", "radius_m": radius} | AMES | values))


def stretch(low=None, high=None, **values):
    return watch(
        **({"kind": "route", "county": "", "route": "I-35", "milepost_from": low, "milepost_to": high} | values)
    )


def told(transition="hand_over"):
    """Addresses that heard as watchers, in order."""
    rows = Message.objects.filter(event__transition=transition, role__startswith="watch-").order_by("pk")
    return list(rows.values_list("address", flat=True))


# -- what fits --------------------------------------------------------------------------------------------------------

ON_I35 = {"route": "I-35", "milepost": 120.5}
FITS = {
    "a county": (lambda: watch(), {}, True),
    "another county": (lambda: watch(), FAR, False),
    "a circle": (lambda: circle(), {}, True),
    "a circle a little too small": (lambda: circle(latitude=make.LATITUDE + 0.0725), {}, False),
    "a circle just large enough": (lambda: circle(latitude=make.LATITUDE + 0.0720), {}, True),
    "a circle far away": (lambda: circle(), FAR, False),
    "the largest circle, at its edge": (lambda: circle(25, longitude=make.LONGITUDE + 0.48), {}, True),
    "a circle, for a report without a point": (lambda: circle(), ON_I35 | {"latitude": None, "longitude": None}, False),
    "a route": (lambda: stretch(), ON_I35, True),
    "another route": (lambda: stretch(), {}, False),
    "a stretch": (lambda: stretch(100, 120.5), ON_I35, True),
    "a stretch that ends before": (lambda: stretch(100, 120), ON_I35, False),
    "a stretch without an end": (lambda: stretch(100), ON_I35, True),
    "a stretch without a beginning": (lambda: stretch(None, 100), ON_I35, False),
    "a stretch, for a report without a mile": (lambda: stretch(100, 200), {"route": "I-35"}, False),
    "its category": (lambda: watch(categories=["pothole"]), {}, True),
    "its group": (lambda: watch(categories=["lighting", "roadway"]), {}, True),
    "another group": (lambda: watch(categories=["lighting", "sinkhole"]), {}, False),
    "a watch nobody confirmed": (lambda: watch(confirmed=False), {}, False),
    "a watch that was ended": (lambda: watch(unsubscribed_at=timezone.now()), {}, False),
}


@pytest.mark.parametrize("case", FITS)
def test_a_watch_hears_of_what_fits_and_of_nothing_else(case):
    make_watch, place, expected = FITS[case]
    one = make_watch()
    incident = make.filed(**place)
    assert told() == ([one.email] if expected else [])
    if one.confirmed_at and not one.unsubscribed_at:  # what the feeds of the same watch show
        assert Filter.of_watch(one).narrow().filter(pk=incident.pk).exists() == expected


def test_watches_are_found_by_indexes():
    incident = Incident(county="story", route="I-35", latitude=42.0, longitude=-93.6)
    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's plan")
    rows = watching.fitting(incident)
    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql, parameters)
        plan = " | ".join(row[3] for row in cursor.fetchall())
    assert "SCAN" not in plan
    for index in ("watch_by_county", "watch_by_route", "watch_by_place"):
        assert index in plan


# -- once -------------------------------------------------------------------------------------------------------------


def test_one_address_hears_once_however_many_of_its_watches_fit():
    watch()
    circle(email="Wanda@example.net")
    other = stretch(email="other@example.net", route="US-69")
    make.filed()
    assert told() == ["wanda@example.net", other.email]


def test_a_report_is_told_when_it_comes_and_when_it_ends_and_not_between():
    watch()
    incident = make.fire(make.filed(), "dispatch", crew="Ames crew")
    make.fire(incident, "resolve", sentence="The hole is patched.", photo_exempt_because="Camera broken")
    rows = list(Message.objects.filter(role__startswith="watch-").order_by("pk"))
    assert [row.subject for row in rows] == [f"New report: {incident.title}", f"Fixed: {incident.title}"]
    assert "Fixed. The hole is patched." in rows[1].text
    for row in rows:
        assert f"https://roads.dot.example.gov/incidents/{incident.reference}/" in row.text
        assert row.unsubscribe_url in row.text
        assert row.unsubscribe_url in row.html
        assert "Story County" in row.text
        assert make.NAME not in row.text + row.html
        assert row.status == "sent"


def test_somebody_who_hears_of_it_anyway_gets_no_second_mail():
    for address in (make.EMAIL, "subscriber@example.net", "joined@example.net", "wanda@example.net"):
        watch(address)
    incident = make.filed()
    assert make.EMAIL not in told()
    Subscriber.objects.create(incident=incident, email="Subscriber@example.net")
    make.fire(make.filed(email="joined@example.net"), "merge", into=incident.reference)
    make.fire(make.fresh(incident), "close", reason_code="nothing_found", sentence="We found no hole there.")
    assert told("close") == ["wanda@example.net"]
    rows = Message.objects.filter(event__transition="close")
    assert sorted(rows.values_list("address", flat=True)) == sorted(
        [make.EMAIL, "Subscriber@example.net", "joined@example.net", "wanda@example.net"]
    )


def test_a_hidden_report_is_told_to_nobody():
    watch()
    with make.walking.by_hand():
        case = make.engine.start_workflow("incident", make.report(), actor=make.REPORTER).case
    Incident.objects.filter(pk=case.pk).update(hidden_because="It names a person.")
    incident = make.drain(case)
    make.fire(incident, "reject", reason_code="not_a_report", sentence="This is no report.")
    assert told() == told("reject") == []


def test_many_watches_are_told_in_several_pieces_of_work(monkeypatch):
    monkeypatch.setattr(watching, "AT_ONCE", 4)
    for number in range(10):
        watch(f"neighbour{number}@example.net")
    incident = make.filed()
    assert told() == [f"neighbour{number}@example.net" for number in range(10)]
    assert Work.objects.filter(case_id=incident.pk, service=watching.TELL_WATCHERS, outcome="done").count() == 3


def test_planned_again_nobody_hears_twice():
    watch()
    incident = make.filed()
    event = Event.objects.get(case_id=incident.pk, transition="hand_over")
    watching._accept(incident, {"seq": event.seq, "after": 0})
    assert len(told()) == 1


def test_where_nobody_watches_there_is_no_work():
    incident = make.filed()
    assert not Work.objects.filter(case_id=incident.pk, service=watching.TELL_WATCHERS).exists()


def test_the_request_that_files_a_report_plans_one_task_and_no_mail():
    for number in range(5):
        watch(f"neighbour{number}@example.net")
    with make.walking.by_hand():
        case = make.engine.start_workflow("incident", make.report(), actor=make.REPORTER).case
        check = Work.objects.get(case_id=case.pk, step="submitReport")
        Work.objects.filter(pk=check.pk).update(lease_until=None)
        make.walking.orchestrator.run_one(make.walking.claim(check.pk), gate=make.walking.orchestrator.never)
    assert Work.objects.filter(case_id=case.pk, service=watching.TELL_WATCHERS).count() == 1
    assert told() == []
    make.drain(case)
    assert len(told()) == 5


def test_the_mail_can_be_ended_with_one_post_of_a_mail_program(client):
    one = watch()
    make.filed()
    mail = mail_of(Message.objects.get(role=f"watch-{one.pk}")).message()
    assert mail["List-Unsubscribe"] == f"<{watch_links.watch_url(one, 'stop')}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    client.handler.enforce_csrf_checks = True
    path = watch_links.path_of(watch_links.watch_url(one, "stop"))
    answer = client.post(path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.cookies) == (200, {})
    one.refresh_from_db()
    assert one.unsubscribed_at is not None
    make.filed(latitude=42.05)
    assert len(told()) == 1


DESCRIBED = [
    (lambda: watch(), "Story County"),
    (lambda: circle(1), "1 mile around 42.03080, -93.63190"),
    (lambda: circle(25), "25 miles around 42.03080, -93.63190"),
    (lambda: stretch(), "I-35"),
    (lambda: stretch(100), "I-35 from mile 100"),
    (lambda: stretch(None, 12.5), "I-35, mile 0 to 12.5"),
    (lambda: stretch(250, 270), "I-35, mile 250 to 270"),
]


@pytest.mark.parametrize(("make_watch", "words"), DESCRIBED, ids=[words for _, words in DESCRIBED])
def test_a_watch_reads_as_people_say_it(make_watch, words):
    one = make_watch()
    assert watching.described(one) == words
    assert watching.described(one, catalogue()) == f"{words}: every kind of report"
    one.categories = ["lighting", "pothole"]
    assert watching.described(one, catalogue()).endswith(": Lighting, Pothole")


def test_old_watches_do_not_slow_a_report(django_assert_max_num_queries):
    moment = timezone.now() - timedelta(days=1)
    Watch.objects.bulk_create(
        Watch(email=f"n{n}@example.net", kind="county", county="polk", confirmed_at=moment) for n in range(200)
    )
    incident = make.filed()
    with django_assert_max_num_queries(1):
        assert list(watching.fitting(incident)) == []

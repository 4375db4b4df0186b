"""Webhooks end to end: registered over the API, told over real HTTP, signed, retried, switched off, told again."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from tests.api_callers import assert_problem, client, codes, key_holder, post
from tests.permits import factories as permits
from workflow.contrib.webhooks import signing, telling
from workflow.contrib.webhooks.models import Attempt, Delivery, Endpoint
from workflow.contrib.webhooks.runner import Runner
from workflow.models import ApiKey

pytestmark = pytest.mark.django_db(transaction=True)  # a receiver hears of what is committed
WEBHOOKS = "/api/v1/webhooks/"


class Receiver:
    """A server on this machine that keeps what it was told and answers as ``statuses`` say, the last one for ever."""

    def __init__(self, *statuses):
        self.heard, self.statuses = [], list(statuses) or [204]

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.heard.append((dict(handler.headers), body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    @property
    def types(self):
        return [json.loads(body)["type"] for _headers, body in self.heard]


@contextmanager
def receiver(*statuses):
    kept = Receiver(*statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            kept.answer(self)

        def log_message(self, *args):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hooks"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def may_call_inside(settings):
    settings.WEBHOOKS_MAY_CALL_INSIDE = True


@pytest.fixture
def agency(db):
    return key_holder("Traveller information", "permits:read_all", "webhooks:manage")


def register(agency, url, **values):
    answer = post(agency.client, WEBHOOKS, {"url": url, **values})
    assert answer.status_code == 201, answer.content
    return answer.json()


def tell():
    """All that is due now."""
    telling.plan()
    told = 0
    while telling.tell_next():
        told += 1
    return told


def tell_for(days):
    """As if the worker had run so many days."""
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        while timezone.now() < start + timedelta(days=days):
            tell()
            waiting = Delivery.objects.filter(outcome="open").order_by("due_at").first()
            if waiting is None:
                return
            clock.move_to(max(waiting.due_at, timezone.now()) + timedelta(seconds=1))


def test_each_move_is_told_once_and_signed_with_the_secret_that_was_shown(agency):
    with receiver() as there:
        made = register(agency, there.url)
        permit = permits.in_force()
        tell()
        tell()
    assert there.types[0] == "roadPermit.submit"
    assert there.types[-1] == "roadPermit.take_effect"
    assert len(there.types) == len(set(there.types))
    headers, body = there.heard[0]
    at = timezone.datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=timezone.get_default_timezone())
    expected = signing.headers(headers["webhook-id"], at, body, [made["secret"]])
    assert headers["webhook-signature"] == expected["webhook-signature"]
    assert json.loads(body)["data"]["reference"] == permit.reference


def test_nothing_personal_is_told(agency):
    with receiver() as there:
        register(agency, there.url)
        permit = permits.filed()
        tell()
    said = b"".join(body for _headers, body in there.heard).decode()
    for private in ("contact_name", "contact_email", "contact_phone"):
        assert permit.answer(private) not in said


def test_what_happened_before_it_was_registered_is_not_told(agency):
    permits.filed()
    with receiver() as there:
        register(agency, there.url)
        assert tell() == 0


def test_only_the_types_and_the_cases_the_key_may_read_are_told():
    other = key_holder("Another agency", "permits:read", "webhooks:manage")
    everything = key_holder("The city", "permits:read_all", "webhooks:manage")
    with receiver() as theirs, receiver() as some:
        register(other, theirs.url)
        register(everything, some.url, types=["roadPermit.accept"])
        permits.filed()
        tell()
    assert theirs.heard == []
    assert some.types == ["roadPermit.accept"]


def test_a_receiver_that_was_away_hears_it_later_and_the_log_says_so(agency):
    with receiver(500, 503, 204) as there:
        made = register(agency, there.url, types=["roadPermit.submit"])
        permits.filed()
        tell_for(days=1)
        assert len(there.heard) == 3
        assert {body for _headers, body in there.heard} == {there.heard[0][1]}, "the same message each time"
        assert len({headers["webhook-id"] for headers, _body in there.heard}) == 1
    [delivery] = agency.client.get(f"{made['address']}deliveries/").json()["results"]
    assert delivery["outcome"] == "delivered"
    assert [one["status"] for one in delivery["attempts"]] == [500, 503, 204]


def test_ten_tries_in_about_75_hours_and_then_it_is_given_up(agency):
    with receiver(500) as there:
        register(agency, there.url, types=["roadPermit.submit"])
        permits.filed()
        tell_for(days=6)
    assert len(there.heard) == 10
    tries = list(Attempt.objects.values_list("at", flat=True))
    assert timedelta(hours=66) < tries[-1] - tries[0] < timedelta(hours=84)
    assert Delivery.objects.get().outcome == "given_up"


def test_one_that_is_gone_is_switched_off_and_can_be_brought_back_with_what_it_missed(agency):
    with receiver(410, 204) as there:
        made = register(agency, there.url, types=["roadPermit.submit"])
        permits.filed()
        tell()
        shown = agency.client.get(made["address"]).json()
        assert shown["enabled"] is False
        assert "410" in shown["disabled_because"]
        since = (timezone.now() - timedelta(hours=1)).isoformat()
        assert post(agency.client, made["address"], {"act": "enable"}).status_code == 200
        assert post(agency.client, made["address"], {"act": "recover", "since": since}).status_code == 200
        tell()
    assert len(there.heard) == 2
    assert Delivery.objects.get().outcome == "delivered"


def test_after_five_days_without_a_success_it_is_switched_off(agency):
    with receiver(500) as there:
        made = register(agency, there.url)
        with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
            permits.filed()
            tell()
        Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=5))
        permits.filed(**permits.at(3))
        tell()
    assert agency.client.get(made["address"]).json()["enabled"] is False


def test_one_that_hangs_keeps_no_other_waiting(agency):
    """Its call holds its own row; the others are claimed past it."""
    with receiver() as there:
        register(agency, "http://127.0.0.1:9/")
        register(agency, there.url)
        permits.filed()
        telling.plan()
        Endpoint.objects.filter(url="http://127.0.0.1:9/").update(busy_until=timezone.now() + timedelta(seconds=30))
        while telling.tell_next():
            pass
    assert len(there.heard) == 2


def test_after_a_rotation_both_secrets_sign_for_a_day(agency):
    with receiver() as there:
        made = register(agency, there.url)
        rotated = post(agency.client, made["address"], {"act": "rotate"}).json()
        assert rotated["secret"] != made["secret"]
        post(agency.client, made["address"], {"act": "test"})
        tell()
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            post(agency.client, made["address"], {"act": "test"})
            tell()
    both, one = (headers["webhook-signature"].split(" ") for headers, _body in there.heard)
    assert (len(both), len(one)) == (2, 1)
    assert json.loads(there.heard[0][1])["type"] == "milepost.test"


def test_one_delivery_can_be_told_again(agency):
    with receiver() as there:
        made = register(agency, there.url, types=["roadPermit.submit"])
        permits.filed()
        tell()
        [delivery] = agency.client.get(f"{made['address']}deliveries/").json()["results"]
        assert post(agency.client, f"{made['address']}deliveries/{delivery['id']}/", {}).status_code == 202
        tell()
    assert len(there.heard) == 2


def test_a_revoked_key_hears_nothing_more(agency):
    with receiver() as there:
        register(agency, there.url)
        ApiKey.objects.filter(pk=agency.key.pk).update(revoked_at=timezone.now())
        permits.filed()
        assert tell() == 0
    assert not Endpoint.objects.get().is_enabled


def test_the_secret_is_shown_once_and_stands_nowhere_in_the_database(agency):
    with receiver() as there:
        made = register(agency, there.url)
    assert made["secret"].startswith("whsec_")
    assert "secret" not in agency.client.get(made["address"]).json()
    assert made["secret"] not in str(list(Endpoint.objects.values()))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_url"),
        ({"url": "ftp://example.org/"}, "invalid_url"),
        ({"url": ["https://example.org/"]}, "invalid_url"),
        ({"url": "https://example.org/", "types": ["roadPermit.fly"]}, "unknown_type"),
        ({"url": "https://example.org/", "types": "all"}, "unknown_type"),
        ({"url": "https://example.org/", "secret": "mine"}, "unknown_field"),
        ({"url": "https://example.org/", "description": "x" * 121}, "invalid"),
    ],
)
def test_a_wrong_registration_is_told_field_by_field(agency, body, code):
    answer = post(agency.client, WEBHOOKS, body)
    assert_problem(answer, 400, "invalid_data")
    assert code in codes(answer)


def test_an_inside_address_is_refused_where_it_is_registered(agency, settings):
    settings.WEBHOOKS_MAY_CALL_INSIDE = False
    assert_problem(post(agency.client, WEBHOOKS, {"url": "https://169.254.169.254/"}), 400, "invalid_data")


def test_a_key_has_at_most_ten_endpoints(agency):
    for number in range(10):
        register(agency, f"http://127.0.0.1:9/{number}")
    assert_problem(post(agency.client, WEBHOOKS, {"url": "http://127.0.0.1:9/one-more"}), 422, "refused")


def test_another_key_and_nobody_see_nothing_of_it(agency):
    made = register(agency, "http://127.0.0.1:9/")
    other = key_holder("Another", "permits:read_all", "webhooks:manage").client
    for path in (made["address"], f"{made['address']}deliveries/"):
        assert_problem(other.get(path), 404, "not_found")
        assert_problem(client().get(path), 401, "not_authenticated")
    assert other.get(WEBHOOKS).json() == {"results": []}
    assert_problem(other.delete(made["address"]), 404, "not_found")
    assert_problem(key_holder("Reader", "permits:read_all").client.get(WEBHOOKS), 403, "scope_missing")


def test_a_deleted_endpoint_hears_nothing_and_leaves_no_log(agency):
    with receiver() as there:
        made = register(agency, there.url)
        permits.filed()
        telling.plan()
        assert agency.client.delete(made["address"]).status_code == 204
        assert tell() == 0
    assert Delivery.objects.count() == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share no SQLite database in memory")
def test_the_runner_tells_by_itself_and_stops_when_told(agency):
    with receiver() as there:
        register(agency, there.url)
        runner = Runner(threads=2).start()
        try:
            permits.filed()
            ends = time.monotonic() + 20
            while len(there.heard) < 2 and time.monotonic() < ends:
                time.sleep(0.05)
        finally:
            assert runner.stop()
    assert there.types == ["roadPermit.submit", "roadPermit.accept"]

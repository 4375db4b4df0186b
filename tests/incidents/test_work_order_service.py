"""The stand-alone work-order service over real HTTP; what all small services share: tests of the safety service."""

import json
import signal
import threading
from uuid import uuid4

import jsonschema
import pytest

from incidents import work_order_service
from incidents.work_order_contract import MEMBERS, PLACE, OrderState, check_answer, number_of, take
from incidents.work_order_service import OPENAPI, PATH, Book, service
from tests.workflow import stub_callers
from tests.workflow.stub_callers import exchange, program, serving
from workflow.contrib.service_stub.drills import MOODS, Mood
from workflow.contrib.service_stub.memory import Trouble
from workflow.contrib.service_stub.shapes import GarbageAnswer

MODULE = "incidents.work_order_service"
CONTRACT = json.loads(OPENAPI.read_text())


@pytest.fixture(scope="module")
def port():
    with serving(service()) as free:
        yield free


def job(**changes):
    place = {"text": "I-35 northbound, mile 120.5", "route": "I-35", "direction": "NB", "milepost": 120.5,
             "latitude": 42.01, "longitude": -93.57}  # fmt: skip
    return {
        "job": str(uuid4()),
        "case": "IR-26-7K3QXM",
        "crew": "Ames garage",
        "task": "Fill the pothole",
        "category": "pothole",
        "place": place,
        "planned_for": "2026-03-18",
        "priority": 0,
    } | changes


def ask(port, request, key=None, **headers):
    return stub_callers.ask(port, PATH, request, str(uuid4()) if key is None else key, **headers)


def ordered(port, request, key=None):
    status, headers, body = ask(port, request, key)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    return json.loads(body)


def code_of(reply):
    return reply[0], json.loads(reply[2])["code"]


def test_a_job_gets_an_order_number(port):
    request = job()
    answer = ordered(port, request)
    assert answer["number"].startswith("WO-")
    order = check_answer(answer, request)
    assert (order.number, order.state) == (answer["number"], OrderState.OPEN)


def test_another_crew_or_day_moves_the_order_and_the_number_stays(port):
    request = job()
    first = ordered(port, request)
    moved = request | {"crew": "Nevada garage", "planned_for": "2026-03-20"}
    assert ordered(port, moved) == first
    assert ordered(port, job())["number"] != first["number"]


def test_after_a_restart_the_same_job_has_the_same_number(port):
    request = job()
    with serving(service()) as other:
        assert ordered(port, request) == ordered(other, request)


def test_the_book_holds_one_order_a_job_with_the_newest_words():
    book, request = Book(), job()
    book.take(request)
    book.take(request | {"crew": "Nevada garage"})
    assert [order["crew"] for order in book.orders.values()] == ["Nevada garage"]


def test_the_oldest_orders_are_forgotten_first():
    book = Book(limit=2)
    first, second, third = job(), job(), job()
    for request in (first, second, first, third):
        book.take(request)
    assert list(book.orders) == [first["job"], third["job"]]


def test_a_job_of_another_case_is_refused(port):
    request = job()
    ordered(port, request)
    assert code_of(ask(port, request | {"case": "IR-26-OTHER"})) == (422, "job_of_other_case")
    book = Book()
    book.take(request)
    with pytest.raises(Trouble):
        book.take(request | {"case": "IR-26-OTHER"})


def test_the_same_request_under_the_same_key_gets_the_same_bytes(port):
    request, key = job(), str(uuid4())
    turned = dict(reversed(request.items()))
    assert ask(port, request, key)[2] == ask(port, turned, key)[2]
    assert code_of(ask(port, request | {"crew": "Nevada garage"}, key)) == (422, "key_reused")


def test_a_hundred_same_requests_at_once_make_one_order():
    book = Book()
    with serving(service(book)) as port:
        request, seen = job(), []
        threads = [threading.Thread(target=lambda: seen.append(ask(port, request)[2])) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(seen), len(set(seen)), len(book.orders)) == (100, 1, 1)


@pytest.mark.parametrize("key", ["", "  ", "k" * 201])
def test_a_request_without_a_usable_key_is_refused(port, key):
    assert code_of(ask(port, job(), key)) == (422, "key_missing")


WRONG = {
    "job": ["", "not-a-uuid", "3F2B6C1E-8D5A-4E0B-9C77-1A2B3C4D5E6F", None, 7],
    "case": ["", None, 7, "x" * 1001],
    "crew": ["", None],
    "task": ["", ["Fill"]],
    "category": ["", True],
    "place": [None, "I-35", [], {"milepost": "120"}, {"latitude": 91}, {"route": None}, {"milepost": True}],
    "planned_for": ["", "tomorrow", "2026-02-30", "20260318", None],
    "priority": ["0", 1.5, True, None, 10_000],
}


def test_every_member_is_tried_with_wrong_values():
    assert set(WRONG) == set(MEMBERS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_with_its_name(port, name, value):
    status, _, body = ask(port, job(**{name: value}))
    problem = json.loads(body)
    assert (status, problem["code"]) == (422, "wrong_value")
    assert f'"{name}" must be' in problem["detail"]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_missing_member_is_refused_with_its_name(port, name):
    request = job()
    del request[name]
    status, _, body = ask(port, request)
    assert (status, json.loads(body)["code"]) == (422, "missing_member")
    assert f'"{name}" is missing.' in json.loads(body)["detail"]


def test_what_is_not_known_of_a_place_is_empty_null_or_left_out(port):
    for place in ({}, {"route": "", "milepost": None}, {"address": "Main Street 4", "more": 1}):
        ordered(port, job(place=place))


GARBAGE = [
    None, [], "WO-1", 7, {},
    {"job": "another"}, {"case": "IR-26-OTHER"}, {"number": ""}, {"number": 17}, {"number": "7K3QXM2B"},
    {"number": "WO-" + "A" * 40}, {"number": "WO-1\n"}, {"number": "WO-<b>"}, {"state": "taken"}, {"state": True},
    {"state": None},
    {"state": ["open"]},
]  # fmt: skip


@pytest.mark.parametrize("change", GARBAGE)
def test_garbage_is_never_read_as_an_order(change):
    request = job()
    answer = take(request) | change if isinstance(change, dict) and change else change
    with pytest.raises(GarbageAnswer):
        check_answer(answer, request)


@pytest.mark.parametrize("part", ["job", "case", "number", "state"])
def test_an_answer_without_a_part_is_garbage(part):
    request = job()
    answer = take(request)
    del answer[part]
    with pytest.raises(GarbageAnswer, match=part):
        check_answer(answer, request)


def test_the_published_contract_says_what_is_checked(port):
    assert set(CONTRACT["paths"]) | {"/openapi.json"} == set(service().paths)
    schemas = CONTRACT["components"]["schemas"]
    assert schemas["Job"]["required"] == list(MEMBERS)
    assert set(schemas["Place"]["properties"]) == set(PLACE)
    assert schemas["Order"]["properties"]["state"]["enum"] == [str(state) for state in OrderState]
    whole = {"$ref": "#/components/schemas/Job", "components": CONTRACT["components"]}
    jsonschema.validate(job(), whole)
    jsonschema.validate(ordered(port, job()), whole | {"$ref": "#/components/schemas/Order"})


def test_health_and_contract_are_there(port):
    assert json.loads(exchange(port, "GET", "/healthz")[2]) == {"status": "ok"}
    assert json.loads(exchange(port, "GET", "/openapi.json")[2]) == CONTRACT


def test_numbers_of_ten_thousand_jobs_differ():
    assert len({number_of(uuid4()) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("mood", MOODS)
def test_a_drill_goes_wrong_in_its_way_and_then_the_service_is_well_again(mood):
    with serving(service(), Mood(name=mood, times=1, seconds=0.2)) as port:
        request, key = job(), str(uuid4())
        met = stub_callers.MET[mood](lambda: ask(port, request, key))
        assert met
        if mood in stub_callers.GARBAGE:
            with pytest.raises(GarbageAnswer):
                check_answer(json.loads(met), request)
        assert ordered(port, request, key) == take(request)


def test_the_program_says_where_it_listens_and_ends_in_peace_on_sigterm():
    with program(MODULE) as (process, line):
        assert line.startswith("Work-order service listening on http://127.0.0.1:")
        ordered(int(line.strip().rpartition(":")[2]), job())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


def test_a_taken_port_is_told_in_a_sentence(port, capsys):
    assert work_order_service.main(["--port", str(port)]) == 2
    assert "Choose another --port" in capsys.readouterr().err


def test_the_program_needs_no_django():
    assert stub_callers.needs_no_django(MODULE)

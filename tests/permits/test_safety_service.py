import json
import signal
import socket
import threading
import time
from uuid import uuid4

import pytest

from permits import safety_service
from permits.rules.safety import GarbageAnswer, assess, check_answer
from permits.safety_service import SERVICE
from tests.permits.test_rules_safety import CASES, question
from tests.workflow import stub_callers
from tests.workflow.stub_callers import exchange, program, serving
from workflow.contrib.service_stub import server
from workflow.contrib.service_stub.drills import MOODS, Mood
from workflow.contrib.service_stub.memory import Answers

MODULE = "permits.safety_service"


@pytest.fixture(scope="module")
def port():
    with serving(SERVICE) as free:
        yield free


def ask(port, request, **headers):
    return stub_callers.ask(port, SERVICE.path, request, request.get("key", ""), **headers)


def fresh(**changes):
    return question() | {"key": str(uuid4())} | changes


@pytest.mark.parametrize("rule", CASES)
def test_the_service_answers_what_the_pure_rules_answer(port, rule):
    request = CASES[rule][0] | {"key": str(uuid4())}
    status, headers, body = ask(port, request)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == assess(request)
    assert check_answer(json.loads(body), request).case == request["case"]


def test_the_same_question_gets_the_same_bytes_whatever_the_order_of_its_members(port):
    request = fresh()
    turned = dict(reversed(request.items()))
    assert ask(port, request)[2] == ask(port, turned)[2]


def test_another_question_with_the_same_key_is_refused_and_the_first_answer_stays(port):
    request = fresh()
    first = ask(port, request)[2]
    status, _, body = ask(port, request | {"night_work": True})
    assert (status, json.loads(body)["code"]) == (422, "key_reused")
    assert ask(port, request)[2] == first


def test_the_oldest_keys_are_forgotten_first():
    answers = Answers(assess, limit=2)
    first, second, third = fresh(), fresh(), fresh()
    for request in (first, second, first, third):
        answers.answer(request["key"], request)
    assert answers.answer(first["key"], first | {"night_work": False})
    assert answers.answer(second["key"], second | {"night_work": True})


def test_a_hundred_same_questions_at_once_get_one_answer(port):
    request, seen = fresh(), []
    threads = [threading.Thread(target=lambda: seen.append(ask(port, request)[2])) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 100
    assert len(set(seen)) == 1


JSON = {"Content-Type": "application/json"}
REFUSED = [
    ("GET", "/", b"", {}, 404, "not_found"),
    ("POST", "/v1/assessments/", b"{}", JSON, 404, "not_found"),
    ("GET", "/v1/assessments", b"", {}, 405, "method_not_allowed"),
    ("DELETE", "/healthz", b"", {}, 405, "method_not_allowed"),
    ("BREW", "/healthz", b"", {}, 405, "method_not_allowed"),
    ("POST", "/v1/assessments", b"{}", {"Content-Type": "text/plain"}, 415, "not_json"),
    ("POST", "/v1/assessments", b"{}", {}, 415, "not_json"),
    ("POST", "/v1/assessments", iter([b"{}"]), JSON | {"Transfer-Encoding": "chunked"}, 411, "length_required"),
    ("POST", "/v1/assessments", b"{}", JSON | {"Content-Length": "-2"}, 400, "bad_length"),
    ("POST", "/v1/assessments", b"{}", JSON | {"Content-Length": "9" * 5000}, 413, "body_too_large"),
    ("POST", "/v1/assessments", b" " * 1_000_001, JSON, 413, "body_too_large"),
    ("POST", "/v1/assessments", b"", JSON, 400, "not_json"),
    ("POST", "/v1/assessments", b"{", JSON, 400, "not_json"),
    ("POST", "/v1/assessments", b"\xff", JSON, 400, "not_json"),
    ("POST", "/v1/assessments", b"NaN", JSON, 400, "not_json"),
    ("POST", "/v1/assessments", b"[" * 200_000, JSON, 400, "not_json"),
    ("POST", "/v1/assessments", b"[]", JSON, 422, "wrong_type"),
    ("POST", "/v1/assessments", b"{}", JSON, 422, "missing_member"),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "code"), REFUSED)
def test_a_request_that_cannot_be_served_gets_a_problem_document(port, method, path, body, headers, status, code):
    got, received, raw = exchange(port, method, path, body, headers)
    problem = json.loads(raw)
    assert (got, received["Content-Type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"].endswith(".")
    assert status != 405 or received["Allow"]


@pytest.mark.parametrize("key", ["", "0f0e0d0c-0b0a-4908-8706-050403020100"])
def test_the_header_key_must_be_the_body_key(port, key):
    status, _, body = ask(port, fresh(), Idempotency_Key=key)
    assert (status, json.loads(body)["code"]) == (422, "key_differs")


def test_all_problems_of_a_question_are_told_at_once(port):
    status, _, body = ask(port, fresh(ttcp_kind="?", length_m=-1))
    assert status == 422
    assert '"ttcp_kind"' in json.loads(body)["detail"]
    assert '"length_m"' in json.loads(body)["detail"]


def test_a_body_that_stops_half_way_is_not_waited_for(port, monkeypatch):
    monkeypatch.setattr(server, "BODY_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(
            b"POST /v1/assessments HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )
        time.sleep(0.3)
        client.sendall(b" ")
        assert client.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_a_line_that_is_not_http_gets_a_problem_document(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"HELLO\r\n\r\n")
        assert b"bad_request" in client.makefile("rb").read()


def test_health_and_contract_are_there_for_get_and_head(port):
    status, _, body = exchange(port, "GET", "/healthz")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    status, headers, body = exchange(port, "HEAD", "/openapi.json")
    assert (status, body) == (200, b"")
    assert json.loads(exchange(port, "GET", "/openapi.json")[2])["openapi"].startswith("3.1")
    assert int(headers["Content-Length"]) > 1000


def test_the_published_contract_names_the_paths_that_are_served():
    contract = json.loads(SERVICE.openapi.read_text())
    assert set(contract["paths"]) | {"/openapi.json"} == set(SERVICE.paths)


@pytest.mark.parametrize("mood", MOODS)
def test_a_drill_goes_wrong_in_its_way_and_then_the_service_is_well_again(mood):
    with serving(SERVICE, Mood(name=mood, times=1, seconds=0.2)) as port:
        request = fresh()
        met = stub_callers.MET[mood](lambda: ask(port, request))
        assert met
        if mood in stub_callers.GARBAGE:
            with pytest.raises(GarbageAnswer):
                check_answer(json.loads(met), request)
        assert json.loads(ask(port, request)[2]) == assess(request)


def test_the_program_says_where_it_listens_and_ends_in_peace_on_sigterm():
    with program(MODULE) as (process, line):
        port = int(line.strip().rpartition(":")[2])
        assert ask(port, fresh())[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


def test_an_answer_under_way_is_finished_before_the_program_ends():
    with program(MODULE, "--mood", "slow", "--mood-seconds", "60") as (process, line):
        assert "DRILL" in line
        port, seen = int(line.split("127.0.0.1:")[1].split()[0]), []
        caller = threading.Thread(target=lambda: seen.append(ask(port, fresh())[0]))
        caller.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        caller.join(timeout=10)
        assert (process.wait(timeout=10), seen) == (0, [200])


def test_a_taken_port_is_told_in_a_sentence(port, capsys):
    assert safety_service.main(["--port", str(port)]) == 2
    assert "Choose another --port" in capsys.readouterr().err


def test_the_program_needs_no_django():
    assert stub_callers.needs_no_django(MODULE)

"""Callers of a small service over real HTTP, for the tests of each of them."""

import http.client
import json
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from workflow.contrib.service_stub.memory import Answers
from workflow.contrib.service_stub.server import Server, stop

ROOT = Path(__file__).parents[2]
# Each mood: what the caller meets. True, or the body of an answer that came in peace but may be garbage.
MET = {
    "well": lambda ask: ask()[0] == 200,
    "500": lambda ask: ask()[0] == 500,
    "429": lambda ask: ask()[1]["Retry-After"] == "2",
    "html": lambda ask: ask()[1]["Content-Type"] == "text/html",
    "half": lambda ask: raises(http.client.IncompleteRead, ask),
    "refuse": lambda ask: raises(http.client.RemoteDisconnected, ask),
    "huge": lambda ask: len(ask()[2]) > 40_000_000,
    "slow": lambda ask: takes(ask) >= 0.2,
    "wrong-type": lambda ask: ask()[2],
    "other-case": lambda ask: ask()[2],
}
GARBAGE = ("wrong-type", "other-case")


@contextmanager
def serving(service, mood=None):
    """The service in a thread of this process at a free port; answers the port."""
    server = Server(("127.0.0.1", 0), service, mood)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        stop(server)
        thread.join()
        server.server_close()


@contextmanager
def noting_keys():
    """The Idempotency-Keys under which services of this process are asked meanwhile."""
    keys = []
    answer = Answers.answer

    def noted(answers, key, body):
        keys.append(key)
        return answer(answers, key, body)

    with mock.patch.object(Answers, "answer", noted):
        yield keys


@contextmanager
def program(module, *arguments):
    """The service as a program at a free port; answers the process and its start line."""
    command = [sys.executable, "-m", module, "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def exchange(port, method, path, body=b"", headers=None):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def ask(port, path, request, key, **headers):
    named = {"Content-Type": "application/json", "Idempotency-Key": key} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return exchange(port, "POST", path, json.dumps(request).encode(), named)


def raises(error, ask):
    with pytest.raises(error):
        ask()
    return True


def takes(ask):
    begun = time.monotonic()
    ask()
    return time.monotonic() - begun


def needs_no_django(module):
    check = f"import sys, {module}; sys.exit(any(name.startswith('django') for name in sys.modules))"
    return subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0

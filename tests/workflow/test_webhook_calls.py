"""How we call an address that somebody else gave us: signed, in time, and never into our own network."""

import base64
import hmac
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from workflow.contrib.webhooks import guarded, signing

INSIDE = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://localhost/", "https://0.0.0.0/", "https://0/", "https://[::]/", "https://[::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[fe80::1]/", "https://[fc00::1]/", "https://10.0.0.8/", "https://172.16.3.4/", "https://192.168.1.1/",
    "https://169.254.169.254/", "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/",
    "https://[ff02::1]/", "https://198.18.0.1/",
]  # fmt: skip
NO_ADDRESS = [
    "http://example.org/", "ftp://example.org/", "https://user:secret@example.org/", "https://example.org:22/",
    "https://", "https:///path", "https://example.org:99999/", "javascript:alert(1)", "https://exam ple.org/",
    "https://bücher.example/", f"https://example.org/{'a' * 600}", "https://[::1", "//example.org/",
]  # fmt: skip
SOON = timedelta(seconds=1)


@contextmanager
def receiver(answer: bytes, *, drip_s: float = 0.0):
    """A server on this machine that takes one request and answers these bytes, at once or drop by drop."""
    taken = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                while not taken.endswith(b"}"):  # the body
                    taken.extend(connection.recv(65536))
                try:
                    for piece in [answer] if not drip_s else [bytes([one]) for one in answer]:
                        connection.sendall(piece)
                        time.sleep(drip_s)
                except OSError:
                    return  # the caller hung up

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hooks", taken
        thread.join(5)


def call(url, **options):
    return guarded.post(
        url, b"{}", {"Content-Type": "application/json"}, **{"deadline": SOON, "inside": True} | options
    )


@pytest.mark.parametrize("url", INSIDE)
def test_no_spelling_of_an_inside_address_is_called(url, monkeypatch):
    called = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: called.append(args))
    with pytest.raises(guarded.Forbidden):
        call(url, inside=False)
    assert called == []


def test_a_name_that_leads_inside_is_not_called(monkeypatch):
    """Also when it leads outside at the first look and inside at the second: it is looked up once."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def looked_up(*args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in next(answers)]

    called = []

    def connect(address, *args, **kwargs):
        called.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(guarded.Unreachable):
        call("https://rebinding.example/", inside=False)
    with pytest.raises(guarded.Forbidden):
        call("https://rebinding.example/", inside=False)
    assert called == ["93.184.216.34"]


def test_a_name_with_one_inside_address_among_others_is_not_called(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(guarded.Forbidden):
        call("https://both.example/", inside=False)


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_is_refused_with_a_sentence(url):
    with pytest.raises(guarded.Forbidden) as told:
        guarded.check_url(url)
    assert str(told.value).endswith(".")


def test_a_redirect_is_an_answer_and_nobody_follows_it():
    with receiver(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as (url, _):
        assert call(url).status == 302


def test_headers_that_drip_end_with_the_deadline():
    began = time.monotonic()
    with receiver(b"HTTP/1.1 200 OK\r\nX-Slow: yes\r\n" * 20, drip_s=0.05) as (url, _):
        with pytest.raises(guarded.Unreachable, match="in time"):
            call(url)
        assert time.monotonic() - began < 4


def test_a_body_that_drips_ends_with_the_deadline():
    with (
        receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 500, drip_s=0.02) as (url, _),
        pytest.raises(guarded.Unreachable, match="in time"),
    ):
        call(url)


def test_a_long_answer_is_read_only_at_its_beginning():
    with receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900000) as (url, _):
        answer = call(url)
    assert (answer.status, len(answer.text)) == (200, guarded.MOST_BYTES)


def test_nobody_there_and_no_http_are_told_apart_from_an_answer():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(guarded.Unreachable, match="reached"):
        call(f"http://127.0.0.1:{port}/")
    with receiver(b"SSH-2.0-OpenSSH_9.9\r\n") as (url, _), pytest.raises(guarded.Unreachable):
        call(url)


def test_the_request_has_its_body_and_headers_whole():
    with receiver(b"HTTP/1.1 204 No Content\r\n\r\n") as (url, taken):
        guarded.post(url, b'{"a":1}', {"webhook-id": "msg_1"}, deadline=SOON, inside=True)
    assert taken.startswith(b"POST /hooks HTTP/1.1\r\n")
    assert b"webhook-id: msg_1" in taken.lower()
    assert taken.endswith(b'{"a":1}')


def test_each_living_secret_signs_as_the_standard_says():
    new, old = signing.secret_of("new"), signing.secret_of("old")
    at, body = datetime(2026, 11, 23, 12, tzinfo=UTC), b'{"type":"roadPermit.approve"}'
    sent = signing.headers("msg_7", at, body, [new, old])
    assert sent["webhook-timestamp"] == str(int(at.timestamp()))
    signed = f"msg_7.{sent['webhook-timestamp']}.".encode() + body
    for secret, shown in zip((new, old), sent["webhook-signature"].split(" "), strict=True):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
        assert shown == f"v1,{expected}"
    assert new != old

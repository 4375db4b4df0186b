"""The stand-alone safety service: `python -m permits.safety_service --port 8010`. No Django, no database.

It applies permits.rules.safety to questions over HTTP. The contract is docs/safety-service.md.
"""

import argparse
import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Never

from permits.rules.safety import RULES_VERSION, check_request
from permits.safety_answers import Answers, Trouble
from permits.safety_drills import MOODS, Mood, misbehave

MAX_BODY_BYTES = 1_000_000
IDLE_SECONDS = 10.0  # without a byte from the client
BODY_SECONDS = 10.0  # for the whole body, however slowly it drips
MAX_CONNECTIONS = 128
LINGER_SECONDS = 1.0
GRACE_SECONDS = 5.0  # for answers under way when the service is told to stop
PATHS = {"/v1/assessments": ("POST",), "/healthz": ("GET", "HEAD"), "/openapi.json": ("GET", "HEAD")}
OPENAPI_FILE = Path(__file__).with_name("safety_openapi.json")


class Server(ThreadingHTTPServer):
    """The service's sockets, its memory of answers, and the mood of a drill."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], mood: Mood | None = None) -> None:
        self.answers = Answers()
        self.mood = mood or Mood()
        self.stopping = threading.Event()
        self._busy, self._changed = 0, threading.Condition()
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve in a thread of its own; beyond the limit the connection is closed, which a client may retry."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The thread's work; gives the slot back whatever happens."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Counts an answer that is being made, so that stopping can wait for it."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def wait_until_idle(self, seconds: float = GRACE_SECONDS) -> bool:
        """Wait for the answers under way; False if some are not done after so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is one line for the log, without the question."""
        error = sys.exception()
        if not isinstance(error, (ConnectionError, TimeoutError)):
            print(f"safety service: {type(error).__name__} while answering", file=sys.stderr, flush=True)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "SafetyService"
    sys_version = ""
    timeout = IDLE_SECONDS

    def handle_expect_100(self) -> bool:
        """Say "go on" only to a body we would read."""
        try:
            self._declared_length()
        except Trouble as trouble:
            self._send_trouble(trouble)
            return False
        return super().handle_expect_100()

    def __getattr__(self, name: str) -> Any:
        # http.server looks for do_GET, do_POST, ...; every method goes the same way, so that 405 is ours.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        with self.server.at_work():
            try:
                self._dispatch()
            except Trouble as trouble:
                self._send_trouble(trouble)

    def _dispatch(self) -> None:
        path = self.path.partition("?")[0]
        if path not in PATHS:
            raise Trouble(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here. See /openapi.json.")
        if self.command not in PATHS[path]:
            allowed = ", ".join(PATHS[path])
            raise Trouble(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"Use {allowed} here.", Allow=allowed)
        if path == "/healthz":
            self._send_json(HTTPStatus.OK, json.dumps({"status": "ok", "rules_version": RULES_VERSION}).encode())
        elif path == "/openapi.json":
            self._send_json(HTTPStatus.OK, OPENAPI_FILE.read_bytes())
        else:
            self._assess()

    def _assess(self) -> None:
        body = self._parsed(self._read_body())
        problems = check_request(body)
        if problems:
            sentence = " ".join(problem.sentence for problem in problems)
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, problems[0].code, sentence)
        if self.headers.get("Idempotency-Key", "").strip('" ') != body["key"]:
            sentence = 'The header Idempotency-Key must be the same as "key" in the body.'
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, "key_differs", sentence)
        answer = self.server.answers.answer(body)
        if not misbehave(self, self.server.mood, answer, self.server.stopping):
            self._send_json(HTTPStatus.OK, answer)

    def _declared_length(self) -> int:
        """Bytes the client announces. Raises Trouble without a length, above the limit, or for another type."""
        if self.headers.get_content_type() != "application/json":
            raise Trouble(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", "Send application/json.")
        if self.headers.get("Transfer-Encoding") or "Content-Length" not in self.headers:
            raise Trouble(HTTPStatus.LENGTH_REQUIRED, "length_required", "Send a Content-Length, not chunks.")
        declared = self.headers["Content-Length"].strip()
        if not (declared.isascii() and declared.isdigit()):
            raise Trouble(HTTPStatus.BAD_REQUEST, "bad_length", "Content-Length must be a whole number of bytes.")
        # Very long digit strings are too large without being converted.
        if len(declared) > 10 or int(declared) > MAX_BODY_BYTES:
            sentence = f"The body is larger than {MAX_BODY_BYTES:,} bytes. Send fewer lanes or documents."
            raise Trouble(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", sentence)
        return int(declared)

    def _read_body(self) -> bytes:
        left, parts = self._declared_length(), list[bytes]()
        until = time.monotonic() + BODY_SECONDS
        while left:
            part = self._next_part(left) if time.monotonic() < until else b""
            if not part:
                sentence = "The body did not arrive whole in time. Send it again."
                raise Trouble(HTTPStatus.REQUEST_TIMEOUT, "body_incomplete", sentence)
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _next_part(self, at_most: int) -> bytes:
        try:
            return self.rfile.read1(min(at_most, 65_536))
        except TimeoutError:
            return b""

    def _parsed(self, raw: bytes) -> Any:
        try:
            return json.loads(raw.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            sentence = "The body is not JSON in UTF-8. Correct it and send it again."
            raise Trouble(HTTPStatus.BAD_REQUEST, "not_json", sentence) from error

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself finds wrong (a broken request line, too many headers), as a problem document."""
        sentence = "The request is not HTTP as we understand it. Correct it and send it again."
        self._send_trouble(Trouble(HTTPStatus(code), "bad_request", sentence))

    def _send_trouble(self, trouble: Trouble) -> None:
        problem = {
            "type": "about:blank",
            "title": trouble.status.phrase,
            "status": trouble.status.value,
            "detail": trouble.sentence,
            "code": trouble.code,
        }
        # What is left of an unread body must not be taken for the next request.
        self.close_connection = True
        headers = trouble.headers | {"Connection": "close"}
        self._send_json(trouble.status, json.dumps(problem).encode(), "application/problem+json", headers)
        self._linger()

    def _linger(self) -> None:
        """Read what the client is still sending: to close on unread bytes would reset the connection, and the client
        would lose the problem document that says why."""
        with suppress(OSError):  # TimeoutError too
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_SECONDS)
            until = time.monotonic() + LINGER_SECONDS
            while time.monotonic() < until and self.connection.recv(65_536):
                pass

    def _send_json(
        self,
        status: HTTPStatus,
        body: bytes,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        all_headers = {"Content-Type": content_type, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        for name, value in (all_headers | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if getattr(self, "command", None) != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the caller keeps the record of what it asked."""


def _refuse_constant(word: str) -> Never:
    raise ValueError(f"{word} is not JSON")


def make_server(host: str, port: int, mood: Mood | None = None) -> Server:
    """A bound, not yet serving server; port 0 takes a free one (``server.server_address`` tells which)."""
    return Server((host, port), mood)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 0, or 2 if the port cannot be had."""
    options = _parser().parse_args(arguments)
    mood = Mood(name=options.mood, times=options.mood_times, seconds=options.mood_seconds)
    try:
        server = make_server(options.host, options.port, mood)
    except OSError as error:
        print(
            f"Cannot listen on {options.host}:{options.port}: {error.strerror}. Choose another --port.", file=sys.stderr
        )
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this very thread runs, so it needs a thread of its own.
        signal.signal(number, lambda *_: threading.Thread(target=stop, args=(server,)).start())
    host, port = server.server_address[:2]
    print(f"Safety service (rules {RULES_VERSION}) listening on http://{host!s}:{port}{mood.note}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)
        server.wait_until_idle()
    return 0


def stop(server: Server) -> None:
    """End ``serve_forever`` and wake the drills that sleep."""
    server.stopping.set()
    server.shutdown()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m permits.safety_service", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8010, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--mood", choices=list(MOODS), default="well", help="for drills: answer wrongly on purpose")
    parser.add_argument("--mood-times", type=int, default=None, help="only the first N answers are in the mood")
    parser.add_argument("--mood-seconds", type=float, default=30.0, help="how long the mood slow waits")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""A small HTTP service of one path: `POST` answers JSON under an Idempotency-Key. The limits keep it standing."""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Never

from workflow.contrib.service_stub.drills import MOODS, Drill, Mood
from workflow.contrib.service_stub.memory import Answers, Trouble
from workflow.contrib.service_stub.shapes import Fault

MAX_BODY_BYTES = 1_000_000
MAX_KEY = 200
IDLE_SECONDS = 10.0  # without a byte from the client
BODY_SECONDS = 10.0  # for the whole body, however slowly it drips
MAX_CONNECTIONS = 128
LINGER_SECONDS = 1.0
GRACE_SECONDS = 5.0  # for answers under way when the service is told to stop
HEALTH, CONTRACT = "/healthz", "/openapi.json"


@dataclass(frozen=True, kw_only=True)
class Service:
    """What one service does; the rest is the same for all."""

    name: str
    path: str
    openapi: Path
    check: Callable[[Any], Sequence[Fault]]
    answer: Callable[[Any], Mapping[str, Any]]  # for a checked body; may raise Trouble
    wrong: Mapping[str, Any]  # for drills: members of a wrong type
    other: Mapping[str, Any]  # for drills: members that make an answer another case's
    key_member: str = ""  # the member that repeats the Idempotency-Key
    health: Mapping[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        return {self.path: ("POST",), HEALTH: ("GET", "HEAD"), CONTRACT: ("GET", "HEAD")}


class Server(ThreadingHTTPServer):
    """The service's sockets, its memory of answers, and the mood of a drill."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], service: Service, mood: Mood | None = None) -> None:
        self.service = service
        self.answers = Answers(service.answer)
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
            print(f"{self.service.name}: {type(error).__name__} while answering", file=sys.stderr, flush=True)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Milepost"
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
        path, service = self.path.partition("?")[0], self.server.service
        if path not in service.paths:
            raise Trouble(HTTPStatus.NOT_FOUND, "not_found", f"There is nothing here. See {CONTRACT}.")
        if self.command not in service.paths[path]:
            allowed = ", ".join(service.paths[path])
            raise Trouble(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"Use {allowed} here.", Allow=allowed)
        if path == HEALTH:
            self._send_json(HTTPStatus.OK, json.dumps({"status": "ok", **service.health}).encode())
        elif path == CONTRACT:
            self._send_json(HTTPStatus.OK, service.openapi.read_bytes())
        else:
            self._answer(service)

    def _answer(self, service: Service) -> None:
        body = self._parsed(self._read_body())
        faults = service.check(body)
        if faults:
            sentence = " ".join(fault.sentence for fault in faults)
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, faults[0].code, sentence)
        answer = self.server.answers.answer(self._key(body, service), body)
        if not self._misbehave(answer):
            self._send_json(HTTPStatus.OK, answer)

    def _key(self, body: Any, service: Service) -> str:
        key = str(self.headers.get("Idempotency-Key", "")).strip('" ')
        if service.key_member and key != body[service.key_member]:
            sentence = f'The header Idempotency-Key must be the same as "{service.key_member}" in the body.'
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, "key_differs", sentence)
        if not 0 < len(key) <= MAX_KEY:
            sentence = f"Send the header Idempotency-Key with 1 to {MAX_KEY} characters: the same for the same request."
            raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, "key_missing", sentence)
        return key

    def _misbehave(self, answer: bytes) -> bool:
        """Answer in the server's mood; False if it is well and the caller should answer."""
        server = self.server
        act = MOODS[server.mood.take()]
        if act is None:
            return False
        drill = Drill(
            handler=self, answer=answer, wrong=server.service.wrong, other=server.service.other,
            seconds=server.mood.seconds, stopping=server.stopping,
        )  # fmt: skip
        act(drill)
        return True

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
            sentence = f"The body is larger than {MAX_BODY_BYTES:,} bytes. Send less."
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


def stop(server: Server) -> None:
    """End ``serve_forever`` and wake the drills that sleep."""
    server.stopping.set()
    server.shutdown()

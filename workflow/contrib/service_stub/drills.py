"""Moods for fault drills: how a small service answers wrongly on purpose, so that callers can be tested."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

HUGE_BYTES = 50_000_000
CHUNK = b" " * 65_536


@dataclass(kw_only=True)
class Mood:
    """The mood of a server: its name, for how many answers (None: for all), how many seconds slow waits."""

    name: str = "well"
    times: int | None = None
    seconds: float = 30.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def note(self) -> str:
        """Words for the start line, so that nobody takes a drill for the real thing."""
        return "" if self.name == "well" else f" - DRILL: mood {self.name}"

    def take(self) -> str:
        """The mood of the next answer."""
        with self._lock:
            if self.times is None:
                return self.name
            self.times -= 1
            return self.name if self.times >= 0 else "well"


@dataclass(frozen=True, kw_only=True)
class Drill:
    """One answer that is about to go wrong."""

    handler: BaseHTTPRequestHandler
    answer: bytes
    wrong: Mapping[str, Any]  # members of a wrong type
    other: Mapping[str, Any]  # members that make it another case's answer
    seconds: float
    stopping: threading.Event

    def send(self, status: int, body: bytes, *, content_type: str = "application/json", **headers: str) -> None:
        """Send a whole response; a header given here wins."""
        self.handler.send_response(status)
        sent = {"Content-Type": content_type, "Content-Length": str(len(body))}
        for name, value in (sent | {name.replace("_", "-"): value for name, value in headers.items()}).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(body)


def _slow(drill: Drill) -> None:
    drill.stopping.wait(drill.seconds)
    drill.send(HTTPStatus.OK, drill.answer)


def _problem(drill: Drill, status: HTTPStatus, **headers: str) -> None:
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": "drill"}
    drill.send(status, json.dumps(problem).encode(), content_type="application/problem+json", **headers)


def _error_500(drill: Drill) -> None:
    _problem(drill, HTTPStatus.INTERNAL_SERVER_ERROR)


def _busy_429(drill: Drill) -> None:
    _problem(drill, HTTPStatus.TOO_MANY_REQUESTS, Retry_After="2")


def _html(drill: Drill) -> None:
    drill.send(HTTPStatus.OK, b"<!doctype html><title>Welcome</title><p>pass", content_type="text/html")


def _wrong_type(drill: Drill) -> None:
    drill.send(HTTPStatus.OK, json.dumps(json.loads(drill.answer) | drill.wrong).encode())


def _half(drill: Drill) -> None:
    """Announce the whole answer, send half of it, hang up."""
    drill.handler.close_connection = True
    drill.send(HTTPStatus.OK, drill.answer[: len(drill.answer) // 2], Content_Length=str(len(drill.answer)))


def _huge(drill: Drill) -> None:
    """A correct answer behind 50 MB of spaces."""
    drill.handler.close_connection = True
    length = HUGE_BYTES // len(CHUNK) * len(CHUNK) + len(drill.answer)
    drill.send(HTTPStatus.OK, b"", Content_Length=str(length))
    for _ in range(HUGE_BYTES // len(CHUNK)):
        drill.handler.wfile.write(CHUNK)
    drill.handler.wfile.write(drill.answer)


def _other_case(drill: Drill) -> None:
    drill.send(HTTPStatus.OK, json.dumps(json.loads(drill.answer) | drill.other).encode())


def _refuse(drill: Drill) -> None:
    """Hang up without a word."""
    drill.handler.close_connection = True


MOODS: dict[str, Callable[[Drill], None] | None] = {
    "well": None,
    "slow": _slow,
    "500": _error_500,
    "429": _busy_429,
    "html": _html,
    "wrong-type": _wrong_type,
    "half": _half,
    "huge": _huge,
    "other-case": _other_case,
    "refuse": _refuse,
}

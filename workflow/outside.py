"""Calls to services by URL, with one deadline around the whole exchange and a limit on what is read."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from django.utils import timezone

from workflow.errors import PermanentFailure, TemporaryFailure, UnusableAnswer

MOST_BYTES = 1_000_000


def post_json(url: str, body: Mapping[str, Any], *, key: str, deadline: timedelta, service: str) -> Any:
    """POST ``body`` under an Idempotency-Key and answer the JSON of a 2xx. ``service``: its name in sentences.

    Raises TemporaryFailure (no connection, too slow, 408, 425, 429, 5xx), PermanentFailure (other 4xx), UnusableAnswer
    (not JSON, too long, redirected).
    """
    ends = time.monotonic() + deadline.total_seconds()
    # httpx's time-outs are for each read: a server that drips bytes could hold us for ever. Hence the clock.
    limits = httpx.Timeout(deadline.total_seconds(), connect=min(3.0, deadline.total_seconds()))
    try:
        with (
            httpx.Client(timeout=limits, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, json=body, headers={"Idempotency-Key": key}) as response,
        ):
            content = _read(response, ends, service)
    except httpx.TimeoutException as error:
        raise TemporaryFailure(f"{service} did not answer within {deadline.total_seconds():g} s.") from error
    except httpx.HTTPError as error:
        raise TemporaryFailure(f"{service} could not be reached ({type(error).__name__}).") from error
    _check_status(response, service)
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer(f"{service} answered something that is not JSON.") from error


def _read(response: httpx.Response, ends: float, service: str) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MOST_BYTES:
            raise UnusableAnswer(f"{service} answered more than {MOST_BYTES:,} bytes.")
        if time.monotonic() > ends:
            raise TemporaryFailure(f"{service} did not finish its answer in time.")
    return bytes(content)


def _check_status(response: httpx.Response, service: str) -> None:
    status = response.status_code
    if status in (408, 425, 429) or status >= 500:
        raise TemporaryFailure(f"{service} answered {status}.", retry_after=_retry_after(response))
    if 300 <= status < 400:
        raise UnusableAnswer(f"{service} answered with a redirect ({status}); its address in the settings is wrong.")
    if status >= 400:
        raise PermanentFailure(f"{service} refused the request ({status}).")


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Retry-After in seconds or as a date, at most one hour."""
    raw = response.headers.get("Retry-After", "").strip()
    try:
        wait = timedelta(seconds=int(raw)) if raw.isdigit() else parsedate_to_datetime(raw) - timezone.now()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(timedelta(), min(wait, timedelta(hours=1)))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")

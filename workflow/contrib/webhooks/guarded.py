"""A POST to an address that somebody else gave us: never into our own network, never redirected, over in time.

The address is looked up once, checked, and that very address is connected to: a name that answers differently the
second time (rebinding) gains nothing. One clock runs over connection, TLS, request and answer; the look-up has that of
the system's resolver.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpcore

LONGEST_URL = 500
MOST_BYTES = 4096  # of an answer: more is not read
_EMBEDDED = ("64:ff9b::/96", "2002::/16")  # NAT64 and 6to4 hold an IPv4 address
NAT64, SIX_TO_FOUR = map(ipaddress.IPv6Network, _EMBEDDED)


class Forbidden(Exception):
    """The address may not be called; the text says why, for whoever gave it to us."""


class Unreachable(Exception):
    """No answer: refused, too slow, broken TLS, unknown name. The text says which, without the address."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; ``text``: its beginning."""

    status: int
    text: str
    took: timedelta


def check_url(url: str, *, inside: bool = False) -> None:
    """Raises Forbidden for what cannot be an endpoint: not https, a port of another service, a user in it, an address
    of our own. ``inside``: for a trial on one's own machine, http and inside addresses are allowed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("This is no address: write it like https://example.org/hooks.") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Forbidden(f"Write the address in plain letters, at most {LONGEST_URL}.")
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise Forbidden("The address must begin with https://.")
    if not host or parts.username is not None or parts.password is not None:
        raise Forbidden("Write the address like https://example.org/hooks, without a user name.")
    if not inside:
        if port not in (None, 443, 8443):
            raise Forbidden("Use port 443 or 8443.")
        if _is_number(host) and not _is_outside(ipaddress.ip_address(host)):
            raise Forbidden("This address lies inside a private network: we cannot reach it.")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_outside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address lies in the public internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        elif address in SIX_TO_FOUR:
            inner = ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
        if inner is not None:
            return _is_outside(inner)
    return address.is_global and not address.is_multicast


class _Clock:
    def __init__(self, deadline: timedelta) -> None:
        self.began = time.monotonic()
        self.ends = self.began + deadline.total_seconds()

    def left(self, most: float | None = None) -> float:
        """Seconds left. Raises Unreachable when none are."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise Unreachable("It did not answer in time.")
        return left if most is None else min(left, most)


class _Timed(httpcore.NetworkStream):
    """A connection whose every read and write ends with the clock."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._clock.left(timeout)), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    """Connects to public addresses only: the one that was checked is the one that is called."""

    def __init__(self, clock: _Clock, *, inside: bool) -> None:
        self._clock, self._inside, self._plain = clock, inside, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = _looked_up(host, port, inside=self._inside)
        return _Timed(self._plain.connect_tcp(address, port, self._clock.left(timeout)), self._clock)


def _looked_up(host: str, port: int, *, inside: bool) -> str:
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Unreachable("Its name is not known.") from None
    # One inside address among others is reason enough: such a name is no mistake.
    if not inside and not all(_is_outside(ipaddress.ip_address(one.partition("%")[0])) for one in found):
        raise Forbidden("This address lies inside a private network: we do not call it.")
    return found[0]


def post(url: str, body: bytes, headers: Mapping[str, str], *, deadline: timedelta, inside: bool = False) -> Answer:
    """POST ``body`` and answer the status, whatever it is; a redirect is an answer like any other.

    Raises Forbidden (may not be called) and Unreachable (no answer within ``deadline``).
    """
    check_url(url, inside=inside)
    clock = _Clock(deadline)
    content = bytearray()
    try:
        with (
            httpcore.ConnectionPool(
                network_backend=_Guarded(clock, inside=inside), ssl_context=ssl.create_default_context(), retries=0
            ) as pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
        ):
            for chunk in response.iter_stream():
                content += chunk
                if len(content) >= MOST_BYTES:
                    break
    except (httpcore.TimeoutException, TimeoutError):
        raise Unreachable("It did not answer in time.") from None
    except httpcore.ConnectError as error:
        raise Unreachable(_connecting(error)) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise Unreachable(f"The connection broke ({type(error).__name__}).") from None
    took = timedelta(seconds=time.monotonic() - clock.began)
    return Answer(status=response.status, text=bytes(content[:MOST_BYTES]).decode("utf-8", "replace"), took=took)


def _connecting(error: Exception) -> str:
    if isinstance(error.__context__, ssl.SSLError) or "SSL" in str(error) or "certificate" in str(error):
        return "Its certificate is not valid for this address."
    return "It could not be reached."

"""Typed readers of the environment: every mistake is collected and reported at once."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


class Environment:
    """Reads settings from ``values``; call ``check`` at the end to hear about every bad one in one sentence."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self.values = dict(os.environ) if values is None else values
        self.mistakes: list[str] = []

    def _read[T](self, name: str, default: T, parse: Callable[[str], T], shape: str) -> T:
        raw = self.values.get(name, "").strip()
        if not raw:
            return default
        try:
            return parse(raw)
        except ValueError:
            self.mistakes.append(f"{name} should be {shape}, not {raw[:80]!r}")
            return default

    def text(self, name: str, default: str = "") -> str:
        return self._read(name, default, str, "text")

    def flag(self, name: str, *, default: bool = False) -> bool:
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }

        def parse(raw: str) -> bool:
            if raw.lower() not in words:
                raise ValueError(raw)
            return words[raw.lower()]

        return self._read(name, default, parse, "yes or no")

    def number(self, name: str, default: int) -> int:
        return self._read(name, default, int, "a whole number")

    def decimal(self, name: str, default: str) -> Decimal:
        def parse(raw: str) -> Decimal:
            try:
                return Decimal(raw)
            except InvalidOperation:
                raise ValueError(raw) from None

        return self._read(name, Decimal(default), parse, "a number like 2.0")

    def seconds(self, name: str, default: float) -> timedelta:
        return self._read(name, timedelta(seconds=default), lambda raw: timedelta(seconds=float(raw)), "seconds")

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def url(self, name: str, default: str = "") -> str:
        def parse(raw: str) -> str:
            if urlsplit(raw).scheme not in {"http", "https"} or not urlsplit(raw).hostname:
                raise ValueError(raw)
            return raw.rstrip("/")

        return self._read(name, default, parse, "an http or https address")

    @staticmethod
    def hosts_of(url: str) -> list[str]:
        """What a content security policy calls the host of ``url``; a host like ``{s}.example.org`` stands for all of
        its kind. Nothing for an empty address."""
        parts = urlsplit(url)
        return [f"{parts.scheme}://{re.sub(r'{[^}]*}', '*', parts.netloc)}"] if url else []

    def database(self, name: str, default: str) -> dict[str, object]:
        """``sqlite:///path`` or ``postgresql://user:password@host:port/name`` as Django's dictionary."""
        fallback = database_from_url(default)
        return self._read(name, fallback, database_from_url, "sqlite:///path or postgresql://user@host/name")

    def check(self) -> None:
        if self.mistakes:
            raise ImproperlyConfigured("The environment has mistakes: " + "; ".join(self.mistakes) + ".")


def database_from_url(url: str) -> dict[str, object]:
    """Raises ValueError for a scheme that is neither SQLite nor PostgreSQL."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///"),  # four slashes in all make the path absolute
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN, so a transaction never fails half-way on an upgrade;
                # FULL makes every commit durable, as the promise "nothing lost" needs.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError(url)

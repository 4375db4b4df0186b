"""One neutral structure, written as XML and as JSON (the Spark convention: no root, containers become arrays)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

# What XML 1.0 cannot hold, escaped or not; dropped from JSON as well, so that both say the same.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True)
class Many:
    """A container of one repeated child: ``<services><service>…``, in JSON an array, also of one or none."""

    child: str
    items: Sequence[Any]


@dataclass(frozen=True)
class Document:
    """A whole answer: the name of its root in XML, and what it holds: texts, numbers, booleans, moments, None, further
    containers and dictionaries."""

    root: str
    value: Many | dict[str, Any]


def written(moment: datetime) -> str:
    """To the second, in UTC: sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_json(document: Document) -> bytes:
    return json.dumps(_plain(document.value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def to_xml(document: Document) -> bytes:
    return "".join([_DECLARATION, *_element(document.root, document.value)]).encode()


@dataclass(frozen=True)
class Format:
    """What the extension of an address asks for."""

    extension: str
    content_type: str

    def write(self, document: Document) -> bytes:
        return to_xml(document) if self.extension == "xml" else to_json(document)


XML = Format("xml", "text/xml; charset=utf-8")
JSON = Format("json", "application/json; charset=utf-8")
FORMATS = {"xml": XML, "json": JSON}


def _clean(text: str) -> str:
    """Line breaks as one character: an XML reader makes them that anyway."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() and text.isprintable() else _FORBIDDEN.sub("", text)


def _scalar(value: Any) -> Any:
    """As JSON knows it."""
    if isinstance(value, str):
        return _clean(value) or None
    return written(value) if isinstance(value, datetime) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Many):
        return [_plain(item) for item in value.items]
    return {name: _plain(inner) for name, inner in value.items()} if isinstance(value, dict) else _scalar(value)


def _element(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, (Many, dict)):
        children = ((value.child, item) for item in value.items) if isinstance(value, Many) else value.items()
        yield f"<{name}>"
        for child, inner in children:
            yield from _element(child, inner)
        yield f"</{name}>"
        return
    plain = _scalar(value)
    if plain is None:
        yield f"<{name}/>"
    elif isinstance(plain, str):
        yield f"<{name}>{escape(plain)}</{name}>"
    else:
        yield f"<{name}>{json.dumps(plain)}</{name}>"

"""Bodies read strictly: what cannot be stored, or would cost more to read than to send, is refused with a sentence."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from workflow.api.problems import Problem, finding, pointer_to

MOST_DEPTH = 32
MOST_MEMBERS = 1000  # of one object; an application has about a hundred
LONGEST_NUMBER = 40  # digits
MULTIPART_OVERHEAD_BYTES = 1024 * 1024
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """JSON (RFC 8259) in UTF-8: one object, no NaN, no name twice, no NUL, no half surrogate pair, at most
    ``MOST_DEPTH`` deep and ``MOST_MEMBERS`` wide. Raises Problem."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        refuse_larger(parser_context, limit)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise too_large(limit)
        try:
            value = json.loads(
                raw.decode("utf-8-sig"),
                object_pairs_hook=_members,
                parse_constant=_no_constant,
                parse_float=_number,
                parse_int=_whole_number,
            )
        except UnicodeDecodeError:
            raise _malformed("invalid_encoding", "The body is not UTF-8. Send JSON in UTF-8.") from None
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise _malformed("invalid_json", f"The body is not JSON: {error}.") from None
        if not isinstance(value, dict):
            raise _malformed("not_an_object", "Send one JSON object.")
        _check(value)
        return value


class UploadParser(MultiPartParser):
    """multipart/form-data, refused by its announced size before anything is written to disk."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        refuse_larger(parser_context, settings.UPLOAD_MAX_BYTES + MULTIPART_OVERHEAD_BYTES)
        return super().parse(stream, media_type, parser_context)


def refuse_larger(parser_context: Mapping[str, Any] | None, limit_bytes: int) -> None:
    """Raises Problem for a body that says it is larger, or that comes packed."""
    meta = parser_context["request"].META if parser_context else {}
    if int(meta.get("CONTENT_LENGTH") or 0) > limit_bytes:
        raise too_large(limit_bytes)
    if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem("unsupported_media_type", "Send the body without Content-Encoding.")


def too_large(limit_bytes: int) -> Problem:
    return Problem("too_large", f"The body is larger than {limit_bytes // 1_000_000} MB. Send less at once.")


def _malformed(code: str, sentence: str, pointer: str = "") -> Problem:
    return Problem("malformed", sentence, errors=[finding(code, sentence, pointer=pointer)])


def _too_deep() -> Problem:
    return _malformed("too_deep", f"The body is nested more than {MOST_DEPTH} deep. Send it flatter.")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        raise _malformed("too_many_members", f"An object has more than {MOST_MEMBERS} members. Send fewer.")
    members = dict(pairs)
    if len(members) < len(pairs):
        # Two readers of such a body could see two different things.
        raise _malformed("duplicate_name", "An object has the same name twice. Send each name once.")
    return members


def _no_constant(name: str) -> NoReturn:
    raise _malformed("invalid_number", f"{name} is not a number in JSON. Leave it out or send null.")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _malformed("invalid_number", "A number is too large. Send it in range.")
    return number


def _whole_number(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _malformed("invalid_number", "A number has too many digits. Send it in range.")
    return int(text)


def _check(value: Any) -> None:
    """Depth, and text that no database can hold. Iterative: the depth is what is in question."""
    waiting: list[tuple[Any, int, str]] = [(value, 1, "")]
    while waiting:
        current, depth, pointer = waiting.pop()
        if isinstance(current, str) and not _is_storable(current):
            raise _malformed("invalid_characters", "Remove the characters that cannot be stored.", pointer)
        if isinstance(current, dict | list):
            if depth > MOST_DEPTH:
                raise _too_deep()
            waiting.extend((inner, depth + 1, pointer + step) for step, inner in _children(current))


def _children(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"/{number}", inner) for number, inner in enumerate(value) if isinstance(inner, str | dict | list))
        return
    for name, inner in value.items():
        if not _is_storable(name):
            raise _malformed("invalid_characters", "A name holds characters that cannot be stored. Remove it.")
        yield pointer_to(name, value), inner


def _is_storable(text: str) -> bool:
    return _NOT_STORABLE.search(text) is None

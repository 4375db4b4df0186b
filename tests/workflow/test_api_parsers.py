"""Bodies that must not get in: each is a 400, 413 or 415 with a code, never a 500."""

import io
import json
from types import SimpleNamespace

import pytest

from workflow.api.parsers import MOST_DEPTH, MOST_MEMBERS, StrictJSONParser, UploadParser
from workflow.api.problems import Problem


def parse(raw: bytes, parser=StrictJSONParser, **meta):
    request = SimpleNamespace(META={"CONTENT_LENGTH": str(len(raw)), **meta})
    return parser().parse(io.BytesIO(raw), parser.media_type, {"request": request})


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


REFUSED = [
    (b'{"a":' + b"[" * 100_000, "too_deep"),
    (b'{"a":' * 100_000, "too_deep"),
    (nested(MOST_DEPTH + 1), "too_deep"),
    (nested(900), "too_deep"),
    (b'{"a": NaN}', "invalid_number"),
    (b'{"a": -Infinity}', "invalid_number"),
    (b'{"a": 1e999}', "invalid_number"),
    (b'{"a": ' + b"9" * 5000 + b"}", "invalid_number"),
    (b'{"a": "\\u0000"}', "invalid_characters"),
    (b'{"\\u0000": 1}', "invalid_characters"),
    (b'{"a": ["\\ud800"]}', "invalid_characters"),
    (b'{"a": {"\\udfff": 1}}', "invalid_characters"),
    (b'{"a": "\xff"}', "invalid_encoding"),
    (b'{"a": "\xed\xa0\x80"}', "invalid_encoding"),
    (json.dumps({f"k{n}": n for n in range(10_000)}).encode(), "too_many_members"),
    (b'{"a": 1, "a": 2}', "duplicate_name"),
    (b"", "invalid_json"),
    (b"{", "invalid_json"),
    (b"permit_type=utility", "invalid_json"),
    (b'{"a": "\x00"}', "invalid_json"),
    (b"[]", "not_an_object"),
    (b"null", "not_an_object"),
    (b'"text"', "not_an_object"),
]


@pytest.mark.parametrize(("raw", "code"), REFUSED, ids=[f"{n}-{code}" for n, (_, code) in enumerate(REFUSED)])
def test_a_body_that_cannot_be_kept_is_refused_with_its_code(raw, code):
    with pytest.raises(Problem) as refused:
        parse(raw)
    assert refused.value.details.status == 400
    assert [error["code"] for error in refused.value.details.errors] == [code]


def test_the_error_leads_to_the_character_that_cannot_be_stored():
    with pytest.raises(Problem) as refused:
        parse(b'{"impacts": [{"x/y": "\\ud800"}]}')
    assert refused.value.details.errors[0]["pointer"] == "/impacts/0/x~1y"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "\\ud83d\\ude80"]}', {"a": [1, 2.5, None, True, "\U0001f680"]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"ä": "ö"}'.encode(), {"ä": "ö"}),
        (nested(MOST_DEPTH), json.loads(nested(MOST_DEPTH))),
        (json.dumps({f"k{n}": n for n in range(MOST_MEMBERS)}).encode(), {f"k{n}": n for n in range(MOST_MEMBERS)}),
    ],
)
def test_ordinary_json_is_read(raw, value):
    assert parse(raw) == value


@pytest.mark.parametrize("parser", [StrictJSONParser, UploadParser])
def test_a_body_that_announces_too_much_is_refused_before_it_is_read(parser):
    with pytest.raises(Problem) as refused:
        parse(b"{}", parser, CONTENT_LENGTH=str(10**10))
    assert refused.value.details.status == 413


def test_a_body_that_is_longer_than_allowed_is_refused_whatever_it_announced(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    with pytest.raises(Problem) as refused:
        parse(b" " * 101, CONTENT_LENGTH="10")
    assert refused.value.details.status == 413


@pytest.mark.parametrize("parser", [StrictJSONParser, UploadParser])
def test_a_packed_body_is_not_unpacked(parser):
    with pytest.raises(Problem) as refused:
        parse(b"{}", parser, HTTP_CONTENT_ENCODING="gzip")
    assert refused.value.details.status == 415

"""The body of a POST: urlencoded or multipart, its size and its text checked before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from incidents.open311.errors import Refusal, refusal
from incidents.open311.parameters import Parameters, check_texts, read_pairs, unreadable

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
OVERHEAD_BYTES = 1024 * 1024
SECRETS = ("api_key",)


@dataclass(frozen=True)
class Form:
    """``files``: the name of the part, and what was uploaded."""

    values: Parameters
    files: tuple[tuple[str, Any], ...] = ()

    @property
    def digest(self) -> str:
        """The same for the same body, whatever the key and the order."""
        lines = [f"{name}={value}" for name, value in self.values.pairs if name not in SECRETS]
        lines += [f"{name}:{_digest(upload)}" for name, upload in self.files]
        return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def read_form(request: HttpRequest) -> Form:
    """Raises Refusal, or what Django raises for a body that is too large (a RequestDataTooBig)."""
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        raise refusal(411, "length_required", "Send the body with Content-Length, not in chunks.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise refusal(400, "unsupported_media_type", "Send the body without Content-Encoding.")
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type not in ("", URLENCODED, MULTIPART) or charset not in ("utf-8", "utf8", "us-ascii"):
        sentence = f"Send the body as {URLENCODED} or {MULTIPART}, in UTF-8."
        raise refusal(400, "unsupported_media_type", sentence)
    return _multipart(request) if request.content_type == MULTIPART else Form(Parameters(read_pairs(request.body)))


def _multipart(request: HttpRequest) -> Form:
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > settings.UPLOAD_MAX_BYTES + OVERHEAD_BYTES:
        most = settings.UPLOAD_MAX_BYTES // 1_000_000
        raise refusal(413, "too_large", f"The request is larger than {most} MB. Send fewer or smaller pictures.")
    try:
        pairs = [(name, value) for name, values in request.POST.lists() for value in values]
        files = [(name, upload) for name, uploads in request.FILES.lists() for upload in uploads]
    except (TooManyFieldsSent, TooManyFilesSent):
        raise _malformed("too_many_fields", "Send fewer parameters and files.") from None
    except MultiPartParserError:
        raise _malformed("malformed", "The multipart body could not be read. Check its boundary.") from None
    check_texts(text for pair in pairs for text in pair)
    if any("\ufffd" in value for _, value in pairs):  # what Django makes of bytes that are not UTF-8
        raise unreadable()
    return Form(Parameters(pairs), tuple(files))


def _malformed(reason: str, sentence: str) -> Refusal:
    return refusal(400, reason, sentence)


def _digest(upload: Any) -> str:
    digest = sha256()
    chunks: Iterable[bytes] = upload.chunks()
    for chunk in chunks:
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()

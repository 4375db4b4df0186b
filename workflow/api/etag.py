"""A case's revision as its entity tag: ``ETag: "7"``."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.request import Request

from workflow.api.problems import Problem, finding

# A proxy that packs answers marks their tags as weak. Ours names a revision, not bytes: a weak one says as much.
_TAGS = re.compile(r'\s*(?:W/)?"([^"\x00-\x1f]*)"\s*(?:,|$)')
_NEVER = -1  # the revision no case has


def etag(case: Any) -> str:
    return f'"{case.revision}"'


def is_unchanged(request: Request, case: Any) -> bool:
    """Whether If-None-Match names the case's revision: then 304 without a body."""
    header = request.headers.get("If-None-Match", "")
    return bool(header) and (header.strip() == "*" or str(case.revision) in _tags(header))


def expected_revision(request: Request, case: Any, *, required: bool) -> int | None:
    """The revision the caller looked at, for ``engine.fire``; None for ``*`` or, unless required, without If-Match.

    Raises Problem 428 when it is required and missing, 400 when it cannot be read.
    """
    header = request.headers.get("If-Match", "")
    if not header:
        if required:
            raise Problem(
                "precondition_required",
                "Send the ETag you last read in If-Match, so that you do not decide on what has changed since.",
            )
        return None
    if header.strip() == "*":
        return None
    tags = _tags(header)
    if str(case.revision) in tags:
        return int(case.revision)
    return next((int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 10), _NEVER)


def _tags(header: str) -> list[str]:
    found = _TAGS.findall(header)
    if "".join(_TAGS.split(header)[::2]).strip():
        sentence = 'Write entity tags in quotes, like "7".'
        raise Problem("invalid_header", sentence, errors=[finding("invalid_etag", sentence, header="If-Match")])
    return found

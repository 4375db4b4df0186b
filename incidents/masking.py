"""What a reporter wrote, for everybody to read: without e-mail addresses, phone numbers and names of accounts."""

from __future__ import annotations

import re

REMOVED = "[removed]"
_GAP = r"\s<>()\[\]{},;:\"“”"  # what separates one word from the next
_WORD = rf"(?<![^{_GAP}])[^{_GAP}@＠]+"  # from its first character on, so that a long one is read once only
_AT = r"[@＠]"
# A blank around the sign only before a domain: “US-69 @ Main Street” is a place. Also “name (at) example.com”.
_EMAIL = re.compile(
    rf"{_WORD}{_AT}[^\W\d][^{_GAP}@＠]*"
    rf"|{_WORD}\s?{_AT}\s?[\w-]+(?:\.[\w-]+)+"
    rf"|{_WORD}\s?[(\[{{]\s?at\s?[)\]}}]\s?[\w.-]*\w"
    rf"|{_WORD}\sat\s[\w-]+(?:\sdot\s|\.)(?:com|net|org|gov|edu|mil|us|io|me|info|co)\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(rf"(?<!\w){_AT}[^\W\d](?:[\w.-]*\w)?")
# Ten digits of a North American number in any dress; seven with a hyphen; any other behind its plus sign.
_PHONE = re.compile(
    r"(?<!\d)(?<!\d[.-])(?:\+?1[\s.\-–/]{0,3})?\(?\d{3}\)?[\s.\-–/]{0,3}\d{3}[\s.\-–]{0,3}\d{4}"
    r"(?:\s{0,2}(?:x|ext\.?|extension)\s{0,2}\d{1,6})?(?!\d)"
    r"|\+\d{1,3}(?:[\s.\-–/()]{0,3}\d){7,14}(?!\d)"
    r"|(?<!\d)(?<!\d[.-])\d{3}[-–]\d{4}(?!\d)",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """``text`` with each e-mail address, phone number and @name replaced by “[removed]”; masked again, it stays."""
    for pattern in (_EMAIL, _ACCOUNT, _PHONE):
        text = pattern.sub(REMOVED, text)
    return text
